"""Whoosh query trees to the algebra: one small function a kind of node, and two tables of them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh import query as q

from searchsvc.engine.embedded.index.doc_set import difference, masked, nothing
from searchsvc.engine.embedded.index.segment import KEYWORDS, Segment
from searchsvc.engine.embedded.index.term_dictionary import encode
from searchsvc.engine.embedded.search.bm25f import FieldWeights, LanguageVariant, Scorer
from searchsvc.engine.embedded.search.query_nodes import (
    AndNode,
    ConstantNode,
    OptionalNode,
    OrNode,
    QueryNode,
    RequireNode,
)
from searchsvc.query import AcrossFields, AcrossLanguages


class UnsupportedQuery(Exception):
    """A kind of query node that has no array evaluation; Whoosh's matchers can answer it."""


class CompileContext(NamedTuple):
    """What the trees of one search are interpreted against; `boost` is the product of those above the node.

    `compiled`: what was looked up already, by the identity of the tree and its boost, as the trees of a
    search share their words. They must live as long as this does.
    """

    segment: Segment
    scorer: Scorer
    compiled: dict[tuple[int, float], QueryNode]
    boost: float = 1.0

    def boosted(self, tree: q.Query) -> "CompileContext":
        return self if tree.boost == 1.0 else self._replace(boost=self.boost * tree.boost)

    def nothing(self) -> QueryNode:
        return ConstantNode(nothing(self.segment.size), 0.0)


def compile_query(tree: q.Query, reading: CompileContext) -> QueryNode:
    """The node of the algebra that `tree` comes to. Raises NotInArrays."""
    reader = _READERS.get(type(tree))
    if reader is None:
        raise UnsupportedQuery(type(tree).__name__)
    return reader(tree, reading)


def _term(tree: q.Term, reading: CompileContext) -> QueryNode:
    if tree.fieldname in KEYWORDS:
        return ConstantNode(reading.segment.keyword(tree.fieldname, tree.text), reading.boost * tree.boost)
    return _looked_up(tree, {tree.fieldname: 1.0}, reading.boosted(tree))


def _in_one_field(tree: q.Query, reading: CompileContext) -> QueryNode:
    return _looked_up(tree, {tree.fieldname: 1.0}, reading.boosted(tree))


def _across(tree: AcrossFields, reading: CompileContext) -> QueryNode:
    key = id(tree), reading.boost
    node = reading.compiled.get(key)
    if node is None:
        weights = {part.fieldname: part.boost for part in tree.subqueries}
        node = reading.compiled[key] = _looked_up(tree.subqueries[0], weights, reading.boosted(tree))
    return node


def _across_languages(tree: AcrossLanguages, reading: CompileContext) -> QueryNode:
    inner, segment = reading.boosted(tree), reading.segment
    alternatives, fields = [], {}
    for each in tree.subqueries:
        looked = each.tree.subqueries if isinstance(each.tree, AcrossFields) else [each.tree]
        fields = {part.fieldname: part.boost for part in looked} if len(looked) > 1 else {looked[0].fieldname: 1.0}
        if not fields.keys() <= segment.fields.keys():
            return reading.nothing()
        words = looked[0].words if isinstance(looked[0], q.Phrase) else [looked[0].text]
        alternatives.append(LanguageVariant(tuple(map(segment.term_id, words)), each.codes, each.excluding))
    return inner.scorer.variants(fields, tuple(alternatives), inner.boost)


def _looked_up(tree: q.Query, fields: FieldWeights, reading: CompileContext) -> QueryNode:
    """What `tree`, without its field and boost, finds in `fields`."""
    lookup = _LOOKUPS.get(type(tree))
    if lookup is None:
        raise UnsupportedQuery(type(tree).__name__)
    return lookup(tree, fields, reading)


def _word(tree: q.Term, fields: FieldWeights, reading: CompileContext) -> QueryNode:
    if not fields.keys() <= reading.segment.fields.keys():
        return reading.nothing()
    return reading.scorer.term(fields, reading.segment.term_id(tree.text), reading.boost)


def _phrase(tree: q.Phrase, fields: FieldWeights, reading: CompileContext) -> QueryNode:
    numbers = [reading.segment.term_id(word) for word in tree.words]
    if not numbers:
        return reading.nothing()
    return reading.scorer.phrase(fields, numbers, tree.slop, reading.boost)


def _prefix(tree: q.Prefix, fields: FieldWeights, reading: CompileContext) -> QueryNode:
    words = reading.segment.lexicon.words.prefixed(encode(tree.text))
    return _any_term(slice(words.start, words.stop), fields, reading)


def _pattern(tree: q.Wildcard, fields: FieldWeights, reading: CompileContext) -> QueryNode:
    return _any_term(np.array(reading.segment.lexicon.words.matching(tree.text), np.int64), fields, reading)


