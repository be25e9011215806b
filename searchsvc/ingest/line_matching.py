"""Comparison of lines without regard to case and punctuation."""

import re
from collections.abc import Sequence

_NOT_WORD = re.compile(r"[\W_]+")
_FREQUENT_SIGNS = "“”„–—…•\xa0"  # without these, most lines are ASCII, whose words are found in a tenth of the time
# For bytes.translate: ASCII that no word holds is a space. Line feeds and bytes of other characters stay.
_WORDS = bytes(code if code > 127 or chr(code).isalnum() or chr(code) == "\n" else ord(" ") for code in range(256))


def fold(text: str) -> str:
    """Return `text` in lower case, words only, for comparison."""
    return fold_lowered(text.lower())


def fold_lowered(text: str) -> str:
    """Return a text that is in lower case with words only."""
    return " ".join(words_of_lowered(text))


def words_of_lowered(text: str) -> list[str]:
    """Return the words of a text that is in lower case, as `fold_lowered` separates them."""
    return [word for words in words_of_lines(text.split("\n")) for word in words]


def words_of_lines(lines: Sequence[str]) -> list[list[str]]:
    """Return the words of each line in lower case, as `fold_lowered` separates them.

    Many lines together take a third of the time. `lines`: without line feeds.
    """
    text = "\n".join(lines)
    if not text.isascii():
        text = text.replace("’", "")
        for sign in _FREQUENT_SIGNS:
            text = text.replace(sign, " ")
    separated = text.encode("utf-8", "surrogatepass").translate(_WORDS, b"'").decode("utf-8", "surrogatepass")
    return [(line if line.isascii() else _NOT_WORD.sub(" ", line)).split() for line in separated.split("\n")]


def index_of_title(texts: Sequence[str], title: str, folds: Sequence[str] | None = None) -> int | None:
    """Return the index of the first text equal to `title` except for case and punctuation, or None.

    `folds`: the folded texts, if they are known.
    """
    folded, longest = fold(title), 2 * len(title) + 9
    for i, text in enumerate(texts):
        is_same = len(text) < longest and (folds[i] if folds else fold(text)) == folded
        if is_same and (folded or text.strip() == title):
            return i
    return None
