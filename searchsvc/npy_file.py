"""Arrays in files of NumPy's own formats, read by one thread at a time.

NumPy reads the header of an array with Python's own parser. In CPython 3.11, two threads that parse at once can make it
raise SystemError ("AST constructor recursion depth mismatch").
"""

from pathlib import Path
from threading import Lock
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

_parsing = Lock()


def map_array(file: Path) -> NDArray[Any]:
    """Map a .npy file into memory, for reading. A plain array: each slice of an np.memmap costs microseconds.

    Raises OSError and ValueError.
    """
    with _parsing:
        return np.asarray(np.load(file, mmap_mode="r"))


def read_arrays(file: IO[bytes]) -> dict[str, NDArray[Any]]:
    """Read all arrays of a .npz file, by name. Raises OSError, and ValueError for other data."""
    with _parsing, np.load(file, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}
