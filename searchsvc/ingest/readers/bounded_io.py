"""The bytes of a seed: unpacked if they are gzip, and never more of them than allowed."""

import gzip
import io
import zlib
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

RATIO = 200  # times that packed bytes may grow; text grows threefold, a bomb a thousandfold
_FREE = 1_000_000  # unpacked bytes below which nobody asks for the ratio
_GZIP = b"\x1f\x8b"


class UnreadableSeed(Exception):
    """A seed, or what is left of it, can't be read; the message says why."""


# What one document may be. A novel is half of that, and a text made to harm (nothing but different
# pairs of Chinese characters) then takes some ten seconds and half a gigabyte.
LONGEST_TEXT = 2_000_000  # bytes of UTF-8
LARGEST_FILE = 4 * LONGEST_TEXT + 4  # bytes of the same text in UTF-32, with its mark
_MOST_LINES = 100_000


def check_text(text: str) -> None:
    """Raises Unreadable if `text` is out of bounds for one document."""
    if len(text.encode("utf-8", "replace")) > LONGEST_TEXT:
        raise UnreadableSeed(f"more than {LONGEST_TEXT:,} bytes of text, the most for one document")
    if text.count("\n") > _MOST_LINES:
        raise UnreadableSeed(f"more than {_MOST_LINES:,} lines, the most for one document")


class _Unpacked(io.RawIOBase):
    """What a gzip file unpacks to, unless it grows like a bomb. Reading raises Unreadable."""

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
    """At most `most` bytes of `source`. Reading further raises Unreadable."""

    def __init__(self, source: BinaryIO | io.RawIOBase, most: int, refusal: str) -> None:
        self._source = source
        self._left = most
        self._refusal = refusal

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        data = self._source.read(min(memoryview(buffer).nbytes, self._left + 1)) or b""
        self._left -= len(data)
        if self._left < 0:
            raise UnreadableSeed(self._refusal)
        memoryview(buffer)[: len(data)] = data
        return len(data)


def contents(file: BinaryIO, most: int) -> io.BufferedReader:
    """What `file` holds. Reading raises Unreadable past `most` bytes."""
    return io.BufferedReader(_Bounded(file, most, f"larger than {most:,} bytes (setting max_file_bytes)"))


def unpacked(file: BinaryIO, most: int) -> io.BufferedReader:
    """What the gzip `file` unpacks to. Reading raises Unreadable past `most` bytes or RATIO, or if it is damaged."""
    refusal = f"unpacks to more than {most:,} bytes (setting max_file_bytes)"
    return io.BufferedReader(_Bounded(_Unpacked(file), most, refusal))
