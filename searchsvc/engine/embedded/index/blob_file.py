"""Stored values by document number: blobs in one file, found by an array of offsets."""

import mmap
import zlib
from array import array
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.files import BLOB_OFFSETS, BLOBS, BLOCK_STARTS, BLOCK_TEXTS

_BLOCK = 32_768  # bytes compressed together
_LEVEL = 1  # of zlib: level 6 takes twice the time to save a twentieth


class BlobWriter:
    """Appends blobs to `<name>.blobs`; `close` writes where each begins to `<name>.offsets.npy`."""

    def __init__(self, folder: Path, name: str) -> None:
        self._file = (folder / BLOBS.format(name)).open("wb")
        self._offsets_path = folder / BLOB_OFFSETS.format(name)
        self._offsets = array("q", [0])

    def append(self, blob: bytes) -> None:
        self._offsets.append(self._offsets[-1] + self._file.write(blob))

    def close(self) -> None:
        self._file.close()
        np.save(self._offsets_path, np.asarray(self._offsets, dtype=np.int64))

    def abandon(self) -> None:
        with suppress(OSError):  # what could not be written before can't be now
            self._file.close()


class Blobs:
    """Reads what BlobWriter wrote, through the memory map."""

    def __init__(self, folder: Path, name: str) -> None:
        # (documents + 1,) int64: blob i is at offsets[i]:offsets[i + 1]. As a plain array, since every
        # slice of a np.memmap costs microseconds.
        self.offsets: NDArray[np.int64] = np.asarray(np.load(folder / BLOB_OFFSETS.format(name), mmap_mode="r"))
        with (folder / BLOBS.format(name)).open("rb") as file:  # a map of no byte is refused
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if self.offsets[-1] else b""

    def __getitem__(self, number: int) -> bytes:
        start, end = self.offsets[number : number + 2].tolist()
        return self._data[start:end]

    def all(self) -> NDArray[np.uint8]:
        """The bytes of all blobs, one after the other."""
        return np.frombuffer(self._data, np.uint8)


class BlockWriter:
    """Appends blobs that are seldom read, compressed many together: half the time, and smaller than each alone.

    Each block is a blob of `<name>.blobs`. `close` writes to `<name>.texts.npy` where each blob begins
    in the text of all, and to `<name>.blocks.npy` where each block does.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._compressed = BlobWriter(folder, name)
        self._texts, self._blocks = array("q", [0]), array("q", [0])
        self._waiting: list[bytes] = []

    def append(self, blob: bytes) -> None:
        self._waiting.append(blob)
        self._texts.append(self._texts[-1] + len(blob))
        if self._texts[-1] - self._blocks[-1] >= _BLOCK:
            self._flush()

    def _flush(self) -> None:
        self._compressed.append(zlib.compress(b"".join(self._waiting), _LEVEL))
        self._blocks.append(self._texts[-1])
        self._waiting.clear()

    def close(self) -> None:
        if self._waiting:
            self._flush()
        self._compressed.close()
        for file_name, starts in ((BLOCK_TEXTS, self._texts), (BLOCK_STARTS, self._blocks)):
            np.save(self._folder / file_name.format(self._name), np.asarray(starts, np.int64))

    def abandon(self) -> None:
        self._compressed.abandon()


class Blocks:
    """Reads what BlockWriter wrote, a block at a time."""

    def __init__(self, folder: Path, name: str) -> None:
        self._compressed = Blobs(folder, name)
        # (documents + 1,) and (blocks + 1,) int64: where each begins in the text of all.
        self._texts: NDArray[np.int64] = np.asarray(np.load(folder / BLOCK_TEXTS.format(name), mmap_mode="r"))
        self._blocks: NDArray[np.int64] = np.asarray(np.load(folder / BLOCK_STARTS.format(name), mmap_mode="r"))

    def __getitem__(self, number: int) -> bytes:
        start, end = self._texts[number : number + 2].tolist()
        # An empty blob at the very end begins where no block does.
        block = min(int(self._blocks.searchsorted(start, "right")), len(self._blocks) - 1) - 1
        before = int(self._blocks[block])
        return zlib.decompress(self._compressed[block])[start - before : end - before]
