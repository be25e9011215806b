"""Whoosh's own BM25F, for comparing results with stock Whoosh."""

from collections.abc import Iterable
from math import log

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.index.doc_set import (
    DocSet,
    masked,
    nothing,
)
from searchsvc.engine.embedded.index.segment import Segment
from searchsvc.engine.embedded.search.bm25f import FieldWeights, LanguageVariant
from searchsvc.engine.embedded.search.phrases import phrase
from searchsvc.engine.embedded.search.query_nodes import (
    ConstantNode,
    OrNode,
    QueryNode,
    RequireNode,
    TermNode,
)


class WhooshBM25F:
    """Whoosh's own BM25F, so that results can be compared with stock Whoosh: fields simply add up.

    idf * tf * (K1 + 1) / (tf + K1 * ((1 - B) + B * length / mean length)), with
    idf = ln(N / (df + 1)) + 1 and the mean over all documents (whoosh.scoring, K1 1.2, B 0.75).
    """

    exclusion = 1.0  # InverseMatcher's weight
    K1, B = 1.2, 0.75

    def __init__(self, segment: Segment) -> None:
        self._segment = segment

    def term(self, fields: FieldWeights, number: int, boost: float) -> QueryNode:
        return _any([TermNode(*self._scored(name, number), boost * weight) for name, weight in fields.items()])

    def _scored(self, field: str, number: int) -> tuple[DocSet, NDArray[np.float64]]:
        found, size = self._segment.field(field, number), self._segment.size
        lengths = self._segment.lengths(field)
        mean = float(lengths.sum(dtype=np.int64)) / size or 1
        tf = found.tfs.astype(np.float64)
        idf = log(size / (len(found.docs) + 1)) + 1
        lengthy = self.K1 * ((1 - self.B) + self.B * np.maximum(lengths[found.docs], 1) / mean)
        return DocSet(size, found.docs), idf * ((tf * (self.K1 + 1)) / (tf + lengthy))

    def terms(self, fields: FieldWeights, numbers: NDArray[np.int32], boost: float) -> QueryNode:
        size = self._segment.size
        found = [
            ConstantNode(DocSet(size, self._segment.field(name, int(number)).docs), boost * weight)
            for name, weight in fields.items()
            for number in numbers
        ]
        return ConstantNode(_any(found).matches, boost) if found else ConstantNode(nothing(size), boost)

    def phrase(self, fields: FieldWeights, numbers: list[int], slop: int, boost: float) -> QueryNode:
        return _any([self._phrase(name, numbers, slop, boost * weight) for name, weight in fields.items()])

    def variants(self, fields: FieldWeights, alternatives: tuple[LanguageVariant, ...], boost: float) -> QueryNode:
        return _any([self._variant(fields, each, boost) for each in alternatives])

    def _variant(self, fields: FieldWeights, each: LanguageVariant, boost: float) -> QueryNode:
        numbers = list(each.term_ids)
        node = self.phrase(fields, numbers, 1, boost) if len(numbers) > 1 else self.term(fields, numbers[0], boost)
        return RequireNode(node, ConstantNode(masked(self._segment.in_languages(each.codes, each.excluding)), 0.0))

    def _phrase(self, field: str, numbers: list[int], slop: int, boost: float) -> QueryNode:
        docs = phrase(self._segment, field, numbers, slop).docs
        scores = np.zeros(len(docs))
        for number in numbers:
            scores += TermNode(*self._scored(field, number), 1.0).scores_or_zero(docs)
        return TermNode(DocSet(self._segment.size, docs), scores, boost)


def _any(nodes: Iterable[QueryNode]) -> QueryNode:
    parts = tuple(nodes)
    return parts[0] if len(parts) == 1 else OrNode(parts)
