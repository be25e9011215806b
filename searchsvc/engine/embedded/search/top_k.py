"""The k best documents of a query, exactly: candidates by rounded sums or bounds, then exact scores.

There are three ways with equal results; the cheapest is chosen.

Few documents: score each of them. A single common term: the k-th highest block maximum is a lower bound of the k-th
score, and blocks below it are skipped. Otherwise: all postings are added up in one float32 array over all
documents, which numpy does at 3 ns per posting. Documents near or above the k-th sum are then scored in float64.
Block bounds for several terms (MaxScore over block maxima) were measured: half of the blocks survived, at a higher
cost than adding everything up.
"""

import numpy as np
from numpy.typing import NDArray

from searchsvc.array_ranges import sorted_unique
from searchsvc.engine.embedded.index.doc_set import Docs, DocSet
from searchsvc.engine.embedded.index.impacts import BLOCK
from searchsvc.engine.embedded.search.compound_nodes import BonusNode
from searchsvc.engine.embedded.search.query_nodes import QueryNode, Scores, TermNode

_ROUNDING = np.float32(1 - 1e-5)  # relative error of sums of up to 64 float32 values
_BLOCK_OFFSETS = np.arange(BLOCK, dtype=np.int32)
_GROUP_SIZE = 64
_MAX_DELETED = 256  # deleted matches of a term, above which too few blocks are skipped
_MAX_FULL_SORT = 128  # below this many documents, sorting is faster than partitioning

TopDocs = tuple[Docs, Scores]
Ranks = NDArray[np.int32] | None


def top_k(node: QueryNode, matches: DocSet, k: int, ranks: Ranks = None) -> TopDocs:
    """Return the `k` documents of `matches` with the highest scores, best first.

    `matches`: the matches of the node, or a part of them (filters). `ranks` (documents,) int32: order of documents
    with equal scores; by default, lower numbers come first. Returns documents (n,) int32 and scores (n,) float64.
    """
    if k <= 0 or not matches.count:
        return np.empty(0, np.int32), np.empty(0)
    if isinstance(node, BonusNode):
        return _by_bonus(node, matches, k, ranks)
    if isinstance(node, TermNode) and node.block_max is not None:
        deleted = node.matches.count - matches.count
        if matches is node.matches or (matches.unfiltered is node.matches and deleted <= _MAX_DELETED):
            return _by_block_max(node, node.block_max, matches, (k, deleted), ranks)
    if matches.count <= max(k, _direct_scoring_limit(node, matches)):
        docs = matches.docs_array()
        return _best(docs, node.scores(docs), k, ranks)
    return _by_dense_scores(node, matches, k, ranks)


def _direct_scoring_limit(node: QueryNode, matches: DocSet) -> int:
    """Return the number of documents that are scored faster one by one than by adding up all postings."""
    if isinstance(node, TermNode) and node.matches in (matches, matches.unfiltered):
        return matches.size // 8  # their values need no computation
    return max(100, (matches.size // 8 + node.cost) // 40)


def _by_bonus(node: BonusNode, matches: DocSet, k: int, ranks: Ranks) -> TopDocs:
    # A document without bonus that is not among the best of the base has as many documents above it as before.
    has_top_docs = matches is node.top_of and len(node.top_docs) >= min(k, matches.count)
    top_docs = node.top_docs if has_top_docs else top_k(node.base, matches, k, ranks)[0]
    docs = sorted_unique(np.concatenate([top_docs, node.docs.compress(matches.contains(node.docs))]))
    if len(docs) > (k if node.base.has_dense_scores else max(k, _direct_scoring_limit(node.base, matches))):
        approximate = node.base.dense_scores().take(docs) + node.bonus_scores(docs)
        index = len(docs) - k
        docs = docs.compress(approximate >= np.partition(approximate, index)[index] * _ROUNDING)
    return _best(docs, node.scores(docs), k, ranks)


def _by_block_max(
    node: TermNode, block_max: NDArray[np.uint8], matches: DocSet, counts: tuple[int, int], ranks: Ranks
) -> TopDocs:
    """Return the best k documents; `counts`: k, and the number of deleted documents."""
    # A block with maximum m has a document with at least (m - 1) / 255 and none with more than m / 255. So the k-th
    # highest maximum excludes only blocks below it. Each deleted document may be the best of a block.
    k, deleted = counts
    index = max(0, len(block_max) - k - deleted)
    threshold = np.partition(block_max.astype(np.float32), index)[index]  # np.partition is slow for uint8
    blocks = np.flatnonzero(block_max >= np.uint8(threshold)).astype(np.int32)
    docs = (blocks[:, None] * np.int32(BLOCK) + _BLOCK_OFFSETS).ravel()
    docs = docs[matches.contains(docs)]
    return _best(docs, node.scores(docs), k, ranks)


def _by_dense_scores(node: QueryNode, matches: DocSet, k: int, ranks: Ranks) -> TopDocs:
    docs = _candidates_in_list(node, matches, k) if matches.is_sparse else _candidates_in_bits(node, matches, k)
    return _best(docs, node.scores(docs), k, ranks)


def _candidates_in_list(node: QueryNode, matches: DocSet, k: int) -> Docs:
    """Return the documents of a sparse set that may be among the best `k`."""
    docs = matches.docs_array()
    sums = node.approximate_scores().take(docs)
    index = len(docs) - k
    threshold = np.partition(sums, index)[index] * _ROUNDING
    candidates: Docs = docs[sums >= threshold]
    return candidates


def _candidates_in_bits(node: QueryNode, matches: DocSet, k: int) -> Docs:
    """Return the documents of a dense set that may be among the best `k`."""
    sums = node.approximate_scores()
    if matches is not node.matches:
        sums = sums * matches.flags()
    # Groups of documents a fixed step apart: their maxima are a maximum of whole rows. The k-th highest maximum is a
    # score that at least k documents reach.
    table = sums.reshape(_GROUP_SIZE, -1)
    group_maxima = table.max(axis=0)
    lower_bounds = group_maxima if len(group_maxima) >= k else sums  # too few groups to bound a long page
    index = len(lower_bounds) - k
    threshold = np.partition(lower_bounds, index)[index] * _ROUNDING
    columns = (group_maxima >= threshold).nonzero()[0]
    rows, column_indices = (table[:, columns] >= threshold).nonzero()
    docs: Docs = (rows * table.shape[1] + columns[column_indices]).astype(np.int32)
    docs.sort()
    return docs if threshold > 0 else docs.compress(matches.contains(docs))


def _best(docs: Docs, scores: Scores, k: int, ranks: Ranks) -> TopDocs:
    """Return the best of `docs`, ascending; a stable sort keeps the order of ties."""
    if len(docs) > max(_MAX_FULL_SORT, 4 * k):
        threshold = np.partition(scores, len(scores) - k)[len(scores) - k]
        indices = (scores >= threshold).nonzero()[0]
        docs, scores = docs.take(indices), scores.take(indices)
    if ranks is not None:
        by_rank = ranks.take(docs).argsort()
        docs, scores = docs.take(by_rank), scores.take(by_rank)
    order = np.negative(scores).argsort(kind="stable")[:k]
    return docs.take(order), scores.take(order)
