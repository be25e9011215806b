"""Seeds to raw documents and problems, by format."""

import importlib
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from searchsvc.deferred import deferred
from searchsvc.ingest.discovery.discovery import PACKED, PAGES, RECORDS, format_of
from searchsvc.ingest.discovery.safe_open import opened, shown_path
from searchsvc.ingest.readers.bounded_io import (
    LONGEST_TEXT,
    UnreadableSeed,
    check_text,
    contents,
    largest_file,
    unpacked,
)
from searchsvc.ingest.readers.charset import is_binary, is_tar, printable, readable
from searchsvc.ingest.readers.declared_dates import date_in_name
from searchsvc.ingest.readers.declared_fields import declared_metadata
from searchsvc.ingest.readers.declared_title import titled, with_title
from searchsvc.ingest.readers.field_names import STANDARD_NAMES, FieldNames
from searchsvc.ingest.readers.html_page import load_html, read_page
from searchsvc.ingest.readers.json_lines import content_hash
from searchsvc.ingest.readers.text_dialects import read_dialect
from searchsvc.ingest.readers.unit_text import UnitText
from searchsvc.models.documents import DeclaredMetadata, RawDocument, Seed, SeedProblem

if TYPE_CHECKING:
    from searchsvc.ingest.readers import mail, markdown, record_files, saved_page, warc
else:  # a build loads the readers that its seeds need, before it reads them
    mail, markdown, record_files, saved_page, warc = map(
        deferred,
        (
            "searchsvc.ingest.readers.mail",
            "searchsvc.ingest.readers.markdown",
            "searchsvc.ingest.readers.record_files",
            "searchsvc.ingest.readers.saved_page",
            "searchsvc.ingest.readers.warc",
        ),
    )

_MAIL = frozenset({"mail", "mailbox"})
_DEFERRED = (
    (_MAIL, mail),
    ({"markdown", "mdx"}, markdown),
    (RECORDS, record_files),
    ({"mhtml"}, saved_page),
    ({"warc"}, warc),
)


def read(
    folder: Path,
    seed: Seed,
    max_bytes: int,
    names: FieldNames = STANDARD_NAMES,
    max_text_bytes: int = LONGEST_TEXT,
) -> Iterator[RawDocument | SeedProblem]:
    """Yield the documents of a seed, and a problem for each unreadable part. Reads at most `max_bytes`, unpacked.

    JSON, CSV, mailboxes and archives hold several documents; each is yielded as soon as it is read.
    """
    file = opened(folder, seed.path)
    if isinstance(file, SeedProblem):
        yield file
        return
    with file:
        bounded = unpacked if seed.path.lower().endswith(PACKED) else contents
        try:
            for document in _documents(seed, bounded(file, max_bytes), max_text_bytes, names):
                yield _checked(document, max_text_bytes)
        except UnreadableSeed as error:
            yield SeedProblem(shown_path(seed.path), str(error))
        except OSError as error:
            yield SeedProblem(shown_path(seed.path), f"can't be read: {error.strerror}")


def read_loose(text: str, source: str | None, names: FieldNames = STANDARD_NAMES) -> RawDocument:
    """Return a text that is in no file as the document of a `.txt` file. `source`: its publisher, unless declared."""
    seed = Seed("text.txt", 0, 0)
    content, declared, note = _text(seed, printable(text), "text", names)
    declared = replace(declared, source=declared.source or source)
    titled_text = with_title(content, declared)
    return RawDocument(seed, titled_text.text, "", note, declared, units=titled_text.units)


def load_reader(form: str | None) -> None:
    """Load the libraries that read a format. Those for HTML take a second, and load parts with the first page."""
    if form in PAGES:
        load_html()
    for forms, module in _DEFERRED:
        if form in forms:
            importlib.import_module(module.__name__)


def _checked(document: RawDocument | SeedProblem, max_text_bytes: int) -> RawDocument | SeedProblem:
    """Return a document, or the problem that it is beyond the limits of a document."""
    if isinstance(document, RawDocument):
        try:
            check_text(document.text, max_text_bytes)
        except UnreadableSeed as error:
            return SeedProblem(shown_path(document.path), str(error))
    return document


def _documents(
    seed: Seed, stream: io.BufferedReader, max_text_bytes: int, names: FieldNames
) -> Iterator[RawDocument | SeedProblem]:
    """Yield the documents in the bytes of a seed. Raises UnreadableSeed, OSError."""
    form = format_of(seed.path) or "text"
    if form in RECORDS:
        yield from record_files.read_records(seed, stream, form, names)
        return
    if form in _MAIL:
        yield from mail.read_mail(seed, stream, form)
        return
    if form == "warc":
        yield from warc.read_archive(seed, stream, names)
        return
    data = stream.read()
    if is_tar(data):
        raise UnreadableSeed("a tar archive; unpack it")
    if is_binary(data):
        raise UnreadableSeed("looks like binary data, not text")
    if form not in PAGES and len(data) > (most := largest_file(max_text_bytes)):
        raise UnreadableSeed(f"larger than {most:,} bytes, the limit for one document")
    if form == "html":
        text, declared, note = read_page(data, names)
    elif form == "mhtml":
        text, declared, note = saved_page.read_saved_page(data, names)
    else:
        whole, note = readable(data)
        check_text(whole, max_text_bytes)  # before markup is removed line by line
        text, declared, lost = _text(seed, whole, form, names)
        note = "; ".join(filter(None, (note, lost))) or None
    if declared.published is None and (day := date_in_name(seed.path)):
        declared = replace(declared, published=day)
    text = text if text.text.strip() else UnitText(declared.title or "")
    if not text.text.strip():
        raise UnreadableSeed("holds no text" if data else "empty")
    text = with_title(text, declared)
    yield RawDocument(seed, text.text, content_hash(data), note, declared, units=text.units)


def _text(seed: Seed, whole: str, form: str, names: FieldNames) -> tuple[UnitText, DeclaredMetadata, str | None]:
    """Return the text of one document, its metadata, and a note. A title in the file name counts last."""
    dialect = read_dialect(whole, form, names)
    declared = declared_metadata(dialect.values, names)
    if form != "text":
        declared = titled(declared, dialect.heading, seed.path) if dialect.text.text.strip() else declared
    return dialect.text, _with_topics(declared, dialect.tags), dialect.note


def _with_topics(declared: DeclaredMetadata, tags: tuple[str, ...]) -> DeclaredMetadata:
    """Return the metadata with the tags in the text as topics, if it declares none."""
    return replace(declared, topics=tags) if tags and not declared.topics else declared
