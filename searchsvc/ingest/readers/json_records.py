"""Reader for JSON: an array of records, read one at a time, or one object."""

import codecs
import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from searchsvc.ingest.readers.bounded_io import UnreadableSeed
from searchsvc.ingest.readers.charset import LONGEST_BOM, marked
from searchsvc.ingest.readers.json_lines import LONGEST_LINE, json_value

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_CHUNK = 65_536  # bytes
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|(?P<open>))|[\[\]{}]', re.S)
_DEPTH = {b"[": 1, b"{": 1, b"]": -1, b"}": -1}
_SEPARATOR = re.compile(rb"[\s,]*+")
_OBJECT = re.compile(r'\{\s*(?:"[^"\n]{0,200}"\s*:|\})')
_NO_END = "the JSON array has no end; the file may be cut off"
_WIDE = ("utf-16", "utf-32")


def in_utf8(stream: io.BufferedReader) -> io.BufferedReader:
    """Return a stream of the same text in UTF-8, without a byte order mark."""
    encoding = marked(stream.peek(LONGEST_BOM)[:LONGEST_BOM])
    if encoding in _WIDE:
        return io.BufferedReader(_Utf8Stream(stream, encoding), _CHUNK)
    if encoding:
        stream.read(len(codecs.BOM_UTF8))
    return stream


class _Utf8Stream(io.RawIOBase):
    """Text in UTF-16 or UTF-32 as bytes of UTF-8."""

    def __init__(self, stream: io.BufferedReader, encoding: str) -> None:
        self._text = io.TextIOWrapper(stream, encoding, errors="replace", newline="")
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        view = memoryview(buffer)
        if not self._rest:
            self._rest = self._text.read(_CHUNK).encode("utf-8", "replace")
        data, self._rest = self._rest[: view.nbytes], self._rest[view.nbytes :]
        view[: len(data)] = data
        return len(data)


def elements(stream: io.BufferedReader, longest: int = LONGEST_LINE) -> Iterator[bytes]:
    """Yield each element of the array in `stream` as bytes of JSON. Holds one element at a time.

    Raises UnreadableSeed for an element longer than `longest` bytes, and for an array without an end.
    """
    scanner = _JsonScanner(stream)
    scanner.next_byte()
    scanner.position += 1  # the bracket that opens the array
    while (first := scanner.next_byte()) != b"]":
        if not first:
            raise UnreadableSeed(_NO_END)
        yield scanner.element(longest)


class _JsonScanner:
    """Position in a stream of JSON, with the bytes around it."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = stream
        self._data = b""
        self.position = 0

    def next_byte(self) -> bytes:
        """Move to the next byte that is neither space nor comma, and return it; empty at the end."""
        while True:
            separator = _SEPARATOR.match(self._data, self.position)
            self.position = separator.end() if separator else self.position
            if self.position < len(self._data) or not self._extend():
                return self._data[self.position : self.position + 1]

    def element(self, longest: int) -> bytes:
        """Return the element at the position, and move behind it. Raises UnreadableSeed."""
        depth, scanned = 0, 0  # bytes of the element that are scanned
        while True:
            for token in _TOKEN.finditer(self._data, self.position + scanned):
                if token["open"] == b"":
                    break  # a string that is not complete yet; the bytes in it are no tokens
                depth += _DEPTH.get(token[0], 0)
                scanned = token.end() - self.position
                if depth == 0 or (depth < 0 and scanned > 1):
                    return self._take(scanned if depth == 0 else scanned - 1)
                if depth < 0:
                    raise UnreadableSeed("invalid JSON: a closing bracket without an opening one")
            if len(self._data) - self.position > longest:
                raise UnreadableSeed(f"a record longer than {longest:,} bytes; this and the records below are skipped")
            if not self._extend():
                raise UnreadableSeed(_NO_END)

    def _take(self, length: int) -> bytes:
        start, self.position = self.position, self.position + length
        return self._data[start : self.position]

    def _extend(self) -> bool:
        """Read more bytes, as many as are held, so that scanning a long string again stays linear."""
        held = self._data[self.position :]
        more = self._stream.read(max(_CHUNK, len(held)))
        self._data, self.position = held + more, 0
        return bool(more)


def shape(head: bytes) -> str:
    """Return whether a file that begins with `head` is one "array", one "object" over many lines, or "lines"."""
    text = head.decode(marked(head) or "utf-8", "ignore").lstrip("\ufeff \t\r\n")
    first, *others = text.split("\n", 50)
    if not others or _is_value(first):
        return "array" if text.startswith("[") and "\n[" not in text else "lines"
    if text.startswith("["):
        return "array"
    is_object = text.startswith("{") and not any(line.startswith("{") and _is_value(line) for line in others)
    return "object" if is_object and _OBJECT.match(text) else "lines"


def _is_value(line: str) -> bool:
    try:
        json_value(line)
    except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError):
        return False
    return True
