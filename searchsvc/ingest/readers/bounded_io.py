"""Bounded reading of seeds, with limits on size and compression ratio."""

import gzip
import io
import zlib
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

RATIO = 200  # largest compression ratio; text reaches about 3, a decompression bomb about 1,000
_FREE = 1_000_000  # unpacked bytes up to which the ratio is not checked
_GZIP = b"\x1f\x8b"
_PART = 65_536  # bytes read at once


class UnreadableSeed(Exception):
    """A seed, or the remainder of one, cannot be read. The message gives the reason."""


# Limits of one document. A novel has half of it. A hostile text of this size (only distinct pairs of Chinese
# characters) takes about ten seconds and half a gigabyte.
LONGEST_TEXT = 2_000_000  # bytes of UTF-8
LARGEST_FILE = 4 * LONGEST_TEXT + 4  # bytes of the same text in UTF-32, with byte order mark
_MOST_LINES = 100_000
_LINE = 20  # bytes of text for each line


def largest_file(most: int) -> int:
    """Return the bytes of a text of `most` bytes in UTF-32, with byte order mark."""
    return 4 * most + 4


def check_text(text: str, most: int) -> None:
    """Check the limits of one document, of `most` bytes of UTF-8. Raises UnreadableSeed."""
    if 4 * len(text) > most and len(text.encode("utf-8", "replace")) > most:  # a character has four bytes at most
        raise UnreadableSeed(f"more than {most:,} bytes of text (setting max_document_bytes)")
    lines = max(_MOST_LINES, most // _LINE)
    if text.count("\n") > lines:
        raise UnreadableSeed(f"more than {lines:,} lines, the limit for one document")


class _Unpacked(io.RawIOBase):
    """Unpacked bytes of a gzip file. Reading raises UnreadableSeed for damaged data and decompression bombs."""

    def __init__(self, file: BinaryIO) -> None:
        self._packed = file
        self._gzip = gzip.GzipFile(fileobj=file)
        self._size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        try:
            data = self._gzip.read1(memoryview(buffer).nbytes)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise UnreadableSeed(f"damaged gzip data: {error}") from error
        if self._size == 0 and data.startswith(_GZIP):
            raise UnreadableSeed("gzip in gzip; only one layer is unpacked")
        self._size += len(data)
        if self._size > max(_FREE, RATIO * self._packed.tell()):
            raise UnreadableSeed(f"unpacks to more than {RATIO} times its size")
        memoryview(buffer)[: len(data)] = data
        return len(data)


class _Bounded(io.RawIOBase):
    """The first `most` bytes of `source`. Reading further raises UnreadableSeed with the message `refusal`."""

    def __init__(self, source: BinaryIO | io.RawIOBase, most: int, refusal: str) -> None:
        self._source = source
        self._left = most
        self._refusal = refusal

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        data = self._next(memoryview(buffer).nbytes)
        memoryview(buffer)[: len(data)] = data
        return len(data)

    def readall(self) -> bytes:
        """Return the remaining bytes. Python's own loop reads parts of 8 kB, and copies each twice."""
        return b"".join(iter(lambda: self._next(_PART), b""))

    def _next(self, size: int) -> bytes:
        data = self._source.read(min(size, self._left + 1)) or b""
        self._left -= len(data)
        if self._left < 0:
            raise UnreadableSeed(self._refusal)
        return data


def contents(file: BinaryIO, most: int) -> io.BufferedReader:
    """Return a stream of `file`. Reading beyond `most` bytes raises UnreadableSeed."""
    return io.BufferedReader(_Bounded(file, most, f"larger than {most:,} bytes (setting max_file_bytes)"))


def unpacked(file: BinaryIO, most: int) -> io.BufferedReader:
    """Return a stream of the unpacked gzip `file`.

    Reading beyond `most` bytes or beyond RATIO, or of damaged data, raises UnreadableSeed.
    """
    refusal = f"unpacks to more than {most:,} bytes (setting max_file_bytes)"
    return io.BufferedReader(_Bounded(_Unpacked(file), most, refusal))
