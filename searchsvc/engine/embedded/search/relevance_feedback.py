"""Pseudo-relevance feedback: what the first results have in common makes documents like them score more.

After Rocchio, "Relevance feedback in information retrieval" (1971), with the first results taken
for relevant ones. The terms only ever add to scores: which documents match is not touched.

    v(t)      = sum over the first d of  share(d) * weight(t, d),   share(d) = score(d) / their sum
    bonus(x)  = strength * scale * sum over t of  v(t) * impact(t, x)
    scale     = the lesser of  mean score / mean of that sum  (over the first, by their shares)
                and  HALF * the query's highest possible score / sum of v
    strength  = STRENGTH * last score / first score * min(1, mean length of body / LONG)

for the TERMS weightiest terms that at least two of them have; weights are those of telling.py.
Strength is how far the first results agree: where one stands out it is what was looked for, and a
text of a sentence or two says nothing that was not asked.
"""

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.index.key_terms import KeyTerms
from searchsvc.engine.embedded.index.segment import Segment
from searchsvc.engine.embedded.search.query_nodes import (
    AndNode,
    BonusNode,
    OptionalNode,
    OrNode,
    QueryNode,
    RequireNode,
    Scores,
    SynonymNode,
    TermNode,
)
from searchsvc.engine.embedded.search.top_k import top_k

FIRST = 10  # results that are learnt from
TERMS = 20
STRENGTH = 0.4
HALF = 0.5
LONG = 100  # tokens of a body


def expand_query(segment: Segment, node: QueryNode, wanted: int = FIRST) -> QueryNode:
    """`node` with a bonus for what its best documents have in common; the same node if that is nothing.

    The best `wanted` of all that it matches are found on the way, and kept with what is returned.
    """
    leading, scores = top_k(node, node.matches, max(FIRST, wanted), segment.ranks)
    docs, scores = leading[:FIRST], scores[:FIRST]
    if not len(docs) or scores[0] <= 0:
        return node
    strength = STRENGTH * scores[-1] / scores[0] * min(1.0, segment.lengths("body").take(docs).mean() / LONG)
    shares = scores / scores.sum()
    terms, values = _common(segment.key_terms(docs), shares)
    if not len(terms):
        return node
    listed, impacts, counts = segment.all_fields_of_terms(terms)
    sums: Scores = np.bincount(listed, impacts * np.repeat(values, counts), segment.size)  # type: ignore[assignment]
    scale = min(float(scores @ shares) / float(sums.take(docs) @ shares), HALF * _highest(node) / float(values.sum()))
    return BonusNode(node, listed, sums, float(strength * scale), leading)


def _common(told: KeyTerms, shares: Scores) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """The terms that weigh most of those that two documents have, and their weights."""
    order = told.terms.argsort(kind="stable")
    terms = told.terms.take(order)
    firsts = np.flatnonzero(np.diff(terms, prepend=-1))
    if not len(firsts):
        return terms, np.empty(0)
    values = np.add.reduceat((told.weights * shares.take(told.owners)).take(order), firsts)
    shared = np.flatnonzero(np.diff(firsts, append=len(terms)) > 1)
    chosen = shared.take(np.negative(values.take(shared)).argsort(kind="stable")[:TERMS])
    chosen = chosen.compress(values.take(chosen) > 0)
    return terms.take(firsts.take(chosen)), values.take(chosen)


def _highest(node: QueryNode) -> float:
    """What no score of `node` exceeds, as impacts are below 1; 0 for what scores nothing of its own."""
    match node:
        case TermNode() | SynonymNode():
            return float(node.weight)
        case OrNode() | AndNode():
            return sum(map(_highest, node.parts))
        case OptionalNode():
            return _highest(node.base) + _highest(node.bonus)
        case RequireNode():
            return _highest(node.base)
    return 0.0
