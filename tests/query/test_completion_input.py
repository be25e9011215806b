"""What is being typed, parted before its last word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.query import CompletionInput, completion_input


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("st", CompletionInput("", "st", "st", plain=True)),
        ("Tony BLA", CompletionInput("Tony ", "BLA", "bla", plain=True)),
        ("nato-Ru", CompletionInput("nato-", "Ru", "ru", plain=True)),
        ("  caf\u00e9", CompletionInput("  ", "caf\u00e9", "cafe", plain=True)),
        ('"storm ov', CompletionInput('"storm ', "ov", "ov", plain=False)),
        ("title:sto", CompletionInput("title:", "sto", "sto", plain=False)),
        ("rain OR sto", CompletionInput("rain OR ", "sto", "sto", plain=False)),
        ("(rain sto", CompletionInput("(rain ", "sto", "sto", plain=False)),
    ],
)
def test_last_word_is_parted_from_what_is_before(typed: str, expected: CompletionInput) -> None:
    assert completion_input(typed) == expected


@pytest.mark.parametrize("typed", ["", " ", "storm ", "storm*", "rain -sto", "東京", "!!", 'a "storm"', "storm\n"])
def test_nothing_goes_on_from_what_is_no_beginning(typed: str) -> None:
    assert completion_input(typed) is None


@pytest.mark.parametrize(
    ("typed", "context"), [("the st", ""), ("rain of st", "rain of "), ("title:rain", ""), ("rain st", "rain ")]
)
def test_context_is_what_every_document_must_match(typed: str, context: str) -> None:
    found = completion_input(typed)
    assert found is not None
    assert found.context == context


@given(st.text(max_size=40))
def test_parts_make_up_what_was_typed(typed: str) -> None:
    found = completion_input(typed)
    assert found is None or found.completed + found.last == typed
