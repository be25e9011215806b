"""Builds one generation in a folder that nobody reads yet."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from searchsvc.engine.embedded.builder import BuildOptions, IndexBuilder
from searchsvc.engine.embedded.codec import write_toc
from searchsvc.engine.embedded.columns import ColumnWriter
from searchsvc.engine.embedded.documents import BlobWriter, BlockWriter
from searchsvc.engine.generations import Manifest, seal
from searchsvc.errors import NothingToIndex
from searchsvc.models import Document, SeedProblem
from searchsvc.schema import fingerprint, whoosh_schema

ATTACHED = "attached."  # begins the name of a file that the engine keeps without reading it


class GenerationWriter:
    """Takes documents; their numbers are the order in which they come."""

    def __init__(self, name: str, folder: Path, options: BuildOptions) -> None:
        self.name = name
        self._folder = folder
        self._language = options.language
        self._arrays = IndexBuilder(folder, options)
        self._documents = BlobWriter(folder, "documents")
        self._originals = BlockWriter(folder, "originals")
        self._columns = ColumnWriter()
        self._problems: list[SeedProblem] = []
        self._count = 0

    def add(self, document: Document, original: str) -> None:
        self._arrays.add(document)
        self._documents.append(msgspec.msgpack.encode(document))
        self._originals.append(original.encode("utf-8", "replace"))
        self._columns.append(document)
        self._count += 1

    def copies(self, faces: Mapping[str, str]) -> None:
        self._columns.copies(faces)

    def attach(self, name: str, data: bytes) -> None:
        (self._folder / f"{ATTACHED}{name}").write_bytes(data)

    def note(self, problems: Iterable[SeedProblem]) -> None:
        self._problems.extend(problems)

    def finish(self) -> Manifest:
        """Write everything out and seal it. Raises NothingToIndex."""
        if not self._count:
            raise NothingToIndex("no document to index; what was published before still serves")
        self._arrays.finish()
        self._arrays.close()
        write_toc(self._folder, whoosh_schema(self._language), self._count)
        self._documents.close()
        self._originals.close()
        self._columns.write(self._folder)
        created = datetime.now(UTC).isoformat(timespec="seconds")
        manifest = Manifest(
            self.name, created, fingerprint(self._language), self._count, problems=tuple(self._problems)
        )
        return seal(self._folder, manifest)

    def abandon(self) -> None:
        """Let go of open files and of processes; the folder is about to be deleted."""
        self._arrays.close()
        self._documents.abandon()
        self._originals.abandon()
