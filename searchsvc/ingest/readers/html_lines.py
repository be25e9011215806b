"""Lines of an HTML page that extraction must not change: those of code, and of sentences broken over source lines.

Extraction by trafilatura drops blank lines and indentation. So code becomes one line with marks before it, and several
lines with them again after it.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from searchsvc.ingest.readers.text_units import preformatted, verse_in
from searchsvc.ingest.readers.unit_text import UnitText
from searchsvc.models.documents import TABLE, Unit

if TYPE_CHECKING:
    from lxml.etree import _Element

# The last hieroglyphs of Anatolia: extraction removes code points that are not printable, and no page holds these.
_LINE_END, _SPACE, _BEGIN, _END = "\U00014643", "\U00014644", "\U00014645", "\U00014646"
_MARKS = str.maketrans("", "", _LINE_END + _SPACE + _BEGIN + _END)
_CODE = re.compile(f"{_BEGIN}([^{_BEGIN}{_END}]*){_END}?")
_INDENT = re.compile(r"(?m)^[ \t]+|[ \t]{2,}")
_WRAP = re.compile(r"(?<=\S)[ \t\r]*+\n[ \t\r]*+(?=\S)")
_OUTER = re.compile(r"^[ \t\r]*\n\s*|(?<!\s)\s*\n[ \t\r]*$")
_VERBATIM = frozenset({"pre", "textarea", "script", "style", "noscript"})
_TEXT = frozenset(
    ("p", "li", "a", "em", "i", "b", "strong", "span", "code", "td", "th", "dd", "dt", "h1", "h2", "h3", "h4", "h5",
    "h6", "u", "cite", "q", "small", "sup", "sub", "mark", "abbr", "time", "blockquote", "figcaption")
)  # fmt: skip
_NUMBERS = re.compile(r"[\d\s]+")
_LONGEST_CODE = 200_000  # characters
_TABLE_RULE = re.compile(r"\|(?:[ ]?:?-{3,}:?[ ]?\|)+[ ]*$")


def without_marks(page: str) -> str:
    """Return a page without the marks that `mark_lines` sets."""
    return page.translate(_MARKS) if any(mark in page for mark in (_LINE_END, _SPACE, _BEGIN, _END)) else page


def mark_lines(tree: "_Element") -> None:
    """Make one marked line of each `<pre>`, and join sentences that are broken over lines of the source."""
    for element in list(tree.iter("pre")):
        _mark_code(element)
    for element in tree.iter():
        if not isinstance(element.tag, str) or element.tag in _VERBATIM:
            continue
        if element.text and "\n" in element.text:
            element.text = _joined(element.text, element.tag)
        parent = element.getparent()
        if element.tail and "\n" in element.tail and parent is not None and parent.tag not in _VERBATIM:
            element.tail = _joined(element.tail, str(parent.tag))


def _mark_code(element: "_Element") -> None:
    for line_break in element.iter("br"):
        line_break.tail = "\n" + (line_break.tail or "")
    text = "".join(element.itertext()).replace("\r\n", "\n").strip("\n")
    if (
        not text.strip()
        or len(text) > _LONGEST_CODE
        or any(parent.tag == "pre" for parent in element.iterancestors("pre"))
    ):
        return
    for child in list(element):
        element.remove(child)
    is_gutter = _NUMBERS.fullmatch(text) is not None and "\n" in text
    code = _INDENT.sub(lambda spaces: spaces[0].replace("\t", _SPACE * 4).replace(" ", _SPACE), text)
    element.text = "" if is_gutter else f"{_BEGIN}{code}{_END}".replace("\n", _LINE_END)


def _joined(text: str, tag: str) -> str:
    text = _WRAP.sub(" ", text)
    return _OUTER.sub(" ", text) if tag in _TEXT and text.strip() else text


def unit_text(text: str) -> UnitText:
    """Return an extracted text with the lines of its code, and its units."""
    lines, units = list[str](), list[Unit]()
    for line, kind in _lines(text):
        first = len(lines) + 1
        lines += line.split("\n")
        if kind == TABLE and units and units[-1].kind == TABLE and units[-1].last_line == first - 1:
            units[-1] = Unit(TABLE, units[-1].first_line, len(lines))
        elif kind:
            units.append(Unit(kind, first, len(lines)))
    code = {number for unit in units for number in range(unit.first_line, unit.last_line + 1)}
    units += verse_in(["" if number in code else line for number, line in enumerate(lines, 1)])
    return UnitText("\n".join(lines), tuple(sorted(units, key=lambda unit: unit.first_line)))


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Yield each line, or all lines of a block of code, with the kind of its unit."""
    for line in text.split("\n"):
        if _BEGIN in line:
            yield from _with_code(line)
        elif line.startswith("|") and line.rstrip().endswith("|") and len(line) > 2:
            if not _TABLE_RULE.match(line):
                yield " | ".join(cell.strip() for cell in line.strip().strip("|").split("|")), TABLE
        else:
            yield line.translate(_MARKS), ""


def _with_code(line: str) -> Iterator[tuple[str, str]]:
    at = 0
    for match in _CODE.finditer(line):
        before = line[at : match.start()].strip()
        if before:
            yield before.translate(_MARKS), ""
        block = preformatted(match[1].replace(_LINE_END, "\n").replace(_SPACE, " ").translate(_MARKS))
        yield block.text, block.unit
        at = match.end()
    if line[at:].strip():
        yield line[at:].strip().translate(_MARKS), ""
