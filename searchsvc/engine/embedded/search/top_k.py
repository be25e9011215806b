"""The best documents of a query, exactly: candidates by rounded sums or bounds, then true scores.

Three ways, by what is cheaper; all give the same answer, which the tests hold them to.

Few documents: score each of them. A single common term: the blocks with the highest peaks
give a score that the last of the best must reach, and no block whose peak is below it is
scored. Anything else: the postings are added up in one float32 array over all documents,
which numpy does at 3 ns a posting; documents near or above the last of the best by these
sums are then scored in float64. Bounding blocks for several terms (MaxScore over peaks) was
measured: half of the blocks survived, and those cost more than adding everything up.
"""

import numpy as np
from numpy.typing import NDArray

from searchsvc.array_ranges import sorted_unique
from searchsvc.engine.embedded.index.doc_set import Docs, DocSet
from searchsvc.engine.embedded.index.impacts import BLOCK
from searchsvc.engine.embedded.search.query_nodes import (
    BonusNode,
    QueryNode,
    Scores,
    TermNode,
)

_ROUNDED = np.float32(1 - 1e-5)  # sums of up to 64 float32 values are closer than this to the truth
_WITHIN = np.arange(BLOCK, dtype=np.int32)
_GROUPS = 32
_SORTED = 128  # so many are sorted in less time than the best are picked out

TopDocs = tuple[Docs, Scores]
Ranks = NDArray[np.int32] | None


def top_k(node: QueryNode, found: DocSet, wanted: int, ranks: Ranks = None) -> TopDocs:
    """The `wanted` documents of `found` with the highest scores, best first.

    `found` is what the node matches, or part of it (filters). `ranks` (documents,): equals stand in
    their order; without them, lower numbers first.
    """
    if wanted <= 0 or not found.count:
        return np.empty(0, np.int32), np.empty(0)
    if isinstance(node, BonusNode):
        return _with_added(node, found, wanted, ranks)
    if isinstance(node, TermNode) and node.block_max is not None and found is node.matches:
        return _by_block_max(node, node.block_max, found, wanted, ranks)
    if found.count <= max(wanted, _directly(node, found)):
        docs = found.docs_array()
        return _top(docs, node.scores(docs), wanted, ranks)
    return _by_dense_scores(node, found, wanted, ranks)


def _directly(node: QueryNode, found: DocSet) -> int:
    """How many documents are scored one by one in less time than all postings are added up."""
    if isinstance(node, TermNode) and found is node.matches:
        return found.size // 8  # their values stand ready
    return max(100, (found.size // 8 + node.cost) // 40)


def _with_added(node: BonusNode, found: DocSet, wanted: int, ranks: Ranks) -> TopDocs:
    # What is nowhere added to and not among the best of the base has as many above it as before.
    enough = found is node.matches and len(node.leading) >= min(wanted, found.count)
    leading = node.leading if enough else top_k(node.base, found, wanted, ranks)[0]
    docs = sorted_unique(np.concatenate([leading, node.docs.compress(found.contains(node.docs))]))
    if len(docs) > max(wanted, _directly(node.base, found)):
        sums = node.base.dense_scores().take(docs) + node.added(docs)
        place = len(docs) - wanted
        docs = docs.compress(sums >= np.partition(sums, place)[place] * _ROUNDED)
    return _top(docs, node.scores(docs), wanted, ranks)


def _by_block_max(node: TermNode, peaks: NDArray[np.uint8], found: DocSet, wanted: int, ranks: Ranks) -> TopDocs:
    # A block with peak p has a document of at least (p - 1) / 255 and none of p / 255 (see
    # scores.py). So the wanted-th highest peak leaves out just the blocks below it.
    place = max(0, len(peaks) - wanted)
    least = np.partition(peaks.astype(np.float32), place)[place]  # numpy partitions no bytes fast
    blocks = np.flatnonzero(peaks >= np.uint8(least)).astype(np.int32)
    docs = (blocks[:, None] * np.int32(BLOCK) + _WITHIN).ravel()
    docs = docs[found.contains(docs)]
    return _top(docs, node.scores(docs), wanted, ranks)


def _by_dense_scores(node: QueryNode, found: DocSet, wanted: int, ranks: Ranks) -> TopDocs:
    docs = _near_listed(node, found, wanted) if found.few else _near_anywhere(node, found, wanted)
    return _top(docs, node.scores(docs), wanted, ranks)


def _near_listed(node: QueryNode, found: DocSet, wanted: int) -> Docs:
    """Those of `found`, a list of more than `wanted`, that may be among the best."""
    docs = found.docs_array()
    sums = node.approximate_scores().take(docs)
    place = len(docs) - wanted
    least = np.partition(sums, place)[place] * _ROUNDED
    near: Docs = docs[sums >= least]
    return near


def _near_anywhere(node: QueryNode, found: DocSet, wanted: int) -> Docs:
    """The same for many: `found` is not listed."""
    sums = node.approximate_scores()
    if found is not node.matches:
        sums = sums * found.flags()
    # Groups of documents a fixed step apart: their maxima come from adding whole rows, and the
    # wanted-th highest maximum is a score that as many documents reach.
    table = sums.reshape(_GROUPS, -1)
    highest = table.max(axis=0)
    reached = highest if len(highest) >= wanted else sums  # too few groups to bound a long page
    place = len(reached) - wanted
    least = np.partition(reached, place)[place] * _ROUNDED
    columns = (highest >= least).nonzero()[0]
    rows, within = (table[:, columns] >= least).nonzero()
    docs: Docs = (rows * table.shape[1] + columns[within]).astype(np.int32)
    docs.sort()
    return docs if least > 0 else docs.compress(found.contains(docs))


def _top(docs: Docs, scores: Scores, wanted: int, ranks: Ranks) -> TopDocs:
    """The best of `docs`, which ascend: a stable sort leaves equals in the order they come in."""
    if len(docs) > max(_SORTED, 4 * wanted):
        least = np.partition(scores, len(scores) - wanted)[len(scores) - wanted]
        chosen = (scores >= least).nonzero()[0]
        docs, scores = docs.take(chosen), scores.take(chosen)
    if ranks is not None:
        by_rank = ranks.take(docs).argsort()
        docs, scores = docs.take(by_rank), scores.take(by_rank)
    order = np.negative(scores).argsort(kind="stable")[:wanted]
    return docs.take(order), scores.take(order)
