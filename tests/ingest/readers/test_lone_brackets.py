"""Opening brackets of Markdown that begin no link."""

import pytest

from searchsvc.ingest.readers.lone_brackets import LONE_BRACKET, MAX_LONE, without_lone_brackets
from searchsvc.ingest.readers.markdown import read_markdown

MANY = MAX_LONE + 1
LINK = "[the harbour](https://example.org/harbour)"


@pytest.mark.parametrize("text", ["[" * MAX_LONE, LINK * 500, "[a][b] " * 500, r"\[" * 500, "no bracket"])
def test_few_lone_brackets_and_links_stay_as_they_are(text: str) -> None:
    assert without_lone_brackets(text) == text


@pytest.mark.parametrize("repeated", ["[", "![", "[ ", "[\n", "[[a", "^[a\n", "[^"])
def test_brackets_that_nothing_closes_are_replaced(repeated: str) -> None:
    text = without_lone_brackets(repeated * MANY)
    assert "[" not in text
    assert text.replace(LONE_BRACKET, "[") == repeated * MANY


def test_links_among_lone_brackets_stay() -> None:
    text = without_lone_brackets(f"{'[ ' * MANY}\n\n{LINK}\n\n{'[ ' * MANY}{LINK}")
    assert text.count(LINK) == 2
    assert text.count("[") == 2


def test_brackets_nested_deeply_are_replaced() -> None:
    text = without_lone_brackets("[" * 2 * MANY + "a" + "]" * 2 * MANY)
    assert 0 < text.count("[") < 30
    assert text.replace(LONE_BRACKET, "[") == "[" * 2 * MANY + "a" + "]" * 2 * MANY


def test_paragraph_ends_what_brackets_can_close() -> None:
    assert "[" not in without_lone_brackets("[\n\n]" * MANY)


@pytest.mark.parametrize("repeated", ["[", "![", "[ ", "[[a\n", "^[a\n"])
def test_text_of_lone_brackets_is_read_in_linear_time(repeated: str) -> None:
    # The parser alone would take minutes.
    text = read_markdown(f"The harbour reopened.\n\n{repeated * 40_000}\n\nThe ferry sails again.").text.text
    assert text.startswith("The harbour reopened.")
    assert text.endswith("The ferry sails again.")
    assert text.count("[") == repeated.count("[") * 40_000
    assert "\\" not in text
    assert LONE_BRACKET not in text


@pytest.mark.parametrize(
    "markdown",
    [
        "<div>\n" + "a [0, 1) b\n" * MANY + "</div>",
        "[0, 1) " * MANY + "\n\n`" + "x[0" * 1_000 + "`",
        "Interval [0, 1) is half open. " * 7_000,
        "# T\n\n" + "[0, 1) is half open. " * 9_500,
    ],
    ids=["HTML", "long code", "paragraph that is too long to parse", "almost too long"],
)
def test_lone_brackets_are_in_the_text_as_they_were(markdown: str) -> None:
    text = read_markdown(markdown).text.text
    assert text.count("[") == markdown.count("[")
    assert "\\" not in text
    assert LONE_BRACKET not in text
