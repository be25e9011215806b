"""Whoosh's BM25F on the arrays, to compare results with stock Whoosh."""

from collections.abc import Iterable
from math import log

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.index.doc_set import DocSet, masked, no_docs
from searchsvc.engine.embedded.index.index_reader import IndexReader
from searchsvc.engine.embedded.search.bm25f import FieldWeights, LanguageVariant
from searchsvc.engine.embedded.search.compound_nodes import OrNode, RequireNode
from searchsvc.engine.embedded.search.phrases import phrase_postings_of_all
from searchsvc.engine.embedded.search.query_nodes import ConstantNode, QueryNode, TermNode


class WhooshBM25F:
    """Whoosh's BM25F: the scores of the fields are added. For generations without deleted documents.

    idf * tf * (K1 + 1) / (tf + K1 * ((1 - B) + B * length / mean length)), with idf = ln(N / (df + 1)) + 1 and the
    mean over all documents (whoosh.scoring, K1 1.2, B 0.75).
    """

    exclusion = 1.0  # weight of Whoosh's InverseMatcher
    K1, B = 1.2, 0.75

    def __init__(self, reader: IndexReader) -> None:
        self._reader = reader

    def term(self, fields: FieldWeights, term_id: int, boost: float) -> QueryNode:
        return _any([TermNode(*self._term_scores(name, term_id), boost * weight) for name, weight in fields.items()])

    def _term_scores(self, field: str, term_id: int) -> tuple[DocSet, NDArray[np.float64]]:
        postings, size = self._reader.field(field, term_id), self._reader.size
        lengths = self._reader.lengths(field)
        mean = float(lengths.sum(dtype=np.int64)) / size or 1
        tf = postings.tfs.astype(np.float64)
        idf = log(size / (len(postings.docs) + 1)) + 1
        normalised = self.K1 * ((1 - self.B) + self.B * np.maximum(lengths[postings.docs], 1) / mean)
        return DocSet(size, postings.docs), idf * ((tf * (self.K1 + 1)) / (tf + normalised))

    def terms(self, fields: FieldWeights, term_ids: NDArray[np.int32], boost: float) -> QueryNode:
        """Return the node of any of several terms, with a constant score; `term_ids` (terms,) int32."""
        size = self._reader.size
        nodes = [
            ConstantNode(DocSet(size, self._reader.field(name, int(term_id)).docs), boost * weight)
            for name, weight in fields.items()
            for term_id in term_ids
        ]
        return ConstantNode(_any(nodes).matches, boost) if nodes else ConstantNode(no_docs(size), boost)

    def phrase(self, fields: FieldWeights, term_ids: list[int], slop: int, boost: float) -> QueryNode:
        return _any([self._phrase(name, term_ids, slop, boost * weight) for name, weight in fields.items()])

    def variants(self, fields: FieldWeights, alternatives: tuple[LanguageVariant, ...], boost: float) -> QueryNode:
        return _any([self._variant(fields, each, boost) for each in alternatives])

    def _variant(self, fields: FieldWeights, variant: LanguageVariant, boost: float) -> QueryNode:
        term_ids = list(variant.term_ids)
        node = self.phrase(fields, term_ids, 1, boost) if len(term_ids) > 1 else self.term(fields, term_ids[0], boost)
        return RequireNode(
            node, ConstantNode(masked(self._reader.language_mask(variant.codes, variant.excluding)), 0.0)
        )

    def _phrase(self, field: str, term_ids: list[int], slop: int, boost: float) -> QueryNode:
        docs = phrase_postings_of_all(self._reader, field, term_ids, slop).docs
        scores = np.zeros(len(docs))
        for term_id in term_ids:
            scores += TermNode(*self._term_scores(field, term_id), 1.0).scores_or_zero(docs)
        return TermNode(DocSet(self._reader.size, docs), scores, boost)


def _any(nodes: Iterable[QueryNode]) -> QueryNode:
    parts = tuple(nodes)
    return parts[0] if len(parts) == 1 else OrNode(parts)
