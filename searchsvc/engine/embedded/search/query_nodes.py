"""What a query comes to: a small algebra whose nodes match and score documents in arrays.

Every node tells, apart from each other,

    matches     the documents it matches, exactly
    scores(d)   float64 scores of the documents d (int32, ascending), which it does match
    partial(d)  the same for any documents: 0 where it does not match
    add_to(s)   adds its scores to float32 sums, one for each document: fast, but rounded
    rough()     float32 for each document, in the order of its scores but for rounding
    postings    how many postings that reads
"""

from abc import ABC, abstractmethod
from functools import reduce
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from searchsvc.array_ranges import sorted_unique
from searchsvc.engine.embedded.index.doc_set import (
    Docs,
    DocSet,
    at_least,
    difference,
    intersection,
    pack,
    union,
)
from searchsvc.engine.embedded.index.impacts import DENSE, words_of_bits

Scores = NDArray[np.float64]
DenseScores = NDArray[np.float32]


def zero_scores(size: int) -> DenseScores:
    """A zero for each of `size` documents and up to the next multiple of 64."""
    return np.zeros(words_of_bits(size) * 64, np.float32)


class QueryNode(ABC):
    """A node of the algebra. Kept for one query, so what it matches is computed once."""

    size: int  # documents in the index
    cost: int
    _matches: DocSet | None = None

    @property
    def matches(self) -> DocSet:
        if self._matches is None:
            self._matches = self._match()
        return self._matches

    def _match(self) -> DocSet:
        raise NotImplementedError

    @abstractmethod
    def scores(self, docs: Docs) -> Scores: ...

    @abstractmethod
    def add_to(self, sums: DenseScores) -> None: ...

    def scores_or_zero(self, docs: Docs) -> Scores:
        inside = self.matches.contains(docs)
        scores = np.zeros(len(docs))
        scores[inside] = self.scores(docs[inside])
        return scores

    def dense_scores(self) -> DenseScores:
        """The scores of all documents, float32: 0 where the node does not match."""
        sums = zero_scores(self.size)
        self.add_to(sums)
        return sums

    def approximate_scores(self) -> DenseScores:
        """What candidates are chosen by: 0 where the node does not match, and no less where it scores more."""
        return self.dense_scores()


class Values(Protocol):
    """Numbers that an array holds, or that are looked up as they are wanted (Impacts)."""

    def __len__(self) -> int: ...

    def __getitem__(self, wanted: slice, /) -> NDArray[Any]: ...

    def take(self, places: NDArray[np.int64], /, *, mode: Literal["raise", "clip"]) -> NDArray[Any]: ...


class TermNode(QueryNode):
    """A term, or anything else with a value of its own in each document.

    `values` float32 or float64 beside `found.docs`, all above 0; a score is `weight` times a
    value. `block_max` uint8, if the term is common: the highest value of each block in 255ths,
    rounded up.
    """

    def __init__(self, found: DocSet, values: Values, weight: float, peaks: NDArray[np.uint8] | None = None) -> None:
        self._matches, self.size, self.cost = found, found.size, len(values)
        self.docs, self.values, self.weight, self.block_max = found.docs_array(), values, np.float64(weight), peaks

    def scores(self, docs: Docs) -> Scores:
        values = self.values[:] if docs is self.docs else self.values.take(self.matches.indices(docs), mode="raise")
        scores: Scores = values * self.weight
        return scores

    def scores_or_zero(self, docs: Docs) -> Scores:
        own = self.docs
        if len(own) < len(docs):
            return self._spread(docs)
        places = own.searchsorted(docs)
        hits = own.take(places, mode="clip") == docs
        scores: Scores = self.values.take(places, mode="clip") * self.weight
        scores *= hits
        return scores

    def _spread(self, docs: Docs) -> Scores:
        """As `scores_or_zero`, looking each of the few own documents up among many."""
        places = docs.searchsorted(self.docs)
        hits = docs.take(places, mode="clip") == self.docs
        scores = np.zeros(len(docs))
        scores[places[hits]] = self.values[:][hits] * self.weight
        return scores

    def add_to(self, sums: DenseScores) -> None:
        np.add.at(sums, self.docs, np.multiply(self.values[:], self.weight, dtype=np.float32))


class SynonymNode(QueryNode):
    """Several terms as one: the frequencies that a document has of any of them add up, then saturate.

    `docs` int32, in any order and with repeats, and float32 `frequencies` beside, all above 0. A
    score is `weight` times f / (k1 + f), in float64, where different sums stay different.
    """

    def __init__(self, size: int, docs: Docs, frequencies: NDArray[np.float32], k1: float) -> None:
        self.size, self.cost, self.weight, self._k1 = size, len(docs), 1.0, k1
        self._frequencies = zero_scores(size)
        np.add.at(self._frequencies, docs, frequencies)
        if len(docs) * DENSE <= size:
            self._matches = DocSet(size, docs=sorted_unique(docs))
        else:
            self._matches = DocSet(size, bits=pack(self._frequencies != 0))

    def scores(self, docs: Docs) -> Scores:
        frequencies = self._frequencies.take(docs).astype(np.float64)
        return frequencies * self.weight / (frequencies + self._k1)

    scores_or_zero = scores

    def add_to(self, sums: DenseScores) -> None:
        docs = self.matches.docs_array()
        sums[docs] += self.scores(docs).astype(np.float32)

    def approximate_scores(self) -> DenseScores:
        return self._frequencies if self.weight > 0 else self.dense_scores()


