"""Pseudo-relevance feedback: documents that share key terms with the first results score higher.

After Rocchio, "Relevance feedback in information retrieval" (1971), with the first results as the relevant
documents. The bonus only adds to scores; the set of matches is unchanged.

    v(t)      = sum over the first d of  share(d) * weight(t, d),   share(d) = score(d) / their sum
    bonus(x)  = strength * scale * sum over t of  v(t) * impact(t, x)
    scale     = the lesser of  mean score / mean of that sum  (over the first, by their shares)
                and  MAX_BONUS_SHARE * the query's highest possible score / sum of v
    strength  = Feedback.strength * last score / first score * min(1, mean length of body / FULL_LENGTH)

The terms are the FEEDBACK_TERMS terms with the highest weight that at least two first results share. Their weights
are in `index.key_terms`. Strength is the agreement of the first results: a single outstanding result is most likely
the wanted document. So there is no bonus if the last score is below `min_agreement` of the first, and the first result
gets the greatest bonus of all, so that it stays first. Short texts have no other subject than the query.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from searchsvc.array_ranges import runs
from searchsvc.engine.embedded.index.doc_set import DocSet
from searchsvc.engine.embedded.index.index_reader import IndexReader
from searchsvc.engine.embedded.index.key_terms import KeyTerms
from searchsvc.engine.embedded.search.compound_nodes import AndNode, BonusNode, OptionalNode, OrNode, RequireNode
from searchsvc.engine.embedded.search.query_nodes import QueryNode, Scores, SynonymNode, TermNode
from searchsvc.engine.embedded.search.top_k import TopDocs

FEEDBACK_DOCS = 10  # first results, taken as relevant
FEEDBACK_TERMS = 20
MAX_BONUS_SHARE = 0.5
FULL_LENGTH = 100  # tokens of a body
_SPARSE = 8  # a bonus of fewer than 1/_SPARSE of the documents is read document by document


@dataclass(frozen=True, slots=True)
class Feedback:
    """Constants of the formula. `min_agreement`: least score of the last of the first results, as a share of the
    first."""

    strength: float = 0.2
    min_agreement: float = 0.5


FEEDBACK = Feedback()


def expand_query(
    reader: IndexReader, node: QueryNode, matches: DocSet, best: TopDocs, feedback: Feedback = FEEDBACK
) -> QueryNode:
    """Return `node` with a bonus for the key terms its best documents share, or `node` if there is no agreement.

    `matches`: its live matches. `best`: the best of them, FEEDBACK_DOCS or more if there are as many.
    """
    docs, scores = best[0][:FEEDBACK_DOCS], best[1][:FEEDBACK_DOCS]
    if len(docs) < FEEDBACK_DOCS or scores[0] <= 0 or scores[-1] < feedback.min_agreement * scores[0]:
        return node
    mean_length = int(reader.lengths("body").take(docs).sum()) / len(docs)
    strength = feedback.strength * scores[-1] / scores[0] * min(1.0, mean_length / FULL_LENGTH)
    shares = scores / scores.sum()
    term_ids, values = _in_order_of_terms(reader, *_shared_terms(reader.key_terms(docs), shares))
    if not len(term_ids):
        return node
    bonus_docs, codes, term_indices = reader.free_text.postings_of_terms(term_ids)
    impacts = reader.impact_values.take(codes) * values.take(term_indices)
    sums: Scores = np.bincount(bonus_docs, impacts, reader.size)  # type: ignore[assignment]
    scale = min(
        float(scores @ shares) / float(sums.take(docs) @ shares),
        MAX_BONUS_SHARE * _max_score(node) / float(values.sum()),
    )
    sums[reader.deleted_docs] = 0.0  # which never match
    are_few = len(bonus_docs) * _SPARSE < len(sums)
    sums[docs[0]] = (sums.take(bonus_docs) if are_few else sums).max()
    bonus_docs = np.append(bonus_docs, docs[:1])
    return BonusNode(node, (bonus_docs, sums), float(strength * scale), (matches, best[0]))


def _shared_terms(key_terms: KeyTerms, shares: Scores) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the terms with the highest weight that two documents share (int64), and their weights (float64).

    FEEDBACK_TERMS terms, and more if the last weights are equal. The choice does not depend on the order of term ids
    and segments, which changes with updates.
    """
    order = np.lexsort((key_terms.doc_indices, key_terms.term_ids))
    term_ids = key_terms.term_ids.take(order)
    if not len(term_ids):
        return term_ids, np.empty(0)
    term_starts, doc_counts = runs(term_ids)
    values = np.add.reduceat((key_terms.weights * shares.take(key_terms.doc_indices)).take(order), term_starts)
    shared_indices = ((doc_counts > 1) & (values > 0)).nonzero()[0]
    shared_values = values.take(shared_indices)
    if len(shared_values) > FEEDBACK_TERMS:
        is_top = shared_values >= np.partition(shared_values, -FEEDBACK_TERMS)[-FEEDBACK_TERMS]
        shared_indices, shared_values = shared_indices.compress(is_top), shared_values.compress(is_top)
    return term_ids.take(term_starts.take(shared_indices)), shared_values


def _in_order_of_terms(
    reader: IndexReader, term_ids: NDArray[np.int64], values: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the terms in alphabetical order, so that rounding of sums is the same in any division into segments."""
    terms = [reader.terms[term_id] for term_id in term_ids.tolist()]
    order = np.array(sorted(range(len(terms)), key=terms.__getitem__), np.intp)
    return term_ids.take(order), values.take(order)


def _max_score(node: QueryNode) -> float:
    """Return an upper bound of the scores of `node`, as impacts are below 1; 0 for constant scores."""
    match node:
        case TermNode() | SynonymNode():
            return float(node.weight)
        case OrNode() | AndNode():
            return sum(map(_max_score, node.parts))
        case OptionalNode():
            return _max_score(node.base) + _max_score(node.bonus)
        case RequireNode():
            return _max_score(node.base)
    return 0.0
