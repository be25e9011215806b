"""Path and seed of each document by its id, in 32 bytes a document in addition to the paths."""

from array import array

import numpy as np
from numpy.typing import NDArray

_SORTED_AT_ONCE = 65_536  # documents


class DocumentPaths:
    """Paths of the documents of a build and of their seeds, by id. A dict of strings takes five times the memory."""

    def __init__(self) -> None:
        self._newest: dict[int, int] = {}  # number by id, of documents that are not sorted
        self._ids: NDArray[np.uint64] = np.empty(0, np.uint64)  # ascending
        self._numbers: NDArray[np.int64] = np.empty(0, np.int64)  # of each id
        self._paths, self._ends = bytearray(), array("q", [0])

    def add(self, document_id: str, path: str, seed: str) -> tuple[str, str] | None:
        """Add a document, and return None; or the path and seed of the earlier document with the same id."""
        key = int(document_id, 16)
        earlier = self._number(key)
        if earlier is not None:
            return self._paths_of(earlier)
        self._newest[key] = len(self._ends) - 1
        self._paths += f"{path}\0{'' if seed == path else seed}".encode("utf-8", "surrogateescape")
        self._ends.append(len(self._paths))
        if len(self._newest) == _SORTED_AT_ONCE:
            self._sort()
        return None

    def _number(self, key: int) -> int | None:
        place = int(self._ids.searchsorted(np.uint64(key)))
        if place < len(self._ids) and int(self._ids[place]) == key:
            return int(self._numbers[place])
        return self._newest.get(key)

    def _paths_of(self, number: int) -> tuple[str, str]:
        encoded = self._paths[self._ends[number] : self._ends[number + 1]]
        path, _, seed = encoded.decode("utf-8", "surrogateescape").partition("\0")
        return path, seed or path

    def _sort(self) -> None:
        ids = np.append(self._ids, np.array(list(self._newest), np.uint64))
        numbers = np.append(self._numbers, np.array(list(self._newest.values()), np.int64))
        order = ids.argsort(kind="stable")  # sorted already but for the newest
        self._ids, self._numbers = ids[order], numbers[order]
        self._newest.clear()
