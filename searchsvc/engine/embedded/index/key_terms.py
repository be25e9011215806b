"""The most telling terms of each document, kept so that a search can learn from its first results."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.index.array_file import (
    Array,
    chunks,
    narrow,
    save_arrays,
)
from searchsvc.engine.embedded.index.impacts import Impacts, idf
from searchsvc.engine.embedded.index.postings import Postings

MOST = 24  # terms of a document
COMMON = 4  # a term in more than one document of so many tells nothing about any
_LEVELS = 255
_BITS = 8
_CHUNK = 4_000_000  # postings at a time


def write_key_terms(arrays: Mapping[str, Array], scores: Mapping[str, Array], path: Path) -> None:
    """Write the most telling terms of all documents into the file `path`.

    `arrays` are the postings, `scores` what scores.py makes of them. A term tells about a document
    its idf times its impact there, if it stands in another document, too.
    """
    impacts = Impacts(scores["codes"], scores["values"])
    body, documents = Postings.of(arrays, "body"), len(arrays["body.lengths"])
    frequencies = np.diff(body.offsets).astype(np.int64)
    idfs = np.array([idf(documents, frequency) for frequency in range(documents // COMMON + 1)], np.float32)
    counted = (frequencies > 1) & (frequencies < len(idfs))
    gathered = _KeyTermBuffer(documents, float(idfs[0]))
    for rows in chunks(body.offsets.astype(np.int64), _CHUNK):
        part = slice(rows.start, rows.stop)
        span = slice(int(body.offsets[rows.start]), int(body.offsets[rows.stop]))
        wanted = np.flatnonzero(np.repeat(counted[part], frequencies[part]))
        owners = np.repeat(np.arange(rows.start, rows.stop), frequencies[part])[wanted]
        weights = impacts[span][wanted] * idfs[frequencies[owners]]
        gathered.add(body.terms[owners], body.docs[span][wanted], weights)
    save_arrays(path, gathered.arrays())


@dataclass(frozen=True, slots=True)
class KeyTerms:
    """Terms of some documents: `terms` int32, `weights` uint8, and `owners` int64, the places of the
    documents they belong to. Weights are in 255ths of the same highest one."""

    terms: NDArray[np.int32]
    weights: Array
    owners: NDArray[np.int64]


class _KeyTermBuffer:
    """Takes postings in the order of their terms, keeps the weightiest of each document.

    Each one is a number, sorted as such: the document (24 bits), how far its weight is below the
    `highest` there can be, in 255ths (8 bits), and the term (32 bits).
    """

    def __init__(self, documents: int, highest: float) -> None:
        self._documents, self._highest = documents, highest
        self._keys = np.empty(0, np.uint64)
        self._furthest = np.full(documents, _LEVELS, np.uint64)  # below the highest that still counts

    def add(self, terms: NDArray[np.int32], docs: NDArray[np.int32], weights: NDArray[np.float32]) -> None:
        """Postings, side by side; a term comes in one call only."""
        below = np.uint64(_LEVELS) - np.rint(weights * (_LEVELS / self._highest)).astype(np.uint64)
        near = np.flatnonzero(below < self._furthest[docs])
        own = docs[near].astype(np.uint64) << np.uint64(_BITS) | below[near]
        keys = np.concatenate([self._keys, own << np.uint64(32) | terms[near].astype(np.uint64)])
        keys.sort()
        of = (keys >> np.uint64(32 + _BITS)).astype(np.int64)
        starts = of.searchsorted(np.arange(self._documents + 1))
        self._keys = keys[np.arange(len(keys)) - starts[of] < MOST]
        full = np.flatnonzero(np.diff(starts) >= MOST)
        last = keys[starts[full] + MOST - 1]
        self._furthest[full] = last >> np.uint64(32) & np.uint64(_LEVELS)

    def arrays(self) -> dict[str, Array]:
        """`terms` int32 and `weights` uint8 (255ths of the highest) of one document after the other,
        the weightiest first; `offsets` unsigned (documents + 1), where each begins."""
        docs = (self._keys >> np.uint64(32 + _BITS)).astype(np.int64)
        weights = np.uint64(_LEVELS) - (self._keys >> np.uint64(32) & np.uint64(_LEVELS))
        return {
            "terms": (self._keys & np.uint64(0xFFFFFFFF)).astype(np.int32),
            "weights": weights.astype(np.uint8),
            "offsets": narrow(docs.searchsorted(np.arange(self._documents + 1))),
        }


def read_key_terms(arrays: Mapping[str, Array], docs: NDArray[np.int32]) -> KeyTerms:
    """The most telling terms of `docs`, one document after the other."""
    offsets = arrays["offsets"]
    spans = [slice(int(offsets[doc]), int(offsets[doc + 1])) for doc in docs.tolist()]
    owners = np.repeat(np.arange(len(docs)), [span.stop - span.start for span in spans])
    terms, weights = (np.concatenate([arrays[name][span] for span in spans]) for name in ("terms", "weights"))
    return KeyTerms(terms, weights, owners)
