"""Stored values by document number: blobs in one file, found by an array of offsets."""

import mmap
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


class BlobWriter:
    """Appends blobs to `<name>.blobs`; `close` writes where each begins to `<name>.offsets.npy`."""

    def __init__(self, folder: Path, name: str) -> None:
        self._file = (folder / f"{name}.blobs").open("wb")
        self._offsets_path = folder / f"{name}.offsets.npy"
        self._offsets = [0]

    def append(self, blob: bytes) -> None:
        self._offsets.append(self._offsets[-1] + self._file.write(blob))

    def close(self) -> None:
        self._file.close()
        np.save(self._offsets_path, np.asarray(self._offsets, dtype=np.int64))

    def abandon(self) -> None:
        self._file.close()


class Blobs:
    """Reads what BlobWriter wrote, through the memory map."""

    def __init__(self, folder: Path, name: str) -> None:
        # (documents + 1,) int64: blob i is at offsets[i]:offsets[i + 1]. As a plain array, since every
        # slice of a np.memmap costs microseconds.
        self._offsets: NDArray[np.int64] = np.asarray(np.load(folder / f"{name}.offsets.npy", mmap_mode="r"))
        with (folder / f"{name}.blobs").open("rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def __getitem__(self, number: int) -> bytes:
        start, end = self._offsets[number : number + 2].tolist()
        return self._data[start:end]
