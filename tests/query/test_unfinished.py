"""What is being typed, parted before its last word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.query import Unfinished, unfinished


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("st", Unfinished("", "st", "st", plain=True)),
        ("Tony BLA", Unfinished("Tony ", "BLA", "bla", plain=True)),
        ("nato-Ru", Unfinished("nato-", "Ru", "ru", plain=True)),
        ("  caf\u00e9", Unfinished("  ", "caf\u00e9", "cafe", plain=True)),
        ('"storm ov', Unfinished('"storm ', "ov", "ov", plain=False)),
        ("title:sto", Unfinished("title:", "sto", "sto", plain=False)),
        ("rain OR sto", Unfinished("rain OR ", "sto", "sto", plain=False)),
        ("(rain sto", Unfinished("(rain ", "sto", "sto", plain=False)),
    ],
)
def test_last_word_is_parted_from_what_is_before(typed: str, expected: Unfinished) -> None:
    assert unfinished(typed) == expected


@pytest.mark.parametrize("typed", ["", " ", "storm ", "storm*", "rain -sto", "東京", "!!", 'a "storm"', "storm\n"])
def test_nothing_goes_on_from_what_is_no_beginning(typed: str) -> None:
    assert unfinished(typed) is None


@pytest.mark.parametrize(
    ("typed", "context"), [("the st", ""), ("rain of st", "rain of "), ("title:rain", ""), ("rain st", "rain ")]
)
def test_context_is_what_every_document_must_match(typed: str, context: str) -> None:
    found = unfinished(typed)
    assert found is not None
    assert found.context == context


@given(st.text(max_size=40))
def test_parts_make_up_what_was_typed(typed: str) -> None:
    found = unfinished(typed)
    assert found is None or found.before + found.last == typed


@pytest.mark.parametrize(
    ("typed", "words", "query"),
    [
        ("rain st", ["storm", "Stoa"], "rain (st OR storm OR Stoa)"),
        ("rain st", [], "rain (st)"),
        ("rain s", [], "rain "),
        ("s", [], ""),
    ],
)
def test_query_goes_on_with_any_of_the_words(typed: str, words: list[str], query: str) -> None:
    found = unfinished(typed)
    assert found is not None
    assert found.gone_on(words) == query
