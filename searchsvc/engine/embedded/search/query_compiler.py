"""Whoosh query trees to query nodes: one function per kind of tree node, in two tables."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh import query as q

from searchsvc.engine.embedded.index.doc_set import difference, masked, no_docs
from searchsvc.engine.embedded.index.index_reader import IndexReader
from searchsvc.engine.embedded.index.postings import FIELDS
from searchsvc.engine.embedded.index.segment import KEYWORDS
from searchsvc.engine.embedded.index.term_dictionary import encode
from searchsvc.engine.embedded.search.bm25f import FieldWeights, LanguageVariant, Scorer
from searchsvc.engine.embedded.search.compound_nodes import AndNode, OptionalNode, OrNode, RequireNode
from searchsvc.engine.embedded.search.query_nodes import ConstantNode, QueryNode
from searchsvc.query import AcrossFields, AcrossLanguages


class UnsupportedQuery(Exception):
    """The query has a node without array evaluation; Whoosh's matchers can answer it."""


class CompileContext(NamedTuple):
    """Index and scorer that the trees of a search are compiled for; `boost`: product of outer boosts.

    `compiled`: nodes by identity and boost of their tree, as the trees of a search share subtrees. The trees must
    outlive the context.
    """

    reader: IndexReader
    scorer: Scorer
    compiled: dict[tuple[int, float], QueryNode]
    boost: float = 1.0

    def boosted(self, tree: q.Query) -> "CompileContext":
        return self if tree.boost == 1.0 else self._replace(boost=self.boost * tree.boost)

    def no_matches(self) -> QueryNode:
        return ConstantNode(no_docs(self.reader.size), 0.0)


def compile_query(tree: q.Query, context: CompileContext) -> QueryNode:
    """Return the query node of `tree`. Raises UnsupportedQuery."""
    compiler = _COMPILERS.get(type(tree))
    if compiler is None:
        raise UnsupportedQuery(type(tree).__name__)
    return compiler(tree, context)


def _term(tree: q.Term, context: CompileContext) -> QueryNode:
    if tree.fieldname in KEYWORDS:
        return ConstantNode(context.reader.keyword(tree.fieldname, tree.text), context.boost * tree.boost)
    return _in_fields(tree, {tree.fieldname: 1.0}, context.boosted(tree))


def _in_one_field(tree: q.Query, context: CompileContext) -> QueryNode:
    return _in_fields(tree, {tree.fieldname: 1.0}, context.boosted(tree))


def _across(tree: AcrossFields, context: CompileContext) -> QueryNode:
    key = id(tree), context.boost
    node = context.compiled.get(key)
    if node is None:
        weights = {part.fieldname: part.boost for part in tree.subqueries}
        node = context.compiled[key] = _in_fields(tree.subqueries[0], weights, context.boosted(tree))
    return node


def _across_languages(tree: AcrossLanguages, context: CompileContext) -> QueryNode:
    inner, reader = context.boosted(tree), context.reader
    alternatives, fields = [], {}
    for variant in tree.subqueries:
        leaves = variant.tree.subqueries if isinstance(variant.tree, AcrossFields) else [variant.tree]
        fields = {part.fieldname: part.boost for part in leaves} if len(leaves) > 1 else {leaves[0].fieldname: 1.0}
        if not fields.keys() <= set(FIELDS):
            return context.no_matches()
        words = leaves[0].words if isinstance(leaves[0], q.Phrase) else [leaves[0].text]
        alternatives.append(LanguageVariant(tuple(map(reader.term_id, words)), variant.codes, variant.excluding))
    return inner.scorer.variants(fields, tuple(alternatives), inner.boost)


def _in_fields(tree: q.Query, fields: FieldWeights, context: CompileContext) -> QueryNode:
    """Compile `tree`, ignoring its field and boost, for `fields`."""
    compiler = _FIELD_COMPILERS.get(type(tree))
    if compiler is None:
        raise UnsupportedQuery(type(tree).__name__)
    return compiler(tree, fields, context)


def _word(tree: q.Term, fields: FieldWeights, context: CompileContext) -> QueryNode:
    if not fields.keys() <= set(FIELDS):
        return context.no_matches()
    return context.scorer.term(fields, context.reader.term_id(tree.text), context.boost)


def _phrase(tree: q.Phrase, fields: FieldWeights, context: CompileContext) -> QueryNode:
    term_ids = [context.reader.term_id(word) for word in tree.words]
    if not term_ids:
        return context.no_matches()
    return context.scorer.phrase(fields, term_ids, tree.slop, context.boost)


def _prefix(tree: q.Prefix, fields: FieldWeights, context: CompileContext) -> QueryNode:
    words = context.reader.lexicon.words.prefixed(encode(tree.text))
    return _any_term(slice(words.start, words.stop), fields, context)


