"""Whoosh query trees to the algebra: one small function a kind of node."""

from collections.abc import Iterable
from functools import singledispatch
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh import query as q

from searchsvc.engine.embedded.algebra import AllOf, AnyOf, Constant, Maybe, Node, Required
from searchsvc.engine.embedded.dictionary import encode
from searchsvc.engine.embedded.docsets import difference, distinct, masked, nothing
from searchsvc.engine.embedded.segment import KEYWORDS, Segment
from searchsvc.engine.embedded.weighting import Scorer, Weights
from searchsvc.query import AcrossFields


class NotInArrays(Exception):
    """A kind of query node that has no array evaluation; Whoosh's matchers can answer it."""


class Reading(NamedTuple):
    """What a tree is interpreted against; `boost` is the product of those above the node."""

    segment: Segment
    scorer: Scorer
    boost: float = 1.0

    def boosted(self, tree: q.Query) -> "Reading":
        return self if tree.boost == 1.0 else self._replace(boost=self.boost * tree.boost)

    def nothing(self) -> Node:
        return Constant(nothing(self.segment.size), 0.0)


@singledispatch
def interpret(tree: q.Query, reading: Reading) -> Node:
    """The node of the algebra that `tree` comes to. Raises NotInArrays."""
    if tree == q.NullQuery:
        return reading.nothing()
    raise NotInArrays(type(tree).__name__)


@interpret.register
def _(tree: q.Term, reading: Reading) -> Node:
    if tree.fieldname in KEYWORDS:
        return Constant(reading.segment.keyword(tree.fieldname, tree.text), reading.boost * tree.boost)
    return _looked_up(tree, {tree.fieldname: 1.0}, reading.boosted(tree))


@interpret.register(q.Phrase)
@interpret.register(q.Prefix)
@interpret.register(q.Wildcard)
@interpret.register(q.FuzzyTerm)
def _(tree: q.Query, reading: Reading) -> Node:
    return _looked_up(tree, {tree.fieldname: 1.0}, reading.boosted(tree))


@interpret.register
def _(tree: AcrossFields, reading: Reading) -> Node:
    weights = {part.fieldname: part.boost for part in tree.subqueries}
    return _looked_up(tree.subqueries[0], weights, reading.boosted(tree))


@singledispatch
def _looked_up(tree: q.Query, fields: Weights, reading: Reading) -> Node:
    """What `tree`, without its field and boost, finds in `fields`."""
    raise NotInArrays(type(tree).__name__)


@_looked_up.register
def _(tree: q.Term, fields: Weights, reading: Reading) -> Node:
    if not fields.keys() <= reading.segment.fields.keys():
        return reading.nothing()
    return reading.scorer.term(fields, reading.segment.number(tree.text), reading.boost)


@_looked_up.register
def _(tree: q.Phrase, fields: Weights, reading: Reading) -> Node:
    numbers = [reading.segment.number(word) for word in tree.words]
    if not numbers:
        return reading.nothing()
    return reading.scorer.phrase(fields, numbers, tree.slop, reading.boost)


@_looked_up.register
def _(tree: q.Prefix, fields: Weights, reading: Reading) -> Node:
    words = reading.segment.lexicon.words.prefixed(encode(tree.text))
    return _any_term(slice(words.start, words.stop), fields, reading)


@_looked_up.register
def _(tree: q.Wildcard, fields: Weights, reading: Reading) -> Node:
    return _any_term(np.array(reading.segment.lexicon.words.matching(tree.text), np.int64), fields, reading)


@_looked_up.register
def _(tree: q.FuzzyTerm, fields: Weights, reading: Reading) -> Node:
    near = reading.segment.lexicon.words.spelled_like(tree.text, tree.maxdist, tree.prefixlength)
    return _any_term(np.array([number for number, _ in near], np.int64), fields, reading)


def _any_term(words: NDArray[np.int64] | slice, fields: Weights, reading: Reading) -> Node:
    """Words as written, by number in the lexicon, stand for the terms they are indexed as."""
    terms = distinct(reading.segment.lexicon.terms[words])
    return reading.scorer.terms(fields, terms, reading.boost) if len(terms) else reading.nothing()


@interpret.register
def _(tree: q.And, reading: Reading) -> Node:
    inner = reading.boosted(tree)
    without = tuple(interpret(child.query, inner) for child in tree.subqueries if isinstance(child, q.Not))
    parts = _children((child for child in tree.subqueries if not isinstance(child, q.Not)), inner)
    if without and (inner.scorer.exclusion or not parts):
        bonus = len(without) * inner.boost * inner.scorer.exclusion
        parts = (*parts, Constant(inner.segment.everything, bonus))
    if len(parts) == 1 and not without:
        return parts[0]
    return AllOf(parts, without) if parts else reading.nothing()


@interpret.register
def _(tree: q.Or, reading: Reading) -> Node:
    parts = _children(tree.subqueries, reading.boosted(tree))
    if len(parts) == 1 and tree.minmatch <= 1:
        return parts[0]
    return AnyOf(parts, max(1, tree.minmatch)) if parts else reading.nothing()


@interpret.register
def _(tree: q.Not, reading: Reading) -> Node:
    found = difference(reading.segment.everything, interpret(tree.query, reading).matches)
    return Constant(found, reading.boost * reading.scorer.exclusion)


@interpret.register
def _(tree: q.AndNot, reading: Reading) -> Node:
    return AllOf((interpret(tree.a, reading),), (interpret(tree.b, reading),))


@interpret.register
def _(tree: q.AndMaybe, reading: Reading) -> Node:
    return Maybe(interpret(tree.a, reading), interpret(tree.b, reading))


@interpret.register
def _(tree: q.Require, reading: Reading) -> Node:
    return Required(interpret(tree.a, reading), interpret(tree.b, reading))


@interpret.register
def _(tree: q.ConstantScoreQuery, reading: Reading) -> Node:
    return Constant(interpret(tree.child, reading).matches, reading.boost * tree.score)


@interpret.register
def _(tree: q.Every, reading: Reading) -> Node:
    segment, score = reading.segment, reading.boost * tree.boost
    if tree.fieldname in (None, "*"):
        return Constant(segment.everything, score)
    if tree.fieldname in segment.fields:
        return Constant(masked(segment.lengths(tree.fieldname) > 0), score)
    raise NotInArrays(f"Every({tree.fieldname!r})")


@interpret.register
def _(tree: q.NumericRange, reading: Reading) -> Node:
    column = reading.segment.columns.get(tree.fieldname)
    if column is None:
        raise NotInArrays(f"NumericRange({tree.fieldname!r})")
    there = column > 0  # 0 stands for none
    if tree.start is not None:
        there &= column > tree.start if tree.startexcl else column >= tree.start
    if tree.end is not None:
        there &= column < tree.end if tree.endexcl else column <= tree.end
    return Constant(masked(there), reading.boost * tree.boost)


def _children(trees: Iterable[q.Query], reading: Reading) -> tuple[Node, ...]:
    return tuple(interpret(tree, reading) for tree in trees)
