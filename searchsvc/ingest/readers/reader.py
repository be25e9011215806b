"""Seeds to raw documents and problems, by format."""

import importlib
import io
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

from searchsvc.errors import ExtraUnusable
from searchsvc.extras import importing
from searchsvc.ingest.discovery.discovery import PACKED, format_of
from searchsvc.ingest.discovery.safe_open import opened, shown_path
from searchsvc.ingest.line_matching import index_of_title
from searchsvc.ingest.readers import (
    declared_fields,
    front_matter,
    json_lines,
    markdown,
)
from searchsvc.ingest.readers.bounded_io import (
    LARGEST_FILE,
    UnreadableSeed,
    check_text,
    contents,
    unpacked,
)
from searchsvc.ingest.readers.charset import is_binary, printable, readable
from searchsvc.models.documents import DeclaredMetadata, RawDocument, Seed, SeedProblem

_MOST_PROBLEMS = 1_000  # lines of one seed that are reported separately
_PAGE = "<html><head><title>Title</title></head><body><article><p>A sentence.</p></article></body></html>"
_MOST_DOCUMENTS = 200_000  # documents of one seed


def read(folder: Path, seed: Seed, max_bytes: int) -> Iterator[RawDocument | SeedProblem]:
    """Yield the documents of a seed, and a problem for each unreadable part. Reads at most `max_bytes`, unpacked.

    Only JSON Lines hold several documents; each is yielded as soon as it is read.
    """
    file = opened(folder, seed.path)
    if isinstance(file, SeedProblem):
        yield file
        return
    with file:
        bounded = unpacked if seed.path.lower().endswith(PACKED) else contents
        try:
            yield from _documents(seed, bounded(file, max_bytes))
        except UnreadableSeed as error:
            yield SeedProblem(shown_path(seed.path), str(error))
        except OSError as error:
            yield SeedProblem(shown_path(seed.path), f"can't be read: {error.strerror}")


def load_reader(form: str | None) -> None:
    """Load the libraries that read a format. Those for HTML take a second, and load parts with the first page."""
    if form == "html":
        _load_html()


@cache
def _load_html() -> None:
    html = _html()
    if not isinstance(html, ExtraUnusable):
        html.article(_PAGE)


def _documents(seed: Seed, stream: io.BufferedReader) -> Iterator[RawDocument | SeedProblem]:
    """Yield the documents in the bytes of a seed. Raises UnreadableSeed, OSError."""
    form = format_of(seed.path)
    if form == "json-lines":
        yield from _json_lines(seed, stream)
        return
    data = stream.read()
    if is_binary(data):
        raise UnreadableSeed("looks like binary data, not text")
    if form != "html" and len(data) > LARGEST_FILE:
        raise UnreadableSeed(f"larger than {LARGEST_FILE:,} bytes, the limit for one document")
    read_one = _page if form == "html" else _markdown if form == "markdown" else _text
    text, declared, note = read_one(data)
    if not text.strip():
        raise UnreadableSeed("holds no text" if data else "empty")
    check_text(text)
    yield RawDocument(seed, _with_title(text, declared), json_lines.content_hash(data), note, declared)


def _text(data: bytes) -> tuple[str, DeclaredMetadata, str | None]:
    whole, note = readable(data)
    values, text, doubt = front_matter.split_front_matter(whole)
    return text, declared_fields.declared_metadata(values), "; ".join(filter(None, (note, doubt))) or None


def _markdown(data: bytes) -> tuple[str, DeclaredMetadata, str | None]:
    text, declared, note = _text(data)
    return markdown.plain(text), declared, note


def _page(data: bytes) -> tuple[str, DeclaredMetadata, str | None]:
    html = _html()
    if isinstance(html, ExtraUnusable):
        raise UnreadableSeed(str(html)) from html
    if len(data) > html.LARGEST:
        raise UnreadableSeed(f"larger than {html.LARGEST:,} bytes, the limit for HTML")
    page, note = readable(data, html.declared_encoding(data))
    values, text = html.article(page)
    return printable(text), declared_fields.declared_metadata(values), note


@cache
def _html() -> ModuleType | ExtraUnusable:
    """Return the reader for HTML, or the reason why it is unusable. Imported when first needed: it takes half a
    second."""
    try:
        with importing("html", "trafilatura", "reading HTML"):
            return importlib.import_module("searchsvc.ingest.readers.html")
    except ExtraUnusable as error:
        return error


def _json_lines(seed: Seed, stream: io.BufferedReader) -> Iterator[RawDocument | SeedProblem]:
    """Yield a document or problem per line. Raises UnreadableSeed, OSError."""
    if is_binary(stream.peek()):
        raise UnreadableSeed("looks like binary data, not text")
    count = failed = 0
    for number, line in json_lines.numbered(stream, json_lines.LONGEST_LINE):
        if count == _MOST_DOCUMENTS:
            raise UnreadableSeed(f"more than {_MOST_DOCUMENTS:,} documents; lines after {number - 1:,} are skipped")
        count += 1
        outcome = _line(seed, number, line)
        failed += isinstance(outcome, SeedProblem)
        if isinstance(outcome, RawDocument) or failed <= _MOST_PROBLEMS:
            yield outcome
    if failed > _MOST_PROBLEMS:
        raise UnreadableSeed(f"{failed - _MOST_PROBLEMS:,} more unreadable lines")
    if not count:
        raise UnreadableSeed("empty")


def _line(seed: Seed, number: int, line: bytes | None) -> RawDocument | SeedProblem:
    try:
        if line is None:
            raise UnreadableSeed(f"line longer than {json_lines.LONGEST_LINE:,} bytes")
        values, note = json_lines.fields(line)
        text = printable(json_lines.take_text(values))
        if not text.strip():
            raise UnreadableSeed("holds no text")
        check_text(text)
        part = json_lines.take_part(values, number)
    except UnreadableSeed as error:
        return SeedProblem(f"{shown_path(seed.path)}:{number}", str(error))
    declared = declared_fields.declared_metadata(values)
    hashed = json_lines.content_hash(line.strip())
    return RawDocument(seed, _with_title(text, declared), hashed, note, declared, part, number)


def _with_title(text: str, declared: DeclaredMetadata) -> str:
    """Return the text with the declared title on top, unless the text holds it.

    So a text reads the same whether or not its format has a field for the title.
    """
    if not declared.title or index_of_title(text.split("\n", 200), declared.title) is not None:
        return text
    return f"{declared.title}\n\n{text}"
