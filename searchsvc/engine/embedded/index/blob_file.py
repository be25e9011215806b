"""Byte strings by number, in one file with an array of offsets."""

import mmap
import zlib
from array import array
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.files import BLOB_OFFSETS, BLOBS, BLOCK_STARTS, BLOCK_TEXTS
from searchsvc.npy_file import map_array

_BLOCK_BYTES = 32_768  # uncompressed bytes per block
_ZLIB_LEVEL = 1  # level 6 takes twice the time to save 5 %


class BlobWriter:
    """Appends blobs to `<name>.blobs`; `close` writes their offsets to `<name>.offsets.npy`."""

    def __init__(self, folder: Path, name: str) -> None:
        self._file = (folder / BLOBS.format(name)).open("wb")
        self._offsets_path = folder / BLOB_OFFSETS.format(name)
        self._offsets = array("q", [0])

    def append(self, blob: bytes | memoryview) -> None:
        self._offsets.append(self._offsets[-1] + self._file.write(blob))

    def close(self) -> None:
        self._file.close()
        np.save(self._offsets_path, np.asarray(self._offsets, dtype=np.int64))

    def abandon(self) -> None:
        with suppress(OSError):  # the original write error matters, not this one
            self._file.close()


class BlobReader:
    """Reads the files of BlobWriter through a memory map.

    `offsets` (blobs + 1,) int64: blob i is at `offsets[i]:offsets[i + 1]`.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.offsets: NDArray[np.int64] = map_array(folder / BLOB_OFFSETS.format(name))
        with (folder / BLOBS.format(name)).open("rb") as file:  # mmap refuses empty files
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if self.offsets[-1] else b""

    def __getitem__(self, number: int) -> bytes:
        start, end = self.offsets[number : number + 2].tolist()
        return self._data[start:end]

    def view(self, number: int) -> memoryview:
        """Return the bytes of a blob without copying them."""
        start, end = self.offsets[number : number + 2].tolist()
        return memoryview(self._data)[start:end]

    def all_bytes(self) -> NDArray[np.uint8]:
        """Return the bytes of all blobs, concatenated; uint8."""
        return np.frombuffer(self._data, np.uint8)


class BlockWriter:
    """Appends rarely read blobs, compressed in blocks: faster and smaller than single blobs.

    Each block is a blob of `<name>.blobs`. `close` writes two arrays of offsets in the uncompressed text: the start
    of each blob to `<name>.texts.npy`, of each block to `<name>.blocks.npy`.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._compressed = BlobWriter(folder, name)
        self._text_starts, self._block_starts = array("q", [0]), array("q", [0])
        self._pending: list[bytes] = []

    def append(self, blob: bytes) -> None:
        self._pending.append(blob)
        self._text_starts.append(self._text_starts[-1] + len(blob))
        if self._text_starts[-1] - self._block_starts[-1] >= _BLOCK_BYTES:
            self._flush()

    def _flush(self) -> None:
        self._compressed.append(zlib.compress(b"".join(self._pending), _ZLIB_LEVEL))
        self._block_starts.append(self._text_starts[-1])
        self._pending.clear()

    def close(self) -> None:
        if self._pending:
            self._flush()
        self._compressed.close()
        for file_name, starts in ((BLOCK_TEXTS, self._text_starts), (BLOCK_STARTS, self._block_starts)):
            np.save(self._folder / file_name.format(self._name), np.asarray(starts, np.int64))

    def abandon(self) -> None:
        self._compressed.abandon()


class BlockReader:
    """Reads the files of BlockWriter, decompressing one block per blob."""

    def __init__(self, folder: Path, name: str) -> None:
        self._compressed = BlobReader(folder, name)
        # (blobs + 1,) and (blocks + 1,) int64: starts in the uncompressed text of all blobs.
        self._text_starts: NDArray[np.int64] = map_array(folder / BLOCK_TEXTS.format(name))
        self._block_starts: NDArray[np.int64] = map_array(folder / BLOCK_STARTS.format(name))

    def __getitem__(self, number: int) -> bytes:
        start, end = self._text_starts[number : number + 2].tolist()
        # An empty last blob starts at the end of the text, where no block starts.
        block = min(int(self._block_starts.searchsorted(start, "right")), len(self._block_starts) - 1) - 1
        block_start = int(self._block_starts[block])
        return zlib.decompress(self._compressed[block])[start - block_start : end - block_start]