def _spelling(tree: q.FuzzyTerm, fields: FieldWeights, reading: CompileContext) -> QueryNode:
    near = reading.segment.lexicon.words.spelled_like(tree.text, tree.maxdist, tree.prefixlength)
    return _any_term(np.array([number for number, _ in near], np.int64), fields, reading)


def _any_term(words: NDArray[np.int64] | slice, fields: FieldWeights, reading: CompileContext) -> QueryNode:
    """Words as written, by number in the lexicon, stand for the terms they are indexed as."""
    terms = reading.segment.lexicon.terms_of(words)
    return reading.scorer.terms(fields, terms, reading.boost) if len(terms) else reading.nothing()


def _and(tree: q.And, reading: CompileContext) -> QueryNode:
    inner = reading.boosted(tree)
    without = tuple(compile_query(child.query, inner) for child in tree.subqueries if isinstance(child, q.Not))
    parts = _children((child for child in tree.subqueries if not isinstance(child, q.Not)), inner)
    if without and (inner.scorer.exclusion or not parts):
        bonus = len(without) * inner.boost * inner.scorer.exclusion
        parts = (*parts, ConstantNode(inner.segment.everything, bonus))
    if len(parts) == 1 and not without:
        return parts[0]
    return AndNode(parts, without) if parts else reading.nothing()


def _or(tree: q.Or, reading: CompileContext) -> QueryNode:
    parts = _children(tree.subqueries, reading.boosted(tree))
    if len(parts) == 1 and tree.minmatch <= 1:
        return parts[0]
    return OrNode(parts, max(1, tree.minmatch)) if parts else reading.nothing()


def _not(tree: q.Not, reading: CompileContext) -> QueryNode:
    found = difference(reading.segment.everything, compile_query(tree.query, reading).matches)
    return ConstantNode(found, reading.boost * reading.scorer.exclusion)


def _and_not(tree: q.AndNot, reading: CompileContext) -> QueryNode:
    return AndNode((compile_query(tree.a, reading),), (compile_query(tree.b, reading),))


def _and_maybe(tree: q.AndMaybe, reading: CompileContext) -> QueryNode:
    return OptionalNode(compile_query(tree.a, reading), compile_query(tree.b, reading))


def _require(tree: q.Require, reading: CompileContext) -> QueryNode:
    return RequireNode(compile_query(tree.a, reading), compile_query(tree.b, reading))


def _constant(tree: q.ConstantScoreQuery, reading: CompileContext) -> QueryNode:
    return ConstantNode(compile_query(tree.child, reading).matches, reading.boost * tree.score)


def _every(tree: q.Every, reading: CompileContext) -> QueryNode:
    segment, score = reading.segment, reading.boost * tree.boost
    if tree.fieldname in (None, "*"):
        return ConstantNode(segment.everything, score)
    if tree.fieldname in segment.fields:
        return ConstantNode(masked(segment.lengths(tree.fieldname) > 0), score)
    raise UnsupportedQuery(f"Every({tree.fieldname!r})")


def _range(tree: q.NumericRange, reading: CompileContext) -> QueryNode:
    column = reading.segment.columns.get(tree.fieldname)
    if column is None:
        raise UnsupportedQuery(f"NumericRange({tree.fieldname!r})")
    there = column > 0  # 0 stands for none
    if tree.start is not None:
        there &= column > tree.start if tree.startexcl else column >= tree.start
    if tree.end is not None:
        there &= column < tree.end if tree.endexcl else column <= tree.end
    return ConstantNode(masked(there), reading.boost * tree.boost)


def _children(trees: Iterable[q.Query], reading: CompileContext) -> tuple[QueryNode, ...]:
    return tuple(compile_query(tree, reading) for tree in trees)


def _nothing(tree: q.Query, reading: CompileContext) -> QueryNode:
    return reading.nothing()


# By exact type: functools.singledispatch takes half a microsecond a node, and a rare word ten in all.
_READERS: Mapping[type, Callable[[Any, CompileContext], QueryNode]] = {
    AcrossFields: _across,
    AcrossLanguages: _across_languages,
    q.Term: _term,
    q.Phrase: _in_one_field,
    q.Prefix: _in_one_field,
    q.Wildcard: _in_one_field,
    q.FuzzyTerm: _in_one_field,
    q.And: _and,
    q.Or: _or,
    q.Not: _not,
    q.AndNot: _and_not,
    q.AndMaybe: _and_maybe,
    q.Require: _require,
    q.ConstantScoreQuery: _constant,
    q.Every: _every,
    q.NumericRange: _range,
    type(q.NullQuery): _nothing,
}
_LOOKUPS: Mapping[type, Callable[[Any, FieldWeights, CompileContext], QueryNode]] = {
    q.Term: _word,
    q.Phrase: _phrase,
    q.Prefix: _prefix,
    q.Wildcard: _pattern,
    q.FuzzyTerm: _spelling,
}
