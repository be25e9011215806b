"""Patterns an operator writes for whole lines."""

import time

import pytest

from searchsvc.ingest.boilerplate import (
    Overrides,
    Pattern,
    apply_overrides,
)
from searchsvc.ingest.boilerplate.apply import clean_all
from searchsvc.models.clean_document import CleanDocument
from searchsvc.models.documents import RawDocument, Seed
from searchsvc.removal_counts import pattern_for

ARTICLE = """The old mill opens again

The mill by the river opened again on Sunday, after a society of neighbours had mended its wheel for three years.

Editor's note: the mill is closed on Mondays.

Visitors can watch the miller grind rye and wheat, and buy a pound of flour in a paper bag at the door.
"""


def cleaned(wishes: Overrides, text: str = ARTICLE) -> CleanDocument:
    return apply_overrides(next(clean_all([RawDocument(Seed("a.txt", 0, 0), text, "")])), wishes)


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        ("share this", "  Share   This "),
        ("editor's note*", "Editor's note: corrected on Monday"),
        ("*all rights reserved", "© 2020 Someone. All rights reserved"),
        ("*reserved*", "rights reserved."),
        ("a*b*c", "a x b y c"),
        ("*", ""),
    ],
)
def test_a_line_that_fits(pattern: str, line: str) -> None:
    assert Pattern(pattern).matches(line)


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        ("share this", "share this article"),
        ("ab*ba", "aba"),
        ("a*b*c", "a c b"),
        ("a*b", "a b c"),
        ("", "text"),
    ],
)
def test_a_line_that_does_not_fit(pattern: str, line: str) -> None:
    assert not Pattern(pattern).matches(line)


def test_matching_takes_linear_time() -> None:
    started = time.perf_counter()
    assert not Pattern("*a" * 50 + "*b").matches("a" * 1_000_000)
    assert time.perf_counter() - started < 2


def test_a_line_the_operator_drops_goes_with_the_pattern_as_its_reason() -> None:
    document = cleaned(Overrides(drop=(Pattern("editor's note*"),)))
    (block,) = [block for block in document.removed if block.rule == "setting"]
    assert block.text == "Editor's note: the mill is closed on Mondays."
    assert block.reason == 'matches the setting drop_lines = "editor\'s note*"'


def test_a_line_the_operator_keeps_stays() -> None:
    text = ARTICLE + "\nShare this\n"
    kept = [line.text for line in cleaned(Overrides(keep=(Pattern("share this"),)), text).kept_lines]
    assert kept[-1] == "Share this"


def test_keeping_wins_over_dropping() -> None:
    wishes = Overrides(keep=(Pattern("editor's note*"),), drop=(Pattern("*mondays."),))
    assert "Editor's note: the mill is closed on Mondays." in cleaned(wishes).body


@pytest.mark.parametrize(
    "line", ["Share this", "  5 * 3 =  15 ", "word " * 60, "broken \ud800 text", '"Quoted" \\ back']
)
def test_a_suggested_pattern_matches_its_line(line: str) -> None:
    assert Pattern(pattern_for(line)).matches(line)
    pattern_for(line).encode()
