"""Bytes of the documents of a build, in memory, then in a temporary file."""

import tempfile
import weakref
from functools import cached_property
from io import FileIO

import numpy as np
from numpy.typing import NDArray

_MOST_IN_MEMORY = 16_000_000  # bytes


class StoredBytes:
    """Bytes that are first added, then read.

    The file has no buffer: a buffer that a full disk refuses would be an error again when the file is closed.
    """

    def __init__(self) -> None:
        self._newest = bytearray()
        self._file: FileIO | None = None

    def add(self, data: bytes) -> None:
        """Add bytes at the end. Raises OSError."""
        self._newest += data
        if len(self._newest) >= _MOST_IN_MEMORY:
            self._write()

    @cached_property
    def data(self) -> NDArray[np.uint8]:
        """All bytes, (bytes,) uint8. No more can be added afterwards. Raises OSError."""
        if self._file is None:
            return np.frombuffer(self._newest, np.uint8)
        self._write()
        return np.asarray(np.memmap(self._file, np.uint8, "r"))

    def _write(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed with this object
            weakref.finalize(self, self._file.close)
        left = memoryview(bytes(self._newest))
        while left:
            left = left[self._file.write(left) :]
        self._newest.clear()
