"""Phrases of short queries with function words."""

import pytest

from searchsvc.analysis import FUNCTION_WORDS
from searchsvc.query import parse
from searchsvc.query.adjacent_words import phrases_of_short_query


@pytest.mark.parametrize(
    ("typed", "phrases"),
    [
        ("vitamin A", ["vitamin A"]),
        ("benefits of vitamin A", ["benefits of vitamin A", "vitamin A"]),
        ("should be", ["should be"]),
        ("The Who", ["The Who"]),
        ("to be or not to be", ["to be or not to be"]),
        ("vitamin deficiency", []),
        ("the", []),
        ("the -war", []),
        ("title:the who", []),
        ("the NOT *", []),
        ("the whole army of the north marched", []),
        ("as it is and as it was and will be", []),
    ],
)
def test_short_query_has_phrases(typed: str, phrases: list[str]) -> None:
    found = phrases_of_short_query(parse(typed)[0], FUNCTION_WORDS)
    assert [phrase.text for phrase in found] == phrases
    assert [typed[phrase.start : phrase.end] for phrase in found] == phrases
