"""Fragments to HTML."""

from html import escape

import pytest

from searchsvc.models.search import Fragment
from searchsvc.web.html import anchored, marked


@pytest.mark.parametrize("before", ["a ", "a & "])
@pytest.mark.parametrize("match", ["b", "<b>"])
@pytest.mark.parametrize("after", [" c", " 'c'"])
def test_every_piece_is_escaped_by_itself(before: str, match: str, after: str) -> None:
    pieces = (Fragment(before), Fragment(match, 0), Fragment(after))
    assert marked(pieces) == f"{escape(before)}<mark>{escape(match)}</mark>{escape(after)}"


def test_matches_are_numbered_from_one_over_all_lines() -> None:
    lines = [[Fragment("a < "), Fragment("b", 0)], [Fragment("c&", 1)]]
    assert list(anchored(lines)) == [
        'a &lt; <mark id="match-1">b</mark>',
        '<mark id="match-2">c&amp;</mark>',
    ]


def test_match_over_the_end_of_a_line_begins_once() -> None:
    lines = [[Fragment("東", 0)], [Fragment("京", 0)], [Fragment("x", 1)]]
    assert list(anchored(lines)) == [
        '<mark id="match-1">東</mark>',
        "<mark>京</mark>",
        '<mark id="match-2">x</mark>',
    ]
