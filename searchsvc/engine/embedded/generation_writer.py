"""Writer of one generation, in a folder that is not published yet."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.build.index_builder import BuildOptions, IndexBuilder
from searchsvc.engine.embedded.build.reused_postings import ReusedPostings
from searchsvc.engine.embedded.files import USER_DATA
from searchsvc.engine.embedded.index.doc_values import DocValuesWriter
from searchsvc.engine.embedded.index.stored_fields import StoredFieldsWriter
from searchsvc.engine.embedded.snapshot import EmbeddedSnapshot
from searchsvc.engine.embedded.whoosh_compat.codec import write_toc
from searchsvc.engine.embedded.whoosh_compat.whoosh_schema import whoosh_schema
from searchsvc.engine.interface import NO_STATES, DocumentStates
from searchsvc.engine.storage.manifest import FileSeal, Manifest, seal
from searchsvc.errors import NothingToIndex
from searchsvc.models.documents import Document, SeedProblem
from searchsvc.schema import fingerprint

Flags = NDArray[np.bool_]


class EmbeddedGenerationWriter:
    """Takes documents. New documents are numbered in order, after the documents kept by `delete`."""

    def __init__(
        self, name: str, folder: Path, options: BuildOptions, previous: EmbeddedSnapshot | None = None
    ) -> None:
        self.name = name
        self._previous = previous
        self._live: Flags | None = None  # of the previous generation's documents
        self._folder = folder
        self._language = options.language
        self._index_builder = IndexBuilder(folder, options)
        self._stored_fields = StoredFieldsWriter(folder, previous.volumes if previous else None)
        self._doc_values = DocValuesWriter()
        self._problems: list[SeedProblem] = []
        self._count = 0

    def user_data(self, name: str) -> bytes:
        if self._previous is None:
            raise KeyError(name)
        return self._previous.user_data(name)

    def states(self) -> DocumentStates:
        return self._previous.states() if self._previous else NO_STATES

    def delete(self, deleted: Flags) -> None:
        """Keep the documents of the previous generation, except where `deleted`, (documents,) bool, is true."""
        if self._previous is None:
            return
        self._live = ~deleted
        deleted_documents = map(self._previous.stored, np.flatnonzero(deleted).tolist())
        self._index_builder.reuse(
            ReusedPostings(self._previous.arrays, self._previous.forward_index, self._live), deleted_documents
        )
        self._doc_values.start_from(self._previous.columns, self._live)
        self._count = int(np.count_nonzero(self._live))

    def add(self, document: Document, original: str, state: bytes = b"") -> None:
        self._index_builder.add(document)
        self._stored_fields.append(document, original.encode("utf-8", "replace"), state)
        self._doc_values.append(document)
        self._count += 1

    def set_duplicates(self, canonicals: Mapping[str, str]) -> None:
        self._doc_values.set_duplicates(canonicals)

    def put_user_data(self, name: str, data: bytes) -> None:
        (self._folder / f"{USER_DATA}{name}").write_bytes(data)

    def set_problems(self, problems: Iterable[SeedProblem]) -> None:
        self._problems.extend(problems)

    def finish(self) -> Manifest:
        """Write all files and the manifest. Raises NothingToIndex."""
        if not self._count:
            raise NothingToIndex("no document to index; the previous index is still in use")
        self._index_builder.finish()
        self._index_builder.close()
        write_toc(self._folder, whoosh_schema(self._language), self._count)
        reused_seals = self._close_stored_fields()
        self._doc_values.write(self._folder)
        created = datetime.now(UTC).isoformat(timespec="seconds")
        manifest = Manifest(
            self.name, created, fingerprint(self._language), self._count, problems=tuple(self._problems)
        )
        return seal(self._folder, manifest, reused_seals)

    def _close_stored_fields(self) -> dict[str, FileSeal]:
        """Close the stored fields; return the seals of reused files."""
        reused_files = self._stored_fields.close(self._live)
        return {name: self._previous.manifest.files[name] for name in reused_files} if self._previous else {}

    def abandon(self) -> None:
        """Close open files and stop processes, before the folder is deleted."""
        self._index_builder.close()
        self._stored_fields.abandon()
