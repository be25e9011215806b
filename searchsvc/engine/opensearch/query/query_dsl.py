"""Whoosh query trees to OpenSearch clauses: one function per kind of tree node.

Text never becomes query syntax. Every clause names a field and holds terms of our own analysis, which the
whitespace analyzer leaves unchanged.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import singledispatch
from typing import Any, Protocol

from whoosh import query as q

from searchsvc.engine.opensearch.data.mapping import KEYWORD_FIELDS, WEIGHT_SCALE
from searchsvc.query import AcrossFields, InLanguages
from searchsvc.schema import TEXT_FIELDS

Clause = dict[str, Any]
FieldBoosts = Mapping[str, float]

_TEXT_FIELDS = frozenset(field.name for field in TEXT_FIELDS)
NOTHING: Clause = {"match_none": {}}


class UntranslatableQuery(NotImplementedError):
    """The query has no OpenSearch clause. No typed query compiles to such a node."""


class TermExpander(Protocol):
    """Expands partial and misspelt words to the terms of the index."""

    def prefixed(self, prefix: str) -> Sequence[str]:
        """Return the terms of the words that start with `prefix`."""

    def matching(self, pattern: str) -> Sequence[str]:
        """Return the terms of the words that match `pattern`: `*` is any run, `?` any character."""

    def spelled_like(self, word: str, distance: int, prefix: int) -> Sequence[str]:
        """Return the terms of the words within `distance` edits; the first `prefix` characters are equal."""


@singledispatch
def translate(tree: q.Query, vocabulary: TermExpander) -> Clause:
    """Return the clause of `tree`. Raises UntranslatableQuery."""
    if tree == q.NullQuery:
        return NOTHING
    raise UntranslatableQuery(f"{type(tree).__name__} has no translation to OpenSearch")


@translate.register
def _(tree: q.Term, vocabulary: TermExpander) -> Clause:
    if tree.fieldname in KEYWORD_FIELDS:
        return {
            "constant_score": {"filter": {"term": {KEYWORD_FIELDS[tree.fieldname]: tree.text}}, "boost": tree.boost}
        }
    return _in_fields(tree, {tree.fieldname: 1.0}, tree.boost, vocabulary)


@translate.register(q.Phrase)
@translate.register(q.Prefix)
@translate.register(q.Wildcard)
@translate.register(q.FuzzyTerm)
def _(tree: q.Query, vocabulary: TermExpander) -> Clause:
    return _in_fields(tree, {tree.fieldname: 1.0}, tree.boost, vocabulary)


@translate.register
def _(tree: AcrossFields, vocabulary: TermExpander) -> Clause:
    weights = {part.fieldname: part.boost for part in tree.subqueries}
    return _in_fields(tree.subqueries[0], weights, tree.boost, vocabulary)


@translate.register
def _(tree: q.And, vocabulary: TermExpander) -> Clause:
    without = [translate(child.query, vocabulary) for child in tree.subqueries if isinstance(child, q.Not)]
    parts = [translate(child, vocabulary) for child in tree.subqueries if not isinstance(child, q.Not)]
    if not parts and not without:
        return NOTHING
    if len(parts) == 1 and not without:
        return _boosted(parts[0], tree.boost)
    return {"bool": {"must": parts, "must_not": without, "boost": tree.boost}}


@translate.register
def _(tree: InLanguages, vocabulary: TermExpander) -> Clause:
    in_languages = {"terms": {KEYWORD_FIELDS["language"]: list(tree.codes)}}
    occurs = "must_not" if tree.excluding else "filter"
    return {"bool": {"must": [translate(tree.tree, vocabulary)], occurs: [in_languages], "boost": tree.boost}}


@translate.register
def _(tree: q.Or, vocabulary: TermExpander) -> Clause:
    parts = [translate(child, vocabulary) for child in tree.subqueries]
    needed = max(1, tree.minmatch)
    if len(parts) < needed:
        return NOTHING
    if len(parts) == 1:
        return _boosted(parts[0], tree.boost)
    return {"bool": {"should": parts, "minimum_should_match": needed, "boost": tree.boost}}


@translate.register
def _(tree: q.Not, vocabulary: TermExpander) -> Clause:
    return {"bool": {"must_not": [translate(tree.query, vocabulary)]}}


@translate.register
def _(tree: q.AndNot, vocabulary: TermExpander) -> Clause:
    return {"bool": {"must": [translate(tree.a, vocabulary)], "must_not": [translate(tree.b, vocabulary)]}}


@translate.register
def _(tree: q.AndMaybe, vocabulary: TermExpander) -> Clause:
    return {"bool": {"must": [translate(tree.a, vocabulary)], "should": [translate(tree.b, vocabulary)]}}


@translate.register
def _(tree: q.Require, vocabulary: TermExpander) -> Clause:
    return {"bool": {"must": [translate(tree.a, vocabulary)], "filter": [translate(tree.b, vocabulary)]}}


@translate.register
def _(tree: q.ConstantScoreQuery, vocabulary: TermExpander) -> Clause:
    return _constant(translate(tree.child, vocabulary), tree.boost * tree.score)


@translate.register
def _(tree: q.Every, vocabulary: TermExpander) -> Clause:
    if tree.fieldname in (None, "*"):
        return {"match_all": {"boost": tree.boost}}
    if tree.fieldname in _TEXT_FIELDS:
        return {"exists": {"field": tree.fieldname, "boost": tree.boost}}
    raise UntranslatableQuery(f"Every({tree.fieldname!r}) has no translation to OpenSearch")


@translate.register
def _(tree: q.NumericRange, vocabulary: TermExpander) -> Clause:
    if tree.fieldname != "published":
        raise UntranslatableQuery(f"NumericRange({tree.fieldname!r}) has no translation to OpenSearch")
    ends = {
        "gt" if tree.startexcl else "gte": tree.start,
        "lt" if tree.endexcl else "lte": tree.end,
    }
    return {"range": {"published": {**{key: end for key, end in ends.items() if end is not None}, "boost": tree.boost}}}


@singledispatch
def _in_fields(tree: q.Query, fields: FieldBoosts, boost: float, vocabulary: TermExpander) -> Clause:
    """Translate `tree`, ignoring its field and boost, for `fields`."""
    raise UntranslatableQuery(f"{type(tree).__name__} has no translation to OpenSearch")


@_in_fields.register
def _(tree: q.Term, fields: FieldBoosts, boost: float, vocabulary: TermExpander) -> Clause:
    return _one_term(tree.text, fields, boost)


@_in_fields.register
def _(tree: q.Phrase, fields: FieldBoosts, boost: float, vocabulary: TermExpander) -> Clause:
    words = list(tree.words)
    if not words or not fields.keys() <= _TEXT_FIELDS:
        return NOTHING
    if len(words) == 1:
        return _one_term(words[0], fields, boost)
    phrase = _side_by_side if tree.slop == 1 else _near
    return _best_of([phrase(name, words, tree.slop, boost * weight) for name, weight in fields.items()])


@_in_fields.register
def _(tree: q.Prefix, fields: FieldBoosts, boost: float, vocabulary: TermExpander) -> Clause:
    return _any_term(vocabulary.prefixed(tree.text), fields, boost)


@_in_fields.register
def _(tree: q.Wildcard, fields: FieldBoosts, boost: float, vocabulary: TermExpander) -> Clause:
    return _any_term(vocabulary.matching(tree.text), fields, boost)


@_in_fields.register
def _(tree: q.FuzzyTerm, fields: FieldBoosts, boost: float, vocabulary: TermExpander) -> Clause:
    return _any_term(vocabulary.spelled_like(tree.text, tree.maxdist, tree.prefixlength), fields, boost)


def _one_term(term: str, fields: FieldBoosts, boost: float) -> Clause:
    """Return a BM25F clause over the fields (Robertson and Zaragoza 2009); weights must be at least 1."""
    if not fields.keys() <= _TEXT_FIELDS or not term:
        return NOTHING
    weighted = [f"{name}^{weight * WEIGHT_SCALE:g}" for name, weight in fields.items()]
    return {"combined_fields": {"query": term, "fields": weighted, "boost": boost}}


def _any_term(terms: Sequence[str], fields: FieldBoosts, boost: float) -> Clause:
    """Return a clause for any of several terms, with one constant score."""
    if not terms or not fields.keys() <= _TEXT_FIELDS:
        return NOTHING
    clauses = [_constant({"terms": {name: list(terms)}}, boost * weight) for name, weight in fields.items()]
    return _best_of(clauses)


def _side_by_side(field: str, words: list[str], slop: int, boost: float) -> Clause:
    return {"match_phrase": {field: {"query": " ".join(words), "boost": boost}}}


def _near(field: str, words: list[str], slop: int, boost: float) -> Clause:
    """Return a clause for two words in order, the second at most `slop` after the first.

    OpenSearch limits only the sum of the gaps, so longer phrases with gaps cannot be expressed.
    """
    if len(words) > 2:
        raise UntranslatableQuery("a phrase of more than two words with gaps has no translation to OpenSearch")
    parts = [{"match": {"query": word}} for word in words]
    return {
        "intervals": {field: {"all_of": {"ordered": True, "max_gaps": slop - 1, "intervals": parts}, "boost": boost}}
    }


def _best_of(clauses: Iterable[Clause]) -> Clause:
    queries = list(clauses)
    return queries[0] if len(queries) == 1 else {"dis_max": {"queries": queries}}


def _constant(clause: Clause, boost: float) -> Clause:
    return {"constant_score": {"filter": clause, "boost": boost}}


def _boosted(clause: Clause, boost: float) -> Clause:
    return clause if boost == 1.0 else {"bool": {"must": [clause], "boost": boost}}
