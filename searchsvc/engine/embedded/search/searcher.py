"""Evaluation of one search over an index: matches, filtered matches, and pages of hits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from whoosh.query import Query

from searchsvc.deferred import deferred
from searchsvc.engine.embedded.index.doc_set import Docs, DocSet, difference, intersection
from searchsvc.engine.embedded.index.index_reader import IndexReader
from searchsvc.engine.embedded.search.bm25f import Scorer
from searchsvc.engine.embedded.search.query_compiler import CompileContext, UnsupportedQuery, compile_query
from searchsvc.engine.embedded.search.query_nodes import ConstantNode, QueryNode, Scores
from searchsvc.engine.embedded.search.top_k import TopDocs, top_k
from searchsvc.engine.query import EngineQuery
from searchsvc.query import AcrossFields

if TYPE_CHECKING:
    from searchsvc.engine.embedded.whoosh_compat import fallback
else:  # few queries need Whoosh's matchers
    fallback = deferred("searchsvc.engine.embedded.whoosh_compat.fallback")


class SearchState(NamedTuple):
    """`matched`: live matches of the tree; `filtered`: matches that pass the filters.

    The counts of a facet are over `matched` and the filters of other fields; the total is the size of `filtered`.
    `context` holds the compiled nodes. `has_free_text`: whether the tree searches all free-text fields, so that the
    first results have a common subject.
    """

    node: QueryNode
    matched: DocSet
    filtered: DocSet
    context: CompileContext
    has_free_text: bool = False

    def best(self, limit: int) -> TopDocs:
        """Return the best `limit` matches by the scores of `node`, filtered or not."""
        return top_k(self.node, self.matched, limit, self.context.reader.id_ranks)

    def page(self, offset: int, limit: int) -> tuple[Docs, Scores]:
        """Return the hits from `offset`, best first, ties by id: documents (n,) int32, scores (n,) float64."""
        docs, scores = top_k(self.node, self.filtered, offset + limit, self.context.reader.id_ranks)
        return docs[offset:], scores[offset:]

    def missing_parts(self, parts: Sequence[Query], docs: Docs) -> list[tuple[int, ...]]:
        """Return for each of `docs` the indices of the parts that it does not match."""
        if not parts:
            return [()] * len(docs)
        matched = np.array([_compile(self.context, part).matches.contains(docs) for part in parts])
        return [tuple(np.flatnonzero(~column).tolist()) for column in matched.T]


@dataclass(frozen=True, slots=True)
class TieredResult:
    """Full matches first, then partial matches (`fallback`, None if there are none).

    `combined`: both, for counting. `exact`: the full matches.
    """

    first: SearchState
    fallback: SearchState | None
    combined: SearchState
    exact: DocSet

    def excluding(self, docs: DocSet) -> "TieredResult":
        """Return the result without `docs`."""

        def without_docs(state: SearchState) -> SearchState:
            return state._replace(filtered=difference(state.filtered, docs))

        fallback_state = None if self.fallback is None else without_docs(self.fallback)
        return TieredResult(
            without_docs(self.first), fallback_state, without_docs(self.combined), difference(self.exact, docs)
        )


def search(reader: IndexReader, scorer: Scorer, tree: Query | None, within: DocSet | None = None) -> SearchState:
    """Evaluate `tree` (None: every document) within the documents `within` (None: all)."""
    return _evaluate(CompileContext(reader, scorer, {}), tree, within)


def _evaluate(context: CompileContext, tree: Query | None, within: DocSet | None) -> SearchState:
    node = ConstantNode(context.reader.all_docs, 0.0) if tree is None else _compile(context, tree)
    matched = context.reader.live_only(node.matches)
    filtered = matched if within is None else intersection([matched, within])
    return SearchState(node, matched, filtered, context, tree is not None and _has_free_text(tree))


def _has_free_text(tree: Query) -> bool:
    return isinstance(tree, AcrossFields) or any(map(_has_free_text, tree.children()))


def search_with_fallback(
    reader: IndexReader, scorer: Scorer, query: EngineQuery, within: DocSet | None = None
) -> TieredResult:
    """Evaluate the tree of `query` within `within`, and its fallback if there are too few matches."""
    context = CompileContext(reader, scorer, {})
    first = _evaluate(context, query.tree, within)
    if query.fallback is None or first.filtered.count >= query.min_exact or not query.deadline.allows_more():
        return TieredResult(first, None, first, first.filtered)
    combined = _evaluate(context, query.fallback, within)
    if query.interleave:
        return TieredResult(combined, None, combined, first.filtered)
    only_fallback = difference(combined.filtered, first.filtered) if first.filtered.count else combined.filtered
    return TieredResult(first, combined._replace(filtered=only_fallback), combined, first.filtered)


def _compile(context: CompileContext, tree: Query) -> QueryNode:
    try:
        return compile_query(tree, context)
    except UnsupportedQuery:
        return fallback.match_with_whoosh(context.reader, tree)
