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
from searchsvc.engine.embedded.search.query_compiler import NotInArrays, Reading, interpret
from searchsvc.engine.embedded.search.query_nodes import Constant, Node, Scores
from searchsvc.engine.embedded.search.top_k import best
from searchsvc.engine.interface import EngineQuery
from searchsvc.query import AcrossFields

if TYPE_CHECKING:
    from searchsvc.engine.embedded.whoosh_compat import fallback
else:  # hardly a query needs Whoosh's own
    fallback = deferred("searchsvc.engine.embedded.whoosh_compat.fallback")


class Answer(NamedTuple):
    """`matched` is what the tree matches, `found` what filters left of it.

    A facet's own counts are over `matched` and the other filters; the total is `found.count`.
    `reading` knows the nodes of the words. `free`: whether words were looked for in all fields, so that
    the first results have a subject.
    """

    node: Node
    matched: DocSet
    found: DocSet
    reading: Reading
    free: bool = False

    def page(self, offset: int, limit: int) -> tuple[Docs, Scores]:
        """The hits from `offset` on, best first, equals by id: int32 documents, float64 scores."""
        docs, scores = best(self.node, self.found, offset + limit, self.reading.segment.ranks)
        return docs[offset:], scores[offset:]

    def lacking(self, parts: Sequence[Query], docs: Docs) -> list[tuple[int, ...]]:
        """Of each of `docs` the places of the parts that it does not match."""
        if not parts:
            return [()] * len(docs)
        found = np.array([_node(self.reading, part).matches.contains(docs) for part in parts])
        return [tuple(np.flatnonzero(~column).tolist()) for column in found.T]


@dataclass(frozen=True, slots=True)
class Tiers:
    """What comes first, and what follows (None: nothing) where that was too little.

    `all` is both, for counting; `whole` those of them that match all that was asked for.
    """

    first: Answer
    rest: Answer | None
    all: Answer
    whole: DocSet

    def without(self, docs: DocSet) -> "Tiers":
        """What is left when `docs` are not found."""

        def left(answer: Answer) -> Answer:
            return answer._replace(found=difference(answer.found, docs))

        rest = None if self.rest is None else left(self.rest)
        return Tiers(left(self.first), rest, left(self.all), difference(self.whole, docs))


def search(segment: Segment, scorer: Scorer, tree: Query | None, keep: DocSet | None = None) -> Answer:
    """Evaluate `tree` (None: every document) within `keep`."""
    return _answer(Reading(segment, scorer, {}), tree, keep)


def _answer(reading: Reading, tree: Query | None, keep: DocSet | None) -> Answer:
    node = Constant(reading.segment.everything, 0.0) if tree is None else _node(reading, tree)
    matched = node.matches
    found = matched if keep is None else intersection([matched, keep])
    return Answer(node, matched, found, reading, tree is not None and _asks_freely(tree))


def _asks_freely(tree: Query) -> bool:
    return isinstance(tree, AcrossFields) or any(map(_asks_freely, tree.children()))


def relaxed(segment: Segment, scorer: Scorer, query: EngineQuery, keep: DocSet | None = None) -> Tiers:
    """Evaluate the tree of `query` within `keep`, and what is to follow if that finds too few."""
    reading = Reading(segment, scorer, {})
    first = _answer(reading, query.tree, keep)
    if query.relaxed is None or first.found.count >= query.enough or not query.budget.allows_more():
        return Tiers(first, None, first, first.found)
    wide = _answer(reading, query.relaxed, keep)
    if query.mixed:
        return Tiers(wide, None, wide, first.found)
    behind = difference(wide.found, first.found) if first.found.count else wide.found
    return Tiers(first, wide._replace(found=behind), wide, first.found)


def _node(reading: Reading, tree: Query) -> Node:
    try:
        return interpret(tree, reading)
    except NotInArrays:
        return fallback.matched_by_whoosh(reading.segment, tree)
