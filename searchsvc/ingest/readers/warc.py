"""Reader for WARC and WET, archives of web pages: a document for each page."""

import importlib
import io
from collections.abc import Iterator
from contextlib import redirect_stderr
from dataclasses import replace
from functools import cache
from types import ModuleType
from typing import Any

from searchsvc.errors import ExtraUnusable
from searchsvc.extras import importing
from searchsvc.ingest.discovery.safe_open import shown_path
from searchsvc.ingest.readers.bounded_io import LARGEST_FILE, UnreadableSeed
from searchsvc.ingest.readers.charset import is_binary, readable
from searchsvc.ingest.readers.declared_fields import declared_metadata
from searchsvc.ingest.readers.declared_title import with_title
from searchsvc.ingest.readers.field_names import FieldNames
from searchsvc.ingest.readers.html_page import read_page
from searchsvc.ingest.readers.json_lines import content_hash
from searchsvc.ingest.readers.text_units import read_text
from searchsvc.ingest.readers.unit_text import UnitText
from searchsvc.models.documents import DeclaredMetadata, RawDocument, Seed, SeedProblem

MOST_DOCUMENTS = 200_000  # documents of one archive
_MOST_PROBLEMS = 1_000  # records that are reported separately
_LARGEST_PAGE = 30_000_000  # bytes, with the images saved inside it
_KINDS = ("response", "conversion", "resource")  # of records that hold a page; others describe requests and the crawl
_HTML = ("text/html", "application/xhtml+xml")
_LONGEST_VALUE = 2_000  # characters of a header


class _Silence(io.TextIOBase):
    """A stream without effect, for the library's warnings about damaged records."""

    def write(self, text: str) -> int:
        return len(text)


def read_archive(seed: Seed, stream: io.BufferedReader, names: FieldNames) -> Iterator[RawDocument | SeedProblem]:
    """Yield a document or problem for each page of an archive, one at a time. Raises UnreadableSeed, OSError."""
    count = failed = 0
    parts = set[int]()
    for number, record in enumerate(_records(stream), 1):
        if not _is_page(record):
            continue
        if count == MOST_DOCUMENTS:
            raise UnreadableSeed(f"more than {MOST_DOCUMENTS:,} documents; the records below are skipped")
        try:
            document = _document(seed, record, number, names)
        except UnreadableSeed as error:
            failed += 1
            if failed <= _MOST_PROBLEMS:
                yield SeedProblem(f"{shown_path(seed.path)}:{number}", str(error))
            continue
        count += 1
        if hash(document.part) in parts:  # a page that was saved twice
            document = replace(document, part=f"{document.part} {number}")
        parts.add(hash(document.part))
        yield document
    if failed > _MOST_PROBLEMS:
        raise UnreadableSeed(f"{failed - _MOST_PROBLEMS:,} more unreadable records")
    if not count and not failed:
        raise UnreadableSeed("no web page or text in it")


def _records(stream: io.BufferedReader) -> Iterator[Any]:
    """Yield the records of an archive. Raises UnreadableSeed."""
    library = _warcio()
    if isinstance(library, ExtraUnusable):
        raise UnreadableSeed(str(library)) from library
    with redirect_stderr(_Silence()):
        records = library.ArchiveIterator(stream)
    while True:
        # A hostile archive may break the library anywhere, and one file must never stop a build.
        try:
            with redirect_stderr(_Silence()):
                record = next(records, None)
        except (UnreadableSeed, OSError):
            raise
        except Exception as error:
            raise UnreadableSeed(f"damaged archive ({type(error).__name__}); the records below are skipped") from error
        if record is None:
            return
        yield record


def _is_page(record: Any) -> bool:
    if record.rec_type not in _KINDS:
        return False
    status = record.http_headers.get_statuscode() if record.http_headers else "200"
    return str(status).startswith("2") and _media_type(record) in (*_HTML, "text/plain")


def _content_type(record: Any) -> str:
    headers = record.http_headers if record.rec_type == "response" and record.http_headers else record.rec_headers
    return str(headers.get_header("Content-Type") or "")[:_LONGEST_VALUE].lower()


def _media_type(record: Any) -> str:
    return _content_type(record).partition(";")[0].strip()


def _document(seed: Seed, record: Any, number: int, names: FieldNames) -> RawDocument:
    """Return the document of a record. Raises UnreadableSeed."""
    address = str(record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>")[:_LONGEST_VALUE]
    outside = {"url": address, "date_first_seen": record.rec_headers.get_header("WARC-Date") or ""}
    data = _content(record)
    encoding = _content_type(record).partition("charset=")[2].partition(";")[0].strip(" \"'") or None
    if _media_type(record) in _HTML:
        text, declared, note = read_page(data, names, encoding, outside)
    else:
        text, declared, note = _plain(data, names, encoding, outside)
    text = text if text.text.strip() else UnitText(declared.title or "")
    if not text.text.strip():
        raise UnreadableSeed("holds no text")
    text = with_title(text, declared)
    part = f"url={address}" if address else str(number)
    return RawDocument(seed, text.text, content_hash(data), note, declared, part, number, text.units)


def _content(record: Any) -> bytes:
    """Return the content of a record, unpacked. Raises UnreadableSeed."""
    try:
        data: bytes = record.content_stream().read(_LARGEST_PAGE + 1)
    except (UnreadableSeed, OSError):
        raise
    except Exception as error:
        raise UnreadableSeed(f"unreadable record ({type(error).__name__})") from error
    if len(data) > _LARGEST_PAGE:
        raise UnreadableSeed(f"a record larger than {_LARGEST_PAGE:,} bytes")
    return data


def _plain(
    data: bytes, names: FieldNames, encoding: str | None, outside: dict[str, object]
) -> tuple[UnitText, DeclaredMetadata, str | None]:
    if len(data) > LARGEST_FILE:
        raise UnreadableSeed(f"a record larger than {LARGEST_FILE:,} bytes")
    if is_binary(data):
        raise UnreadableSeed("looks like binary data, not text")
    text, note = readable(data, encoding)
    return read_text(text), declared_metadata(outside, names), note


@cache
def _warcio() -> ModuleType | ExtraUnusable:
    """Return the library that reads archives, or the reason why it is unusable."""
    try:
        with importing("warc", "warcio", "reading WARC"):
            return importlib.import_module("warcio.archiveiterator")
    except ExtraUnusable as error:
        return error
