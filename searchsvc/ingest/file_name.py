"""Titles that file names are, as in folders of notes."""

import re

from searchsvc.models.documents import MAX_TITLE_LENGTH

_DATE = re.compile(r"(?:19|20)\d\d([-_.]?)\d\d\1\d\d[-_. ]*")
_WORD = re.compile(r"[^\W\d_]{2,}")
_NO_TITLE = frozenset(
    {"index", "readme", "changelog", "license", "untitled", "article", "page", "post", "text", "note"}
)


def title_in_name(path: str) -> str | None:
    """Return the title that a file name is, as in folders of notes: words with spaces, or a capitalised word.

    None for names that only identify a file, such as `storm-over-the-harbour` or `a1`, and for names with control
    characters or bytes that are not UTF-8.
    """
    stem = path.rsplit("/", 1)[-1].removesuffix(".gz").rpartition(".")[0]
    stem = _DATE.sub("", stem, count=1) if _DATE.match(stem) else stem
    words = stem.split()
    if not stem.isprintable() or not _WORD.search(stem) or stem.lower() in _NO_TITLE or len(stem) > MAX_TITLE_LENGTH:
        return None
    is_note = len(words) > 1 or not stem.isascii() or (stem.isalpha() and stem[0].isupper() and not stem.isupper())
    return stem.strip() if is_note else None
