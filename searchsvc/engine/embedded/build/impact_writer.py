"""Impact codes, bit sets and block maxima of a segment's postings."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.build.posting_frequencies import PostingFrequencies
from searchsvc.engine.embedded.files import SCRATCH_IMPACTS
from searchsvc.engine.embedded.index.array_file import Array, ArraySpec, ArrayWriter, chunk_rows, load_arrays
from searchsvc.engine.embedded.index.impacts import (
    DENSE,
    MIN_DENSE_DOCS,
    bit_word_count,
    block_count,
    block_maxima,
    length_norms,
)
from searchsvc.engine.embedded.index.postings import FIELDS, Postings
from searchsvc.schema import FREE_TEXT, Bm25f

_CHUNK = 2_000_000  # postings at a time


def write_impacts(arrays: Mapping[str, Array], path: Path, parameters: Bm25f, mean_lengths: Sequence[float]) -> None:
    """Write the impacts file for the postings in `arrays`. `mean_lengths`: of each text field in the generation.

    `values` float32: distinct impacts, ascending. Length and frequency determine most of them, so they are few
    (61,000 in 15 million postings). `codes` (postings of the body,) unsigned: index of each posting's impact in
    `values`. `dense` (D,) int32: ids of the terms in more than 1/DENSE of the documents and in at least
    MIN_DENSE_DOCS. `bits` (D, words) uint64: documents of each dense term. `block_max` (D, blocks) uint8: highest
    impact per block of documents, in 255ths, rounded up. `mean_lengths` (fields,) float64.
    """
    body, documents = Postings.of(arrays, "body"), len(arrays["body.lengths"])
    frequency = np.diff(body.offsets)
    dense_rows = np.flatnonzero((frequency * DENSE > documents) & (frequency >= MIN_DENSE_DOCS)).astype(np.int32)
    words_per_term, blocks_per_term = bit_word_count(documents), block_count(documents)
    scratch = path.with_name(SCRATCH_IMPACTS)
    means = dict(zip(FIELDS, mean_lengths, strict=True))
    norms = {name: length_norms(arrays[f"{name}.lengths"], means[name], parameters.b) for name in FREE_TEXT}
    codes = _ImpactCodes(_write_scratch_impacts(PostingFrequencies(arrays, body, parameters, norms), scratch))
    all_impacts = load_arrays(scratch)["impacts"]
    specs = [
        ArraySpec("mean_lengths", "<f8", len(FIELDS)),
        ArraySpec("values", "<f4", len(codes.values)),
        ArraySpec("codes", codes.dtype.str, len(body.docs)),
        ArraySpec("dense", "<i4", len(dense_rows)),
        ArraySpec("bits", "<u8", len(dense_rows) * words_per_term),
        ArraySpec("block_max", "|u1", len(dense_rows) * blocks_per_term),
    ]
    with ArrayWriter(path, specs) as writer:
        writer.write("mean_lengths", np.array(mean_lengths))
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
                writer.write("block_max", block_maxima(docs, term_impacts, blocks_per_term), index * blocks_per_term)
    scratch.unlink()


def _write_scratch_impacts(calculator: PostingFrequencies, path: Path) -> NDArray[np.float32]:
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


def bit_set(docs: NDArray[np.int32], documents: int) -> NDArray[np.uint64]:
    """Return one bit per document, the lowest first; (bit_word_count(documents),) uint64."""
    flags = np.zeros(bit_word_count(documents) * 64, bool)
    flags[docs] = True
    return np.packbits(flags, bitorder="little").view("<u8")
