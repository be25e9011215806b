"""Reader for JSON Lines, one document per line."""

import hashlib
import io
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from searchsvc.ingest.readers.bounded_io import UnreadableSeed
from searchsvc.ingest.readers.charset import LONGEST_BOM, decode, marked

LONGEST_LINE = 16_000_000  # bytes
# Escapes of JSON: of whole surrogate pairs, of lone surrogates, and any others.
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<lone>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)"
)
_WIDE = ("utf-16", "utf-32")


def numbered(stream: io.BufferedReader, longest: int) -> Iterator[tuple[int, bytes | None]]:
    """Yield each line that is not blank, with its number from 1; None for line longer than `longest` bytes.

    Holds one line at a time. Lines of UTF-16 and UTF-32 with a byte order mark are converted to UTF-8.
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
    """Return the fields of a line, and a note on its encoding. Raises UnreadableSeed unless it is a JSON object."""
    text, note = decode(line)
    try:
        value = json_value(text)
    except (msgspec.MsgspecError, RecursionError) as error:
        detail = "nested too deep" if isinstance(error, RecursionError) else str(error)
        raise UnreadableSeed(f"invalid JSON: {detail.removeprefix('JSON is malformed: ')}") from error
    if not isinstance(value, dict):
        raise UnreadableSeed("not a JSON object")
    return value, note


def json_value(text: str) -> Any:
    """Return the value of a JSON text. Half of a surrogate pair becomes U+FFFD. Raises MsgspecError, RecursionError."""
    try:
        return msgspec.json.decode(text)
    except msgspec.MsgspecError:
        paired = _ESCAPE.sub(lambda match: "\\ufffd" if match["lone"] else match[0], text)
        if paired == text:
            raise
        return msgspec.json.decode(paired)


def take_part(values: dict[str, Any], number: int) -> str:
    """Return a stable key of the document within its seed: its id (removed from the fields), else its URL, else its
    line number."""
    declared_id = values.pop("id", None)
    for name, value in (("id", declared_id), ("url", values.get("url"))):
        if value and isinstance(value, (str, int)):
            return f"{name}={value}"
    return str(number)


def content_hash(data: bytes) -> str:
    """Return the SHA-256 in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
