"""Declared titles: placed above the text that lacks them, or taken from a heading or the file name."""

import re
from dataclasses import replace

from searchsvc.ingest.line_matching import index_of_title
from searchsvc.ingest.readers.unit_text import UnitText
from searchsvc.models.documents import MAX_TITLE_LENGTH, DeclaredMetadata

_DATE = re.compile(r"(?:19|20)\d\d([-_.]?)\d\d\1\d\d[-_. ]*")
_WORD = re.compile(r"[^\W\d_]{2,}")
_NO_TITLE = frozenset(
    {"index", "readme", "changelog", "license", "untitled", "article", "page", "post", "text", "note"}
)


def with_title(text: UnitText, declared: DeclaredMetadata) -> UnitText:
    """Return the text with the declared title on top, unless the text holds it.

    So a text reads the same whether or not its format has a field for the title.
    """
    if not declared.title or index_of_title(text.text.split("\n", 200), declared.title) is not None:
        return text
    return text.below(f"{declared.title}\n\n")


def titled(declared: DeclaredMetadata, heading: str | None, path: str) -> DeclaredMetadata:
    """Return the metadata with a title: the declared one, else the first heading, else the file name of a note."""
    if declared.title:
        return declared
    title = " ".join((heading or "").split())[:MAX_TITLE_LENGTH] or title_in_name(path)
    return replace(declared, title=title) if title else declared


def title_in_name(path: str) -> str | None:
    """Return the title that a file name is, as in folders of notes: words with spaces, or a capitalised word.

    None for names that only identify a file, such as `storm-over-the-harbour` or `a1`.
    """
    stem = path.rsplit("/", 1)[-1].removesuffix(".gz").rpartition(".")[0]
    stem = _DATE.sub("", stem, count=1) if _DATE.match(stem) else stem
    words = stem.split()
    if not _WORD.search(stem) or stem.lower() in _NO_TITLE or len(stem) > MAX_TITLE_LENGTH:
        return None
    is_note = len(words) > 1 or not stem.isascii() or (stem.isalpha() and stem[0].isupper() and not stem.isupper())
    return stem.strip() if is_note else None
