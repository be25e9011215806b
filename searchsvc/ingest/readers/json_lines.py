"""Reads lines of JSON, each a document of its own."""

import hashlib
import io
from collections.abc import Iterator
from typing import Any

import msgspec

from searchsvc.ingest.readers.bounded_io import UnreadableSeed
from searchsvc.ingest.readers.charset import LONGEST_BOM, decode, marked

LONGEST_LINE = 16_000_000  # bytes
TEXT = ("text", "body")  # the names a document's text may have, the first that is there counts
_WIDE = ("utf-16", "utf-32")


def numbered(stream: io.BufferedReader, longest: int) -> Iterator[tuple[int, bytes | None]]:
    """Each line that is not blank, with its number from 1; None for one of more than `longest` bytes.

    Never holds more than one line. Lines of UTF-16 and UTF-32 with a mark are given in UTF-8.
    """
    encoding = marked(stream.peek(LONGEST_BOM)[:LONGEST_BOM])
    wide = io.TextIOWrapper(stream, encoding, errors="replace", newline="\n") if encoding in _WIDE else None
    number, cut = 1, False
    while line := wide.readline(longest + 1).encode("utf-8", "replace") if wide else stream.readline(longest + 1):
        ended = line.endswith(b"\n")
        if cut or (not ended and len(line) > longest):
            if ended:
                yield number, None
            cut = not ended
        elif line.strip():
            yield number, line
        number += ended
    if cut:
        yield number, None


def fields(line: bytes) -> tuple[dict[str, Any], str | None]:
    """The fields of a line, and a note on its encoding. Raises Unreadable if it is no JSON object."""
    text, note = decode(line)
    try:
        value = msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError) as error:
        deep = "nested too deep" if isinstance(error, RecursionError) else str(error)
        raise UnreadableSeed(f"no JSON: {deep}") from error
    if not isinstance(value, dict):
        raise UnreadableSeed("not a JSON object")
    return value, note


def take_text(values: dict[str, Any]) -> str:
    """The document's text, taken out of its fields. Raises Unreadable if there is none."""
    name = next((name for name in TEXT if name in values), None)
    if name is None:
        raise UnreadableSeed(f"no text: a line needs a field {' or '.join(TEXT)}")
    text = values.pop(name)
    if not isinstance(text, str):
        raise UnreadableSeed(f"{name} is not text in quotes")
    return text


def take_part(values: dict[str, Any], number: int) -> str:
    """What tells the document from the others of its seed for as long as can be: its own id, taken
    out of the fields, else its address, else the number of its line."""
    declared_id = values.pop("id", None)
    for name, value in (("id", declared_id), ("url", values.get("url"))):
        if value and isinstance(value, (str, int)):
            return f"{name}={value}"
    return str(number)


def content_hash(data: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
