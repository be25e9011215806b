"""Files with several records, JSON Lines, JSON and CSV: a document or a problem for each record."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from searchsvc.ingest.discovery.safe_open import shown_path
from searchsvc.ingest.readers import csv_records, json_lines, json_records
from searchsvc.ingest.readers.bounded_io import UnreadableSeed
from searchsvc.ingest.readers.charset import is_binary
from searchsvc.ingest.readers.declared_title import with_title
from searchsvc.ingest.readers.field_names import FieldNames
from searchsvc.ingest.readers.records import NO_TEXT, read_record, records_in
from searchsvc.models.documents import RawDocument, Seed, SeedProblem

MOST_PROBLEMS = 1_000  # records of one seed that are reported separately
MOST_DOCUMENTS = 200_000  # documents of one seed
_HEAD = 65_536  # bytes that show whether a file is an array, an object or lines


@dataclass(frozen=True, slots=True)
class Record:
    """A record of a file. `number`: of its line, or its place among the records, from 1; None for the only one.

    `values`: None where the record cannot be read, for the reason `problem`.
    """

    number: int | None
    data: bytes
    values: dict[str, Any] | None
    problem: str = ""
    note: str | None = None


def read_records(
    seed: Seed, stream: io.BufferedReader, form: str, names: FieldNames
) -> Iterator[RawDocument | SeedProblem]:
    """Yield a document or problem per record. Raises UnreadableSeed, OSError."""
    if is_binary(stream.peek()):
        raise UnreadableSeed("looks like binary data, not text")
    count = failed = 0
    for record in _records(stream, form, names, seed.path):
        if count == MOST_DOCUMENTS:
            raise UnreadableSeed(f"more than {MOST_DOCUMENTS:,} documents; the records below are skipped")
        count += 1
        outcome = _outcome(seed, record, names)
        failed += isinstance(outcome, SeedProblem)
        if isinstance(outcome, RawDocument) or failed <= MOST_PROBLEMS:
            yield outcome
    if failed > MOST_PROBLEMS:
        raise UnreadableSeed(f"{failed - MOST_PROBLEMS:,} more unreadable records")
    if not count:
        raise UnreadableSeed("empty")


def _records(stream: io.BufferedReader, form: str, names: FieldNames, path: str) -> Iterator[Record]:
    if form == "csv":
        for number, data, row in csv_records.rows(stream, path, names):
            yield Record(number, data, row)
        return
    match json_records.shape(stream.peek(_HEAD)[:_HEAD]):
        case "array":
            for number, data in enumerate(json_records.elements(json_records.in_utf8(stream)), 1):
                yield _decoded(number, data)
        case "object":
            yield from _objects(stream, names)
        case _ if form == "json":
            yield from _whole_lines(stream, names)
        case _:
            yield from _lines(stream)


def _lines(stream: io.BufferedReader) -> Iterator[Record]:
    for number, line in json_lines.numbered(stream, json_lines.LONGEST_LINE):
        if line is None:
            yield Record(number, b"", None, f"line longer than {json_lines.LONGEST_LINE:,} bytes")
        else:
            yield _decoded(number, line)


def _whole_lines(stream: io.BufferedReader, names: FieldNames) -> Iterator[Record]:
    """Yield the articles of a `.json` file whose objects have a line each. Usually it has one line."""
    lines = _lines(stream)
    first = next(lines, None)
    if first is None:
        return
    second = next(lines, None)
    if second is None:
        yield from _articles(first, names)
        return
    yield first
    yield second
    yield from lines


def _decoded(number: int | None, data: bytes) -> Record:
    try:
        values, note = json_lines.fields(data)
    except UnreadableSeed as error:
        return Record(number, data, None, str(error))
    return Record(number, data, values, note=note)


def _objects(stream: io.BufferedReader, names: FieldNames) -> Iterator[Record]:
    """Yield the articles in one object: those of a list in it, else the object itself. Raises UnreadableSeed."""
    data = json_records.in_utf8(stream).read(json_lines.LONGEST_LINE + 1)
    if len(data) > json_lines.LONGEST_LINE:
        raise UnreadableSeed(
            f"an object larger than {json_lines.LONGEST_LINE:,} bytes; write its articles as JSON Lines or as an array"
        )
    yield from _articles(_decoded(None, data), names)


def _articles(record: Record, names: FieldNames) -> Iterator[Record]:
    """Yield the articles in an object. Raises UnreadableSeed if it holds none."""
    if record.values is None:
        raise UnreadableSeed(record.problem)
    articles = records_in(record.values, names)
    if not articles:
        raise UnreadableSeed(NO_TEXT)
    if len(articles) == 1 and articles[0] is record.values:
        yield replace(record, number=None)
        return
    for number, article in enumerate(articles, 1):
        yield Record(number, msgspec.json.encode(article), article, note=record.note)


def _outcome(seed: Seed, record: Record, names: FieldNames) -> RawDocument | SeedProblem:
    place = shown_path(seed.path) if record.number is None else f"{shown_path(seed.path)}:{record.number}"
    if record.values is None:
        return SeedProblem(place, record.problem)
    try:
        part = "" if record.number is None else json_lines.take_part(record.values, record.number)
        text, declared = read_record(record.values, names)
        text = with_title(text, declared)
    except UnreadableSeed as error:
        return SeedProblem(place, str(error))
    hashed = json_lines.content_hash(record.data.strip())
    return RawDocument(seed, text.text, hashed, record.note, declared, part, record.number, text.units)
