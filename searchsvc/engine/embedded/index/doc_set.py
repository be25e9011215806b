"""Sets of documents: a sorted list while they are few, a bit for every document when many."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from searchsvc.array_ranges import sorted_unique
from searchsvc.engine.embedded.index.impacts import DENSE, words_of_bits

Docs = NDArray[np.int32]
Bits = NDArray[np.uint64]

_RANKED = 100  # so many are placed faster by counting bits than by searching the list


@dataclass(slots=True, eq=False)
class DocSet:
    """Documents out of `size`; at least one of `docs` and `bits` is there.

    `docs` int32, ascending and distinct. `bits` uint64, a bit for each document, the lowest
    first; bits past the last document are 0. What is computed is kept, so a set is changed
    by no one but itself.
    """

    size: int
    docs: Docs | None = None
    bits: Bits | None = None
    known: int = -1

    @property
    def count(self) -> int:
        if self.known < 0:
            self.known = int(np.bitwise_count(self.packed()).sum()) if self.docs is None else len(self.docs)
        return self.known

    @property
    def few(self) -> bool:
        """Whether the list is the shorter form, so that testing its members one by one pays."""
        return self.docs is not None and len(self.docs) * DENSE <= self.size

    def contains(self, docs: Docs) -> NDArray[np.bool_]:
        """For each of `docs` (int32, any order) whether it is in the set."""
        if self.bits is None:
            assert self.docs is not None
            if not len(self.docs):
                return np.zeros(len(docs), bool)
            found = self.docs.take(self.docs.searchsorted(docs), mode="clip")
            hits: NDArray[np.bool_] = found == docs
            return hits
        octets = self.bits.view(np.uint8).take(docs >> 3)
        return ((octets >> (docs & 7).astype(np.uint8)) & 1).view(bool)

    def indices(self, docs: Docs) -> NDArray[np.int64]:
        """Where `docs`, all of them in the set, ascending, stand in its list."""
        if self.bits is None or len(docs) < _RANKED:
            return self.docs_array().searchsorted(docs)
        words = docs >> 6
        before = np.bitwise_count(self.bits).cumsum(dtype=np.int64)
        rest = self.bits.take(words) >> (docs & 63).astype(np.uint64)
        return before.take(words) - np.bitwise_count(rest)  # type: ignore[no-any-return]

    def docs_array(self) -> Docs:
        """The documents as a sorted int32 list."""
        if self.docs is None:
            assert self.bits is not None
            words = self.bits.nonzero()[0]  # most of them are empty where few match
            flags = np.unpackbits(self.bits.take(words).view(np.uint8), bitorder="little").view(bool)
            places = flags.nonzero()[0]
            self.docs = ((words.take(places >> 6) << 6) + (places & 63)).astype(np.int32)
        return self.docs

    def packed(self) -> Bits:
        """The documents as bits."""
        # Not kept: lists outlive a query, and bits of many of them would fill the memory.
        return pack(self.flags()) if self.bits is None else self.bits

    def flags(self) -> NDArray[np.bool_]:
        """The documents as booleans; shape (words_of_bits(size) * 64,), so past the last document too."""
        if self.docs is None:
            assert self.bits is not None
            return np.unpackbits(self.bits.view(np.uint8), bitorder="little").view(bool)
        flags = np.zeros(words_of_bits(self.size) * 64, bool)
        flags[self.docs] = True
        return flags


def pack(flags: NDArray[np.bool_]) -> Bits:
    """Booleans, a multiple of 64, as bits."""
    return np.packbits(flags, bitorder="little").view(np.uint64)


def nothing(size: int) -> DocSet:
    return DocSet(size, docs=np.empty(0, np.int32))


def everything(size: int) -> DocSet:
    flags = np.zeros(words_of_bits(size) * 64, bool)
    flags[:size] = True
    return DocSet(size, bits=pack(flags), known=size)


def masked(flags: NDArray[np.bool_]) -> DocSet:
    """The documents where `flags`, one for each document, holds."""
    padded = np.zeros(words_of_bits(len(flags)) * 64, bool)
    padded[: len(flags)] = flags
    return DocSet(len(flags), bits=pack(padded))


def intersection(sets: Sequence[DocSet]) -> DocSet:
    """Documents in all of `sets`, at least one: lists are narrowed, shortest first; bits are ANDed."""
    if len(sets) == 1:
        return sets[0]
    size = sets[0].size
    short = sorted((s for s in sets if s.few), key=lambda s: s.count)
    if not short:
        return DocSet(size, bits=reduce(np.bitwise_and, [s.packed() for s in sets]))
    docs = short[0].docs_array()
    for other in [*short[1:], *(s for s in sets if not s.few)]:
        docs = docs.compress(other.contains(docs))
    return DocSet(size, docs=docs)


def union(sets: Sequence[DocSet]) -> DocSet:
    """Documents in any of `sets`, at least one: lists are marked in booleans, bits are ORed."""
    if len(sets) == 1:
        return sets[0]
    size = sets[0].size
    lists = [s.docs for s in sets if s.docs is not None and s.bits is None]
    if len(lists) == len(sets) and sum(map(len, lists)) * DENSE < size:
        return DocSet(size, docs=sorted_unique(np.concatenate(lists)))
    packed = [s.bits for s in sets if s.bits is not None]
    if lists:
        flags = np.zeros(words_of_bits(size) * 64, bool)
        for docs in lists:
            flags[docs] = True
        packed.append(pack(flags))
    return DocSet(size, bits=reduce(np.bitwise_or, packed))


def difference(base: DocSet, without: DocSet) -> DocSet:
    """Documents in `base` that are not in `without`."""
    if base.few or base.bits is None:
        docs = base.docs_array()
        return DocSet(base.size, docs=docs[~without.contains(docs)])
    return DocSet(base.size, bits=base.bits & ~without.packed())


def at_least(sets: Sequence[DocSet], needed: int) -> DocSet:
    """Documents in `needed` or more of `sets`."""
    size = sets[0].size
    votes = np.zeros(words_of_bits(size) * 64, np.uint16)
    for each in sets:
        if each.docs is not None:
            votes[each.docs] += 1
        else:
            votes += each.flags()
    return DocSet(size, bits=pack(votes >= needed))
