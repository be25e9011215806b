"""Sets of documents: a sorted array for sparse sets, a bit set for dense sets."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from searchsvc.array_ranges import sorted_unique
from searchsvc.engine.embedded.index.impacts import DENSE, bit_word_count

Docs = NDArray[np.int32]
Bits = NDArray[np.uint64]

_BITS_PER_WORD = 64
_MIN_BATCH_LOOKUP = 100  # from this many lookups on, counting bits is faster than searching the array


@dataclass(slots=True, eq=False)
class DocSet:
    """Set of documents out of `size`, as `docs`, as `bits`, or both.

    `docs` (n,) int32, ascending and distinct. `bits` (words,) uint64: one bit per document, the lowest first; bits
    after the last document are 0. Computed forms are cached, so callers must not modify a set. `unfiltered`: the set
    that this one is without deleted documents.
    """

    size: int
    docs: Docs | None = None
    bits: Bits | None = None
    cached_count: int = -1
    unfiltered: "DocSet | None" = None

    @property
    def count(self) -> int:
        if self.cached_count < 0:
            self.cached_count = int(np.bitwise_count(self.packed()).sum()) if self.docs is None else len(self.docs)
        return self.cached_count

    @property
    def is_sparse(self) -> bool:
        """Whether the array is the shorter form, so that testing its members one by one pays."""
        return self.docs is not None and len(self.docs) * DENSE <= self.size

    def contains(self, docs: Docs) -> NDArray[np.bool_]:
        """Return whether each of `docs` is in the set.

        `docs` (n,) int32, in any order. Returns (n,) bool.
        """
        if self.bits is None:
            assert self.docs is not None
            if not len(self.docs):
                return np.zeros(len(docs), bool)
            nearest = self.docs.take(self.docs.searchsorted(docs), mode="clip")
            is_member: NDArray[np.bool_] = nearest == docs
            return is_member
        member_bytes = self.bits.view(np.uint8).take(docs >> 3)
        return ((member_bytes >> (docs & 7).astype(np.uint8)) & 1).view(bool)

    def indices(self, docs: Docs) -> NDArray[np.int64]:
        """Return the index of each of `docs` in the sorted array of the set.

        `docs` (n,) int32, ascending, all of them members. Returns (n,) int64.
        """
        if self.bits is None or len(docs) < _MIN_BATCH_LOOKUP:
            return self.docs_array().searchsorted(docs)
        word_indices = docs >> 6
        cumulative_counts = np.bitwise_count(self.bits).cumsum(dtype=np.int64)
        higher_bits = self.bits.take(word_indices) >> (docs & 63).astype(np.uint64)
        return cumulative_counts.take(word_indices) - np.bitwise_count(higher_bits)  # type: ignore[no-any-return]

    def docs_array(self) -> Docs:
        """Return the documents as (count,) int32, ascending."""
        if self.docs is None:
            assert self.bits is not None
            if self.count * _BITS_PER_WORD >= self.size:
                self.docs = self.flags().nonzero()[0].astype(np.int32)
                return self.docs
            word_indices = self.bits.nonzero()[0]  # most words are empty if few documents match
            flags = np.unpackbits(self.bits.take(word_indices).view(np.uint8), bitorder="little").view(bool)
            bit_indices = flags.nonzero()[0]
            self.docs = ((word_indices.take(bit_indices >> 6) << 6) + (bit_indices & 63)).astype(np.int32)
        return self.docs

    def packed(self) -> Bits:
        """Return the documents as a bit set, (bit_word_count(size),) uint64."""
        # Not cached: the arrays outlive a query, and bit sets for many of them would fill the memory.
        return pack(self.flags()) if self.bits is None else self.bits

    def flags(self) -> NDArray[np.bool_]:
        """Return one bool per document, (bit_word_count(size) * 64,): padded to whole words."""
        if self.docs is None:
            assert self.bits is not None
            return np.unpackbits(self.bits.view(np.uint8), bitorder="little").view(bool)
        flags = np.zeros(bit_word_count(self.size) * 64, bool)
        flags[self.docs] = True
        return flags


def pack(flags: NDArray[np.bool_]) -> Bits:
    """Pack bools, a multiple of 64, into (n / 64,) uint64, the lowest bit first."""
    return np.packbits(flags, bitorder="little").view(np.uint64)


def no_docs(size: int) -> DocSet:
    """Return the empty set."""
    return DocSet(size, docs=np.empty(0, np.int32))


def all_docs(size: int) -> DocSet:
    """Return the set of all `size` documents."""
    flags = np.zeros(bit_word_count(size) * 64, bool)
    flags[:size] = True
    return DocSet(size, bits=pack(flags), cached_count=size)


def masked(flags: NDArray[np.bool_]) -> DocSet:
    """Return the documents whose flag is set; `flags` (documents,) bool."""
    padded = np.zeros(bit_word_count(len(flags)) * 64, bool)
    padded[: len(flags)] = flags
    return DocSet(len(flags), bits=pack(padded))


def intersection(sets: Sequence[DocSet]) -> DocSet:
    """Intersect `sets`, at least one: sparse sets are narrowed, the smallest first; bit sets are ANDed."""
    if len(sets) == 1:
        return sets[0]
    size = sets[0].size
    sparse_sets = sorted((s for s in sets if s.is_sparse), key=lambda s: s.count)
    if not sparse_sets:
        return DocSet(size, bits=reduce(np.bitwise_and, [s.packed() for s in sets]))
    docs = sparse_sets[0].docs_array()
    for doc_set in [*sparse_sets[1:], *(s for s in sets if not s.is_sparse)]:
        docs = docs.compress(doc_set.contains(docs))
    return DocSet(size, docs=docs)


def union(sets: Sequence[DocSet]) -> DocSet:
    """Unite `sets`, at least one: sparse sets are marked in a bool array, bit sets are ORed."""
    if len(sets) == 1:
        return sets[0]
    size = sets[0].size
    doc_lists = [s.docs for s in sets if s.docs is not None and s.bits is None]
    if len(doc_lists) == len(sets) and sum(map(len, doc_lists)) * DENSE < size:
        return DocSet(size, docs=sorted_unique(np.concatenate(doc_lists)))
    bit_sets = [s.bits for s in sets if s.bits is not None]
    if doc_lists:
        flags = np.zeros(bit_word_count(size) * 64, bool)
        for docs in doc_lists:
            flags[docs] = True
        bit_sets.append(pack(flags))
    return DocSet(size, bits=reduce(np.bitwise_or, bit_sets))


def difference(base: DocSet, excluded: DocSet) -> DocSet:
    """Return the documents of `base` without `excluded`."""
    if base.is_sparse or base.bits is None:
        docs = base.docs_array()
        return DocSet(base.size, docs=docs[~excluded.contains(docs)])
    return DocSet(base.size, bits=base.bits & ~excluded.packed())


def at_least(sets: Sequence[DocSet], needed: int) -> DocSet:
    """Return the documents that are in at least `needed` of `sets`."""
    size = sets[0].size
    counts = np.zeros(bit_word_count(size) * 64, np.uint16)
    for doc_set in sets:
        if doc_set.docs is not None:
            counts[doc_set.docs] += 1
        else:
            counts += doc_set.flags()
    return DocSet(size, bits=pack(counts >= needed))
