"""Named arrays packed into one file, written at known places and read through one memory map."""

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
_ALIGN = 64  # a cache line; also enough for any dtype

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class ArraySpec:
    """What an array is called, its dtype as numpy writes it (`<i4`) and its length."""

    name: str
    dtype: str
    length: int

    @property
    def nbytes(self) -> int:
        return np.dtype(self.dtype).itemsize * self.length


class ArrayWriter:
    """Writes arrays in pieces, in any order, into one file whose layout is known beforehand.

    The file is: the magic line, the length of the JSON header as 8 bytes, the header (name to
    dtype, length and offset), then the arrays, each at a multiple of 64 bytes.
    """

    def __init__(self, path: Path, specs: list[ArraySpec]) -> None:
        self._places = _layout(specs)
        header = json.dumps({name: list(place) for name, place in self._places.items()}).encode()
        self._base = _aligned(len(_MAGIC) + 8 + len(header))
        ends = (o + s.nbytes for s, (_, _, o) in zip(specs, self._places.values(), strict=True))
        self._file = path.open("wb")
        try:
            self._file.write(_MAGIC + len(header).to_bytes(8, "little") + header)
            self._file.truncate(self._base + max(ends, default=0))
        except BaseException:
            self._close()
            raise

    def write(self, name: str, array: Array, start: int = 0) -> None:
        """Put `array` at element `start` of `name`; the dtype is cast to the one declared."""
        dtype, length, offset = self._places[name]
        if start + len(array) > length:
            raise ValueError(f"{name} holds {length} elements, not {start + len(array)}")
        self._file.seek(self._base + offset + start * np.dtype(dtype).itemsize)
        self._file.write(np.ascontiguousarray(array, dtype=dtype).data)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._file.close()
        else:
            self._close()

    def _close(self) -> None:
        with suppress(OSError):  # what could not be written before can't be now
            self._file.close()


def narrow(numbers: Array) -> Array:
    """The same numbers, none negative, in the smallest unsigned type that holds them."""
    return numbers.astype(np.min_scalar_type(int(numbers.max(initial=0))))


def chunks(edges: NDArray[np.int64], size: int) -> Iterator[range]:
    """Rows cut so that each piece spans about `size` elements, at least one row each.

    `edges` int64, one more than rows: where each row's elements begin.
    """
    row, rows = 0, len(edges) - 1
    while row < rows:
        end = max(row + 1, int(edges.searchsorted(edges[row] + size, "right")) - 1)
        yield range(row, min(end, rows))
        row = end


def _aligned(offset: int) -> int:
    return -(-offset // _ALIGN) * _ALIGN


def _layout(specs: list[ArraySpec]) -> dict[str, tuple[str, int, int]]:
    places, offset = {}, 0
    for spec in specs:
        places[spec.name] = (spec.dtype, spec.length, offset)
        offset = _aligned(offset + spec.nbytes)
    return places


def save_arrays(path: Path, arrays: Mapping[str, Array]) -> None:
    """Write whole arrays into one file."""
    specs = [ArraySpec(name, array.dtype.str, len(array)) for name, array in arrays.items()]
    with ArrayWriter(path, specs) as writer:
        for name, array in arrays.items():
            writer.write(name, array)


def load_arrays(path: Path) -> dict[str, Array]:
    """The arrays of a file as read-only views of one memory map: nothing is copied or decoded.

    Raises IndexDamaged if the file is no such file or is shorter than its header says.
    """
    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    start = len(_MAGIC) + 8
    if mapped[: len(_MAGIC)] != _MAGIC:
        raise IndexDamaged(f"{path} is no file of arrays; rebuild the index")
    size = int.from_bytes(mapped[len(_MAGIC) : start], "little")
    base = _aligned(start + size)
    try:
        header = json.loads(mapped[start : start + size])
        return {
            name: np.frombuffer(mapped, dtype, length, base + offset) if length else np.empty(0, dtype)
            for name, (dtype, length, offset) in header.items()
        }
    except ValueError as error:
        raise IndexDamaged(f"{path} is cut short; rebuild the index") from error
