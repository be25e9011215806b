"""Query nodes that combine the matches and scores of other nodes."""

from functools import reduce

import numpy as np

from searchsvc.array_ranges import sorted_unique
from searchsvc.engine.embedded.index.doc_set import Docs, DocSet, at_least, difference, intersection, pack, union
from searchsvc.engine.embedded.index.impacts import DENSE
from searchsvc.engine.embedded.search.query_nodes import DenseScores, QueryNode, Scores, TermNode, zero_scores


class OrNode(QueryNode):
    """Documents that match at least `needed` parts; the scores of matching parts are added."""

    def __init__(self, parts: tuple[QueryNode, ...], needed: int = 1) -> None:
        self.parts, self.needed = parts, needed
        self.size, self.cost = parts[0].size, sum(part.cost for part in parts)
        self._sums: DenseScores | None = None

    def _match(self) -> DocSet:
        if self.needed > 1:
            return at_least([part.matches for part in self.parts], self.needed)
        if self._is_sum_of_terms and self.cost * DENSE > self.size and any(p.matches.bits is None for p in self.parts):
            return DocSet(self.size, bits=pack(self.dense_scores() != 0))
        return union([part.matches for part in self.parts])

    @property
    def _is_sum_of_terms(self) -> bool:
        """Whether documents match exactly where the sum of the scores is positive."""
        return all(isinstance(part, TermNode) and part.weight > 1e-9 for part in self.parts)

    def scores(self, docs: Docs) -> Scores:
        return reduce(np.add, [part.scores_or_zero(docs) for part in self.parts])

    def scores_or_zero(self, docs: Docs) -> Scores:
        return self.scores(docs) if self.needed <= 1 else super().scores_or_zero(docs)

    def add_to(self, sums: DenseScores) -> None:
        if self.needed > 1:
            own_sums = zero_scores(self.size)
            for part in self.parts:
                part.add_to(own_sums)
            sums += own_sums * self.matches.flags()
            return
        for part in self.parts:
            part.add_to(sums)

    def dense_scores(self) -> DenseScores:
        if self._sums is None:
            self._sums, self.has_dense_scores = super().dense_scores(), True
        return self._sums


class AndNode(QueryNode):
    """Documents that match all parts and none of `excluded`; the scores of the parts are added."""

    def __init__(self, parts: tuple[QueryNode, ...], excluded: tuple[QueryNode, ...] = ()) -> None:
        self.parts, self.excluded = parts, excluded
        self.size, self.cost = parts[0].size, sum(part.cost for part in parts)

    def _match(self) -> DocSet:
        matches = intersection([part.matches for part in self.parts])
        return reduce(difference, [node.matches for node in self.excluded], matches)

    def scores(self, docs: Docs) -> Scores:
        return reduce(np.add, [part.scores(docs) for part in self.parts])

    def add_to(self, sums: DenseScores) -> None:
        part_sums = zero_scores(self.size)
        for part in self.parts:
            part.add_to(part_sums)
        sums += part_sums * self.matches.flags()


class OptionalNode(QueryNode):
    """Documents that match `base`; matches of `bonus` add to the score."""

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
    """Documents that match `base`, with a bonus for some of them.

    `docs` (n,) int32, in any order, may repeat: documents with a bonus, whether they match or not. `sums`
    (documents,) float64, none negative; the bonus is `weight` times the sum. `top_docs`: the best documents of the set
    `top_of` by the scores of `base`, best first.
    """

    def __init__(self, base: QueryNode, bonus: tuple[Docs, Scores], weight: float, best: tuple[DocSet, Docs]) -> None:
        """`bonus`: `docs` and `sums`; `best`: `top_of` and `top_docs`."""
        self.base, self._weight = base, weight
        docs, self._sums = bonus
        self.docs = docs
        self.top_of, self.top_docs = best
        self.size, self.cost = base.size, base.cost + len(docs)

    def _match(self) -> DocSet:
        return self.base.matches

    def scores(self, docs: Docs) -> Scores:
        return self.base.scores(docs) + self.bonus_scores(docs)

    def bonus_scores(self, docs: Docs) -> Scores:
        """Return the bonus of each of `docs`, whether they match or not; (n,) float64."""
        scores: Scores = self._sums.take(docs) * self._weight
        return scores

    def add_to(self, sums: DenseScores) -> None:
        self.base.add_to(sums)
        docs = sorted_unique(self.docs.compress(self.matches.contains(self.docs)))
        sums[docs] += self.bonus_scores(docs).astype(np.float32)


class RequireNode(QueryNode):
    """Documents that match both nodes, scored by `base` alone."""

    def __init__(self, base: QueryNode, condition: QueryNode) -> None:
        self.base, self.condition = base, condition
        self.size, self.cost = base.size, base.cost

    def _match(self) -> DocSet:
        return intersection([self.base.matches, self.condition.matches])

    def scores(self, docs: Docs) -> Scores:
        return self.base.scores(docs)

    def add_to(self, sums: DenseScores) -> None:
        sums += self.base.dense_scores() * self.matches.flags()
