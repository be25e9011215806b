"""Named arrays in one file, read through a single memory map.

The file starts with a magic line, and the length of the JSON header as 8 bytes (little-endian). The header maps
each name to dtype, length and offset. The arrays follow, each at a multiple of 64 bytes.
"""

import json
import mmap
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from searchsvc.errors import IndexDamaged

_MAGIC = b"searchsvc arrays 1\n"
_ALIGN = 64  # a cache line, and a multiple of every item size

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class ArraySpec:
    """Name, dtype as numpy writes it (`<i4`) and length of an array."""

    name: str
    dtype: str
    length: int

    @property
    def nbytes(self) -> int:
        return np.dtype(self.dtype).itemsize * self.length


class ArrayWriter:
    """Writes arrays in pieces, in any order, into one file of known layout."""

    def __init__(self, path: Path, specs: list[ArraySpec]) -> None:
        self._layout = _compute_layout(specs)
        header = json.dumps({name: list(entry) for name, entry in self._layout.items()}).encode()
        self._base = _aligned(len(_MAGIC) + 8 + len(header))
        ends = (o + s.nbytes for s, (_, _, o) in zip(specs, self._layout.values(), strict=True))
        self._file = path.open("wb")
        try:
            self._file.write(_MAGIC + len(header).to_bytes(8, "little") + header)
            self._file.truncate(self._base + max(ends, default=0))
        except BaseException:
            self._close()
            raise

    def write(self, name: str, array: Array, start: int = 0) -> None:
        """Write `array` (n,) at element `start` of `name`, cast to the declared dtype.

        Raises ValueError if the array does not fit.
        """
        dtype, length, offset = self._layout[name]
        if start + len(array) > length:
            raise ValueError(f"{name} holds {length} elements, not {start + len(array)}")
        self._file.seek(self._base + offset + start * np.dtype(dtype).itemsize)
        self._file.write(np.ascontiguousarray(array, dtype=dtype).data)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._file.close()
        else:
            self._close()

    def _close(self) -> None:
        with suppress(OSError):  # the original write error matters, not this one
            self._file.close()


def narrow(values: Array) -> Array:
    """Return `values`, none negative, in the smallest unsigned dtype that holds them all."""
    return values.astype(np.min_scalar_type(int(values.max(initial=0))))


def chunk_rows(offsets: NDArray[np.int64], size: int) -> Iterator[range]:
    """Yield ranges of rows that span about `size` elements, at least one row each.

    `offsets` (rows + 1,) int64, ascending: start of each row's elements.
    """
    first, row_count = 0, len(offsets) - 1
    while first < row_count:
        end = max(first + 1, int(offsets.searchsorted(offsets[first] + size, "right")) - 1)
        yield range(first, min(end, row_count))
        first = end


def _aligned(offset: int) -> int:
    return -(-offset // _ALIGN) * _ALIGN


def _compute_layout(specs: list[ArraySpec]) -> dict[str, tuple[str, int, int]]:
    layout, offset = {}, 0
    for spec in specs:
        layout[spec.name] = (spec.dtype, spec.length, offset)
        offset = _aligned(offset + spec.nbytes)
    return layout


def save_arrays(path: Path, arrays: Mapping[str, Array]) -> None:
    """Write complete arrays, each (n,), into one file."""
    specs = [ArraySpec(name, array.dtype.str, len(array)) for name, array in arrays.items()]
    with ArrayWriter(path, specs) as writer:
        for name, array in arrays.items():
            writer.write(name, array)


def load_arrays(path: Path) -> dict[str, Array]:
    """Map a file of arrays and return read-only views, without copying or decoding.

    Raises IndexDamaged if the file has another format or is shorter than its header says.
    """
    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    header_start = len(_MAGIC) + 8
    if mapped[: len(_MAGIC)] != _MAGIC:
        raise IndexDamaged(f"{path} is not an array file; run `searchsvc rebuild`")
    header_size = int.from_bytes(mapped[len(_MAGIC) : header_start], "little")
    base = _aligned(header_start + header_size)
    try:
        header = json.loads(mapped[header_start : header_start + header_size])
        return {
            name: np.frombuffer(mapped, dtype, length, base + offset) if length else np.empty(0, dtype)
            for name, (dtype, length, offset) in header.items()
        }
    except ValueError as error:
        raise IndexDamaged(f"{path} is truncated; run `searchsvc rebuild`") from error
