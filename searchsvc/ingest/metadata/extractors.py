"""Metadata extracted from the running text, each line read once."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from searchsvc.ingest.line_matching import fold
from searchsvc.ingest.metadata.byline import author
from searchsvc.ingest.metadata.dates import published
from searchsvc.ingest.metadata.line_view import BULLETS, LineView
from searchsvc.ingest.metadata.person_names import LONGEST, is_person
from searchsvc.ingest.metadata.title import title_line
from searchsvc.models.documents import DeclaredMetadata

_NOTHING_DECLARED = DeclaredMetadata()
_FOOT = 30  # lines after the end of the prose that may name a source or a section
_MOST_RELATED = 20

_SOURCE = re.compile(r"\W{0,3}(?:source|via)\s{0,2}:\s{0,3}(?=\S)", re.I)
_SECTION = re.compile(
    r"(?:more (?:in|from)|filed (?:under|in)|posted in|section|category)(?:\s{0,2}:)?\s{1,3}(?=\S)", re.I
)
_NO_SECTION = re.compile(
    r"(?:this|that|these|those|the (?:author|writer|same|team|editor)|our|your|my|his|her|their|its|us|me|you|him|them"
    r"|here|around|across|all|author|authors|by)\b",
    re.I,
)
_RELATED = re.compile(
    r"(?:also read|read also|read more|see also|related(?: story| article)?)\s{0,2}:\s{0,3}(?=\S)", re.I
)
_TOPIC = re.compile(r"for more (?:updates|news|stories) (?:on|about)\s{1,3}([^.!?]{1,80})", re.I)
_LICENCE = re.compile(
    r"\bcc[ -]by\b|\bcc0\b|creative commons|getty images|shutterstock|\bphoto(?:graph)?(?: by| credit|:)", re.I
)
_IN_LICENCES = ("cc", "creat", "getty", "hutter", "photo")  # of _LICENCE, without letters with more than two cases
_SITE = re.compile(r"\s(?:[|»·•]|[-–—])\s")
_SIGNS = " \t•·*»›|–—-#"


@dataclass(frozen=True, slots=True)
class ExtractedMetadata:
    """Metadata that the text gives; None or empty where it gives none with certainty.

    `title_index`: index of the title's first copy among the lines that hold text.
    """

    title: str | None
    title_index: int
    author: str | None
    source: str | None
    section: str | None
    topics: tuple[str, ...]
    related: tuple[str, ...]
    credit: str | None
    published: date | None


def read(texts: Sequence[str], rules: Sequence[str] | None = None, language: str = "en") -> ExtractedMetadata:
    """Extract the metadata from raw lines. `rules`: name of the rule that removed each line, "" for a kept line."""
    lines = LineView.of(texts, rules)
    return extract_metadata(lines, title_line(lines), language)


def extract_metadata(
    lines: LineView, title: int, language: str = "en", declared: DeclaredMetadata = _NOTHING_DECLARED
) -> ExtractedMetadata:
    """Extract the metadata from `lines`, without the fields that are `declared`. `title`: its index, -1 for none.

    Linear in the text: each extractor reads the beginning of lines in a few places.
    """
    first = lines.folded.index(lines.folded[title]) if title >= 0 else -1
    return ExtractedMetadata(
        title=None if declared.title else _shown_title(lines, title),
        title_index=first,
        author=None if declared.author else author(lines, title),
        source=None if declared.source else _labelled_value(lines, _SOURCE),
        section=None if declared.section else _section(lines),
        topics=() if declared.topics else tuple(dict.fromkeys(_topics(lines))),
        related=tuple(dict.fromkeys(_related(lines)))[:_MOST_RELATED],
        credit=_credit(lines, first),
        published=None if declared.published else published(lines, title, language),
    )


def _shown_title(lines: LineView, title: int) -> str | None:
    """Return the title without a leading bullet, and without the site's name or a count if a line nearby lacks it."""
    if title < 0:
        return None
    text = lines.texts[title].strip(_SIGNS) or lines.texts[title]
    parts = [text[: match.start()] for match in _SITE.finditer(text)] + [re.sub(r"\s\d{1,5}$", "", text)]
    near = lines.folded[max(0, title - 60) : title + 60]
    bare = [part for part in parts if part != text and 2 * len(part) >= len(text) and fold(part) in near]
    return min(bare, key=len, default=text)


def _topics(lines: LineView) -> Iterator[str]:
    """Yield the topics that removed lines, and lines after the end of the prose, name."""
    _, end = lines.main
    for i, lowered in enumerate(lines.lowered):
        if "for more " in lowered and (lines.rules[i] or end <= i < end + _FOOT):
            yield from (topic.strip() for topic in _TOPIC.findall(lines.texts[i]))


def _labelled_value(lines: LineView, label: re.Pattern[str]) -> str | None:
    """Return the short text after `label` in the first line after the prose that begins with it."""
    _, end = lines.main
    for text, word_count in zip(
        lines.texts[end - 1 : end + _FOOT], lines.word_counts[end - 1 : end + _FOOT], strict=True
    ):
        match = label.match(text) if word_count <= 12 else None
        value = text[match.end() :].strip(" .:") if match else ""
        if value and len(value) <= LONGEST and not value.endswith("…"):
            return value
    return None


def _section(lines: LineView) -> str | None:
    """Return the labelled section. A person, or a pointer such as "More from this author", is none."""
    section = _labelled_value(lines, _SECTION)
    if section is None or _NO_SECTION.match(section) or is_person(section):
        return None
    return section


def _related(lines: LineView) -> Iterator[str]:
    for text, word_count in zip(lines.texts, lines.word_counts, strict=True):
        match = _RELATED.match(text) if word_count <= 40 and ":" in text else None
        if match:
            yield text[match.end() :]


def _credit(lines: LineView, title: int) -> str | None:
    """Return the first line with a licence or a picture agency between the title and the end of the prose."""
    _, end = lines.main
    for i in range(max(0, title), min(end, len(lines))):
        if lines.word_counts[i] > 30 or lines.prose[i] or not _has_any(lines.lowered[i], _IN_LICENCES):
            continue
        text = lines.texts[i]
        if not text.startswith(BULLETS) and _LICENCE.search(text):
            return text
    return None


def _has_any(text: str, parts: Iterable[str]) -> bool:
    return any(part in text for part in parts)
