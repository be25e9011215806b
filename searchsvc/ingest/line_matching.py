"""Comparison of lines without regard to case and punctuation."""

import re
from collections.abc import Iterable

_NOT_WORD = re.compile(r"[\W_]+")
_FREQUENT_SIGNS = "“”„–—…•\xa0"  # without these, most lines are ASCII, whose words are found in a tenth of the time
_ASCII_WORDS = bytes(code if chr(code).isalnum() else ord(" ") for code in range(256))  # for bytes.translate


def fold(text: str) -> str:
    """Return `text` in lower case, words only, for comparison."""
    return fold_lowered(text.lower())


def fold_lowered(text: str) -> str:
    """Return a text that is in lower case with words only."""
    return " ".join(words_of_lowered(text))


def words_of_lowered(text: str) -> list[str]:
    """Return the words of a text that is in lower case, as `fold_lowered` separates them."""
    if not text.isascii():
        text = text.replace("’", "")
        for sign in _FREQUENT_SIGNS:
            text = text.replace(sign, " ")
    if text.isascii():
        return text.encode().translate(_ASCII_WORDS, b"'").decode().split()
    return _NOT_WORD.sub(" ", text.replace("'", "")).split()


def index_of_title(texts: Iterable[str], title: str) -> int | None:
    """Return the index of the first text equal to `title` except for case and punctuation, or None."""
    folded, longest = fold(title), 2 * len(title) + 9
    for i, text in enumerate(texts):
        if len(text) < longest and fold(text) == folded and (folded or text.strip() == title):
            return i
    return None
