"""Builds one generation in a folder that nobody reads yet."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec
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
    """Takes documents; their numbers are the order in which they come, behind those of the generation before."""

    def __init__(self, name: str, folder: Path, options: BuildOptions, before: EmbeddedSnapshot | None = None) -> None:
        self.name = name
        self._before = before
        self._live: Flags | None = None  # of the documents before
        self._folder = folder
        self._language = options.language
        self._arrays = IndexBuilder(folder, options)
        self._volume = StoredFieldsWriter(folder, before.volumes if before else None)
        self._columns = DocValuesWriter()
        self._problems: list[SeedProblem] = []
        self._count = 0

    def user_data(self, name: str) -> bytes:
        if self._before is None:
            raise KeyError(name)
        return self._before.user_data(name)

    def states(self) -> DocumentStates:
        return self._before.states() if self._before else NO_STATES

    def delete(self, gone: Flags) -> None:
        if self._before is None:
            return
        self._live = ~gone
        taken = map(self._before.stored, np.flatnonzero(gone).tolist())
        self._arrays.reuse(ReusedPostings(self._before.arrays, self._before.forward_index, self._live), taken)
        self._columns.begin_with(self._before.columns, self._live)
        self._count = int(np.count_nonzero(self._live))

    def add(self, document: Document, original: str, memo: bytes = b"") -> None:
        self._arrays.add(document)
        self._volume.append(msgspec.msgpack.encode(document), original.encode("utf-8", "replace"), memo)
        self._columns.append(document)
        self._count += 1

    def set_duplicates(self, faces: Mapping[str, str]) -> None:
        self._columns.set_duplicates(faces)

    def put_user_data(self, name: str, data: bytes) -> None:
        (self._folder / f"{USER_DATA}{name}").write_bytes(data)

    def set_problems(self, problems: Iterable[SeedProblem]) -> None:
        self._problems.extend(problems)

    def finish(self) -> Manifest:
        """Write everything out and seal it. Raises NothingToIndex."""
        if not self._count:
            raise NothingToIndex("no document to index; the previous index is still in use")
        self._arrays.finish()
        self._arrays.close()
        write_toc(self._folder, whoosh_schema(self._language), self._count)
        linked = self._stored()
        self._columns.write(self._folder)
        created = datetime.now(UTC).isoformat(timespec="seconds")
        manifest = Manifest(
            self.name, created, fingerprint(self._language), self._count, problems=tuple(self._problems)
        )
        return seal(self._folder, manifest, linked)

    def _stored(self) -> dict[str, FileSeal]:
        """Finish the volume; the seals of files that are those of a generation before."""
        linked = self._volume.close(self._live)
        return {name: self._before.manifest.files[name] for name in linked} if self._before else {}

    def abandon(self) -> None:
        """Let go of open files and of processes; the folder is about to be deleted."""
        self._arrays.close()
        self._volume.abandon()
