"""Stored fields of the segments: documents, original texts, document states."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.files import DOCUMENTS, ORIGINALS, STATES
from searchsvc.engine.embedded.index.blob_file import BlobReader, BlobWriter, BlockReader, BlockWriter
from searchsvc.engine.embedded.index.stored_document import StoredDocument, encode_document
from searchsvc.models.documents import Document


@dataclass(frozen=True, slots=True)
class StoredFields:
    """Stored fields of one segment: documents as MessagePack, original texts, and document states."""

    documents: BlobReader
    originals: BlockReader
    states: BlobReader

    @classmethod
    def of(cls, folder: Path, number: int) -> "StoredFields":
        """Open the files of the segment `number`."""
        return cls(
            BlobReader(folder, DOCUMENTS.format(number)),
            BlockReader(folder, ORIGINALS.format(number)),
            BlobReader(folder, STATES.format(number)),
        )

    def document(self, doc: int) -> StoredDocument:
        """Return a document by its number in the segment."""
        return StoredDocument(self.documents.view(doc))


@dataclass(frozen=True, slots=True)
class StoredStates:
    """States of documents; see DocumentStates. `data` (bytes,) uint8; `starts` and `ends` (docs,) int64."""

    data: NDArray[np.uint8]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]

    @staticmethod
    def joined(segments: Sequence[StoredFields], live_docs: Sequence[NDArray[np.int64]]) -> "StoredStates":
        """Return the states of the live documents of each segment; `live_docs`: their numbers there."""
        data = [segment.states.all_bytes() for segment in segments]
        sizes = np.cumsum([0, *map(len, data)])
        offsets = [(segment.states.offsets, docs) for segment, docs in zip(segments, live_docs, strict=True)]
        starts = [starts[docs] + size for (starts, docs), size in zip(offsets, sizes.tolist(), strict=False)]
        ends = [starts[docs + 1] + size for (starts, docs), size in zip(offsets, sizes.tolist(), strict=False)]
        return StoredStates(
            data[0] if len(data) == 1 else np.concatenate(data), np.concatenate(starts), np.concatenate(ends)
        )


class StoredFieldsWriter:
    """Writes the stored fields of the segment `number`."""

    def __init__(self, folder: Path, number: int) -> None:
        self._documents = BlobWriter(folder, DOCUMENTS.format(number))
        self._states = BlobWriter(folder, STATES.format(number))
        self._originals = BlockWriter(folder, ORIGINALS.format(number))

    def append(self, document: Document, original: bytes, state: bytes) -> None:
        self._append(encode_document(document), original, state)

    def _append(self, document: bytes | memoryview, original: bytes, state: bytes) -> None:
        self._documents.append(document)
        self._originals.append(original)
        self._states.append(state)

    def extend(self, fields: StoredFields, docs: NDArray[np.int64]) -> None:
        """Copy the documents `docs`, numbers in another segment."""
        for doc in docs.tolist():
            self._append(fields.documents.view(doc), fields.originals[doc], fields.states[doc])

    def close(self) -> None:
        for writer in (self._documents, self._states, self._originals):
            writer.close()

    def abandon(self) -> None:
        for writer in (self._documents, self._states, self._originals):
            writer.abandon()
