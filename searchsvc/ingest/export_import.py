"""Export and import of documents as JSON Lines."""

import io
from collections.abc import Iterator
from dataclasses import fields as fields_of
from dataclasses import replace
from typing import Any

import msgspec

from searchsvc.analysis import WORD
from searchsvc.ingest.discovery.safe_open import shown_path
from searchsvc.ingest.ids import slug
from searchsvc.ingest.ingested_document import IngestedDocument
from searchsvc.ingest.pipeline import Outcome
from searchsvc.ingest.readers import json_lines
from searchsvc.ingest.readers.bounded_io import UnreadableSeed
from searchsvc.ingest.readers.charset import printable
from searchsvc.ingest.readers.declared_fields import is_url
from searchsvc.ingest.signatures import count_and_sign
from searchsvc.models.documents import DOCUMENT_ID, Document, SeedProblem

ORIGINAL = "original"  # field for the original text, in addition to the fields of a document
_MOST_LINES = 1 << 31  # bound on line numbers of removed blocks
_SEVERAL_LINES = frozenset({"body"})
_VECTOR = "vector"  # a build makes it
_KNOWN = (frozenset(each.name for each in fields_of(Document)) | {ORIGINAL}) - {_VECTOR}


def exported(document: Document, original: str) -> bytes:
    """Return a document with its fields, except its vector, and its original text as a line of JSON."""
    values = msgspec.to_builtins(document)
    del values[_VECTOR]
    return msgspec.json.encode(values | {ORIGINAL: original}) + b"\n"


def imported(stream: io.BufferedReader, name: str, language: str, longest: int) -> Iterator[Outcome]:
    """Yield the documents of an export, and a problem for each unreadable line.

    `name`: the file's name in problems. `language`: language of the analysis. `longest`: bytes of a line.
    """
    lines: dict[str, int] = {}
    for number, line in json_lines.numbered(stream, longest):
        try:
            document, original = _read(line, longest)
            earlier = lines.setdefault(document.id, number)
            if earlier != number:
                raise UnreadableSeed(f"same id as line {earlier}")
        except UnreadableSeed as error:
            yield SeedProblem(f"{shown_path(name)}:{number}", str(error))
            continue
        signed = count_and_sign(document.body, language)
        yield IngestedDocument(document, original, signed.signature, signed.runs)


def _read(line: bytes | None, longest: int) -> tuple[Document, str]:
    """Return the document of a line and its original text. Raises UnreadableSeed."""
    if line is None:
        raise UnreadableSeed(f"line longer than {longest:,} bytes")
    values, note = json_lines.fields(line)
    if note:
        raise UnreadableSeed(note)
    original = values.pop(ORIGINAL, None)
    unknown_field = next((name for name in values if name not in _KNOWN), None)
    if not isinstance(original, str) or unknown_field is not None:
        why = f"no field {ORIGINAL}" if unknown_field is None else f"unknown field {unknown_field[:80]!r}"
        raise UnreadableSeed(f"not a line of an export: {why}")
    try:
        document = msgspec.convert({name: _safe_value(name, value) for name, value in values.items()}, Document)
    except msgspec.ValidationError as error:
        raise UnreadableSeed(f"not a line of an export: {error}") from error
    except RecursionError as error:
        raise UnreadableSeed("not a line of an export: nested too deep") from error
    return _checked(document), printable(original)


def _safe_value(name: str, value: Any) -> Any:
    """Return a value whose texts are printable, and single lines except in fields of several lines."""
    if isinstance(value, str):
        return printable(value) if name in _SEVERAL_LINES else " ".join(printable(value).split())
    if isinstance(value, list):
        return [_safe_value(name, each) for each in value]
    if isinstance(value, dict):  # a removed block, whose text has several lines
        return {key: _safe_value("body" if key == "text" else key, each) for key, each in value.items()}
    return value


def _checked(document: Document) -> Document:
    """Return the document with derived fields recomputed. Raises UnreadableSeed for values that no build creates."""
    if not DOCUMENT_ID.fullmatch(document.id):
        raise UnreadableSeed("its id is not 16 hexadecimal digits")
    if not document.body.strip():
        raise UnreadableSeed("holds no text")
    if not all(0 < block.first_line <= block.last_line < _MOST_LINES for block in document.removed):
        raise UnreadableSeed("a removed block has invalid line numbers")
    if document.url is not None and not is_url(document.url):
        raise UnreadableSeed("url is not an http or https address")
    return replace(
        document,
        slug=slug(document.title),
        path=shown_path(document.path),
        words=len(WORD.findall(document.body)),
    )
