"""Comparison of lines without regard to case and punctuation."""

import re
from collections.abc import Iterable

_NOT_WORD = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """Return `text` in lower case, words only, for comparison."""
    return _NOT_WORD.sub(" ", text.lower().replace("’", "'").replace("'", "")).strip()


def index_of_title(texts: Iterable[str], title: str) -> int | None:
    """Return the index of the first text equal to `title` except for case and punctuation, or None."""
    folded, longest = fold(title), 2 * len(title) + 9
    for i, text in enumerate(texts):
        if len(text) < longest and fold(text) == folded and (folded or text.strip() == title):
            return i
    return None
