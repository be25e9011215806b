"""Impact codes, bit sets and block maxima of all postings, computed when an index is built."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.files import SCRATCH_IMPACTS
from searchsvc.engine.embedded.index.array_file import Array, ArraySpec, ArrayWriter, chunk_rows, load_arrays
from searchsvc.engine.embedded.index.impacts import (
    BLOCK,
    DENSE,
    MIN_DENSE_DOCS,
    bit_word_count,
    block_count,
    length_norms,
)
from searchsvc.engine.embedded.index.postings import Postings
from searchsvc.schema import FREE_TEXT, Bm25f

_CHUNK = 2_000_000  # postings at a time


def write_impacts(arrays: Mapping[str, Array], path: Path, parameters: Bm25f) -> None:
    """Write the impacts file for the postings in `arrays`.

    `values` float32: distinct impacts, ascending. Length and frequency determine most of them, so they are few
    (61,000 in 15 million postings). `codes` (postings of the body,) unsigned: index of each posting's impact in
    `values`. `dense` (D,) int32: ids of the terms in more than 1/DENSE of the documents and in at least
    MIN_DENSE_DOCS. `bits` (D, words) uint64: documents of each dense term. `block_max` (D, blocks) uint8: highest
    impact per block of documents, in 255ths, rounded up.
    """
    body, documents = Postings.of(arrays, "body"), len(arrays["body.lengths"])
    frequency = np.diff(body.offsets)
    dense_rows = np.flatnonzero((frequency * DENSE > documents) & (frequency >= MIN_DENSE_DOCS)).astype(np.int32)
    words_per_term, blocks_per_term = bit_word_count(documents), block_count(documents)
    scratch = path.with_name(SCRATCH_IMPACTS)
    norms = {name: length_norms(arrays[f"{name}.lengths"], parameters.b) for name in FREE_TEXT}
    codes = _ImpactCodes(_write_scratch_impacts(_ImpactCalculator(arrays, body, parameters, norms), scratch))
    all_impacts = load_arrays(scratch)["impacts"]
    specs = [
        ArraySpec("values", "<f4", len(codes.values)),
        ArraySpec("codes", codes.dtype.str, len(body.docs)),
        ArraySpec("dense", "<i4", len(dense_rows)),
        ArraySpec("bits", "<u8", len(dense_rows) * words_per_term),
        ArraySpec("block_max", "|u1", len(dense_rows) * blocks_per_term),
    ]
    with ArrayWriter(path, specs) as writer:
        writer.write("dense", body.terms[dense_rows])
        writer.write("values", codes.values)
        for rows in chunk_rows(body.offsets.astype(np.int64), _CHUNK):
            start = int(body.offsets[rows.start])
            impacts = all_impacts[start : int(body.offsets[rows.stop])]
            writer.write("codes", codes.codes(impacts), start)
            low, high = dense_rows.searchsorted([rows.start, rows.stop])
            for index in range(int(low), int(high)):
                span = body.span(int(dense_rows[index]))
                docs = body.docs[span]
                writer.write("bits", bit_set(docs, documents), index * words_per_term)
                term_impacts = impacts[span.start - start : span.stop - start]
                writer.write("block_max", _block_max(docs, term_impacts, blocks_per_term), index * blocks_per_term)
    scratch.unlink()


def _write_scratch_impacts(calculator: "_ImpactCalculator", path: Path) -> NDArray[np.float32]:
    """Write the impacts of all postings into the file `path`; return the distinct ones, ascending float32."""
    distinct = [np.zeros(1, np.float32)]
    with ArrayWriter(path, [ArraySpec("impacts", "<f4", len(calculator.body.docs))]) as writer:
        for rows in chunk_rows(calculator.body.offsets.astype(np.int64), _CHUNK):
            impacts = calculator.impacts(rows)
            writer.write("impacts", impacts, int(calculator.body.offsets[rows.start]))
            distinct.append(np.unique(impacts))
    return np.unique(np.concatenate(distinct))[1:]


class _ImpactCodes:
    """Codes of the float32 `values`, all positive and ascending: a table over their bits, which ascend too."""

    def __init__(self, values: NDArray[np.float32]) -> None:
        self.values = values
        self.dtype = np.min_scalar_type(max(0, len(values) - 1))
        bits = values.view(np.uint32)
        self._lowest = bits[0] if len(bits) else np.uint32(0)
        # One entry per float32 between the least and the greatest value; most pages are never touched.
        self._code_table = np.zeros(int(bits[-1] - self._lowest) + 1 if len(bits) else 0, self.dtype)
        self._code_table[bits - self._lowest] = np.arange(len(bits))

    def codes(self, impacts: NDArray[np.float32]) -> Array:
        """Return the code of each impact; (n,) float32 to (n,) unsigned. All impacts must be in `values`."""
        return self._code_table.take(impacts.view(np.uint32) - self._lowest)


@dataclass(frozen=True, slots=True)
class _ImpactCalculator:
    """Impacts of the body's postings; `norms`: (documents,) float32 for each free-text field."""

    arrays: Mapping[str, Array]
    body: Postings
    parameters: Bm25f
    norms: dict[str, NDArray[np.float32]]

    def impacts(self, rows: range) -> NDArray[np.float32]:
        """Return the impacts of the postings of the terms at `rows`; (postings,) float32."""
        body = self.body
        span = slice(int(body.offsets[rows.start]), int(body.offsets[rows.stop]))
        docs = body.docs[span]
        body_frequency = body.tfs[span] + np.float32(self.parameters.lead_weight) * self._in_lead(span)
        weighted = body_frequency * self.norms["body"][docs] * np.float32(FREE_TEXT["body"])
        frequency: NDArray[np.float32] = weighted.astype(np.float32, copy=False)
        counts = np.diff(body.offsets[rows.start : rows.stop + 1])
        keys = _posting_keys(body.terms[rows.start : rows.stop], counts, docs)
        for name, weight in FREE_TEXT.items():
            if name == "body":
                continue
            field = Postings.of(self.arrays, name)
            field_rows = field.row_range(int(body.terms[rows.start]), int(body.terms[rows.stop - 1]) + 1)
            field_span = slice(int(field.offsets[field_rows.start]), int(field.offsets[field_rows.stop]))
            field_counts = np.diff(field.offsets[field_rows.start : field_rows.stop + 1])
            field_keys = _posting_keys(
                field.terms[field_rows.start : field_rows.stop], field_counts, field.docs[field_span]
            )
            norms = self.norms[name][field.docs[field_span]]
            frequency[keys.searchsorted(field_keys)] += np.float32(weight) * field.tfs[field_span] * norms
        return frequency / (np.float32(self.parameters.k1) + frequency)

    def _in_lead(self, span: slice) -> NDArray[np.float32]:
        """Return 1 for each posting in `span` whose first position is in the lead, else 0; float32."""
        if not len(self.body.positions):  # no document has a body
            return np.zeros(span.stop - span.start, np.float32)
        if span.start == span.stop:
            return np.empty(0, np.float32)
        starts = self.body.position_starts(np.array([span.start], np.int64))[0] + np.append(
            0, self.body.tfs[span].cumsum(dtype=np.int64)[:-1]
        )
        is_early = self.body.positions.take(starts, mode="clip") < self.parameters.lead
        is_in_lead: NDArray[np.bool_] = is_early & (self.body.tfs[span] > 0)
        return is_in_lead.astype(np.float32)


def _posting_keys(terms: NDArray[np.int32], counts: Array, docs: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return term << 32 | document of each posting; (postings,) int64, ascending."""
    return (np.repeat(terms.astype(np.int64), counts) << 32) | docs


def bit_set(docs: NDArray[np.int32], documents: int) -> NDArray[np.uint64]:
    """Return one bit per document, the lowest first; (bit_word_count(documents),) uint64."""
    flags = np.zeros(bit_word_count(documents) * 64, bool)
    flags[docs] = True
    return np.packbits(flags, bitorder="little").view("<u8")


def _block_max(docs: NDArray[np.int32], impacts: NDArray[np.float32], blocks: int) -> NDArray[np.uint8]:
    block = docs // BLOCK
    block_starts = np.flatnonzero(np.diff(block, prepend=-1))
    maxima = np.zeros(blocks, np.uint8)
    maxima[block[block_starts]] = np.minimum(np.maximum.reduceat(impacts, block_starts) * 255 + 1, 255).astype(np.uint8)
    return maxima
