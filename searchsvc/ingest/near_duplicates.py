"""Near-duplicates: clusters of documents around a canonical document, by their signatures."""

import tempfile
import weakref
from array import array
from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.shared_runs import Ids, NearDuplicateChecks, Runs
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
_YIELDED = 65_536  # pairs that are Python objects at a time
_MOST_LINKS = 6  # links from a change to an affected document; with more, all documents are clustered
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # Fibonacci hashing: the high bits of the product are well mixed
_HASH_BITS = 20


Clusters = NDArray[np.uint64]  # (pairs, 2): id of a near-duplicate, and of its canonical document
_NO_CLUSTERS: Clusters = np.zeros((0, 2), np.uint64)


class SignedDocuments(Protocol):
    """Documents with their signatures. `days`, `words`: (docs,) int64. `signatures`: (docs, SIZE) uint16."""

    @property
    def days(self) -> NDArray[np.int64]: ...
    @property
    def words(self) -> NDArray[np.int64]: ...
    @property
    def signatures(self) -> Signatures: ...


def canonicals(
    signatures: Signatures, preference: NDArray[np.integer], are_near: Callable[[int, int], bool]
) -> NDArray[np.int64]:
    """Return the index of each document's canonical document, (docs,) int64; its own index for an unclustered
    document.

    `signatures`: (docs, SIZE) uint16. `preference`: (docs,), all indexes, best candidate for canonical first.
    `are_near`: decides on two indexes whose signatures leave doubt. Every document of a cluster is similar to the
    canonical itself, so clusters are stars, not chains.
    """
    canonical_rank = np.arange(len(preference)).tolist()
    places = preference.tolist()
    tried: set[int] = set()  # canonicals that were compared with `last`
    last = -1
    for earlier, later, equal in _possible_pairs(signatures, preference):
        if later != last:
            last, tried = later, set()
        canonical = canonical_rank[earlier]
        if canonical_rank[later] != later or canonical in tried or len(tried) >= _MOST_TRIED:
            continue
        tried.add(canonical)
        if canonical != earlier:
            equal = int(np.count_nonzero(signatures[places[canonical]] == signatures[places[later]]))
        if equal >= _CERTAIN or (equal >= _POSSIBLE and are_near(places[canonical], places[later])):
            canonical_rank[later] = canonical
    result = np.empty(len(preference), np.int64)
    result[preference] = preference[np.array(canonical_rank, np.int64)]
    return result


def affected(signatures: Signatures, changed: NDArray[np.bool_], deleted: Signatures) -> NDArray[np.bool_]:
    """Return the documents whose canonical document may differ from before a change, (docs,) bool.

    `signatures`: (docs, SIZE) uint16. `changed`: (docs,) bool, new and changed documents. `deleted`: (deletions, SIZE)
    uint16, signatures that documents no longer have. Only texts with an equal band are ever compared, so these are the
    documents that are linked to a change by equal bands, directly or through others.
    """
    is_affected = changed.copy()
    newest = np.concatenate([signatures[changed], deleted])
    for _ in range(_MOST_LINKS):
        if not len(newest):
            return is_affected
        linked = _with_equal_band(signatures, newest) & ~is_affected
        is_affected |= linked
        newest = signatures[linked]
    return np.ones(len(signatures), np.bool_)


def _with_equal_band(signatures: Signatures, others: Signatures) -> NDArray[np.bool_]:
    """Return (docs,) bool: documents that have a band in common with one of `others`."""
    is_linked = np.zeros(len(signatures), np.bool_)
    for start in range(0, SIZE, _ROWS):
        keys, sought = (_band_keys(each[:, start : start + _ROWS]) for each in (signatures, others))
        sought = sought[sought != _EMPTY]
        is_possible = np.zeros(1 << _HASH_BITS, np.bool_)
        is_possible[_hashes(sought)] = True
        places = np.flatnonzero(is_possible[_hashes(keys)])
        is_linked[places[np.isin(keys[places], sought)]] = True
    return is_linked


def _possible_pairs(signatures: Signatures, preference: NDArray[np.integer]) -> Iterator[tuple[int, int, int]]:
    """Yield pairs of texts that may be near-duplicates, as places in `preference`: the earlier and the later text, and
    the number of their equal values. Sorted by later, then by earlier."""
    count = len(preference)
    codes = equal = np.empty(0, np.int64)
    for start in range(0, SIZE, _ROWS):
        earlier, later = _band_pairs(_band_keys(signatures[:, start : start + _ROWS])[preference])
        new = np.setdiff1d(later * count + earlier, codes)
        new_equal = _equal_values(signatures, preference, new)
        codes, first = np.unique(np.append(codes, new[new_equal >= _POSSIBLE]), return_index=True)
        equal = np.append(equal, new_equal[new_equal >= _POSSIBLE])[first]
    for start in range(0, len(codes), _YIELDED):
        later, earlier = np.divmod(codes[start : start + _YIELDED], count)
        yield from zip(earlier.tolist(), later.tolist(), equal[start : start + _YIELDED].tolist(), strict=True)


