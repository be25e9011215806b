"""JSON-LD of a page: its articles, with the authors and publishers that they name or refer to (https://schema.org)."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import islice
from typing import Any

import msgspec

from searchsvc.ingest.readers.declared_dates import published_date
from searchsvc.ingest.readers.json_lines import json_value

_LONGEST = 300  # characters of a title or name
_LARGEST_SCRIPT = 500_000  # characters
_MOST_RECORDS = 500
_MOST_MEMBERS = 300  # of a list of records
_DEEPEST = 5
_ARTICLES = ("article", "posting", "report", "blog", "webpage", "review", "recipe", "scholarly")
_NAMING = ("author", "creator", "publisher")  # members with a record of their own
# Characters that hide a script from old browsers and from XML.
_HIDING_START = re.compile(r"(?:\s|<!--|//|/\*|\*/|<!\[CDATA\[)*+")
_HIDING_END = re.compile(r"(?:\s|-->|//|/\*|\*/|\]\]>|;)++$")
_LONGEST_END = 200  # characters at the end that may hide it
_NUMBER = re.compile(r"\d{9,16}")

Record = Mapping[str, Any]


@dataclass(frozen=True)
class LinkedData:
    """Records of the JSON-LD of a page, at most 500."""

    records: tuple[Record, ...]

    @staticmethod
    def of_page(tree: Any) -> "LinkedData":
        """Read the scripts of a parsed page. Invalid scripts are skipped."""
        return LinkedData(tuple(islice(_records(tree), _MOST_RECORDS)))

    @cached_property
    def articles(self) -> tuple[Record, ...]:
        """Records of articles, in order."""
        return tuple(filter(_is_article, self.records))

    @cached_property
    def _named(self) -> Mapping[str, Record]:
        """Records with a name, by `@id`; the first one counts."""
        inside = (each for record in self.records for name in _NAMING for each in _members(record.get(name)))
        records = (each for each in (*self.records, *inside) if isinstance(each, dict))
        by_id: dict[str, Record] = {}
        for record in records:
            identifier = record.get("@id")
            if isinstance(identifier, str) and any(names(record)):
                by_id.setdefault(identifier, record)
        return by_id

    def titles(self) -> Iterator[str]:
        """Yield the headlines of the articles."""
        yield from filter(None, (text_of(each.get("headline")) for each in self.articles))

    def sites(self) -> Iterator[str]:
        """Yield the publishers of the articles that are not persons, then the names of the site."""
        for article in self.articles:
            publishers = self._resolved(article.get("publisher"))
            yield from names([each for each in publishers if not _is_person(each)])
        for record in self.records:
            if _kind(record) in ("website", "newsmediaorganization"):
                yield from names(record)

    def authors(self) -> Iterator[str]:
        """Yield the persons among the authors of each article, or else all its authors."""
        for article in self.articles:
            members = self._resolved(article.get("author") or article.get("creator"))
            yield from names(list(filter(_is_person, members)) or members)

    def numeric_date(self) -> date | None:
        """Return the day of the first article whose date of publication is a number since 1970, or None.

        A day in the future is none: the number is written in another way.
        """
        values = (each.get("datePublished") for each in self.articles)
        numbers = (each for each in values if _NUMBER.fullmatch(str(each)[:20].partition(".")[0]))
        return next((day for number in numbers if (day := published_date(number)) and day <= date.today()), None)

    def _resolved(self, value: object) -> list[object]:
        """Return the members of a value, with the record in place of each reference. References are followed once."""
        return [self._record_of(each) for each in _members(value)]

    def _record_of(self, value: object) -> object:
        identifier = value.get("@id") if isinstance(value, dict) and not any(names(value)) else value
        return self._named.get(identifier, value) if isinstance(identifier, str) else value


def text_of(value: object) -> str:
    """Return a text on one line, cut to 300 characters; "" for other values."""
    return " ".join(value[: 4 * _LONGEST].split())[:_LONGEST] if isinstance(value, str) else ""


def names(value: object) -> Iterator[str]:
    """Yield the names in a text, an object with a name, or a list of them."""
    for each in _members(value):
        name = each.get("name") if isinstance(each, dict) else each
        yield from filter(None, map(text_of, name[:20] if isinstance(name, list) else [name]))


def _members(value: object) -> list[Any]:
    return value[:50] if isinstance(value, list) else [value]


def _records(tree: Any) -> Iterator[Record]:
    for script in tree.iter("script"):
        text = script.text or ""
        if "ld+json" in (script.get("type") or "") and len(text) <= _LARGEST_SCRIPT:
            try:
                yield from _objects(json_value(_bare(text).encode("utf-8", "replace").decode()), 0)
            except (msgspec.MsgspecError, RecursionError):
                continue


def _bare(text: str) -> str:
    """Return a script without the characters around it that hide it from old browsers and from XML."""
    start = _HIDING_START.match(text)
    text = text[start.end() :] if start else text
    return text[:-_LONGEST_END] + _HIDING_END.sub("", text[-_LONGEST_END:])


def _objects(value: object, depth: int) -> Iterable[Record]:
    if isinstance(value, list) and depth < _DEEPEST:
        for each in value[:_MOST_MEMBERS]:
            yield from _objects(each, depth + 1)
    elif isinstance(value, dict):
        yield value
        for name in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _objects(value.get(name), depth + 1) if depth < _DEEPEST else ()


def _kind(record: Record) -> str:
    kind = record.get("@type")
    return text_of(kind[0] if isinstance(kind, list) and kind else kind).lower()


def _is_person(value: object) -> bool:
    return isinstance(value, dict) and _kind(value) == "person"


def _is_article(record: Record) -> bool:
    return "headline" in record or any(each in _kind(record) for each in _ARTICLES)
