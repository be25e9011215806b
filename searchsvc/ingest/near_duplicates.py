"""Near-duplicates: clusters of documents around a canonical document, by their signatures."""

from array import array
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.shared_runs import NearDuplicateChecks, Runs
from searchsvc.ingest.signatures import SIZE, Signature, Signatures
from searchsvc.models.documents import Document

_ROWS = 3  # values of a band; texts with one equal band are compared
# Equal values of signatures. Texts with fewer than _POSSIBLE share less than half of their runs, and texts with
# _CERTAIN or more share more, with an error below 1 in 2,000 and 1 in 1,000,000. In between, the runs are compared.
_POSSIBLE, _CERTAIN = 45, 92
_MOST_TRIED = 8  # canonicals that a text is compared with; bounds the cost of many texts from one template
_UNDATED = np.iinfo(np.int64).max
_EMPTY = 0  # key of a band of zeros
_AT_ONCE = 4_096  # pairs compared in one array call; bounds memory
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # Fibonacci hashing: the high bits of the product are well mixed
_HASH_BITS = 20


def canonicals(
    signatures: Signatures, preference: NDArray[np.integer], are_near: Callable[[int, int], bool]
) -> NDArray[np.int64]:
    """Return the index of each document's canonical document, (docs,) int64; its own index for an unclustered
    document.

    `signatures`: (docs, SIZE) uint16. `preference`: (docs,), all indexes, best candidate for canonical first.
    `are_near`: decides on two indexes whose signatures leave doubt. Every document of a cluster is similar to the
    canonical itself, so clusters are stars, not chains.
    """
    ranked = signatures[preference]
    canonical_rank = np.arange(len(ranked)).tolist()
    places = preference.tolist()
    pairs, equal_values = _possible_pairs(ranked)
    tried: set[int] = set()  # canonicals that were compared with `last`
    last = -1
    for (earlier, later), equal in zip(pairs.tolist(), equal_values.tolist(), strict=True):
        if later != last:
            last, tried = later, set()
        canonical = canonical_rank[earlier]
        if canonical_rank[later] != later or canonical in tried or len(tried) >= _MOST_TRIED:
            continue
        tried.add(canonical)
        if canonical != earlier:
            equal = int(np.count_nonzero(ranked[canonical] == ranked[later]))
        if equal >= _CERTAIN or (equal >= _POSSIBLE and are_near(places[canonical], places[later])):
            canonical_rank[later] = canonical
    result = np.empty(len(ranked), np.int64)
    result[preference] = preference[np.array(canonical_rank, np.int64)]
    return result


def _possible_pairs(signatures: Signatures) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (pairs, 2) int64: pairs (earlier, later) of texts that may be near-duplicates, sorted by later, then by
    earlier; and (pairs,) int64: the number of equal values of each pair."""
    count = len(signatures)
    codes = equal = np.empty(0, np.int64)
    columns = np.ascontiguousarray(signatures.T)
    for start in range(0, SIZE, _ROWS):
        earlier, later = _band_pairs(columns[start : start + _ROWS])
        new = np.setdiff1d(later * count + earlier, codes)
        new_equal = _equal_values(signatures, new)
        codes, first = np.unique(np.append(codes, new[new_equal >= _POSSIBLE]), return_index=True)
        equal = np.append(equal, new_equal[new_equal >= _POSSIBLE])[first]
    return np.stack((codes % max(count, 1), codes // max(count, 1)), axis=1), equal


def _band_pairs(columns: NDArray[np.uint16]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return pairs of texts with an equal band: each text with the first of its bucket and with its predecessor.

    `columns`: (_ROWS, docs) uint16. Two pairs per text and band are linear, and enough: the first of a bucket would
    be the canonical, and a text has as many buckets as bands.
    """
    keys = np.zeros(columns.shape[1], np.int64)
    for column in columns:
        keys = (keys << 16) | column
    order = _possible_repeats(keys)
    order = order[np.argsort(keys[order], kind="stable")]
    same = np.flatnonzero(keys[order[1:]] == keys[order[:-1]]) + 1
    same = same[keys[order[same]] != _EMPTY]
    starts = np.ones(len(order), bool)
    starts[1:] = keys[order[1:]] != keys[order[:-1]]
    first = np.maximum.accumulate(np.where(starts, np.arange(len(order)), 0))
    return np.concatenate((order[first[same]], order[same - 1])), np.concatenate((order[same], order[same]))


def _possible_repeats(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the indexes of all keys that occur twice, and of a few others, ascending. Most keys are unique."""
    hashes = (keys.astype(np.uint64) * _GOLDEN >> np.uint64(64 - _HASH_BITS)).astype(np.int64)
    counts = np.bincount(hashes, minlength=1 << _HASH_BITS)
    return np.flatnonzero(counts[hashes] > 1)


def _equal_values(signatures: Signatures, codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of equal values of each pair, (pairs,) int64, for codes later * count + earlier."""
    equal = np.zeros(len(codes), np.int64)
    for start in range(0, len(codes), _AT_ONCE):
        part = codes[start : start + _AT_ONCE]
        same = signatures[part % len(signatures)] == signatures[part // len(signatures)]
        equal[start : start + _AT_ONCE] = np.count_nonzero(same, axis=-1)
    return equal


def preference(published: NDArray[np.int64], words: NDArray[np.int64], ids: NDArray[np.uint64]) -> NDArray[np.intp]:
    """Return all indexes, (docs,) intp, best candidate for canonical first.

    Order: earliest published (undated last), then longest, then smallest id. It is the same in every rebuild.
    `published`: (docs,) int64, days, the largest value for undated. `words`: (docs,) int64. `ids`: (docs,) uint64.
    """
    return np.lexsort((ids, -words, published))


def day_of(document: Document) -> int:
    """Return the ordinal of the publication date, or the largest int64 for an undated document."""
    return document.published.toordinal() if document.published else _UNDATED


class DuplicateFinder:
    """Collects documents with their signatures, then clusters near-duplicates."""

    def __init__(self) -> None:
        self._ids = array("Q")
        self._days, self._words = array("q"), array("q")
        self._signatures = bytearray()
        self.checks = NearDuplicateChecks()

    def reuse(
        self, ids: NDArray[np.uint64], days: NDArray[np.int64], words: NDArray[np.int64], signatures: Signatures
    ) -> None:
        """Add unchanged documents. `ids`: (docs,) uint64; `days`, `words`: (docs,) int64; `signatures`: (docs, SIZE)
        uint16."""
        for column, more in ((self._ids, ids), (self._days, days), (self._words, words)):
            column.frombytes(more.tobytes())
        self._signatures += signatures.tobytes()

    def add(self, document: Document, signature: Signature, runs: Runs) -> None:
        """Add one document."""
        self._ids.append(int(document.id, 16))
        self.checks.add(self._ids[-1], runs)
        self._days.append(day_of(document))
        self._words.append(document.words)
        self._signatures += signature.tobytes()

    def canonicals(self) -> dict[str, str]:
        """Return the id of the canonical document for the id of each near-duplicate."""
        ids = np.array(self._ids, np.uint64)
        order = preference(np.array(self._days, np.int64), np.array(self._words, np.int64), ids)
        signatures = np.frombuffer(self._signatures, np.uint16).reshape(-1, SIZE)
        canonical = canonicals(
            signatures, order, lambda one, other: self.checks.are_near(self._ids[one], self._ids[other])
        )
        duplicates = np.flatnonzero(canonical != np.arange(len(canonical)))
        return {
            f"{self._ids[duplicate]:016x}": f"{self._ids[canonical[duplicate]]:016x}"
            for duplicate in duplicates.tolist()
        }
