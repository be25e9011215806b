"""Stored fields in volumes: immutable files that generations share as hard links."""

import os
import shutil
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.files import DOCUMENTS, ORIGINALS, STATES, STORED_ROWS
from searchsvc.engine.embedded.index.blob_file import BlobReader, BlobWriter, BlockReader, BlockWriter
from searchsvc.engine.embedded.index.stored_document import StoredDocument, encode_document
from searchsvc.engine.interface import DocumentStates
from searchsvc.models.documents import Document
from searchsvc.npy_file import map_array

MAX_VOLUMES = 10  # per generation; beyond it the small volumes are rewritten as one
REWRITE_RATIO = 4  # a volume is rewritten when 1/REWRITE_RATIO of its documents are deleted

Int32Array = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Volume:
    """Files of one volume: documents as MessagePack, original texts, and document states."""

    documents: BlobReader
    originals: BlockReader
    states: BlobReader

    @classmethod
    def of(cls, folder: Path, volume: int) -> "_Volume":
        stems = _file_stems(volume)
        return cls(BlobReader(folder, stems[0]), BlockReader(folder, stems[1]), BlobReader(folder, stems[2]))


def _file_stems(volume: int) -> tuple[str, str, str]:
    return DOCUMENTS.format(volume), ORIGINALS.format(volume), STATES.format(volume)


class StoredFields:
    """Stored fields of a generation, by document number.

    `volume_rows` (2, documents) int32: the volume of each document, and its row there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.volume_rows: Int32Array = map_array(folder / STORED_ROWS)
        # np.unique would import numpy.ma on its first call, a tenth of a search's CPU in a new process.
        volumes = np.flatnonzero(np.bincount(self.volume_rows[0])).tolist()
        self._volumes = {volume: _Volume.of(folder, volume) for volume in volumes}

    def document(self, doc: int) -> StoredDocument:
        return StoredDocument(self.document_bytes(doc))

    def document_bytes(self, doc: int) -> memoryview:
        volume, row = self.volume_rows[:, doc].tolist()
        return self._volumes[volume].documents.view(row)

    def original(self, doc: int) -> bytes:
        volume, row = self.volume_rows[:, doc].tolist()
        return self._volumes[volume].originals[row]

    def state(self, doc: int) -> bytes:
        volume, row = self.volume_rows[:, doc].tolist()
        return self._volumes[volume].states[row]

    def states(self, ids: NDArray[np.uint64]) -> DocumentStates:
        """Return the states of all documents; `ids` (documents,) uint64 in the order of their numbers."""
        starts, ends = np.empty(len(ids), np.int64), np.empty(len(ids), np.int64)
        parts, data_size = [], 0
        for number, volume in self._volumes.items():
            in_volume = self.volume_rows[0] == number
            rows = self.volume_rows[1][in_volume]
            starts[in_volume], ends[in_volume] = (
                volume.states.offsets[rows] + data_size,
                volume.states.offsets[rows + 1] + data_size,
            )
            parts.append(volume.states.all_bytes())
            data_size += len(parts[-1])
        return DocumentStates(ids, np.concatenate(parts), starts, ends)

    def volume_sizes(self) -> dict[int, int]:
        """Return the number of documents stored in each volume, deleted ones included."""
        return {number: len(volume.states.offsets) - 1 for number, volume in self._volumes.items()}


class StoredFieldsWriter:
    """Writes a volume of new documents, and the rows of all documents."""

    def __init__(self, folder: Path, previous: StoredFields | None = None) -> None:
        """`previous`: the stored fields of the generation to update."""
        self._folder, self._previous = folder, previous
        self._volume = max(previous.volume_sizes(), default=0) + 1 if previous else 1
        documents, originals, states = _file_stems(self._volume)
        self._documents, self._states = BlobWriter(folder, documents), BlobWriter(folder, states)
        self._originals = BlockWriter(folder, originals)
        self._rows = 0
        self._new_rows = array("i")  # rows of the added documents

    def append(self, document: Document, original: bytes, state: bytes) -> None:
        self._new_rows.append(self._store(encode_document(document), original, state))

    def _store(self, document: bytes | memoryview, original: bytes, state: bytes) -> int:
        self._documents.append(document)
        self._originals.append(original)
        self._states.append(state)
        self._rows += 1
        return self._rows - 1

    def close(self, live: Flags | None = None) -> list[str]:
        """Write all files; return the names of the files that are links to a previous generation's.

        `live` (documents of the previous generation,) bool: documents to keep. They come first.
        """
        reused_rows, linked = np.empty((2, 0), np.int32), list[str]()
        if self._previous and live is not None:
            reused_rows, linked = self._reuse_volumes(live)
        new_rows = np.array([[self._volume] * len(self._new_rows), self._new_rows], np.int32).reshape(2, -1)
        np.save(self._folder / STORED_ROWS, np.concatenate([reused_rows, new_rows], axis=1).astype(np.int32))
        for writer in (self._documents, self._states, self._originals):
            writer.close()
        return linked

    def _reuse_volumes(self, live: Flags) -> tuple[Int32Array, list[str]]:
        assert self._previous is not None
        volume_rows = self._previous.volume_rows[:, live]
        live_counts = np.bincount(volume_rows[0]) if volume_rows.size else np.zeros(1, np.int64)
        linked: list[str] = []
        rewritten = _volumes_to_rewrite(self._previous.volume_sizes(), dict(enumerate(live_counts.tolist())))
        for volume in self._previous.volume_sizes():
            if volume not in rewritten:
                linked += _link_volume(self._previous.folder, self._folder, volume)
        live_docs = np.flatnonzero(live)
        for index in np.flatnonzero(np.isin(volume_rows[0], sorted(rewritten))).tolist():
            volume = int(live_docs[index])
            stored = (
                self._previous.document_bytes(volume),
                self._previous.original(volume),
                self._previous.state(volume),
            )
            volume_rows[:, index] = self._volume, self._store(*stored)
        return volume_rows, linked

    def abandon(self) -> None:
        for writer in (self._documents, self._states, self._originals):
            writer.abandon()


def _volumes_to_rewrite(sizes: Mapping[int, int], live_counts: Mapping[int, int]) -> set[int]:
    """Return the volumes with many deleted documents; if too many volumes remain, the small ones too."""
    sparse = {
        number for number, size in sizes.items() if (size - live_counts.get(number, 0)) * REWRITE_RATIO >= max(size, 1)
    }
    reused = sizes.keys() - sparse
    if len(reused) < MAX_VOLUMES:
        return sparse
    return sparse | {number for number in reused if sizes[number] * MAX_VOLUMES < sum(sizes.values())}


def _link_volume(source: Path, target: Path, volume: int) -> Iterator[str]:
    """Link the files of a volume into the folder `target`, or copy them where links are unsupported."""
    for name in _file_stems(volume):
        for path in sorted(source.glob(f"{name}.*")):
            try:
                os.link(path, target / path.name)
            except OSError:
                shutil.copyfile(path, target / path.name)
            yield path.name