class ConstantNode(QueryNode):
    """Documents that all score the same."""

    def __init__(self, found: DocSet, score: float) -> None:
        self._matches, self.size, self.cost, self.score = found, found.size, 0, score

    def scores(self, docs: Docs) -> Scores:
        return np.full(len(docs), self.score)

    def add_to(self, sums: DenseScores) -> None:
        if self.score:
            sums += self.matches.flags() * np.float32(self.score)


class OrNode(QueryNode):
    """Documents that at least `needed` of the parts match; the scores of those that do add up."""

    def __init__(self, parts: tuple[QueryNode, ...], needed: int = 1) -> None:
        self.parts, self.needed = parts, needed
        self.size, self.cost = parts[0].size, sum(part.cost for part in parts)
        self._sums: DenseScores | None = None

    def _match(self) -> DocSet:
        if self.needed > 1:
            return at_least([part.matches for part in self.parts], self.needed)
        if self._plain and self.cost * DENSE > self.size and any(p.matches.bits is None for p in self.parts):
            return DocSet(self.size, bits=pack(self.dense_scores() != 0))
        return union([part.matches for part in self.parts])

    @property
    def _plain(self) -> bool:
        """Whether a document matches where its score is above 0, so that sums tell what matches."""
        return all(isinstance(part, TermNode) and part.weight > 1e-9 for part in self.parts)

    def scores(self, docs: Docs) -> Scores:
        return reduce(np.add, [part.scores_or_zero(docs) for part in self.parts])

    def scores_or_zero(self, docs: Docs) -> Scores:
        return self.scores(docs) if self.needed <= 1 else super().scores_or_zero(docs)

    def add_to(self, sums: DenseScores) -> None:
        if self.needed > 1:
            own = zero_scores(self.size)
            for part in self.parts:
                part.add_to(own)
            sums += own * self.matches.flags()
            return
        for part in self.parts:
            part.add_to(sums)

    def dense_scores(self) -> DenseScores:
        if self._sums is None:
            self._sums = super().dense_scores()
        return self._sums


class AndNode(QueryNode):
    """Documents that all parts match and none of `without` does; the scores of the parts add up."""

    def __init__(self, parts: tuple[QueryNode, ...], without: tuple[QueryNode, ...] = ()) -> None:
        self.parts, self.without = parts, without
        self.size, self.cost = parts[0].size, sum(part.cost for part in parts)

    def _match(self) -> DocSet:
        found = intersection([part.matches for part in self.parts])
        return reduce(difference, [node.matches for node in self.without], found)

    def scores(self, docs: Docs) -> Scores:
        return reduce(np.add, [part.scores(docs) for part in self.parts])

    def add_to(self, sums: DenseScores) -> None:
        own = zero_scores(self.size)
        for part in self.parts:
            part.add_to(own)
        sums += own * self.matches.flags()


class OptionalNode(QueryNode):
    """Documents that `base` matches; those that `bonus` matches too score the more."""

    def __init__(self, base: QueryNode, bonus: QueryNode) -> None:
        self.base, self.bonus = base, bonus
        self.size, self.cost = base.size, base.cost + bonus.cost

    def _match(self) -> DocSet:
        return self.base.matches

    def scores(self, docs: Docs) -> Scores:
        return self.base.scores(docs) + self.bonus.scores_or_zero(docs)

    def add_to(self, sums: DenseScores) -> None:
        self.base.add_to(sums)
        sums += self.bonus.dense_scores() * self.matches.flags()


class BonusNode(QueryNode):
    """Documents that `base` matches, with something added to the scores of some of them.

    `docs` int32, in any order and with repeats: the documents that get something, and maybe others.
    `sums` float64, one for each document, none below 0: `weight` times that is added. `leading`: the
    best of all that `base` matches by its own scores, best first.
    """

    def __init__(self, base: QueryNode, docs: Docs, sums: Scores, weight: float, leading: Docs) -> None:
        self.base, self.docs, self.leading, self._sums, self._weight = base, docs, leading, sums, weight
        self.size, self.cost = base.size, base.cost + len(docs)

    def _match(self) -> DocSet:
        return self.base.matches

    def scores(self, docs: Docs) -> Scores:
        return self.base.scores(docs) + self.added(docs)

    def added(self, docs: Docs) -> Scores:
        """What is added to the scores of `docs`, whether they match or not."""
        added: Scores = self._sums.take(docs) * self._weight
        return added

    def add_to(self, sums: DenseScores) -> None:
        self.base.add_to(sums)
        docs = sorted_unique(self.docs.compress(self.matches.contains(self.docs)))
        sums[docs] += self.added(docs).astype(np.float32)


class RequireNode(QueryNode):
    """Documents that both match, scored by `base` alone."""

    def __init__(self, base: QueryNode, condition: QueryNode) -> None:
        self.base, self.condition = base, condition
        self.size, self.cost = base.size, base.cost

    def _match(self) -> DocSet:
        return intersection([self.base.matches, self.condition.matches])

    def scores(self, docs: Docs) -> Scores:
        return self.base.scores(docs)

    def add_to(self, sums: DenseScores) -> None:
        sums += self.base.dense_scores() * self.matches.flags()
