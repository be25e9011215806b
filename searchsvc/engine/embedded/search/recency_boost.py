"""Newer documents score more, if an operator wants it: score * (1 + 2 ** (-age / half)).

The age is in days until today; what has no date gets nothing added. So an article of today counts
twice, one of `half` days ago one and a half times.
"""

from datetime import date

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.index.array_file import Array
from searchsvc.engine.embedded.index.doc_set import Docs, DocSet
from searchsvc.engine.embedded.index.weak_lru_cache import weak_lru_cache
from searchsvc.engine.embedded.search.query_nodes import DenseScores, QueryNode, Scores


class RecencyBoost:
    """The factors of one generation; `days` int32, ordinals of publication, 0 for none; `half` in days."""

    def __init__(self, days: Array, half: int) -> None:
        self._days, self._half = days, half
        self._factors = weak_lru_cache(self._factors_on, 1)

    def applied(self, node: QueryNode) -> QueryNode:
        """`node` with its scores multiplied as of today; the same node if freshness is off."""
        return RecencyNode(node, self._factors(date.today())) if self._half else node

    def _factors_on(self, today: date) -> NDArray[np.float32]:
        age = np.maximum(today.toordinal() - self._days.astype(np.float32), 0)
        return np.where(self._days > 0, 1 + np.exp2(-age / self._half), 1).astype(np.float32)


class RecencyNode(QueryNode):
    """The scores of `base`, each times a factor of its document: float32, one for each of them."""

    def __init__(self, base: QueryNode, factors: NDArray[np.float32]) -> None:
        self.base, self.size, self.cost, self._factors = base, base.size, base.cost, factors

    def _match(self) -> DocSet:
        return self.base.matches

    def scores(self, docs: Docs) -> Scores:
        return self.base.scores(docs) * self._factors.take(docs)

    def add_to(self, sums: DenseScores) -> None:
        sums[: self.size] += self.base.dense_scores()[: self.size] * self._factors