def _pattern(tree: q.Wildcard, fields: FieldWeights, context: CompileContext) -> QueryNode:
    return _any_term(np.array(context.reader.lexicon.words.matching(tree.text), np.int64), fields, context)


def _spelling(tree: q.FuzzyTerm, fields: FieldWeights, context: CompileContext) -> QueryNode:
    neighbours = context.reader.lexicon.words.spelled_like(tree.text, tree.maxdist, tree.prefixlength)
    return _any_term(np.array([number for number, _ in neighbours], np.int64), fields, context)


def _any_term(word_ids: NDArray[np.int64] | slice, fields: FieldWeights, context: CompileContext) -> QueryNode:
    """Compile words of the lexicon, by id: any of the terms they are indexed as."""
    term_ids = context.reader.lexicon.term_ids_of(word_ids)
    return context.scorer.terms(fields, term_ids, context.boost) if len(term_ids) else context.no_matches()


def _and(tree: q.And, context: CompileContext) -> QueryNode:
    inner = context.boosted(tree)
    excluded = tuple(compile_query(child.query, inner) for child in tree.subqueries if isinstance(child, q.Not))
    parts = _compile_all((child for child in tree.subqueries if not isinstance(child, q.Not)), inner)
    if excluded and (inner.scorer.exclusion or not parts):
        bonus = len(excluded) * inner.boost * inner.scorer.exclusion
        parts = (*parts, ConstantNode(inner.reader.all_docs, bonus))
    if len(parts) == 1 and not excluded:
        return parts[0]
    return AndNode(parts, excluded) if parts else context.no_matches()


def _or(tree: q.Or, context: CompileContext) -> QueryNode:
    parts = _compile_all(tree.subqueries, context.boosted(tree))
    if len(parts) == 1 and tree.minmatch <= 1:
        return parts[0]
    return OrNode(parts, max(1, tree.minmatch)) if parts else context.no_matches()


def _not(tree: q.Not, context: CompileContext) -> QueryNode:
    matches = difference(context.reader.all_docs, compile_query(tree.query, context).matches)
    return ConstantNode(matches, context.boost * context.scorer.exclusion)


def _and_not(tree: q.AndNot, context: CompileContext) -> QueryNode:
    return AndNode((compile_query(tree.a, context),), (compile_query(tree.b, context),))


def _and_maybe(tree: q.AndMaybe, context: CompileContext) -> QueryNode:
    return OptionalNode(compile_query(tree.a, context), compile_query(tree.b, context))


def _require(tree: q.Require, context: CompileContext) -> QueryNode:
    return RequireNode(compile_query(tree.a, context), compile_query(tree.b, context))


def _constant(tree: q.ConstantScoreQuery, context: CompileContext) -> QueryNode:
    return ConstantNode(compile_query(tree.child, context).matches, context.boost * tree.score)


def _every(tree: q.Every, context: CompileContext) -> QueryNode:
    reader, score = context.reader, context.boost * tree.boost
    if tree.fieldname in (None, "*"):
        return ConstantNode(reader.all_docs, score)
    if tree.fieldname in FIELDS:
        return ConstantNode(masked(reader.lengths(tree.fieldname) > 0), score)
    raise UnsupportedQuery(f"Every({tree.fieldname!r})")


def _range(tree: q.NumericRange, context: CompileContext) -> QueryNode:
    if tree.fieldname != "published":
        raise UnsupportedQuery(f"NumericRange({tree.fieldname!r})")
    column = context.reader.published
    mask = column > 0  # 0 means undated
    if tree.start is not None:
        mask &= column > tree.start if tree.startexcl else column >= tree.start
    if tree.end is not None:
        mask &= column < tree.end if tree.endexcl else column <= tree.end
    return ConstantNode(masked(mask), context.boost * tree.boost)


def _compile_all(trees: Iterable[q.Query], context: CompileContext) -> tuple[QueryNode, ...]:
    return tuple(compile_query(tree, context) for tree in trees)


def _no_matches(tree: q.Query, context: CompileContext) -> QueryNode:
    return context.no_matches()


# By exact type: functools.singledispatch takes 0.5 microseconds per node, and a rare word 10 in all.
_COMPILERS: Mapping[type, Callable[[Any, CompileContext], QueryNode]] = {
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
    type(q.NullQuery): _no_matches,
}
_FIELD_COMPILERS: Mapping[type, Callable[[Any, FieldWeights, CompileContext], QueryNode]] = {
    q.Term: _word,
    q.Phrase: _phrase,
    q.Prefix: _prefix,
    q.Wildcard: _pattern,
    q.FuzzyTerm: _spelling,
}
