"""Impact codes, bit sets and block maxima of all postings, computed when an index is built."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.files import SCRATCH_IMPACTS
from searchsvc.engine.embedded.index.array_file import (
    Array,
    ArraySpec,
    ArrayWriter,
    chunks,
    load_arrays,
)
from searchsvc.engine.embedded.index.impacts import BLOCK, DENSE, FEWEST, blocks_of, length_norms, words_of_bits
from searchsvc.engine.embedded.index.postings import Postings
from searchsvc.schema import FREE_TEXT, Bm25f

_CHUNK = 2_000_000  # postings at a time


def write_impacts(arrays: Mapping[str, Array], path: Path, parameters: Bm25f) -> None:
    """Write for the postings in `arrays` the file of what serves ranking.

    `values` float32: all the different impacts there are, ascending; length and frequency of a word
    tell most of them, so they are few (61,000 in 15 million postings). `codes` unsigned: beside the
    body's postings, which of them a posting has. `dense` int32: the numbers of the terms in
    more than 1/DENSE of the documents and at least FEWEST; for each of them a row of `bits` (uint64, its documents)
    and of `peaks` (uint8, the highest impact in each block of documents, in 255ths rounded up).
    """
    body, documents = Postings.of(arrays, "body"), len(arrays["body.lengths"])
    frequency = np.diff(body.offsets)
    dense = np.flatnonzero((frequency * DENSE > documents) & (frequency >= FEWEST)).astype(np.int32)
    words, blocks = words_of_bits(documents), blocks_of(documents)
    scratch = path.with_name(SCRATCH_IMPACTS)
    every_discount = {name: length_norms(arrays[f"{name}.lengths"], parameters.b) for name in FREE_TEXT}
    coder = _Coder(_encode_impacts(_ImpactEncoder(arrays, body, parameters, every_discount), scratch))
    every = load_arrays(scratch)["impacts"]
    specs = [
        ArraySpec("values", "<f4", len(coder.values)),
        ArraySpec("codes", coder.dtype.str, len(body.docs)),
        ArraySpec("dense", "<i4", len(dense)),
        ArraySpec("bits", "<u8", len(dense) * words),
        ArraySpec("peaks", "|u1", len(dense) * blocks),
    ]
    with ArrayWriter(path, specs) as writer:
        writer.write("dense", body.terms[dense])
        writer.write("values", coder.values)
        for rows in chunks(body.offsets.astype(np.int64), _CHUNK):
            begin = int(body.offsets[rows.start])
            impacts = every[begin : int(body.offsets[rows.stop])]
            writer.write("codes", coder.codes(impacts), begin)
            low, high = dense.searchsorted([rows.start, rows.stop])
            for place in range(int(low), int(high)):
                span = body.span(int(dense[place]))
                docs = body.docs[span]
                writer.write("bits", bit_set(docs, documents), place * words)
                own = impacts[span.start - begin : span.stop - begin]
                writer.write("peaks", _block_max(docs, own, blocks), place * blocks)
    scratch.unlink()


def _encode_impacts(baker: "_ImpactEncoder", path: Path) -> NDArray[np.float32]:
    """Write the impacts of all postings into the file `path`; the different ones, ascending."""
    met = [np.zeros(1, np.float32)]
    with ArrayWriter(path, [ArraySpec("impacts", "<f4", len(baker.body.docs))]) as writer:
        for rows in chunks(baker.body.offsets.astype(np.int64), _CHUNK):
            impacts = baker.impacts(rows)
            writer.write("impacts", impacts, int(baker.body.offsets[rows.start]))
            met.append(np.unique(impacts))
    return np.unique(np.concatenate(met))[1:]


class _Coder:
    """Numbers for float32 `values`, all above 0 and ascending: looked up by their bits, which ascend too."""

    def __init__(self, values: NDArray[np.float32]) -> None:
        self.values = values
        self.dtype = np.min_scalar_type(max(0, len(values) - 1))
        bits = values.view(np.uint32)
        self._least = bits[0] if len(bits) else np.uint32(0)
        # One place for each float32 between the least and the greatest; most are never touched.
        self._places = np.zeros(int(bits[-1] - self._least) + 1 if len(bits) else 0, self.dtype)
        self._places[bits - self._least] = np.arange(len(bits))

    def codes(self, impacts: NDArray[np.float32]) -> Array:
        return self._places.take(impacts.view(np.uint32) - self._least)


@dataclass(frozen=True, slots=True)
class _ImpactEncoder:
    """`discounts`: of each field of free text, one for each document."""

    arrays: Mapping[str, Array]
    body: Postings
    parameters: Bm25f
    discounts: dict[str, NDArray[np.float32]]

    def impacts(self, rows: range) -> NDArray[np.float32]:
        """The impacts of the postings of the body's terms at `rows`."""
        body = self.body
        span = slice(int(body.offsets[rows.start]), int(body.offsets[rows.stop]))
        docs = body.docs[span]
        raised = body.tfs[span] + np.float32(self.parameters.lead_weight) * self._in_lead(span)
        weighted = raised * self.discounts["body"][docs] * np.float32(FREE_TEXT["body"])
        frequency: NDArray[np.float32] = weighted.astype(np.float32, copy=False)
        counts = np.diff(body.offsets[rows.start : rows.stop + 1])
        keys = _keys(body.terms[rows.start : rows.stop], counts, docs)
        for name, weight in FREE_TEXT.items():
            if name == "body":
                continue
            field = Postings.of(self.arrays, name)
            own = field.rows(int(body.terms[rows.start]), int(body.terms[rows.stop - 1]) + 1)
            part = slice(int(field.offsets[own.start]), int(field.offsets[own.stop]))
            own_counts = np.diff(field.offsets[own.start : own.stop + 1])
            own_keys = _keys(field.terms[own.start : own.stop], own_counts, field.docs[part])
            discount = self.discounts[name][field.docs[part]]
            frequency[keys.searchsorted(own_keys)] += np.float32(weight) * field.tfs[part] * discount
        return frequency / (np.float32(self.parameters.k1) + frequency)

    def _in_lead(self, span: slice) -> NDArray[np.float32]:
        """1 for each of the body's postings in `span` that stands among the first tokens, else 0."""
        if not len(self.body.positions):  # no body has a word
            return np.zeros(span.stop - span.start, np.float32)
        if span.start == span.stop:
            return np.empty(0, np.float32)
        starts = self.body.position_starts(np.array([span.start], np.int64))[0] + np.append(
            0, self.body.tfs[span].cumsum(dtype=np.int64)[:-1]
        )
        early = self.body.positions.take(starts, mode="clip") < self.parameters.lead
        there: NDArray[np.bool_] = early & (self.body.tfs[span] > 0)
        return there.astype(np.float32)


def _keys(terms: NDArray[np.int32], counts: Array, docs: NDArray[np.int32]) -> NDArray[np.int64]:
    """Term and document of each posting as one number, ascending."""
    return (np.repeat(terms.astype(np.int64), counts) << 32) | docs


def bit_set(docs: NDArray[np.int32], documents: int) -> NDArray[np.uint64]:
    """A bit for each document, the lowest first; shape (words_of_bits(documents),)."""
    flags = np.zeros(words_of_bits(documents) * 64, bool)
    flags[docs] = True
    return np.packbits(flags, bitorder="little").view("<u8")


def _block_max(docs: NDArray[np.int32], impacts: NDArray[np.float32], blocks: int) -> NDArray[np.uint8]:
    block = docs // BLOCK
    first = np.flatnonzero(np.diff(block, prepend=-1))
    peaks = np.zeros(blocks, np.uint8)
    peaks[block[first]] = np.minimum(np.maximum.reduceat(impacts, first) * 255 + 1, 255).astype(np.uint8)
    return peaks
