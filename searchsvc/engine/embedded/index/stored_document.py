"""Stored form of a document. Of a long one, metadata and chunks of the body are read without the rest.

A short document is its MessagePack. A long one is a byte that starts no MessagePack, the sizes of its parts, and the
parts: metadata (MessagePack), chunk table (int32), body (UTF-8), removed blocks (MessagePack).
"""

import struct
from dataclasses import replace
from functools import cached_property
from itertools import pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray

from searchsvc.analysis import LONGEST_TERM, WORD, folded_parts
from searchsvc.engine.excerpts import LONG_BODY, chunk_starts
from searchsvc.models.documents import Document, RemovedBlock

_LONG = 0xC1  # the one byte that MessagePack never uses
_SIZES = struct.Struct("<B3I")
_CACHED_WORDS = 50_000  # about 7 MB
_PARTS = 3  # rows of the chunk table

_document = msgspec.msgpack.Decoder(Document)
_removed = msgspec.msgpack.Decoder(tuple[RemovedBlock, ...])


def encode_document(document: Document) -> bytes:
    """Return the stored form of a document."""
    packed = msgspec.msgpack.encode(document)
    if len(packed) <= LONG_BODY:
        return packed
    metadata = msgspec.msgpack.encode(replace(document, body="", removed=()))
    table = _chunk_table(document.body).tobytes()
    body = document.body.encode("utf-8", "surrogatepass")
    sizes = _SIZES.pack(_LONG, len(metadata), len(table), len(body))
    return b"".join([sizes, metadata, table, body, msgspec.msgpack.encode(document.removed)])


def _chunk_table(body: str) -> NDArray[np.int32]:
    """Return code points, bytes and tokens before each chunk and in all, (3, chunks + 1) int32."""
    starts = chunk_starts(body)
    chunks = [body[start:end] for start, end in pairwise(starts)]
    sizes = np.zeros((_PARTS, len(starts)), np.int32)
    sizes[0] = starts
    sizes[1, 1:] = [len(chunk.encode("utf-8", "surrogatepass")) for chunk in chunks]
    sizes[2, 1:] = [sum(map(_TOKEN_COUNTS.__getitem__, WORD.findall(chunk))) for chunk in chunks]
    sizes[1:] = sizes[1:].cumsum(axis=1)
    return sizes


class _TokenCounts(dict[str, int]):
    """Number of tokens of each match of WORD."""

    def __missing__(self, word: str) -> int:
        count = 1 if word.isascii() and word.isalpha() else sum(1 for _ in folded_parts(word))
        if len(self) >= _CACHED_WORDS:
            self.clear()
        if len(word) <= LONGEST_TERM:
            self[word] = count
        return count


_TOKEN_COUNTS = _TokenCounts()


class StoredDocument:
    """A document in its stored form; every part is decoded when it is asked for."""

    def __init__(self, blob: memoryview) -> None:
        self._blob = blob
        self.is_long = blob[0] == _LONG
        if self.is_long:
            _, *sizes = _SIZES.unpack_from(blob)
            self._table, self._body, self._removed = (np.cumsum(sizes) + _SIZES.size).tolist()

    def document(self) -> Document:
        """Return the whole document."""
        if not self.is_long:
            return _document.decode(self._blob)
        removed = _removed.decode(self._blob[self._removed :])
        return replace(self.brief(), body=self._text(0, self._removed - self._body), removed=removed)

    def brief(self) -> Document:
        """Return the document; a long one without body and removed blocks."""
        return _document.decode(self._blob[_SIZES.size : self._table] if self.is_long else self._blob)

    @cached_property
    def chunks(self) -> NDArray[np.int32]:
        """Code points, bytes and tokens before each chunk of a long document's body, (3, chunks + 1) int32."""
        return np.frombuffer(self._blob[self._table : self._body], np.int32).reshape(_PARTS, -1)

    @property
    def has_long_body(self) -> bool:
        """Whether the body is read in excerpts; metadata and removed blocks can make a document long too."""
        return self.is_long and int(self.chunks[0, -1]) > LONG_BODY

    def text(self, chunks: range) -> str:
        """Return the text of consecutive chunks of a long document's body."""
        start, end = self.chunks[1, [chunks.start, chunks.stop]].tolist()
        return self._text(start, end)

    def beginning(self, length: int) -> str:
        """Return the first `length` code points of a long document's body."""
        end = min(int(self.chunks[0].searchsorted(length)), self.chunks.shape[1] - 1)
        return self.text(range(end))[:length]

    def _text(self, start: int, end: int) -> str:
        return str(self._blob[self._body + start : self._body + end], "utf-8", "surrogatepass")
