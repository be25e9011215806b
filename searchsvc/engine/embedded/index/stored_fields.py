"""Stored documents in volumes: immutable files that one generation hands on to the next as hard links."""

import os
import shutil
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.files import DOCUMENTS, ORIGINALS, STATES, STORED_ROWS
from searchsvc.engine.embedded.index.blob_file import (
    Blobs,
    BlobWriter,
    Blocks,
    BlockWriter,
)
from searchsvc.engine.interface import DocumentStates

MOST = 10  # volumes of a generation; the small ones of more are stored anew as one
MASKED = 4  # a volume one in so many of whose documents is gone is stored anew

Numbers = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Volume:
    """The files of the volume `number`: documents as MessagePack, their originals, and their memos."""

    documents: Blobs
    originals: Blocks
    states: Blobs

    @classmethod
    def of(cls, folder: Path, number: int) -> "_Volume":
        names = _names(number)
        return cls(Blobs(folder, names[0]), Blocks(folder, names[1]), Blobs(folder, names[2]))


def _names(number: int) -> tuple[str, str, str]:
    return DOCUMENTS.format(number), ORIGINALS.format(number), STATES.format(number)


class StoredFields:
    """The stored documents of a generation, opened; numbers are those of its documents."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # (2, documents) int32: the volume of each document and its row there.
        self.places: Numbers = np.asarray(np.load(folder / STORED_ROWS, mmap_mode="r"))
        # np.unique would import numpy.ma on its first call, a tenth of a search's CPU in a new process.
        numbers = np.flatnonzero(np.bincount(self.places[0])).tolist()
        self._volumes = {number: _Volume.of(folder, number) for number in numbers}

    def document(self, number: int) -> bytes:
        volume, row = self.places[:, number].tolist()
        return self._volumes[volume].documents[row]

    def original(self, number: int) -> bytes:
        volume, row = self.places[:, number].tolist()
        return self._volumes[volume].originals[row]

    def state(self, number: int) -> bytes:
        volume, row = self.places[:, number].tolist()
        return self._volumes[volume].states[row]

    def states(self, ids: NDArray[np.uint64]) -> DocumentStates:
        """The memos of all documents, whose `ids` these are."""
        starts, ends = np.empty(len(ids), np.int64), np.empty(len(ids), np.int64)
        parts, before = [], 0
        for number, volume in self._volumes.items():
            own = self.places[0] == number
            rows = self.places[1][own]
            starts[own], ends[own] = volume.states.offsets[rows] + before, volume.states.offsets[rows + 1] + before
            parts.append(volume.states.all())
            before += len(parts[-1])
        return DocumentStates(ids, np.concatenate(parts), starts, ends)

    def sizes(self) -> dict[int, int]:
        """For each volume how many documents were stored in it."""
        return {number: len(volume.states.offsets) - 1 for number, volume in self._volumes.items()}


class StoredFieldsWriter:
    """Writes a volume of new documents, and the places of all, those handed on included."""

    def __init__(self, folder: Path, before: StoredFields | None = None) -> None:
        """`before`: the volumes of the generation that this one goes on from."""
        self._folder, self._before = folder, before
        self._number = max(before.sizes(), default=0) + 1 if before else 1
        documents, originals, memos = _names(self._number)
        self._documents, self._memos = BlobWriter(folder, documents), BlobWriter(folder, memos)
        self._originals = BlockWriter(folder, originals)
        self._rows = 0
        self._new = array("i")  # rows of the documents that are appended

    def append(self, document: bytes, original: bytes, memo: bytes) -> None:
        self._new.append(self._store(document, original, memo))

    def _store(self, document: bytes, original: bytes, memo: bytes) -> int:
        self._documents.append(document)
        self._originals.append(original)
        self._memos.append(memo)
        self._rows += 1
        return self._rows - 1

    def close(self, live: Flags | None = None) -> list[str]:
        """Write everything out; the names of files that are links to those of the generation before.

        `live` (documents before,) bool: which of its documents are handed on. They come first.
        """
        places, linked = self._handed_on(live) if self._before and live is not None else (np.empty((2, 0)), [])
        new = np.array([[self._number] * len(self._new), self._new], np.int32).reshape(2, -1)
        np.save(self._folder / STORED_ROWS, np.concatenate([places, new], axis=1).astype(np.int32))
        for writer in (self._documents, self._memos, self._originals):
            writer.close()
        return linked

    def _handed_on(self, live: Flags) -> tuple[Numbers, list[str]]:
        assert self._before is not None
        places = self._before.places[:, live]
        kept = np.bincount(places[0]) if places.size else np.zeros(1, np.int64)
        linked: list[str] = []
        renewed = _renewed(self._before.sizes(), dict(enumerate(kept.tolist())))
        for number in self._before.sizes():
            if number not in renewed:
                linked += _linked(self._before.folder, self._folder, number)
        numbers = np.flatnonzero(live)
        for at in np.flatnonzero(np.isin(places[0], sorted(renewed))).tolist():
            number = int(numbers[at])
            own = (self._before.document(number), self._before.original(number), self._before.state(number))
            places[:, at] = self._number, self._store(*own)
        return places, linked

    def abandon(self) -> None:
        for writer in (self._documents, self._memos, self._originals):
            writer.abandon()


def _renewed(sizes: Mapping[int, int], kept: Mapping[int, int]) -> set[int]:
    """The volumes to store anew: those with much that is gone, and if there are too many, the small ones."""
    masked = {number for number, size in sizes.items() if (size - kept.get(number, 0)) * MASKED >= max(size, 1)}
    whole = sizes.keys() - masked
    if len(whole) < MOST:
        return masked
    return masked | {number for number in whole if sizes[number] * MOST < sum(sizes.values())}


def _linked(source: Path, target: Path, number: int) -> Iterator[str]:
    """Give the files of a volume another name in the folder `target`; a file system without links copies."""
    for name in _names(number):
        for path in sorted(source.glob(f"{name}.*")):
            try:
                os.link(path, target / path.name)
            except OSError:
                shutil.copyfile(path, target / path.name)
            yield path.name
