"""Top TF-IDF terms per document, for relevance feedback."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.index.array_file import Array, chunk_rows, narrow, save_arrays
from searchsvc.engine.embedded.index.impacts import Impacts, idf
from searchsvc.engine.embedded.index.postings import Postings

MAX_KEY_TERMS = 24  # per document
COMMON_TERM_RATIO = 4  # terms in more than 1/COMMON_TERM_RATIO of the documents are too common
_LEVELS = 255
_BITS = 8
_CHUNK = 4_000_000  # postings at a time


def write_key_terms(arrays: Mapping[str, Array], impact_arrays: Mapping[str, Array], path: Path) -> None:
    """Write the key terms of all documents into the file `path`.

    `arrays` holds the postings, `impact_arrays` the impacts. The weight of a term in a document is its idf times
    its impact; terms that occur in one document only are skipped.
    """
    impacts = Impacts(impact_arrays["codes"], impact_arrays["values"])
    body, documents = Postings.of(arrays, "body"), len(arrays["body.lengths"])
    frequencies = np.diff(body.offsets).astype(np.int64)
    idfs = np.array([idf(documents, frequency) for frequency in range(documents // COMMON_TERM_RATIO + 1)], np.float32)
    is_counted = (frequencies > 1) & (frequencies < len(idfs))
    buffer = _KeyTermBuffer(documents, float(idfs[0]))
    for rows in chunk_rows(body.offsets.astype(np.int64), _CHUNK):
        part = slice(rows.start, rows.stop)
        span = slice(int(body.offsets[rows.start]), int(body.offsets[rows.stop]))
        indices = np.flatnonzero(np.repeat(is_counted[part], frequencies[part]))
        term_rows = np.repeat(np.arange(rows.start, rows.stop), frequencies[part])[indices]
        weights = impacts[span][indices] * idfs[frequencies[term_rows]]
        buffer.add(body.terms[term_rows], body.docs[span][indices], weights)
    save_arrays(path, buffer.arrays())


@dataclass(frozen=True, slots=True)
class KeyTerms:
    """Key terms of some documents.

    `term_ids` int32, `weights` uint8 (255ths of the highest possible weight) and `doc_indices` int64, all (n,).
    `doc_indices`: index of the term's document among the requested documents.
    """

    term_ids: NDArray[np.int32]
    weights: Array
    doc_indices: NDArray[np.int64]


class _KeyTermBuffer:
    """Takes postings in the order of their terms, keeps the highest weights of each document.

    A posting is one uint64, sorted as such: the document (24 bits), the difference of its weight to the `highest`
    possible weight in 255ths (8 bits), and the term (32 bits).
    """

    def __init__(self, documents: int, highest: float) -> None:
        self._documents, self._highest = documents, highest
        self._keys = np.empty(0, np.uint64)
        self._cutoffs = np.full(documents, _LEVELS, np.uint64)  # largest deficit that still counts, per document

    def add(self, term_ids: NDArray[np.int32], docs: NDArray[np.int32], weights: NDArray[np.float32]) -> None:
        """Add postings: `term_ids` int32, `docs` int32, `weights` float32, all (n,).

        All postings of a term must come in one call.
        """
        deficits = np.uint64(_LEVELS) - np.rint(weights * (_LEVELS / self._highest)).astype(np.uint64)
        candidates = np.flatnonzero(deficits < self._cutoffs[docs])
        doc_keys = docs[candidates].astype(np.uint64) << np.uint64(_BITS) | deficits[candidates]
        keys = np.concatenate([self._keys, doc_keys << np.uint64(32) | term_ids[candidates].astype(np.uint64)])
        keys.sort()
        key_docs = (keys >> np.uint64(32 + _BITS)).astype(np.int64)
        starts = key_docs.searchsorted(np.arange(self._documents + 1))
        self._keys = keys[np.arange(len(keys)) - starts[key_docs] < MAX_KEY_TERMS]
        full_docs = np.flatnonzero(np.diff(starts) >= MAX_KEY_TERMS)
        last = keys[starts[full_docs] + MAX_KEY_TERMS - 1]
        self._cutoffs[full_docs] = last >> np.uint64(32) & np.uint64(_LEVELS)

    def arrays(self) -> dict[str, Array]:
        """Return the key terms of all documents, concatenated, the highest weight first.

        `terms` int32, `weights` uint8 (255ths of the highest), `offsets` (documents + 1,) unsigned.
        """
        docs = (self._keys >> np.uint64(32 + _BITS)).astype(np.int64)
        weights = np.uint64(_LEVELS) - (self._keys >> np.uint64(32) & np.uint64(_LEVELS))
        return {
            "terms": (self._keys & np.uint64(0xFFFFFFFF)).astype(np.int32),
            "weights": weights.astype(np.uint8),
            "offsets": narrow(docs.searchsorted(np.arange(self._documents + 1))),
        }


def read_key_terms(arrays: Mapping[str, Array], docs: NDArray[np.int32]) -> KeyTerms:
    """Return the key terms of `docs` (n,) int32, one document after the other."""
    offsets = arrays["offsets"]
    spans = [slice(int(offsets[doc]), int(offsets[doc + 1])) for doc in docs.tolist()]
    doc_indices = np.repeat(np.arange(len(docs)), [span.stop - span.start for span in spans])
    terms, weights = (np.concatenate([arrays[name][span] for span in spans]) for name in ("terms", "weights"))
    return KeyTerms(terms, weights, doc_indices)
