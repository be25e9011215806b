"""Declared metadata of a seed: front matter, fields of a JSON line, or the head of a page."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import islice

import msgspec

from searchsvc.ingest.date_parser import declared_date
from searchsvc.ingest.readers.charset import printable
from searchsvc.models.documents import MAX_TITLE_LENGTH, DeclaredMetadata

_LONGEST = 200  # characters of a name, for example of an author or a topic
_LONGEST_URL = 2_000
_LONGEST_EXTRA = 1_000
_MOST_SEVERAL = 50  # values of one field, for example topics
_MOST_EXTRA = 50  # names without a field of their own
FIELDS = {  # field of DeclaredMetadata: names in a seed, the first one present counts
    "title": ("title",),
    "url": ("url",),
    "published": ("published", "date"),
    "author": ("author",),
    "source": ("source",),
    "section": ("section",),
    "topics": ("topics", "topic"),
    "language": ("language", "lang"),
}
_URL = re.compile(r"https?://[^\s<>\"\\^`{|}]+", re.I)  # excludes the characters that RFC 3986 never allows
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_].*)?", re.I)


def declared_metadata(values: Mapping[str, object]) -> DeclaredMetadata:
    """Return the metadata in `values`, by name. Unknown names and invalid values become `extra`."""
    named = {as_text(name, _LONGEST).lower(): value for name, value in values.items()}

    present = {field: next((name for name in names if name in named), "") for field, names in FIELDS.items()}

    def text(field: str, longest: int = _LONGEST) -> str:
        return as_text(named.get(present[field]), longest)

    declared = DeclaredMetadata(
        title=text("title", MAX_TITLE_LENGTH) or None,
        url=_url(text("url", _LONGEST_URL + 1)),
        author=text("author") or None,
        source=text("source") or None,
        section=text("section") or None,
        topics=tuple(dict.fromkeys(_topics(named.get(present["topics"])))),
        published=declared_date(text("published")),
        language=_language(text("language")),
    )
    used = {name for field, name in present.items() if getattr(declared, field)}
    extra = ((name, as_text(value, _LONGEST_EXTRA)) for name, value in named.items() if name and name not in used)
    return replace(declared, extra=tuple(islice((each for each in extra if each[1]), _MOST_EXTRA)))


def as_text(value: object, longest: int) -> str:
    """Return a value as one line of at most `longest` characters: a list with commas, other nested values as JSON."""
    if isinstance(value, list):
        return ", ".join(filter(None, (_plain(each, longest) for each in value[:_MOST_SEVERAL])))[:longest]
    return _plain(value, longest)


def _plain(value: object, longest: int) -> str:
    if value is None:
        return ""
    if isinstance(value, (list, dict, bool)):
        try:
            value = msgspec.json.encode(value).decode()
        except RecursionError:
            return ""
    return " ".join(printable(str(value)[: 4 * longest]).split())[:longest]


def is_url(text: str) -> bool:
    """Return whether `text` is an http or https address, so that a link to it is safe."""
    return len(text) <= _LONGEST_URL and _URL.fullmatch(text) is not None


def _url(text: str) -> str | None:
    return text if is_url(text) else None


def _language(text: str) -> str | None:
    """Return the ISO 639 code at the beginning of a language tag (BCP 47: `en-GB`), or None."""
    match = _LANGUAGE.fullmatch(text)
    return match[1].lower() if match else None


def _topics(value: object) -> Iterable[str]:
    values = value if isinstance(value, list) else str(value or "")[: _MOST_SEVERAL * _LONGEST].split(",")
    return filter(None, (as_text(each, _LONGEST) for each in values[:_MOST_SEVERAL]))
