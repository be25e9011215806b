"""Header lines: metadata as lines at the head of a text, in the styles of many tools.

Key: value        Pelican, MultiMarkdown, Hexo without an opening fence, Notion (below the title), saved e-mail
#+KEY: value      Org
:key: value       reStructuredText, AsciiDoc
key:: value       Logseq
.. key: value     Nikola
% value           Pandoc: title, authors, date
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile

from searchsvc.ingest.readers.declared_dates import published_date
from searchsvc.ingest.readers.field_names import STANDARD_NAMES, FieldNames, fold_name

_MOST_LINES = 100
_LONGEST_LINE = 2_000  # characters
_MOST_BLANK = 20  # lines above the header
_STYLES = {
    "plain": re.compile(r" {0,3}(?P<key>[A-Za-z][\w .-]{0,40}?)[ \t]*:(?![:/])[ \t]*(?P<value>.*)$"),
    "org": re.compile(r"[ \t]*#\+(?P<key>[A-Za-z_]\w{0,40})(?:\[\])?:[ \t]*(?P<value>.*)$"),
    "field": re.compile(r":(?P<key>[A-Za-z][\w .-]{0,40}!?):(?:[ \t]+(?P<value>.*)|[ \t]*)$"),
    "logseq": re.compile(r"(?:- )?(?P<key>[A-Za-z][\w .-]{0,40})::(?:[ \t]+(?P<value>.*)|[ \t]*)$"),
    "nikola": re.compile(r"\.\. (?P<key>[A-Za-z][\w.-]{0,40}):(?!:)(?:[ \t]+(?P<value>.*)|[ \t]*)$"),
}
_CONTINUED = re.compile(r"(?:\t| {3,})\S")
_HEADING = re.compile(r"#[ \t]+(?P<title>\S.*?)[ \t]*#*$")
_FENCES = ("---", "...", "-->")
_DRAWER = re.compile(r"[ \t]*:[A-Z_-]+:[ \t]*$")
_PROSE = re.compile(r"[.!?]['\")\]]?\s+\S")  # a sentence that is followed by more
# Names that only occur in header lines, and that mark them as such together with the names of fields.
_HEADER_NAMES = frozenset(
    map(
        fold_name,
        (
            "slug", "status", "template", "layout", "save_as", "draft", "type", "id", "to", "cc", "bcc", "reply-to",
            "message-id", "newsgroups", "references", "in-reply-to", "mime-version", "content-type", "received",
            "return-path", "organization", "path", "lines", "permalink", "toc", "math", "gallery", "comments",
            "options", "startup", "email", "series", "translation", "copyright", "hidetitle", "has_math",
            "content-transfer-encoding", "delivered-to", "x-mailer", "user-agent", "sender", "list-id", "version",
        ),
    )
)  # fmt: skip
_TEXT = frozenset({"text", "summary", "image"})  # fields whose names begin sentences: `Note: this is prose.`
_DOUBTFUL = frozenset(
    ("by", "from", "name", "day", "time", "update", "media", "site", "host", "term", "desk", "column", "address",
    "location", "label", "origin", "released", "issued", "posted", "created")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Header:
    """Header lines of one style. `end`: index of the line below them."""

    values: Mapping[str, object]
    end: int
    style: str


def split_header_lines(text: str, names: FieldNames = STANDARD_NAMES) -> tuple[Mapping[str, object], str]:
    """Return the values of the header lines at the head of a text, and the text below them.

    Lines are a header only if they are evidently one: names of fields in the first line and in more than one line,
    or a title or date; and a blank line below. Otherwise they stay in the text.
    """
    head = text[: _MOST_LINES * 400].split("\n", _MOST_LINES)[:_MOST_LINES]
    first = next((at for at, line in enumerate(head[:_MOST_BLANK]) if line.strip()), None)
    if first is None:
        return {}, text
    start, title = first, None
    if head[first].startswith("% ") and head[first + 1 : first + 2] and head[first + 1].startswith("%"):
        return _title_block(text, head, first)
    heading = _HEADING.match(head[first]) if len(head[first]) <= _LONGEST_LINE else None
    if heading:
        title = heading["title"]
        start = next((at for at in range(first + 1, min(first + 3, len(head))) if head[at].strip()), first)
    start = _after_opening(head, start)
    header = _header(head, start) if start < len(head) else None
    if header is None or not _is_header(header, names, title is not None):
        return {}, text
    below = text.split("\n", header.end)
    body = below[header.end].lstrip("\n") if len(below) > header.end else ""
    return ({"title": title} | dict(header.values), body) if title else (header.values, body)


def _title_block(text: str, lines: list[str], start: int) -> tuple[Mapping[str, object], str]:
    """Return the values of a title block of Pandoc, up to three lines of title, authors and date after `%`."""
    block = list(takewhile(lambda line: line.startswith("%"), lines[start : start + 3]))
    values = dict(zip(("title", "author", "date"), (line[1:].strip()[:_LONGEST_LINE] for line in block), strict=False))
    below = text.split("\n", start + len(block))
    return values, below[-1].lstrip("\n") if len(below) > start + len(block) else ""


def _after_opening(lines: list[str], start: int) -> int:
    """Return the index of the line below a comment's opening or a drawer of Org."""
    if lines[start].strip() == "<!--":
        return start + 1
    if lines[start].strip().upper() != ":PROPERTIES:":
        return start
    return next((at + 1 for at in range(start, len(lines)) if lines[at].strip().upper() == ":END:"), start)


