"""Opening brackets of Markdown that begin no link."""

import re

import pytest

from searchsvc.ingest.readers.lone_brackets import MAX_LONE, without_lone_brackets
from searchsvc.ingest.readers.markdown import read_markdown

MANY = MAX_LONE + 1
LINK = "[the harbour](https://example.org/harbour)"


def unescaped(text: str) -> int:
    return len(re.findall(r"(?<!\\)\[", text))


@pytest.mark.parametrize("text", ["[" * MAX_LONE, LINK * 500, "[a][b] " * 500, r"\[" * 500, "no bracket"])
def test_few_lone_brackets_and_links_stay_as_they_are(text: str) -> None:
    assert without_lone_brackets(text) == text


@pytest.mark.parametrize("repeated", ["[", "![", "[ ", "[\n", "[[a", "^[a\n", "[^"])
def test_brackets_that_nothing_closes_are_escaped(repeated: str) -> None:
    text = without_lone_brackets(repeated * MANY)
    assert unescaped(text) == 0
    assert text.replace("\\[", "[") == repeated * MANY


def test_links_among_lone_brackets_stay() -> None:
    text = without_lone_brackets(f"{'[ ' * MANY}\n\n{LINK}\n\n{'[ ' * MANY}{LINK}")
    assert text.count(LINK) == 2
    assert unescaped(text) == 2


def test_brackets_nested_deeply_are_escaped() -> None:
    text = without_lone_brackets("[" * 2 * MANY + "a" + "]" * 2 * MANY)
    assert 0 < unescaped(text) < 30
    assert text.replace("\\[", "[") == "[" * 2 * MANY + "a" + "]" * 2 * MANY


def test_paragraph_ends_what_brackets_can_close() -> None:
    assert unescaped(without_lone_brackets("[\n\n]" * MANY)) == 0


@pytest.mark.parametrize("repeated", ["[", "![", "[ ", "[[a\n", "^[a\n"])
def test_text_of_lone_brackets_is_read_in_linear_time(repeated: str) -> None:
    # The parser alone would take minutes.
    text = read_markdown(f"The harbour reopened.\n\n{repeated * 60_000}\n\nThe ferry sails again.").text.text
    assert text.startswith("The harbour reopened.")
    assert text.endswith("The ferry sails again.")
    assert text.count("[") == repeated.count("[") * 60_000
