"""Reader for HTML pages, through trafilatura: text and the metadata of the page's head."""

import codecs
import logging
import re
from collections.abc import Mapping
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING

import trafilatura
from charset_normalizer.constant import IANA_SUPPORTED

from searchsvc.ingest.readers.bounded_io import UnreadableSeed
from searchsvc.ingest.readers.declared_page import PageHead, page_head
from searchsvc.ingest.readers.figures import open_figures
from searchsvc.ingest.readers.html_lines import mark_lines, unit_text, without_marks
from searchsvc.ingest.readers.page_layout import make_paragraphs, without_fonts
from searchsvc.ingest.readers.unit_text import UnitText

if TYPE_CHECKING:
    from lxml.html import HtmlElement

LARGEST = 10_000_000  # bytes
_MOST_TAGS = 300_000  # an element takes 700 bytes of memory
_MOST_ELEMENTS = 50_000  # extraction takes 0.1 ms per element; of a larger page all text is used
_MOST_ATTRIBUTES = 1_000  # in a tag; the libraries take quadratic time
_MOST_PARSED = 20_000  # attributes in a tag, which the parser takes half a second for
_LONG_TAG = re.compile(rf"<[a-z][^<>]{{{2 * _MOST_PARSED},}}+", re.I)
_CHARSET = re.compile(rb"<meta[^<>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?([\w.:-]{1,40})", re.I)
# Comments of SingleFile and of browsers at the head of a saved page.
_SAVED = re.compile(
    r"<!--\s{0,99}(?:Page saved with SingleFile\s{1,99}url:[ \t]{0,9}(?P<url>\S{1,2000})"
    r"(?:\s{1,99}saved date:[ \t]{0,9}(?P<date>[^\n]{1,99}))?|saved from url=\(\d{1,9}\)(?P<from>\S{1,2000}))"
)
_DATA = re.compile(rb"data:[\w/+.-]{0,99}(?:;[\w=-]{1,99}){0,3};base64,[A-Za-z0-9+/=%]*+")
_HEAD = 4_096  # bytes that may declare the encoding; browsers read 1,024
_REALLY_1252 = frozenset({"iso8859_1", "ascii"})  # as browsers do (https://encoding.spec.whatwg.org)
_NO_GUESS = {"extensive_search": False, "original_date": True}

for _name in ("trafilatura", "htmldate"):  # their warnings about a page become its problem
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)


def declared_encoding(data: bytes) -> str | None:
    """Return the encoding that a page declares, if it is an encoding for text on the web, or None."""
    match = _CHARSET.search(data[:_HEAD])
    try:
        name = codecs.lookup(match[1].decode("ascii", "replace")).name.replace("-", "_") if match else ""
    except LookupError:
        return None
    if name in _REALLY_1252:
        return "cp1252"
    return name if name in IANA_SUPPORTED and not name.startswith("utf") else None


def without_data(data: bytes) -> bytes:
    """Return a page without the images and fonts that are saved inside it."""
    return _DATA.sub(b"data:,", data) if b";base64," in data else data


def article(page: str) -> tuple[Mapping[str, object], UnitText]:
    """Return the fields of a page and its text, not yet cleaned. Raises UnreadableSeed."""
    if page.count("<") > _MOST_TAGS:
        raise UnreadableSeed(f"more than {_MOST_TAGS:,} tags, the limit for HTML")
    # Words of a long tag, since a script may hold "<" too: the exact count follows when the page is parsed.
    if any(len(tag[0].split(None, _MOST_PARSED)) > _MOST_PARSED for tag in _LONG_TAG.finditer(page)):
        raise _too_many_attributes()
    # A hostile page may break the library anywhere, and one file must never stop a build.
    try:
        return _article(page)
    except UnreadableSeed:
        raise
    except Exception as error:
        raise UnreadableSeed(f"unreadable HTML ({type(error).__name__})") from error


def _too_many_attributes() -> UnreadableSeed:
    return UnreadableSeed(f"more than {_MOST_ATTRIBUTES:,} attributes in a tag, the limit for HTML")


def _article(page: str) -> tuple[Mapping[str, object], UnitText]:
    tree = _parsed(page)
    if tree is None:
        return {}, UnitText("")
    head = page_head(tree)
    declared: dict[str, object] = _saved(page) | {
        "lang": tree.get("lang"),
        "title": head.title(),
        "author": head.authors(),
    }
    title = " ".join((tree.findtext(".//title") or "").split())  # of a page without text
    if any(len(element.attrib) > _MOST_ATTRIBUTES for element in tree.iter()):
        raise _too_many_attributes()
    if sum(1 for _ in islice(tree.iter(), _MOST_ELEMENTS + 1)) > _MOST_ELEMENTS:
        return declared, unit_text(trafilatura.html2txt(tree))
    make_paragraphs(tree)
    open_figures(tree)
    mark_lines(tree)
    extracted = trafilatura.bare_extraction(
        tree,
        favor_recall=True,  # text that trafilatura removes is lost; our own removals are shown with their reasons
        include_comments=False,
        with_metadata=True,
        date_extraction_params=_NO_GUESS,
    )
    if extracted is None or not isinstance(extracted.text, str) or not extracted.text.strip():
        declared["title"] = declared["title"] or title
        return declared, _whole_text(page)
    declared["title"] = declared["title"] or extracted.title
    return _fields(extracted, page, head) | declared, unit_text(extracted.text)


def _parsed(page: str) -> "HtmlElement | None":
    return trafilatura.load_html(without_fonts(without_marks(page)))


def _whole_text(page: str) -> UnitText:
    """Return all text of a page. Extraction has used up its tree."""
    tree = _parsed(page)
    mark_lines(tree)
    return unit_text(trafilatura.html2txt(tree))


def _saved(page: str) -> dict[str, object]:
    """Return the address and the day that a browser or an extension such as SingleFile writes into a saved page."""
    match = _SAVED.search(page, 0, _HEAD)
    if not match:
        return {}
    url = match["url"] or match["from"]
    return {"saved_url": url, "date_first_seen": (match["date"] or "").partition(" GMT")[0]}


def _fields(extracted: "trafilatura.settings.Document", page: str, head: PageHead) -> dict[str, object]:
    return {
        "url": extracted.url,
        "source": extracted.sitename if extracted.sitename != extracted.hostname else None,
        "section": next(iter(extracted.categories or ()), None),
        "topics": ", ".join(extracted.tags or ()),
        "date": head.numeric_date or (extracted.date if _holds_date(page, extracted.date) else head.day()),
    }


def _holds_date(page: str, day: str | None) -> bool:
    """Return whether the page holds this full date. trafilatura also makes dates from a month."""
    if not day:
        return False
    parts = date.fromisoformat(day)
    return any(parts.strftime(form) in page for form in ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d"))
