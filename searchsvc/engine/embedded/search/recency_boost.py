"""Recency boost: score * (1 + 2 ** (-age / half-life)).

The age is in days until today; undated documents keep their score. So an article of today counts twice, and an
article as old as the half-life one and a half times.
"""

from datetime import date

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.index.doc_set import Docs, DocSet
from searchsvc.engine.embedded.index.index_reader import IndexReader
from searchsvc.engine.embedded.index.weak_lru_cache import weak_lru_cache
from searchsvc.engine.embedded.search.query_nodes import DenseScores, QueryNode, Scores


class RecencyBoost:
    """Factors of one generation. `half_life` in days, 0 for off."""

    def __init__(self, reader: IndexReader, half_life: int) -> None:
        self._reader, self._half_life = reader, half_life
        self._factors = weak_lru_cache(self._factors_on, 1)

    def boosted(self, node: QueryNode) -> QueryNode:
        """Return `node` with today's factors, or `node` itself if the boost is off."""
        return RecencyNode(node, self._factors(date.today())) if self._half_life else node

    def _factors_on(self, today: date) -> NDArray[np.float32]:
        days = self._reader.published
        age = np.maximum(today.toordinal() - days.astype(np.float32), 0)
        return np.where(days > 0, 1 + np.exp2(-age / self._half_life), 1).astype(np.float32)


class RecencyNode(QueryNode):
    """Scores of `base` times a factor per document; `factors` (documents,) float32."""

    def __init__(self, base: QueryNode, factors: NDArray[np.float32]) -> None:
        self.base, self.size, self.cost, self._factors = base, base.size, base.cost, factors

    def _match(self) -> DocSet:
        return self.base.matches

    def scores(self, docs: Docs) -> Scores:
        return self.base.scores(docs) * self._factors.take(docs)

    def add_to(self, sums: DenseScores) -> None:
        sums[: self.size] += self.base.dense_scores()[: self.size] * self._factors
