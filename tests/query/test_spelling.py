"""Correction over a vocabulary in plain Python, made from a few lines of text."""

import random
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.query import (
    Correction,
    Neighbour,
    correct_spelling,
    parse,
)
from searchsvc.query.spelling import MAX_DOUBTFUL


def edits(one: str, other: str) -> int:
    """The optimal string alignment distance (Levenshtein with swaps), row by row."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            row.append(min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b)))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                row[j] = min(row[j], last[j - 2] + 1)
    return row[-1]


class Lines:
    """A Vocabulary whose documents are lines of text; a word has no forms but itself."""

    def __init__(self, *lines: str) -> None:
        self.lines = [line.split() for line in lines]
        self.counts = Counter(word for line in self.lines for word in set(line))
        self.asked: list[str] = []

    def frequencies(self, words: Sequence[str]) -> list[int]:
        return [self.counts[word] for word in words]

    def near(self, word: str, distance: int) -> list[Neighbour]:
        self.asked.append(word)
        return [
            Neighbour(each, edits(word, each), count)
            for each, count in self.counts.items()
            if 1 <= edits(word, each) <= distance
        ]

    def may_be_near(self, word: str, above: int) -> bool:
        return any(count > above and edits(word, each) <= 2 for each, count in self.counts.items())

    def together(self, one: str, other: str) -> int:
        return sum(one in line and other in line for line in self.lines)

    def side_by_side(self, one: str, other: str) -> int:
        return sum((one, other) in pairwise(line) for line in self.lines)


NEWS = Lines(
    *["the government voted on the budget"] * 8,
    *["a protest of farmers over the budget"] * 3,
    *["a project of the harbour authority", "the harbour project"] * 2,
    *["they protect the whales"] * 3,
    "a news paper wrote on covid 19",
    "parliamentary cooperation on newsletters",
)


def put_right(typed: str, vocabulary: Lines = NEWS) -> str | None:
    """The query after correction, None if it is left as it is."""
    correction = correct_spelling(typed, parse(typed)[0], vocabulary)
    return correction.text if correction else None


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("govermnent", "government"),
        ("governmet, budget!", "government, budget!"),
        ("GOVERNMET BUDGET", "government BUDGET"),
        ("ogvernment", "government"),
        ("xgovernment", "government"),
        ("gvoernmetn", "government"),  # two edits from nine letters on
        ("budgt", "budget"),
        ("harbor", "harbour"),
        ("voed", "voted"),  # a letter left out of five
        ("(govermnent OR budgte) farmers", "(government OR budget) farmers"),
        ("govermnent-budget", "government-budget"),
        ("the govermnent and budgte", "the government and budget"),
        ("covid19", "covid 19"),
        ("newspaper", "news paper"),
        ("news letters", "newsletters"),
    ],
)
def test_misspelt_words_are_put_right(typed: str, expected: str) -> None:
    vocabulary = Lines(*[" ".join(line) for line in NEWS.lines], "newsletters") if "letters" in typed else NEWS
    assert put_right(typed, vocabulary) == expected


@pytest.mark.parametrize(
    "typed",
    [
        "government budget",
        "whle",  # two edits from whales, and it has four letters
        "budhhet",  # two edits in seven letters
        "zzzzzzzz",
        '"govermnent"',
        "title:govermnent",
        "-govermnent",
        "(-(govermnent))",
        "governmn*",
        "budg3t",
        "20244",
        "",
        "!!!",
    ],
)
def test_everything_else_is_left_as_it_is(typed: str) -> None:
    assert put_right(typed) is None


def test_words_around_decide_between_two_that_are_spelled_alike() -> None:
    assert put_right("proect harbour") == "project harbour"
    assert put_right("proect whales") == "protect whales"


def test_two_misspelt_words_help_each_other() -> None:
    assert put_right("proect whaels") == "protect whales"
    assert put_right("proect harbuor") == "project harbour"


def test_letter_left_out_is_likelier_than_another_letter() -> None:
    assert put_right("drve", Lines("drive")) == "drive"
    assert put_right("stroms", Lines(*["stroma"] * 3, "storms")) == "storms"


def suggested(typed: str, vocabulary: Lines = NEWS) -> tuple[str, str | None]:
    """The query with sure corrections, and with doubtful ones."""
    correction = correct_spelling(typed, parse(typed)[0], vocabulary)
    assert correction is not None
    return correction.text, correction.suggested_text


def test_rare_word_may_be_misspelt_if_a_neighbour_is_a_thousand_times_more_frequent() -> None:
    vocabulary = Lines("goverment", *["government"] * 1001)
    assert suggested("goverment", vocabulary) == ("goverment", "government")


@pytest.mark.parametrize(
    ("typed", "text", "suggestion"),
    [
        ("Budgit harbour", "Budgit harbour", "budget harbour"),
        ("the Budgit", "the Budgit", "the budget"),
        ("WALES", "WALES", "whales"),
        ("pauthority", "pauthority", "authority"),
        ("Budgit goverment", "Budgit government", "budget government"),
    ],
)
def test_a_word_that_may_be_a_name_is_only_suggested(typed: str, text: str, suggestion: str) -> None:
    assert suggested(typed) == (text, suggestion)


def test_each_correction_can_be_undone_alone() -> None:
    typed = "proect whaels"
    correction = correct_spelling(typed, parse(typed)[0], NEWS)
    assert correction is not None
    assert [correction.without(change) for change in correction.changes] == ['"proect" whales', 'protect "whaels"']
    assert put_right('protect "whaels"') is None


def names(count: int) -> list[str]:
    """Made-up names of people, places and companies, one letter from words of NEWS where that can be."""
    words = [word for word in NEWS.counts if len(word) >= 5]
    chance = random.Random(11)
    letters = "abcdefghijklmnoprstuvwz"
    made = set[str]()
    while len(made) < count:
        word = chance.choice(words)
        at = chance.randrange(len(word) + 1)
        made.add((word[:at] + chance.choice(letters) + word[at + chance.randrange(2) :]).capitalize())
    return sorted(made)


@pytest.mark.parametrize("form", ["{}", "{} budget", "the {} of harbour", "president {} Ada", "#{}", "@{}"])
def test_no_name_is_changed_silently(form: str) -> None:
    vocabulary = Lines(*[" ".join(line) for line in NEWS.lines])
    for name in names(500):
        if name.lower() not in vocabulary.counts:
            assert put_right(form.format(name), vocabulary) in (None, form.format(name))
    assert put_right("goverment", Lines("goverment", *["government"] * 1000)) is None


def test_change_tells_what_stood_where() -> None:
    typed = "the  govermnent of harbor"
    correction = correct_spelling(typed, parse(typed)[0], NEWS)
    assert isinstance(correction, Correction)
    assert [(typed[c.start : c.end], c.typed, c.corrected) for c in correction.changes] == [
        ("govermnent", "govermnent", "government"),
        ("harbor", "harbor", "harbour"),
    ]
    assert correction.text == "the  government of harbour"


def test_only_so_many_words_are_looked_at() -> None:
    vocabulary = Lines("government")
    correct_spelling(" ".join(["qqqqqqqq"] * 40), parse(" ".join(["qqqqqqqq"] * 40))[0], vocabulary)
    assert len(vocabulary.asked) <= 2 * MAX_DOUBTFUL


@given(st.text(max_size=60))
def test_any_text_is_put_right_or_left(typed: str) -> None:
    correction = correct_spelling(typed, parse(typed)[0], NEWS)
    assert correction is None or (correction.text != typed and correction.changes)
