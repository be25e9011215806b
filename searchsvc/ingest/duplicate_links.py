"""Links: pairs of documents that may be near-duplicates, of all documents or of those that a change affects."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from searchsvc.array_ranges import is_in, runs, sorted_unique
from searchsvc.ingest.signatures import SIZE, Signatures

BAND = 3  # values of a band; texts with one equal band are compared
POSSIBLE = 45  # equal values of signatures. Texts with fewer share less than half of their runs

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

_BANDS = SIZE // BAND
_VALUES = 1 << 16  # of a column of signatures
_VALUE_BITS = 16
_BAND_BITS = BAND * _VALUE_BITS
_SCANNED = 2_048  # documents in one array call; their signatures fit the processor's cache
_COMPARED = 4_096  # pairs in one array call; bounds memory
_YIELDED = 65_536  # pairs
_MOST_AFFECTED = 0.1  # share of the documents; beyond that, all are clustered
_FEW = 1_000  # documents that may be affected in any case
_MOST_STEPS = 12  # along links, each with a pass over all signatures
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # Fibonacci hashing: the high bits of the product are well mixed
_HASH_BITS = 20


@dataclass(frozen=True, slots=True)
class DuplicateLinks:
    """Pairs of documents that may be near-duplicates, (pairs,) int64 each.

    `earlier` is preferred as canonical document. Pairs are sorted by the preference of `later`, then of `earlier`.
    `equal`: number of equal values of both signatures.
    """

    earlier: Ints
    later: Ints
    equal: Ints

    def each(self) -> Iterator[tuple[int, int, int]]:
        """Yield earlier, later and equal of each pair; only some are Python objects at a time."""
        for start in range(0, len(self.later), _YIELDED):
            columns = (each[start : start + _YIELDED].tolist() for each in (self.earlier, self.later, self.equal))
            yield from zip(*columns, strict=True)


@dataclass(frozen=True, slots=True)
class SignedDocuments:
    """Documents with their signatures. `ids`: (docs,) uint64. `days`, `words`: (docs,) int64.

    `signatures`: (docs, SIZE) uint16.
    """

    ids: NDArray[np.uint64]
    days: Ints
    words: Ints
    signatures: Signatures

    def of(self, chosen: Mask) -> "SignedDocuments":
        """Return the chosen documents. `chosen`: (docs,) bool."""
        return SignedDocuments(self.ids[chosen], self.days[chosen], self.words[chosen], self.signatures[chosen])

    def preference(self, rows: Ints | None = None) -> NDArray[np.intp]:
        """Return the order of the documents, or of some rows: best candidate for canonical first.

        Order: earliest published (undated last), then longest, then smallest id. It is the same in every rebuild.
        """
        columns = (self.ids, self.words, self.days)
        ids, words, days = columns if rows is None else (column[rows] for column in columns)
        return np.lexsort((ids, -words, days))


def all_links(documents: SignedDocuments) -> DuplicateLinks:
    """Return the links among all documents."""
    order, count = documents.preference(), len(documents.ids)
    codes = equal = np.empty(0, np.int64)  # later * count + earlier, both as places in the order
    for start in range(0, SIZE, BAND):
        keys = _joined(documents.signatures[:, start : start + BAND])[order]
        places = _possible_repeats(keys)
        places = places[np.argsort(keys[places], kind="stable")]
        earlier, later = neighbours(keys[places])
        pairs: Ints = places[later] * count + places[earlier]
        new = sorted_unique(pairs)
        new = new[~is_in(new, codes)]
        new_equal = _equal_values(documents.signatures, *order[np.stack(np.divmod(new, max(count, 1)))])
        codes = np.append(codes, new[new_equal >= POSSIBLE])
        by_code = codes.argsort(kind="stable")
        codes, equal = codes[by_code], np.append(equal, new_equal[new_equal >= POSSIBLE])[by_code]
    later, earlier = order[np.stack(np.divmod(codes, max(count, 1)))]
    return DuplicateLinks(earlier, later, equal)


def _possible_repeats(keys: Ints) -> Ints:
    """Return the places of all keys but 0 that occur twice, and of a few others, ascending. Most keys are unique."""
    hashes = (keys.astype(np.uint64) * _GOLDEN >> np.uint64(64 - _HASH_BITS)).astype(np.int64)
    counts = np.bincount(hashes, minlength=1 << _HASH_BITS)
    return np.flatnonzero((counts[hashes] > 1) & (keys != 0))


def _equal_values(signatures: Signatures, ones: Ints, others: Ints) -> Ints:
    """Return the number of equal values of each pair of rows, (pairs,) int64."""
    equal = np.zeros(len(ones), np.int64)
    for start in range(0, len(ones), _COMPARED):
        same = signatures[ones[start : start + _COMPARED]] == signatures[others[start : start + _COMPARED]]
        equal[start : start + _COMPARED] = np.count_nonzero(same, axis=1)
    return equal


def affected_links(now: SignedDocuments, changed: Mask, before: SignedDocuments) -> tuple[Mask, DuplicateLinks] | None:
    """Return the documents whose cluster may differ from before a change, (docs,) bool, and all links among them.

    `changed`: (docs,) bool, documents of `now` that are new or changed. `before`: those that were deleted or changed,
    as they were. A document is affected if it is linked to a change, directly or through others; or if a change may
    have come between it and a document that it was linked to. Returns None if many are affected, or the
    chains of links are long.
    """
    search = _LinkSearch(now, changed, before)
    for _ in range(_MOST_STEPS):
        if search.affected > max(_FEW, _MOST_AFFECTED * len(now.ids)):
            return None
        if not search.advance():
            return search.result()
    return None


class _LinkSearch:
    """Documents are numbered: those of now, then those of before."""

    def __init__(self, now: SignedDocuments, changed: Mask, before: SignedDocuments) -> None:
        self._now, self._before, self._count = now, before, len(now.ids)
        self._facts = SignedDocuments(
            np.concatenate([now.ids, before.ids]),
            np.concatenate([now.days, before.days]),
            np.concatenate([now.words, before.words]),
            now.signatures[:0],
        )
        self._is_old = np.append(~changed, np.ones(len(before.ids), np.bool_))
        self._is_affected = ~self._is_old
        self._is_affected[self._count :] = True
        self._newest = np.flatnonzero(self._is_affected)
        self._searched = np.empty(0, np.int64)  # codes of bands, ascending
        self._pairs = self._old_pairs = np.empty((0, 2), np.int64)

    @property
    def affected(self) -> int:
        """Number of affected documents."""
        return int(np.count_nonzero(self._is_affected))

    def advance(self) -> bool:
        """Search the bands of the documents that were affected last; return whether there were any."""
        if not len(self._newest):
            return False
        is_first = not len(self._searched)
        codes = sorted_unique(_codes(self._signatures(self._newest)))
        codes = codes[~is_in(codes, self._searched)]
        self._searched = np.sort(np.append(self._searched, codes))
        rows, of_rows = self._members(codes)
        is_new = rows < self._count
        pairs = self._linked(rows[is_new], of_rows[is_new])
        old = self._linked(rows[self._is_old[rows]], of_rows[self._is_old[rows]])
        self._pairs = np.concatenate([self._pairs, pairs])
        self._old_pairs = np.concatenate([self._old_pairs, old])
        was_affected = self._is_affected.copy()
        if is_first:  # a change may have come between any two of these, or have left them
            self._is_affected[np.concatenate([pairs, old]).ravel()] = True
        self._spread()
        self._newest = np.flatnonzero(self._is_affected & ~was_affected)
        return True

    def result(self) -> tuple[Mask, DuplicateLinks]:
        """Return the affected documents of now, and the links among them."""
        is_affected = self._is_affected[: self._count]
        pairs = self._pairs[self._is_affected[self._pairs].all(axis=1)]
        rows = np.flatnonzero(is_affected)
        rows = rows[self._facts.preference(rows)]
        ranks = np.empty(self._count, np.int64)
        ranks[rows] = np.arange(len(rows))
        codes = sorted_unique(ranks[pairs[:, 1]] * len(rows) + ranks[pairs[:, 0]])
        later, earlier = rows[np.stack(np.divmod(codes, max(len(rows), 1)))]
        return is_affected, DuplicateLinks(earlier, later, _equal_values(self._now.signatures, earlier, later))

    def _spread(self) -> None:
        """Mark the documents that are linked to an affected one by the pairs of now or before."""
        pairs = np.concatenate([self._pairs, self._old_pairs])
        while True:
            marked = self._is_affected[pairs]
            reached = pairs[marked.any(axis=1) & ~marked.all(axis=1)]
            if not len(reached):
                return
            self._is_affected[reached.ravel()] = True

    def _signatures(self, rows: Ints) -> Signatures:
        """Return the signatures of some documents. `rows`: ascending."""
        first = int(rows.searchsorted(self._count))
        now, before = self._now.signatures[rows[:first]], self._before.signatures[rows[first:] - self._count]
        return np.concatenate([now, before])

    def _members(self, codes: Ints) -> tuple[Ints, Ints]:
        """Return the documents that have one of `codes` (ascending), once for each, and the code."""
        now, before = (_members(each.signatures, codes) for each in (self._now, self._before))
        return np.append(now[0], before[0] + self._count), np.append(now[1], before[1])

    def _linked(self, rows: Ints, codes: Ints) -> Ints:
        """Return pairs (earlier, later) of possible near-duplicates with an equal code, (pairs, 2) int64."""
        order = self._facts.preference(rows)
        order = order[np.argsort(codes[order], kind="stable")]
        earlier, later = rows[order][np.stack(neighbours(codes[order]))]
        rows, numbers = np.unique(np.stack([earlier, later]), return_inverse=True)
        equal = _equal_values(self._signatures(rows), *numbers)
        return np.stack([earlier, later], axis=1)[equal >= POSSIBLE]


def neighbours(keys: Ints) -> tuple[Ints, Ints]:
    """Return pairs of places with equal keys: each place with the first of its key and with its predecessor.

    `keys`: (n,) int64, equal ones next to each other. Two pairs for each place are linear, and enough: the first text
    with a band would be the canonical, and a text has as many keys as bands.
    """
    starts, sizes = runs(keys)
    first = np.repeat(starts, sizes)
    later = np.flatnonzero(first != np.arange(len(keys)))
    return np.append(first[later], later - 1), np.append(later, later)


def _codes(signatures: Signatures) -> Ints:
    """Return the codes of all bands of some signatures but those of texts without terms, int64: band, then values."""
    values = _joined(signatures.reshape(-1, _BANDS, BAND))
    codes: Ints = (values | np.arange(_BANDS) << _BAND_BITS)[values != 0]
    return codes


def _joined(values: NDArray[np.uint16]) -> Ints:
    """Return the values of bands as one number each, (...) int64; 0 for texts without terms. `values`: (..., BAND)."""
    joined = np.zeros(values.shape[:-1], np.int64)
    for place in range(BAND):
        joined = joined << _VALUE_BITS | values[..., place]
    return joined


def _members(signatures: Signatures, codes: Ints) -> tuple[Ints, Ints]:
    """Return the rows that have one of `codes` (ascending), once for each, and the code, (matches,) int64 each.

    The first value of a band rules out nearly all rows, by one table for all bands.
    """
    is_possible = np.zeros(_BANDS * _VALUES, np.bool_)
    is_possible[(codes >> _BAND_BITS) * _VALUES + (codes >> _BAND_BITS - _VALUE_BITS) % _VALUES] = True
    first_values = np.arange(_BANDS, dtype=np.int32) * _VALUES
    rows, matches = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for start in range(0, len(signatures), _SCANNED):
        bands = signatures[start : start + _SCANNED].reshape(-1, _BANDS, BAND)
        row, band = np.nonzero(is_possible[bands[:, :, 0] + first_values])
        possible: Ints = _joined(bands[row, band]) | band << _BAND_BITS
        is_match = is_in(possible, codes)
        rows.append(row[is_match] + start)
        matches.append(possible[is_match])
    return np.concatenate(rows), np.concatenate(matches)
