"""Trees to clauses, without a cluster: text in, clauses out."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from whoosh import query as q

from searchsvc.analysis import analyzer
from searchsvc.engine.opensearch.query.query_dsl import UntranslatableQuery, translate
from searchsvc.query import AcrossFields, AcrossLanguages, across_languages, parse_query

TITLE = {"combined_fields": {"query": "a", "fields": ["title^2"], "boost": 1.0}}
BODY = {"combined_fields": {"query": "b", "fields": ["body^2"], "boost": 1.0}}
A, B = q.Term("title", "a"), q.Term("body", "b")


class Words:
    """A vocabulary that gives back what it was asked, as one term."""

    def prefixed(self, prefix: str) -> Sequence[str]:
        return [prefix + "*"]

    def matching(self, pattern: str) -> Sequence[str]:
        return [pattern]

    def spelled_like(self, word: str, distance: int, prefix: int) -> Sequence[str]:
        return [] if word == "none" else [f"{word}~{distance}/{prefix}"]


def anywhere(field: str, *terms: str) -> dict[str, Any]:
    return {"constant_score": {"filter": {"terms": {field: list(terms)}}, "boost": 1.0}}


@pytest.mark.parametrize(
    ("tree", "clause"),
    [
        (A, TITLE),
        (q.NullQuery, {"match_none": {}}),
        (q.And([A, B]), {"bool": {"must": [TITLE, BODY], "must_not": [], "boost": 1.0}}),
        (q.And([A]), TITLE),
        (q.And([]), {"match_none": {}}),
        (q.And([A, q.Not(B)]), {"bool": {"must": [TITLE], "must_not": [BODY], "boost": 1.0}}),
        (q.Or([A, B]), {"bool": {"should": [TITLE, BODY], "minimum_should_match": 1, "boost": 1.0}}),
        (q.Or([A, B], minmatch=2), {"bool": {"should": [TITLE, BODY], "minimum_should_match": 2, "boost": 1.0}}),
        (q.Or([A], minmatch=2), {"match_none": {}}),
        (q.Or([]), {"match_none": {}}),
        (q.Not(A), {"bool": {"must_not": [TITLE]}}),
        (q.AndNot(A, B), {"bool": {"must": [TITLE], "must_not": [BODY]}}),
        (q.AndMaybe(A, B), {"bool": {"must": [TITLE], "should": [BODY]}}),
        (q.Require(A, B), {"bool": {"must": [TITLE], "filter": [BODY]}}),
        (q.Every(), {"match_all": {"boost": 1.0}}),
        (q.Every("body"), {"exists": {"field": "body", "boost": 1.0}}),
        (q.Term("language", "fr"), {"constant_score": {"filter": {"term": {"facet_language": "fr"}}, "boost": 1.0}}),
        (q.Term("nowhere", "a"), {"match_none": {}}),
        (q.NumericRange("published", 1, 5), {"range": {"published": {"gte": 1, "lte": 5, "boost": 1.0}}}),
        (
            q.NumericRange("published", 1, None, startexcl=True),
            {"range": {"published": {"gt": 1, "boost": 1.0}}},
        ),
        (q.Phrase("body", ["a", "b"]), {"match_phrase": {"body": {"query": "a b", "boost": 1.0}}}),
        (q.Phrase("title", ["a"]), TITLE),
        (q.Prefix("body", "gov"), anywhere("body", "gov*")),
        (q.Wildcard("body", "g?v"), anywhere("body", "g?v")),
        (q.FuzzyTerm("body", "gov", maxdist=2, prefixlength=1), anywhere("body", "gov~2/1")),
        (q.FuzzyTerm("body", "none"), {"match_none": {}}),
    ],
)
def test_each_node_has_its_clause(tree: q.Query, clause: dict[str, Any]) -> None:
    assert translate(tree, Words()) == clause


def test_a_word_across_fields_is_one_word_with_weights() -> None:
    tree = AcrossFields([q.Term("title", "a", boost=2.0), q.Term("headings", "a", boost=0.5)])
    assert translate(tree, Words()) == {
        "combined_fields": {"query": "a", "fields": ["title^4", "headings^1"], "boost": 1.0}
    }


def test_a_word_is_looked_for_as_each_language_has_it_in_its_documents_only() -> None:
    stems = {"en": ["a"], "fr": ["b"], "de": ["a"]}
    tree = across_languages(("en", "fr", "de"), stems.__getitem__, lambda terms: q.Term("body", terms[0]))
    assert isinstance(tree, AcrossLanguages)
    body = {"fields": ["body^2"], "boost": 1.0}
    french = [{"terms": {"facet_language": ["fr"]}}]
    parts = [
        {"bool": {"must": [{"combined_fields": {"query": "a", **body}}], "must_not": french, "boost": 1.0}},
        {"bool": {"must": [{"combined_fields": {"query": "b", **body}}], "filter": french, "boost": 1.0}},
    ]
    assert translate(tree, Words()) == {"bool": {"should": parts, "minimum_should_match": 1, "boost": 1.0}}


def test_two_words_with_a_gap_are_in_order() -> None:
    clause = translate(q.Phrase("body", ["a", "b"], slop=3), Words())
    assert clause["intervals"]["body"]["all_of"]["max_gaps"] == 2
    assert clause["intervals"]["body"]["all_of"]["ordered"]


@pytest.mark.parametrize(
    "tree",
    [q.Regex("body", "a.*"), q.TermRange("body", "a", "b"), q.Phrase("body", ["a", "b", "c"], slop=2)],
)
def test_what_has_no_translation_is_refused(tree: q.Query) -> None:
    with pytest.raises(UntranslatableQuery, match="has no translation"):
        translate(tree, Words())


@pytest.mark.parametrize(
    "typed", ['" OR *:* {"match_all":{}}', "a:b /x/ [1 TO 2] ~ ^3 \\", "title:* _exists_:body", "\x00"]
)
def test_text_never_becomes_syntax(typed: str) -> None:
    tree = parse_query(typed, analyzer("en"), date(2024, 1, 1)).tree
    shown = str(translate(tree, Words())) if tree is not None else ""
    assert "query_string" not in shown and "match_all" not in shown
