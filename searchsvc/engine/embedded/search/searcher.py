"""One search over a segment: what matches, what filters leave, and the pages in their order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from whoosh.query import Query

from searchsvc.deferred import deferred
from searchsvc.engine.embedded.index.doc_set import (
    Docs,
    DocSet,
    difference,
    intersection,
)
from searchsvc.engine.embedded.index.segment import Segment
from searchsvc.engine.embedded.search.bm25f import Scorer
from searchsvc.engine.embedded.search.query_compiler import CompileContext, UnsupportedQuery, compile_query
from searchsvc.engine.embedded.search.query_nodes import ConstantNode, QueryNode, Scores
from searchsvc.engine.embedded.search.top_k import top_k
from searchsvc.engine.query import EngineQuery
from searchsvc.query import AcrossFields

if TYPE_CHECKING:
    from searchsvc.engine.embedded.whoosh_compat import fallback
else:  # hardly a query needs Whoosh's own
    fallback = deferred("searchsvc.engine.embedded.whoosh_compat.fallback")


class SearchState(NamedTuple):
    """`matched` is what the tree matches, `filtered` what filters left of it.

    A facet's own counts are over `matched` and the other filters; the total is `found.count`.
    `context` knows the nodes of the words. `has_free_text`: whether words were looked for in all fields, so that
    the first results have a subject.
    """

    node: QueryNode
    matched: DocSet
    filtered: DocSet
    context: CompileContext
    has_free_text: bool = False

    def page(self, offset: int, limit: int) -> tuple[Docs, Scores]:
        """The hits from `offset` on, best first, equals by id: int32 documents, float64 scores."""
        docs, scores = top_k(self.node, self.filtered, offset + limit, self.context.segment.ranks)
        return docs[offset:], scores[offset:]

    def missing_parts(self, parts: Sequence[Query], docs: Docs) -> list[tuple[int, ...]]:
        """Of each of `docs` the places of the parts that it does not match."""
        if not parts:
            return [()] * len(docs)
        found = np.array([_node(self.context, part).matches.contains(docs) for part in parts])
        return [tuple(np.flatnonzero(~column).tolist()) for column in found.T]


@dataclass(frozen=True, slots=True)
class TieredResult:
    """What comes first, and what follows (None: nothing) where that was too little.

    `combined` is both, for counting; `exact` those of them that match all that was asked for.
    """

    first: SearchState
    fallback: SearchState | None
    combined: SearchState
    exact: DocSet

    def excluding(self, docs: DocSet) -> "TieredResult":
        """What is left when `docs` are not found."""

        def left(answer: SearchState) -> SearchState:
            return answer._replace(filtered=difference(answer.filtered, docs))

        rest = None if self.fallback is None else left(self.fallback)
        return TieredResult(left(self.first), rest, left(self.combined), difference(self.exact, docs))


def search(segment: Segment, scorer: Scorer, tree: Query | None, keep: DocSet | None = None) -> SearchState:
    """Evaluate `tree` (None: every document) within `keep`."""
    return _answer(CompileContext(segment, scorer, {}), tree, keep)


def _answer(reading: CompileContext, tree: Query | None, keep: DocSet | None) -> SearchState:
    node = ConstantNode(reading.segment.everything, 0.0) if tree is None else _node(reading, tree)
    matched = node.matches
    found = matched if keep is None else intersection([matched, keep])
    return SearchState(node, matched, found, reading, tree is not None and _has_free_text(tree))


def _has_free_text(tree: Query) -> bool:
    return isinstance(tree, AcrossFields) or any(map(_has_free_text, tree.children()))


def search_with_fallback(
    segment: Segment, scorer: Scorer, query: EngineQuery, keep: DocSet | None = None
) -> TieredResult:
    """Evaluate the tree of `query` within `keep`, and what is to follow if that finds too few."""
    reading = CompileContext(segment, scorer, {})
    first = _answer(reading, query.tree, keep)
    if query.fallback is None or first.filtered.count >= query.min_exact or not query.deadline.allows_more():
        return TieredResult(first, None, first, first.filtered)
    wide = _answer(reading, query.fallback, keep)
    if query.interleave:
        return TieredResult(wide, None, wide, first.filtered)
    behind = difference(wide.filtered, first.filtered) if first.filtered.count else wide.filtered
    return TieredResult(first, wide._replace(filtered=behind), wide, first.filtered)


def _node(reading: CompileContext, tree: Query) -> QueryNode:
    try:
        return compile_query(tree, reading)
    except UnsupportedQuery:
        return fallback.match_with_whoosh(reading.segment, tree)
