"""500 names of people, places, companies and shares: none is changed without asking."""

import random
import string
from collections.abc import Sequence
from pathlib import Path

import pytest

from searchsvc.query import Correction, Neighbour, correct_spelling, parse
from tests.query.test_spelling import edits

NAMES = Path(__file__).with_name("names.txt").read_text("utf-8").split()
RNG = random.Random(9)


def near_word(name: str) -> str:
    """Return a frequent word one edit from `name`, folded."""
    place = RNG.randrange(1, len(name))
    return name[:place].lower() + RNG.choice(string.ascii_lowercase) + name[place + RNG.randrange(2) :].lower()


NEAR = {name.lower(): near_word(name) for name in NAMES}


class OneNearWord:
    """A Vocabulary in which each name has a frequent word one edit away, and is itself in `frequency` documents."""

    def __init__(self, frequency: int) -> None:
        self.known = dict.fromkeys(NEAR, frequency) | {word: 50_000 for word in NEAR.values() if word not in NEAR}

    def frequencies(self, words: Sequence[str]) -> list[int]:
        return [self.known.get(word, 0) for word in words]

    def near(self, word: str, distance: int) -> list[Neighbour]:
        near = NEAR.get(word, word)
        return [Neighbour(near, 1, 50_000)] if near != word and near not in NEAR else []

    def may_be_near(self, word: str, above: int) -> bool:
        return above < 50_000

    def together(self, one: str, other: str) -> int:
        return 100

    def side_by_side(self, one: str, other: str) -> int:
        return 0


def corrected(typed: str, frequency: int) -> Correction | None:
    return correct_spelling(typed, parse(typed)[0], OneNearWord(frequency))


def test_there_are_500_names_with_a_word_near_them() -> None:
    assert len(set(NAMES)) >= 500
    assert sum(edits(name, word) == 1 for name, word in NEAR.items()) >= 480


@pytest.mark.parametrize("frequency", [0, 1])
def test_no_name_is_changed_silently(frequency: int) -> None:
    changed = [name for name in NAMES if (found := corrected(name, frequency)) is not None and found.changes]
    assert changed == []


def test_no_name_in_small_letters_is_changed_silently_if_an_article_has_it() -> None:
    changed = [name for name in NEAR if (found := corrected(name, 1)) is not None and found.changes]
    assert changed == []


def test_word_near_an_unknown_name_is_suggested() -> None:
    suggested = [name for name in NAMES if (found := corrected(name, 0)) is not None and found.doubtful]
    assert len(suggested) > 300


def test_each_of_several_changes_can_be_undone_alone() -> None:
    found = corrected("stoltenberg zaporizhzhia telefonica", 0)
    assert found is not None and len(found.changes) == 3
    for change in found.changes:
        undone = found.without(change)
        assert f'"{change.typed}"' in undone
        assert sum(other.corrected in undone.split() for other in found.changes) == 2
