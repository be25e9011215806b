"""Comparison of lines without regard to case and punctuation."""

import re
from collections.abc import Iterable

_NOT_WORD = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """`text` in lower case, words only, for comparing."""
    return _NOT_WORD.sub(" ", text.lower().replace("’", "'").replace("'", "")).strip()


def index_of_title(texts: Iterable[str], title: str) -> int | None:
    """The index of the first of `texts` that is `title`, but for case and punctuation; None if there is none."""
    folded, longest = fold(title), 2 * len(title) + 9
    for i, text in enumerate(texts):
        if len(text) < longest and fold(text) == folded and (folded or text.strip() == title):
            return i
    return None
