"""Fragments to HTML."""

from searchsvc.models.search import Fragment
from searchsvc.web.html import anchored


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
