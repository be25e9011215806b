"""What two texts differ in."""

from hypothesis import given
from hypothesis import strategies as st

from searchsvc.web.text_diff import MAX_LINES, DiffPiece, diff

TEXTS = st.lists(st.text("ab \u05d0", max_size=8), max_size=8).map("\n".join)


def told(first: str, second: str) -> list[str]:
    """The lines of a comparison, what only one has in signs."""
    signs = {"same": "{}", "missing": "[-{}]", "added": "[+{}]"}
    return ["".join(signs[piece.kind].format(piece.text) for piece in line) for line in diff(first, second)]


def test_equal_texts_differ_in_nothing() -> None:
    assert told("a b\nc", "a b\nc") == ["a b", "c"]


def test_lines_that_only_one_has_are_whole() -> None:
    assert told("a\nb\nc", "a\nc\nd") == ["a", "[-b]", "c", "[+d]"]


def test_changed_line_differs_by_its_words() -> None:
    assert told("the old house stands", "the new house  stands") == ["the [-old][+new] house[- ][+  ]stands"]


def test_very_long_line_differs_as_a_whole() -> None:
    long = "word " * 400
    assert diff(long, long + "more") == [(DiffPiece("missing", long), DiffPiece("added", long + "more"))]


def test_no_more_lines_are_compared_than_is_quick() -> None:
    text = "\n".join(f"line {number}" for number in range(MAX_LINES * 3))
    assert len(diff(text, text)) == MAX_LINES


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_from_the_comparison(first: str, second: str) -> None:
    for text, other in ((first, "added"), (second, "missing")):
        pieces = [[piece.text for piece in line if piece.kind != other] for line in diff(first, second)]
        lines = ["".join(line) for line in pieces if line]
        assert [line for line in lines if line] == [line for line in text.split("\n") if line]
