"""Layout of HTML pages that extraction misreads: text outside paragraphs, fonts, tables of columns, several articles.

Extraction by trafilatura loses text that is next to paragraphs in `<body>` or a `<div>`, and makes one line of a
table that holds the whole article.
"""

import re
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

_FONTS = re.compile(r"</?(?:font|basefont|big|tt|nobr)(?=[\s/>])[^<>]{0,2000}>", re.I)
_CENTER = re.compile(r"</?center(?=[\s/>])[^<>]{0,2000}>", re.I)
_CONTAINERS = ("body", "div", "article", "main", "section", "td")
_CELLS = ("td", "th")
_ROWS = frozenset({"table", "thead", "tbody", "tfoot", "tr", "td", "th", "colgroup", "col"})
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_MOST_ARTICLES = 200  # extraction takes quadratic time for sections
_LEAST = 40  # characters of text outside links that become a paragraph, except in <body>
_INLINE = frozenset(
    ("a", "abbr", "acronym", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "i", "img", "ins", "kbd",
    "mark", "q", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "u", "var", "wbr")
)  # fmt: skip


def without_fonts(page: str) -> str:
    """Return the source of a page without tags of fonts and centring, which are often never closed."""
    return _CENTER.sub("<br>", _FONTS.sub("", page))


def make_paragraphs(tree: "_Element") -> None:
    """Put text that is next to paragraphs or line breaks into paragraphs, and open tables of columns.

    Neighbouring articles, as on the page of a live report, become sections.
    """
    _open_articles(tree)
    cells = {cell for table in list(tree.iter("table")) if _is_layout(table) for cell in _open_table(table)}
    for container in list(tree.iter(*_CONTAINERS)):
        if any(_is_block(child) or _is_second_break(child) for child in container):
            is_page = container.tag == "body" or container in cells
            _wrap_text(container, least=1 if is_page else _LEAST)


def _open_articles(tree: "_Element") -> None:
    """Make sections of neighbouring articles. Extraction takes the first article for the whole one."""
    siblings: dict[_Element | None, list[_Element]] = {}
    for each in tree.iter("article"):
        siblings.setdefault(each.getparent(), []).append(each)
    for group in siblings.values():
        if 1 < len(group) <= _MOST_ARTICLES and all(sum(1 for _ in each.iter("p")) > 1 for each in group):
            for each in group:
                each.tag = "section"


def _is_layout(table: "_Element") -> bool:
    """Return whether one cell has most of the table's text, and in it a heading or several paragraphs.

    In a table with headings of columns, paragraphs in a cell say nothing.
    """
    total = _length(table)
    least = 2 if next(table.iter("th"), None) is None else sys.maxsize
    return any(
        2 * _length(cell) > total and (next(cell.iter(*_HEADINGS), None) is not None or _paragraphs(cell) >= least)
        for cell in table.iter(*_CELLS)
        if next(cell.iterancestors("table")) is table
    )


def _paragraphs(cell: "_Element") -> int:
    breaks = sum(1 for each in cell.iter("br") if _is_second_break(each))
    return sum(1 for _ in cell.iter("p")) + (breaks + 1 if breaks else 0)


def _open_table(table: "_Element") -> "list[_Element]":
    """Make blocks of a table, its rows and its cells. Returns the cells."""
    rows = [each for each in table.iterdescendants(*_ROWS) if next(each.iterancestors("table")) is table]
    cells = [each for each in rows if each.tag in _CELLS]
    for element in (table, *rows):
        element.tag = "div"
    return cells


def _length(element: "_Element") -> int:
    return sum(len(text.strip()) for text in element.itertext())


def _is_block(element: "_Element") -> bool:
    return element.tag not in _INLINE and element.tag != "br"


def _is_second_break(element: "_Element") -> bool:
    before = element.getprevious()
    return element.tag == "br" and before is not None and before.tag == "br" and not (before.tail or "").strip()


def _wrap_text(container: "_Element", least: int) -> None:
    """Put each run of text and inline elements of at least `least` characters into a paragraph.

    Blocks and two line breaks end a run.
    """
    runs = [_Run(None, container.text)]
    for child in container:
        if _is_block(child) or _is_second_break(child):
            runs.append(_Run(child, child.tail))
        else:
            runs[-1].inline.append(child)
    for run in runs:
        if run.length() >= least:
            run.wrap(container)


@dataclass(slots=True)
class _Run:
    """Text and inline elements between two blocks."""

    before: "_Element | None"  # block or line break that the run follows
    text: str | None
    inline: "list[_Element]" = field(default_factory=list)

    def length(self) -> int:
        """Return the characters of the run's text outside links."""
        texts = [self.text, *(each.tail for each in self.inline)]
        texts += [text for each in self.inline if each.tag != "a" for text in each.itertext()]
        return sum(len(text.strip()) for text in texts if text)

    def wrap(self, container: "_Element") -> None:
        paragraph = container.makeelement("p")
        paragraph.text = self.text
        if self.before is None:
            container.text = None
            container.insert(0, paragraph)
        else:
            self.before.tail = None
            self.before.addnext(paragraph)
        paragraph.extend(self.inline)
