"""Builds one generation in a folder that nobody reads yet."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from whoosh.index import create_in

from searchsvc.engine.embedded.columns import ColumnWriter
from searchsvc.engine.embedded.documents import BlobWriter
from searchsvc.engine.generations import Manifest, seal
from searchsvc.errors import NothingToIndex
from searchsvc.models import Document, SeedProblem
from searchsvc.schema import TEXT_FIELDS, fingerprint, whoosh_schema

ATTACHED = "attached."  # begins the name of a file that the engine keeps without reading it


class GenerationWriter:
    """Takes documents; their numbers are the order in which they come."""

    def __init__(self, name: str, folder: Path, language: str) -> None:
        self.name = name
        self._folder = folder
        self._fingerprint = fingerprint(language)
        self._whoosh = create_in(str(folder), whoosh_schema(language)).writer(limitmb=256)
        self._documents = BlobWriter(folder, "documents")
        self._originals = BlobWriter(folder, "originals")
        self._columns = ColumnWriter()
        self._problems: list[SeedProblem] = []
        self._count = 0

    def add(self, document: Document, original: str) -> None:
        self._whoosh.add_document(
            id=document.id,
            language=document.language,
            published=document.published.toordinal() if document.published else None,
            **{field.name: _indexed_text(document, field.name) for field in TEXT_FIELDS},
        )
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
        self._whoosh.commit()
        (self._folder / "MAIN_WRITELOCK").unlink(missing_ok=True)  # Whoosh's own; nobody writes here again
        self._documents.close()
        self._originals.close()
        self._columns.write(self._folder)
        created = datetime.now(UTC).isoformat(timespec="seconds")
        manifest = Manifest(self.name, created, self._fingerprint, self._count, problems=tuple(self._problems))
        return seal(self._folder, manifest)

    def abandon(self) -> None:
        """Let go of open files; the folder is about to be deleted."""
        if not self._whoosh.is_closed:
            self._whoosh.cancel()
        self._documents.abandon()
        self._originals.abandon()


def _indexed_text(document: Document, field: str) -> str | None:
    value = getattr(document, field)
    # A line end between the values keeps a phrase from matching across two of them by accident
    # of spacing only; positions still follow on, as they do between lines of the body.
    return "\n".join(value) if isinstance(value, tuple) else value