def _header(lines: list[str], start: int) -> _Header | None:
    """Return the header lines from `start`, or None if the first line is none or no blank line is below."""
    style = next((name for name, pattern in _STYLES.items() if pattern.match(lines[start])), None)
    if style is None:
        return None
    values: dict[str, str] = {}
    end = start
    for key, value in _entries(lines, start, style):
        end += 1
        if key is None:
            return None
        if key:
            values[key] = f"{values[key]}, {value}" if value and values.get(key) else values.get(key) or value
        elif value and values:
            last = next(reversed(values))
            values[last] = f"{values[last]} {value}".strip()
    while end < len(lines) and lines[end].strip() in _FENCES:
        end += 1
    return _Header({_shown(key, style): value for key, value in values.items()}, end, style)


def _entries(lines: list[str], start: int, style: str) -> Iterator[tuple[str | None, str]]:
    """Yield key and value of each line: an empty key for a continued line, None for a line that is no header.

    Stops at the blank line or fence that ends the header. Lines of Org may have blank lines and drawers between them.
    """
    pattern, skipped = _STYLES[style], 0
    for line in lines[start:]:
        match = pattern.match(line) if len(line) <= _LONGEST_LINE else None
        if match:
            yield from [("", "")] * skipped
            skipped = 0
            yield match["key"].lower().rstrip("!"), (match["value"] or "").strip()
        elif style == "org" and (not line.strip() or _DRAWER.match(line) or line.startswith("# ")):
            skipped += 1
        elif not line.strip() or line.strip() in _FENCES:
            return
        elif _CONTINUED.match(line):
            yield "", line.strip()
        elif style in ("org", "field", "logseq", "nikola"):
            return
        else:
            yield None, ""
            return


def _shown(key: str, style: str) -> str:
    return "topics" if style == "org" and key in ("filetags", "tags") else key


def _is_header(header: _Header, names: FieldNames, has_title: bool) -> bool:
    """Return whether the names and values are evidently metadata."""
    if any(_PROSE.search(value) and len(value) > 300 for value in map(str, header.values.values())):
        return False
    weights = [_weight(key, str(value), header, names) for key, value in header.values.items()]
    if not weights or (not weights[0] and header.style == "plain"):
        return False
    needed = 2 if header.style == "plain" else 1
    is_mostly_known = 2 * sum(map(bool, weights)) >= len(weights)
    return sum(weights) >= needed and (not has_title or header.style != "plain" or is_mostly_known)


def are_metadata(values: Mapping[str, object], names: FieldNames) -> bool:
    """Return whether names and values, wherever they are written, are a title, a date or several fields."""
    header = _Header(values, 0, "plain")
    return sum(_weight(key, str(value or ""), header, names) for key, value in values.items()) > 1


def _weight(key: str, value: str, header: _Header, names: FieldNames) -> int:
    """Return 2 for a title or a date, 1 for another name of a header, 0 for an unknown name."""
    folded = fold_name(key)
    fields = {field for field, _ in names.fields_of(folded)}
    if "title" in fields and folded in ("title", "subject", "headline") and value:
        return 2
    if "published" in fields and published_date(value):
        return 2
    if folded in _HEADER_NAMES:
        return 1
    if not fields or fields <= _TEXT or (folded in _DOUBTFUL and header.style == "plain"):
        return int(folded in ("summary", "description", "from") and len(header.values) > 1)
    return 1