def _band_keys(band: NDArray[np.uint16]) -> NDArray[np.int64]:
    """Return the values of a band as one number for each document, (docs,) int64. `band`: (docs, _ROWS) uint16."""
    keys = np.zeros(len(band), np.int64)
    for column in band.T:
        keys = (keys << 16) | column
    return keys


def _band_pairs(keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return pairs of texts with an equal band: each text with the first of its bucket and with its predecessor.

    `keys`: (docs,) int64, of the band. Two pairs per text and band are linear, and enough: the first of a bucket would
    be the canonical, and a text has as many buckets as bands.
    """
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
    hashes = _hashes(keys)
    counts = np.bincount(hashes, minlength=1 << _HASH_BITS)
    return np.flatnonzero(counts[hashes] > 1)


def _hashes(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a hash of _HASH_BITS bits for each key."""
    return (keys.astype(np.uint64) * _GOLDEN >> np.uint64(64 - _HASH_BITS)).astype(np.int64)


def _equal_values(
    signatures: Signatures, preference: NDArray[np.integer], codes: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the number of equal values of each pair, (pairs,) int64, for codes later * docs + earlier."""
    equal = np.zeros(len(codes), np.int64)
    for start in range(0, len(codes), _AT_ONCE):
        later, earlier = np.divmod(codes[start : start + _AT_ONCE], max(len(preference), 1))
        same = signatures[preference[earlier]] == signatures[preference[later]]
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
    """Collects documents with their signatures, then clusters near-duplicates.

    An update clusters only the documents that its changes affect. Signatures of new documents are in a temporary file.
    """

    def __init__(self) -> None:
        self._ids = array("Q")
        self._days, self._words = array("q"), array("q")
        self._reused = self._deleted = np.empty((0, SIZE), np.uint16)
        self._previous = _NO_CLUSTERS
        self._added = tempfile.TemporaryFile()  # noqa: SIM115 - closed with this object
        weakref.finalize(self, self._added.close)
        self.checks = NearDuplicateChecks()

    def reuse(self, ids: Ids, previous: SignedDocuments, live: NDArray[np.bool_], clusters: bytes) -> None:
        """Add the unchanged documents of the previous generation, before any other. Call once.

        `ids`: (docs,) uint64, of all its documents. `live`: (docs,) bool, those that are unchanged. `clusters`: as
        `to_bytes` returned them.
        """
        for column, more in ((self._ids, ids), (self._days, previous.days), (self._words, previous.words)):
            column.frombytes(more[live].tobytes())
        self._reused, self._deleted = previous.signatures[live], previous.signatures[~live]
        self._previous = np.frombuffer(clusters, np.uint64).reshape(-1, 2)

    def add(self, document: Document, signature: Signature, runs: Runs) -> None:
        """Add one document."""
        self._ids.append(int(document.id, 16))
        self.checks.add(self._ids[-1], runs)
        self._days.append(day_of(document))
        self._words.append(document.words)
        self._added.write(signature.tobytes())

    def clusters(self) -> Clusters:
        """Return the id of each near-duplicate, and the id of its canonical document, (pairs, 2) uint64."""
        ids, signatures = np.array(self._ids, np.uint64), self._signatures()
        is_changed = np.arange(len(ids)) >= len(self._reused)
        is_affected = affected(signatures, is_changed, self._deleted) if len(self._reused) else is_changed
        changes = np.flatnonzero(is_affected)
        days, words = (np.array(column, np.int64)[changes] for column in (self._days, self._words))
        canonical = canonicals(
            signatures[changes] if len(changes) < len(ids) else signatures,
            preference(days, words, ids[changes]),
            lambda one, other: self.checks.are_near(int(ids[changes[one]]), int(ids[changes[other]])),
        )
        duplicates = np.flatnonzero(canonical != np.arange(len(canonical)))
        others = self._previous[np.isin(self._previous[:, 0], ids[~is_affected])]
        return np.concatenate(
            [others, np.stack([ids[changes[duplicates]], ids[changes[canonical[duplicates]]]], axis=1)]
        )

    def _signatures(self) -> Signatures:
        """Return the signatures of all documents, (docs, SIZE) uint16."""
        self._added.flush()
        count = len(self._ids) - len(self._reused)
        if not count:
            return self._reused
        added: Signatures = np.memmap(self._added, np.uint16, "r", shape=(count, SIZE))
        return np.concatenate([self._reused, added]) if len(self._reused) else added
