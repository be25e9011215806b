"""The id and the slug of a document."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slugify import slugify

from searchsvc.ingest.ids import document_id, slug


def test_an_id_never_changes() -> None:
    assert document_id("news/a.txt") == "34fe5d55c4213bfb"


def test_paths_that_differ_in_case_or_form_have_ids_of_their_own() -> None:
    paths = ["Case.txt", "case.txt", "caf\u00e9.txt", "cafe\u0301.txt", "a/case.txt"]
    assert len({document_id(path) for path in paths}) == len(paths)


def test_documents_of_one_seed_have_ids_of_their_own() -> None:
    ids = {document_id("a.jsonl"), document_id("a.jsonl", "1"), document_id("a.jsonl", "2"), document_id("a.jsonl1")}
    assert len(ids) == 4


def test_a_name_that_is_no_unicode_has_an_id() -> None:
    assert len(document_id("inv\udcff.txt")) == 16


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Peace Among Russia, US & NATO", "peace-among-russia-us-nato"),
        ("Ärger über Straßen", "arger-uber-strassen"),
        ("Крым", "krym"),
        ("Don’t panic – 1,000 ships", "dont-panic-1000-ships"),
        ("Don't panic", "don-t-panic"),
        ("C++", "c"),
        ("!!!", "article"),
        ("", "article"),
    ],
)
def test_slug_of(title: str, expected: str) -> None:
    assert slug(title) == expected


def test_a_long_slug_ends_with_a_whole_word() -> None:
    assert slug("wonderful " * 20) == "-".join(["wonderful"] * 8)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_a_slug_is_safe_in_an_address(title: str) -> None:
    assert 0 < len(slug(title)) <= 80
    assert set(slug(title)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


@given(st.text("aB0z9 ,,''‘’“”–—…\xa0-_.&;é", max_size=100))
def test_the_slug_of_a_plain_title_is_that_of_the_library(title: str) -> None:
    assert slug(title) == (slugify(title, max_length=80, word_boundary=True) or "article")
