"""Verse: lines that are shorter than they would have to be if a text were only wrapped."""

from collections.abc import Sequence
from itertools import pairwise

_LEAST_LINES = 4
LONGEST_VERSE = 75  # characters
_LONGEST_MEAN = 55
_LEAST_WORDS, _MOST_WORDS = 3, 11  # of a line that is verse for certain
_NARROWEST = 40  # characters of a column of wrapped text
_SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？")
_PAUSES = (*_SENTENCE_ENDS, ",", ";", ":", "-", "–", "—", "，", "；")
_QUOTES = "\"'”’)»_*"


def is_verse(lines: Sequence[str]) -> bool:
    """Return whether the lines of a paragraph are verse or the like, so that their ends are part of the text.

    In a wrapped paragraph, the first word of a line has no room at the end of the line above. Lines of verse begin
    with capitals, and few end with a full stop.
    """
    if len(lines) < _LEAST_LINES or sum(map(len, lines)) > _LONGEST_MEAN * len(lines):
        return False
    longest = max(map(len, lines))
    if longest > LONGEST_VERSE:
        return False
    width = max(longest, _NARROWEST)
    with_room = sum(len(line) + 1 + len(following.split(" ", 1)[0]) <= width for line, following in pairwise(lines))
    capitals = sum(map(_opens_with_capital, lines))
    ended = sum(line.rstrip(_QUOTES).endswith(_SENTENCE_ENDS) for line in lines[:-1])
    is_loose = with_room >= 0.6 * (len(lines) - 1)
    return is_loose and capitals >= 0.75 * len(lines) and ended <= 0.6 * len(lines)


def is_punctuated_verse(lines: Sequence[str]) -> bool:
    """Return whether lines are verse for certain: of several words, many of them with a pause at the end.

    A menu of a page has neither.
    """
    words = [line.count(" ") + 1 for line in lines]
    if min(words) < _LEAST_WORDS or max(words) > _MOST_WORDS or sum(words) < 4 * len(lines):
        return False
    if any(not line.lstrip(_QUOTES)[:1].isalpha() or ":" in line or "@" in line or line.isupper() for line in lines):
        return False
    pauses = sum(line.rstrip(_QUOTES).endswith(_PAUSES) for line in lines)
    return pauses >= 0.5 * len(lines) and is_verse(lines)


def _opens_with_capital(line: str) -> bool:
    letter = next((character for character in line if character.isalpha()), "")
    return bool(letter) and not letter.islower()
