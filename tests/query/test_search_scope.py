"""Scope of a query: clean, original or removed text."""

from datetime import date

import pytest

from searchsvc.analysis import analyzer
from searchsvc.query import ParsedQuery, highlight_terms, parse_query
from searchsvc.query.search_scope import CLEAN_SCOPE, ORIGINAL_SCOPE, REMOVED_SCOPE, typed_scope
from searchsvc.schema import FREE_TEXT, REMOVED_TEXT


def parsed(text: str, syntax: str = "auto", scope: str = CLEAN_SCOPE) -> ParsedQuery:
    return parse_query(text, analyzer("en"), date(2024, 5, 1), syntax, scope=scope)


def fields(query: ParsedQuery) -> set[str]:
    return {each.field for each in highlight_terms(query.tree)}


@pytest.mark.parametrize(
    ("text", "without", "scope"),
    [
        ("nato", "nato", None),
        ("nato in:original", "nato            ", "original"),
        ("in:REMOVED nato", "           nato", "removed"),
        ("in:original in:clean a", "                     a", "clean"),
        ("in:originals", "in:originals", None),
        ("within:original", "within:original", None),
        ('"in:original"', '"in:original"', None),
        ("in: original", "in: original", None),
    ],
)
def test_scope_is_a_clause_of_its_own(text: str, without: str, scope: str | None) -> None:
    assert typed_scope(text) == (without, scope)
    assert len(without) == len(text)


@pytest.mark.parametrize(
    ("scope", "searched"),
    [
        (CLEAN_SCOPE, {*FREE_TEXT}),
        (ORIGINAL_SCOPE, {*FREE_TEXT, REMOVED_TEXT}),
        (REMOVED_SCOPE, {REMOVED_TEXT}),
    ],
)
def test_scope_decides_which_fields_are_searched(scope: str, searched: set[str]) -> None:
    assert fields(parsed("lighthouse keeper", scope=scope)) == searched
    assert fields(parsed(f"lighthouse in:{scope} keeper")) == searched


def test_clause_goes_over_the_parameter() -> None:
    assert parsed("lighthouse in:clean", scope=REMOVED_SCOPE).scope == CLEAN_SCOPE


def test_clause_is_shown_in_the_interpretation_and_is_no_word() -> None:
    query = parsed("lighthouse in:original")
    assert (query.normalized, query.notes) == ("lighthouse in:original", ())
    assert parsed("in:original").tree is None


def test_field_clause_keeps_its_field_in_every_scope() -> None:
    assert fields(parsed("title:lighthouse in:removed")) == {"title"}


def test_clause_is_text_in_literal_syntax() -> None:
    assert parsed("nato in:original", "literal").scope == CLEAN_SCOPE
