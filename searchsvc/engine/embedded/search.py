"""One search over a segment: what matches, what filters leave, and the page in its order."""

from dataclasses import dataclass

from whoosh.query import Query

from searchsvc.engine.embedded.algebra import Constant, Node, Scores
from searchsvc.engine.embedded.docsets import Docs, DocSet, intersection
from searchsvc.engine.embedded.interpretation import NotInArrays, Reading, interpret
from searchsvc.engine.embedded.matchers import matched_by_whoosh
from searchsvc.engine.embedded.ranking import best
from searchsvc.engine.embedded.segment import Segment
from searchsvc.engine.embedded.weighting import Scorer


@dataclass(frozen=True, slots=True)
class Answer:
    """`matched` is what the tree matches, `found` what filters left of it.

    A facet's own counts are over `matched` and the other filters; the total is `found.count`.
    """

    node: Node
    matched: DocSet
    found: DocSet

    def page(self, offset: int, limit: int) -> tuple[Docs, Scores]:
        """The hits from `offset` on, best first, equals by number: int32 documents, float64 scores."""
        docs, scores = best(self.node, self.found, offset + limit)
        return docs[offset:], scores[offset:]


def search(segment: Segment, scorer: Scorer, tree: Query | None, keep: DocSet | None = None) -> Answer:
    """Evaluate `tree` (None: every document) within `keep`."""
    node = Constant(segment.everything, 0.0) if tree is None else _node(segment, scorer, tree)
    matched = node.matches
    return Answer(node, matched, matched if keep is None else intersection([matched, keep]))


def _node(segment: Segment, scorer: Scorer, tree: Query) -> Node:
    try:
        return interpret(tree, Reading(segment, scorer))
    except NotInArrays:
        return matched_by_whoosh(segment, tree)
