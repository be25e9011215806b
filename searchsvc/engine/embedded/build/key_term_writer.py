"""Possible key terms of each document of a segment, chosen by the document alone; see `index.key_terms`."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.build.posting_frequencies import PostingFrequencies
from searchsvc.engine.embedded.index.array_file import Array, chunk_rows, narrow, save_arrays
from searchsvc.engine.embedded.index.key_terms import MAX_CANDIDATES
from searchsvc.engine.embedded.index.postings import Postings
from searchsvc.schema import FREE_TEXT, Bm25f

_LONG_TERM = 9  # characters, from which length says nothing about rarity
_LEVELS = 255
_BITS = 8
_CHUNK = 4_000_000  # postings at a time
_BLOCK = 1 << 16  # documents whose candidates are sorted at once; sorting takes several times their memory


def write_key_terms(arrays: Mapping[str, Array], path: Path, parameters: Bm25f) -> None:
    """Write the possible key terms of all documents into the file `path`.

    `rows` uint32: rows of the terms in the body's postings, document by document, ascending within each; `levels`
    uint8: saturated frequencies of the terms in 255ths, lengths of texts aside; `offsets` (documents + 1,) unsigned. A
    document's terms are chosen by that frequency times their length in characters, as long terms are rare.
    """
    body, documents = Postings.of(arrays, "body"), len(arrays["body.lengths"])
    norms = {name: np.ones(documents, np.float32) for name in FREE_TEXT}
    frequencies = PostingFrequencies(arrays, body, parameters, norms)
    rarities = _term_lengths(arrays).clip(max=_LONG_TERM).astype(np.float32) / _LONG_TERM
    buffers = [_CandidateBuffer(first, min(documents, first + _BLOCK)) for first in range(0, documents, _BLOCK)]
    chunks = list(chunk_rows(body.offsets.astype(np.int64), _CHUNK))
    for rows in chunks:
        span = _span(body, rows)
        counts = np.diff(body.offsets[rows.start : rows.stop + 1])
        weights = frequencies.impacts(rows) * np.repeat(rarities[body.terms[rows.start : rows.stop]], counts)
        for buffer in buffers:
            buffer.add(span.start, body.docs[span], weights)
    best = [buffer.best() for buffer in buffers]
    postings = np.concatenate([np.empty(0, np.uint32), *(of_block for of_block, _ in best)])
    offsets = np.cumsum(np.concatenate([[0], *(counts for _, counts in best)]), dtype=np.int64)
    del best
    levels, row_numbers = np.empty(len(postings), np.uint8), np.empty(len(postings), np.uint32)
    for rows in chunks:  # again, as levels of all postings would take as much memory as the buffer
        span = _span(body, rows)
        places = ((postings >= span.start) & (postings < span.stop)).nonzero()[0]
        levels[places] = np.rint(frequencies.impacts(rows).take(postings[places] - np.uint32(span.start)) * _LEVELS)
        row_numbers[places] = body.offsets.searchsorted(postings[places].astype(body.offsets.dtype), "right") - 1
    save_arrays(path, {"rows": row_numbers, "levels": levels, "offsets": narrow(offsets)})


def _span(body: Postings, rows: range) -> slice:
    return slice(int(body.offsets[rows.start]), int(body.offsets[rows.stop]))


def _term_lengths(arrays: Mapping[str, Array]) -> NDArray[np.int64]:
    """Return the number of characters of each term, (terms,) int64."""
    offsets = arrays["terms.offsets"][:-1].astype(np.int64)
    begins_character = (arrays["terms.blob"] & 0xC0) != 0x80  # UTF-8; the line feed after a term counts too
    return np.add.reduceat(begins_character, offsets, dtype=np.int64) - 1 if len(offsets) else np.empty(0, np.int64)


class _CandidateBuffer:
    """Takes postings in the order of their terms, keeps the highest weights of each document from `first` to `stop`.

    A posting is one uint64, sorted as such: the document within the block (24 bits), the difference of its weight to 1
    in 255ths (8 bits), and its index (32 bits).
    """

    def __init__(self, first: int, stop: int) -> None:
        self._first, self._documents = first, stop - first
        self._keys = np.empty(0, np.uint64)
        self._cutoffs = np.full(self._documents, _LEVELS + 1, np.uint64)  # lowest deficit that no longer counts

    def add(self, first: int, docs: NDArray[np.int32], weights: NDArray[np.float32]) -> None:
        """Add the postings from the index `first` on that belong to these documents.

        `docs` int32, `weights` float32 up to 1, both (n,).
        """
        here = np.flatnonzero((docs >= self._first) & (docs < self._first + self._documents))
        local_docs = docs[here] - np.int32(self._first)
        deficits = np.uint64(_LEVELS) - np.rint(weights[here] * _LEVELS).astype(np.uint64)
        candidates = np.flatnonzero(deficits < self._cutoffs[local_docs])
        if not len(candidates):
            return
        doc_keys = local_docs[candidates].astype(np.uint64) << np.uint64(_BITS) | deficits[candidates]
        keys = np.concatenate([self._keys, doc_keys << np.uint64(32) | (here[candidates] + first).astype(np.uint64)])
        keys.sort()
        key_docs = (keys >> np.uint64(32 + _BITS)).astype(np.int64)
        starts = key_docs.searchsorted(np.arange(self._documents + 1))
        self._keys = keys[np.arange(len(keys)) - starts[key_docs] < MAX_CANDIDATES]
        full_docs = np.flatnonzero(np.diff(starts) >= MAX_CANDIDATES)
        last = keys[starts[full_docs] + MAX_CANDIDATES - 1]
        self._cutoffs[full_docs] = last >> np.uint64(32) & np.uint64(_LEVELS)

    def best(self) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """Return the postings of the highest weights, by document and then ascending, and their number for each
        document."""
        keys, self._keys = self._keys, np.empty(0, np.uint64)
        keys &= ~np.uint64(_LEVELS << 32)  # without weights: sorted by document and posting
        keys.sort()
        starts = keys.searchsorted(np.arange(self._documents + 1, dtype=np.uint64) << np.uint64(32 + _BITS))
        return (keys & np.uint64(0xFFFFFFFF)).astype(np.uint32), np.diff(starts)
