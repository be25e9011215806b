"""Reads the fields of an article from its text, mostly from what was taken out as debris."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from searchsvc.analysis import WORD
from searchsvc.ingest.identity import document_id, slug
from searchsvc.ingest.seeds import shown_path
from searchsvc.models import CleanDocument, Document, Line

_LONGEST_NAME = 80  # characters of an author, a source, a section
_LONGEST_TITLE = 300
_SUMMARY = 280
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_ABOUT = re.compile(r"about (?:the author:?\s+)?(\S.*)", re.I)
_AUTHOR = re.compile(r"(?:author|written by|posted by|story by|reported by)\s*:?\s+(\S.*)", re.I)
_BY = re.compile(r"by:?\s+(\S.*)", re.I)
_SOURCE = re.compile(r"(?:source|via)\s*:\s*(\S.*)", re.I)
_SECTION = re.compile(r"(?:more (?:in|from)|filed under:?|section:|category:)\s+(\S.*)", re.I)
_RELATED = re.compile(r"(?:also read|read also|read more|see also|related|related story)\s*:\s*(\S.*)", re.I)
_TOPIC = re.compile(r"for more (?:updates|news|stories) (?:on|about)\s+([^.!?]+)", re.I)
_NAME_ENDS = re.compile(r"\s*(?:[|•·–—,]|\son\s|\sin\s|\sfor\s|\d).*", re.I)
_ISO_DATE = re.compile(r"(?<![\d-])(\d{4})[-/](\d\d?)[-/](\d\d?)(?!\d)(?:[T ][\d:.]{4,12}(?:Z|[+-]\d\d:?\d\d)?)?", re.A)
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_DAY_FIRST = re.compile(rf"(\d{{1,2}})(?:st|nd|rd|th)? {_MONTH},? (\d{{4}})", re.I | re.A)
_MONTH_FIRST = re.compile(rf"{_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}})", re.I | re.A)
_PUBLISHED = re.compile(r"(?:published|posted|date|first published|posted on|published on)\s*:?\s+(\S.*)", re.I)


@dataclass(frozen=True, slots=True)
class _Said:
    """A line with its rule, '' if it was kept."""

    text: str
    rule: str


def describe(clean: CleanDocument, language: str) -> Document:
    """The document that a cleaned text is. Fields that the text does not give stay empty."""
    said = [_Said(" ".join(block.text.split()), block.rule) for block in clean.removed]
    title = _title(clean)
    body = clean.body
    path = clean.raw.seed.path
    return Document(
        id=document_id(path),
        slug=slug(title),
        path=shown_path(path),
        content_hash=clean.raw.content_hash,
        title=title,
        body=body,
        headings=_headings(clean.kept),
        summary=_shortened(next((line.text for line in clean.kept if _is_prose(line.text)), body)),
        author=_author(said),
        source=_first(_SOURCE, said, {"source"}),
        section=_first(_SECTION, said, {"section"}),
        topics=tuple(dict.fromkeys(match[1].strip() for each in said if (match := _TOPIC.search(each.text)))),
        related=tuple(match[1] for each in said if each.rule == "related" and (match := _RELATED.match(each.text))),
        credit=next((each.text for each in said if each.rule == "credit"), None),
        published=_published(said),
        language=language,
        words=sum(1 for _ in WORD.finditer(body)),
        removed=clean.removed,
    )


def _title(clean: CleanDocument) -> str:
    block = next((block.text for block in clean.removed if block.rule == "title"), None)
    text = block if block is not None else next((line.text for line in clean.kept), clean.raw.text)
    return " ".join(text[: 4 * _LONGEST_TITLE].split())[:_LONGEST_TITLE] or clean.raw.seed.path


def _headings(lines: Iterable[Line]) -> tuple[str, ...]:
    texts = [line.text.strip() for line in lines]
    return tuple(text for text in texts if text and not _is_prose(text) and _looks_like_heading(text))


def _looks_like_heading(text: str) -> bool:
    return len(text.split()) <= 12 and not text[0].islower() and text[0] not in "•·*-–—"


def _is_prose(text: str) -> bool:
    return text.rstrip("\"'”’)» ").endswith((".", "!", "?", ":", ";", "…", ",")) and len(text.split()) > 3


def _shortened(text: str) -> str:
    text = " ".join(text[: 4 * _SUMMARY].split())
    return text if len(text) <= _SUMMARY else text[:_SUMMARY].rsplit(" ", 1)[0] + "…"


def _author(said: list[_Said]) -> str | None:
    return (
        _first(_AUTHOR, said, {"author"})
        or _first(_BY, said, {"author", "byline"})
        or _first(_ABOUT, said, {"about-author"})
    )


def _first(pattern: re.Pattern[str], said: list[_Said], rules: set[str]) -> str | None:
    for each in said:
        match = pattern.match(each.text[:400]) if each.rule in rules else None
        if match and (name := _NAME_ENDS.sub("", match[1]).strip(" .:")) and len(name) <= _LONGEST_NAME:
            return name
    return None


def _published(said: list[_Said]) -> date | None:
    for each in said:
        if each.rule in ("date", "byline", "author"):
            text = each.text[:200]
            stated = _PUBLISHED.match(text)
            found = _day(stated[1] if stated else text)
            if found:
                return found
    return None


def _day(text: str) -> date | None:
    """The one full date in `text`; None if there is none, or a day that never was."""
    try:
        if match := _ISO_DATE.search(text):
            return date(int(match[1]), int(match[2]), int(match[3]))
        if match := _DAY_FIRST.search(text):
            return date(int(match[3]), _month(match[2]), int(match[1]))
        if match := _MONTH_FIRST.search(text):
            return date(int(match[3]), _month(match[1]), int(match[2]))
    except ValueError:
        return None
    return None


def _month(name: str) -> int:
    return _MONTHS.index(name[:3].lower()) + 1
