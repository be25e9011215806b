"""Declared titles: placed above the text that lacks them, or taken from a heading or the file name."""

import re
from dataclasses import replace

from searchsvc.ingest.author_names import publisher_key
from searchsvc.ingest.file_name import title_in_name
from searchsvc.ingest.line_matching import index_of_title
from searchsvc.ingest.readers.unit_text import UnitText
from searchsvc.models.documents import MAX_TITLE_LENGTH, DeclaredMetadata

_SEPARATOR = re.compile(r"\s*(?:\||\s[-–—·•»:]\s|\s::\s)\s*")


def with_title(text: UnitText, declared: DeclaredMetadata) -> UnitText:
    """Return the text with the declared title on top, unless the text holds it.

    So a text reads the same whether or not its format has a field for the title.
    """
    if not declared.title or index_of_title(text.text.split("\n", 200), declared.title) is not None:
        return text
    return text.below(f"{declared.title}\n\n")


def without_source(title: str | None, source: str | None) -> str | None:
    """Return a title without the name of the source after a separator at its end ("Storm - Harbour Times")."""
    if not title or not source:
        return title
    for match in _SEPARATOR.finditer(title):
        if match.start() and publisher_key(title[match.end() :]) == publisher_key(source):
            return title[: match.start()]
    return title


def titled(declared: DeclaredMetadata, heading: str | None, path: str) -> DeclaredMetadata:
    """Return the metadata with a title: the declared one, else the first heading, else the file name of a note."""
    if declared.title:
        return declared
    title = " ".join((heading or "").split())[:MAX_TITLE_LENGTH] or title_in_name(path)
    return replace(declared, title=title) if title else declared
