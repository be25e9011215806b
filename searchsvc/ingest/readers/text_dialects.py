"""Text dialects, Markdown, Org, reStructuredText and AsciiDoc: metadata at the head, and text without syntax."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from searchsvc.deferred import deferred
from searchsvc.ingest.readers.dialect_code import BOUNDS
from searchsvc.ingest.readers.field_names import FieldNames
from searchsvc.ingest.readers.front_matter import split_front_matter
from searchsvc.ingest.readers.header_lines import split_header_lines
from searchsvc.ingest.readers.joplin import split_joplin
from searchsvc.ingest.readers.placeholders import Placeholders
from searchsvc.ingest.readers.text_units import assembled, code_aside, read_text
from searchsvc.ingest.readers.unit_text import UnitText
from searchsvc.ingest.readers.wrapped_lines import join_wrapped

if TYPE_CHECKING:
    from searchsvc.ingest.readers import markdown
else:  # plain text needs no parser of Markdown
    markdown = deferred("searchsvc.ingest.readers.markdown")

_MARKDOWN_HEADING = re.compile(r"\s{0,20}(?:#[ \t]+(?P<atx>\S[^\n]*)|(?P<setext>[^\s#>|-][^\n]*)\n=+[ \t]*(?:\n|$))")
_RST_HEADING = re.compile(
    r"\s{0,20}(?:(?P<over>[=\-~^\"'#*+`:.])(?P=over){2,}[ \t]*\n[ \t]*(?P<framed>\S[^\n]*)\n(?P=over){3,}"
    r"|(?P<title>\S[^\n]*)\n(?P<under>[=\-~^\"'#*+`:.])(?P=under){2,})[ \t]*(?:\n|$)"
)
# Labels, and fields that are instructions to Sphinx, above a heading.
_RST_ABOVE = re.compile(
    r"(?:[ \t]*\n|\.\.[ \t]+_[^\n]*:[ \t]*\n|:(?:orphan|nocomments|nosearch|tocdepth):[^\n]*\n){1,50}+"
)
_RST_RULE = re.compile(r"([=\-~^\"'#*+`:.])\1{2,}[ \t]*$")
_RST_DIRECTIVE = re.compile(r"\.\. (?:[\w:-]+::[ \t]*(?P<argument>.*)|_[^\n]*|[^\n]*)$")
_RST_NOTE = re.compile(r"\.\.[ \t]+\[(?:#[\w-]{0,40}|\*|\w[\w.:+-]{0,80})\](?:[ \t]+(?P<text>.*)|[ \t]*)$")
_RST_OPTION = re.compile(r"[ \t]+:(?P<name>[\w-]+):(?:[ \t]+(?P<value>.*)|[ \t]*)$")
_RST_WRAPPED_ALT = re.compile(r"^([ \t]+):alt:[^\n]*(?:\n\1[ \t]+\S[^\n]*)+", re.M)
_RST_INLINE = (
    (re.compile(r"[ \t]?\[(?:#[\w-]{0,40}|\d{1,4}|\*|[A-Za-z][\w-]{1,40})\]_(?!\w)"), ""),
    (re.compile(r":[\w:+.-]{1,40}:`!?([^`<>]{0,300}?)[ \t]{0,9}(?:<[^`<>]*>)?`"), r"\1"),
    (re.compile(r"``([^`\n]+)``"), r"\1"),
    (re.compile(r"`([^`<>\n]{1,300}?)[ \t]{0,9}(?:<[^`<>\n]*>)?`_{0,2}"), r"\1"),
    (re.compile(r"\*\*([^*\n]+)\*\*"), r"\1"),
    (re.compile(r"(?<![\w*])\*([^*\n\s][^*\n]*)\*(?![\w*])"), r"\1"),
)
_SKIPPED_DIRECTIVES = ("toctree", "contents", "index", "meta", "raw", "include", "tabularcolumns", "autosummary")
_SHOWN_DIRECTIVES = (
    "note",
    "warning",
    "tip",
    "hint",
    "important",
    "caution",
    "attention",
    "danger",
    "topic",
    "admonition",
)
_ORG_HEADING = re.compile(
    r"\*+[ \t]+(?:(?:TODO|DONE)[ \t]+)?(?:\[#[A-Z]\][ \t]+)?(?P<title>.*?)(?:[ \t]+:[\w@:]+:)?[ \t]*$"
)
_ORG_HIDDEN = re.compile(r"[ \t]*(?:#\+\w+(?:\[\])?:?.*|# .*|:[\w-]+:(?:[ \t].*)?|(?:CLOSED|DEADLINE|SCHEDULED):.*)$")
_ORG_RULE = re.compile(r"[ \t]*\|[-+]+\|?[ \t]*$")
_ORG_TASK = re.compile(r"([ \t]*(?:[-+*]|\d{1,4}[.)])[ \t]+)\[[ xX-]\][ \t]+")
_ORG_INLINE = (
    (re.compile(r"\[\[(?:file:)?[^\[\]]{1,300}\.(?:png|jpe?g|gif|svg|webp)\]\]", re.I), ""),
    (re.compile(r"\[fn:[\w-]{1,40}\]"), ""),
    (re.compile(r"\[fn:[\w-]{0,40}:[ \t]?([^\[\]]{1,500})\]"), r" (\1)"),
    (re.compile(r"\[\[[^\[\]]*\]\[([^\[\]]*)\]\]"), r"\1"),
    (re.compile(r"\[\[(?:\w+:)?([^\[\]]*)\]\]"), r"\1"),
    (re.compile(r"(?<![\w*/_=~+])([*/_=~+])(\S(?:[^\n]{0,100}?\S)??)\1(?![\w*/_=~+])"), r"\2"),
)
_ADOC_TITLE = re.compile(r"\s{0,20}(?:[=#])[ \t]+(?P<title>\S[^\n]*)")
_ADOC_AUTHOR = re.compile(
    r"[^\W\d_][\w.'’ -]{1,80}(?:[ \t]*<[^<>\s]+>)?(?:;[ \t]*[^\W\d_][\w.'’ -]{1,80}(?:[ \t]*<[^<>\s]+>)?)*$"
)
_ADOC_REVISION = re.compile(r"v?[\d.]*,?[ \t]*(?P<date>\d{4}-\d\d-\d\d|\d\d? \w+ \d{4}|\w+ \d\d?, \d{4})(?:[,:].*)?$")
_ADOC_ATTRIBUTE = re.compile(r":(?P<key>[\w-]+)!?:(?:[ \t]+(?P<value>.*)|[ \t]*)$")
_ADOC_HIDDEN = re.compile(
    r"(?:\[\[?[^\]\n]*\]\]?|\|={3,}|\+|//.*|:[\w-]+!?:.*|-{4,}|={4,}|\*{4,}|\.{4,}|_{4,}|\+{4,}|'''|<<<|toc::\[\]"
    r"|(?:ifdef|ifndef|endif|include)::.*)[ \t]*$"
)
_ADOC_PICTURE = re.compile(
    r"image::[^\[\]]{0,500}\[(?P<quote>\"?)(?P<alt>(?:(?<=\")[^\"\]]*+|[^\",\]]*+(?=[,\]])))(?P=quote)[^\]]*+\][ \t]*$"
)
_ADOC_HEADING = re.compile(r"={2,6}[ \t]+(?=\S)|\.(?=[A-Z])")
_ADOC_CELLS = re.compile(r"[ \t]{0,9}(?<!\\)\|[ \t]{0,9}")
_ADOC_INLINE = (
    (re.compile(r"image:[^\s\[\]:]{1,500}\[([^\[\],\n]*)[^\[\]\n]*\]"), r"\1"),
    (re.compile(r"footnote:[\w-]{0,40}\[([^\[\]\n]{1,500})\]"), r" (\1)"),
    (re.compile(r"\[\[[\w:.-]{1,80}\]\]|\[#[\w-]{1,80}\]"), ""),
    (re.compile(r"(?:https?://|link:|xref:|mailto:)[^\s\[\]]{0,500}+\[([^\[\]\n]+?)(?:\^|,[^\[\]\n]*)?\]"), r"\1"),
    (re.compile(r"<<[^<>,\n]*,[ \t]*([^<>\n]*)>>"), r"\1"),
    (re.compile(r"(?<![\w*_`])([*_`])(\S(?:[^\n]{0,100}?\S)??)\1(?![\w*_`])"), r"\2"),
)
_LONGEST_LINE = 5_000  # characters of a line that may hold markup


@dataclass(frozen=True, slots=True)
class DialectText:
    """A text without syntax, the values at its head, its first heading, and a note on lost values.

    `tags`: topics in the text itself.
    """

    text: UnitText
    values: Mapping[str, object]
    heading: str | None = None
    note: str | None = None
    tags: tuple[str, ...] = ()


def read_dialect(whole: str, form: str, names: FieldNames) -> DialectText:
    """Return the text and metadata of a file. `form`: text, markdown, mdx, org, rst or asciidoc."""
    values, text, note = split_front_matter(whole, names)
    heading = None
    if form in ("rst", "asciidoc"):
        split = _split_rst if form == "rst" else _split_asciidoc
        heading, head_values, text = split(text, names)
        values = head_values | dict(values)
    elif not values:
        values, text = split_header_lines(text, names)
    if form == "markdown" and not values:
        values, text = split_joplin(text)
    if form in ("markdown", "mdx"):
        match = _MARKDOWN_HEADING.match(text)
        heading = markdown.plain(match["atx"] or match["setext"]) if match else None
        heading = heading.rstrip("# \t") if heading else None
        content = markdown.read_markdown(text)
        return DialectText(content.in_units(bool(values)), values, heading, note, content.tag_lines or content.tags)
    if form in BOUNDS:
        return DialectText(_of_dialect(text, form).in_paragraphs(), values, heading, note)
    return DialectText(read_text(text), values, heading, note)


def _of_dialect(text: str, form: str) -> UnitText:
    """Return the text of Org, reStructuredText or AsciiDoc. Line ends inside their paragraphs never count."""
    placeholders = Placeholders()
    lines = text.split("\n")
    outside = "\n".join(code_aside(lines, BOUNDS[form](lines), placeholders))
    return assembled(join_wrapped(_PLAIN[form](outside).split("\n"), always=True), placeholders)


def _split_rst(text: str, names: FieldNames) -> tuple[str | None, dict[str, object], str]:
    """Return the title of reStructuredText, its field list, and the text below."""
    above = _RST_ABOVE.match(text)
    match = _RST_HEADING.match(text, above.end() if above else 0)
    heading = (match["framed"] or match["title"]).strip() if match else None
    values, body = split_header_lines(text[match.end() :] if match else text, names)
    return heading, dict(values), body


def _split_asciidoc(text: str, names: FieldNames) -> tuple[str | None, dict[str, object], str]:
    """Return the title of AsciiDoc, the author line, revision line and attributes, and the text below."""
    match = _ADOC_TITLE.match(text)
    lines = text[match.end() :].lstrip("\n").split("\n") if match else text.split("\n")
    values: dict[str, object] = {}
    at = 0
    for line in lines[:100]:
        attribute, revision = _ADOC_ATTRIBUTE.match(line), _ADOC_REVISION.match(line)
        if attribute:
            values[attribute["key"]] = (attribute["value"] or "").strip()
        elif match and revision and 0 < at < 3:
            values["revdate"] = values["date"] = revision["date"]
        elif match and at == 0 and _ADOC_AUTHOR.match(line) and text[match.end() : match.end() + 2] != "\n\n":
            values["author"] = line
        elif not line.startswith("//"):
            break
        at += 1
    if "revdate" in values:
        values.setdefault("date", values.pop("revdate"))
    return (match["title"].strip() if match else None), values, "\n".join(lines[at:])


def _lines(text: str, line_of: Callable[[str], str | None]) -> str:
    """Return the lines that `line_of` gives. Lines that are too long to be markup stay."""
    lines = (line_of(line) if len(line) <= _LONGEST_LINE else line for line in text.split("\n"))
    return "\n".join(line for line in lines if line is not None)


def _inline(line: str, patterns: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    for pattern, replacement in patterns if len(line) <= _LONGEST_LINE else ():
        line = pattern.sub(replacement, line)
    return line


def _plain_org(text: str) -> str:
    def line_of(line: str) -> str | None:
        heading = _ORG_HEADING.match(line)
        if heading:
            return f"\n{_inline(heading['title'], _ORG_INLINE)}\n"
        if _ORG_HIDDEN.match(line) or _ORG_RULE.match(line):
            return None
        return _inline(_ORG_TASK.sub(r"\1", line), _ORG_INLINE)

    return _lines(text, line_of)


def _plain_rst(text: str) -> str:
    text = _RST_WRAPPED_ALT.sub(lambda match: f"{match[1]}{' '.join(match[0].split())}", text)
    return "\n".join(_rst_lines(text.split("\n")))


def _rst_lines(lines: list[str]) -> Iterator[str]:
    hidden = False  # whether the lines are options of a directive
    is_picture = False  # whether the directive is a picture
    skipping = False  # whether they are its content, which is no text
    for line in lines:
        skipping = skipping and (not line.strip() or line[0] in " \t")
        if skipping:
            continue
        note, option = _RST_NOTE.match(line), _RST_OPTION.match(line) if hidden else None
        directive = None if note else _RST_DIRECTIVE.match(line)
        if note:
            hidden = False
            yield from ("", _inline(note["text"] or "", _RST_INLINE))
        elif directive:
            hidden = True
            name, colons, _ = line[3:].partition("::")
            is_picture = name in ("image", "figure") and bool(colons)
            skipping = name in _SKIPPED_DIRECTIVES or (not colons and line[3:4] not in "_|")
            if name in _SHOWN_DIRECTIVES and directive["argument"]:
                yield _inline(directive["argument"], _RST_INLINE)
        elif option:
            if is_picture and option["name"] == "alt" and markdown.is_caption(option["value"] or ""):
                yield from ("", _inline(option["value"], _RST_INLINE))
        elif _RST_RULE.match(line):
            hidden = False
            yield ""
        else:
            hidden = False
            yield _inline(re.sub(r"::[ \t]*$", ":", line), _RST_INLINE)


def _plain_asciidoc(text: str) -> str:
    def line_of(line: str) -> str | None:
        if _ADOC_HIDDEN.match(line):
            return ""
        picture = _ADOC_PICTURE.match(line)
        if picture:
            return f"\n{_inline(picture['alt'], _ADOC_INLINE)}\n" if markdown.is_caption(picture["alt"].strip()) else ""
        if line.startswith("|"):
            return f"\n{_inline(_ADOC_CELLS.sub(' | ', line).strip(' |'), _ADOC_INLINE)}"
        heading = _ADOC_HEADING.match(line)
        return f"\n{_inline(line[heading.end() :], _ADOC_INLINE)}\n" if heading else _inline(line, _ADOC_INLINE)

    return _lines(text, line_of)


_PLAIN: Mapping[str, Callable[[str], str]] = {
    "org": _plain_org,
    "rst": _plain_rst,
    "asciidoc": _plain_asciidoc,
}
