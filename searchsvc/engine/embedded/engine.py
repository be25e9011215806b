"""The engine in the process: opens the current generation and changes over to the next one."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from whoosh.query import Query

from searchsvc.deferred import deferred
from searchsvc.engine.embedded.snapshot import EmbeddedSnapshot
from searchsvc.engine.interface import GenerationWriter
from searchsvc.engine.query import EngineQuery
from searchsvc.engine.storage.generation_store import GenerationStore
from searchsvc.engine.storage.manifest import damage
from searchsvc.errors import IndexDamaged, StoreError
from searchsvc.models.documents import Document, DuplicateCluster, SeedProblem
from searchsvc.models.index import EngineStatus, GenerationCheck, GenerationInfo
from searchsvc.models.search import Completion, EngineHit, EngineHits
from searchsvc.query import Vocabulary
from searchsvc.schema import fingerprint

if TYPE_CHECKING:
    from searchsvc.engine.embedded import generation_writer
    from searchsvc.engine.embedded.build import index_builder
else:  # a search writes nothing
    index_builder, generation_writer = map(
        deferred, ("searchsvc.engine.embedded.build.index_builder", "searchsvc.engine.embedded.generation_writer")
    )

_log = logging.getLogger("searchsvc.engine")


@contextmanager
def _writing(consolation: str) -> Iterator[None]:
    """Says that the index can't be written, and what is left, where the system says why. Raises StoreError."""
    try:
        yield
    except OSError as error:
        raise StoreError(f"the index can't be written: {error}; {consolation}") from error


class EmbeddedEngine:
    """Generations in a folder, answered from within this process."""

    name = "embedded"
    LOOK_EVERY = 0.5  # seconds between looks for a new generation

    def __init__(self, folder: Path, language: str, *, memory: int = 512, jobs: int = 1, freshness: int = 0) -> None:
        """`memory`: megabytes that indexing may take; `jobs`: processes that index; `freshness`: see there."""
        self._freshness = freshness
        self._store = GenerationStore(folder)
        self._language, self._memory, self._jobs = language, memory << 20, jobs
        self._fingerprint = fingerprint(language)
        self._opening = threading.Lock()
        self._reader: EmbeddedSnapshot | None = None
        self._named = ""  # what CURRENT said when `_reader` was opened
        self._looked = float("-inf")
        self._warnings: tuple[str, ...] = ()

    def search(self, query: EngineQuery) -> EngineHits:
        return self._serving().search(query)

    def document(self, document_id: str) -> Document:
        return self._serving().document(document_id)

    def original(self, document_id: str) -> str:
        return self._serving().original(document_id)

    def documents(self) -> Iterator[tuple[Document, str]]:
        return self._serving().documents()

    def suggest(self, beginning: str, before: Query | None, limit: int) -> Sequence[Completion]:
        return self._serving().suggest(beginning, before, limit)

    def similar(self, document_id: str, limit: int) -> Sequence[EngineHit]:
        return self._serving().similar(document_id, limit)

    def near_duplicates(self, document_id: str) -> Sequence[Document]:
        return self._serving().near_duplicates(document_id)

    def languages(self) -> Sequence[str]:
        return self._serving().languages

    def vocabulary(self) -> Vocabulary:
        return self._serving().vocabulary

    def status(self) -> EngineStatus:
        reader = self._serving()
        manifest = reader.manifest
        size = sum(file.size for file in manifest.files.values())
        info = GenerationInfo(manifest.name, manifest.created, manifest.documents, size, current=True)
        return EngineStatus(self.name, info, reader.facet_counts(limit=100), self._warnings)

    def current(self) -> str | None:
        reader = self._reader
        return reader.manifest.name if reader is not None and not self._is_due() else None

    def refresh(self) -> None:
        self._serving()

    def duplicates(self) -> Sequence[DuplicateCluster]:
        return self._serving().duplicates()

    def user_data(self, name: str) -> bytes:
        return self._serving().user_data(name)

    def problems(self) -> Sequence[SeedProblem]:
        return self._serving().manifest.problems

    def new_generation(self) -> AbstractContextManager[GenerationWriter]:
        return self._generation(lambda: None)

    def next_generation(self) -> AbstractContextManager[GenerationWriter]:
        return self._generation(lambda: self._open(self._store.current())[0])

    @contextmanager
    def _generation(self, opened: Callable[[], EmbeddedSnapshot | None]) -> Iterator[GenerationWriter]:
        """`opened` gives the generation to go on from, once nobody else builds."""
        with _writing("the previous index is still in use"), self._store.building() as (name, folder):
            options = index_builder.BuildOptions(self._memory, self._jobs, self._language)
            generation = generation_writer.EmbeddedGenerationWriter(name, folder, options, opened())
            try:
                yield generation
                with self._store.preserving_stamps():
                    generation.finish()
                    self._opened(folder)  # what can't be opened is not published
            except BaseException:
                generation.abandon()
                raise
            self._store.publish(name, folder)
        self._looked = float("-inf")

    def generations(self) -> Sequence[GenerationInfo]:
        return self._store.infos()

    def at(self, name: str) -> "EmbeddedEngine":
        other = EmbeddedEngine(self._store.folder, self._language, freshness=self._freshness)
        other._reader, other._named, other._looked = self._known(name), name, float("inf")
        return other

    def check(self) -> Sequence[GenerationCheck]:
        return [GenerationCheck(name, damage(self._store.path(name))) for name in self._store.names()]

    def activate(self, name: str) -> None:
        self._known(name)
        with _writing("the previous index is still in use"):
            self._store.activate(name)
        self._looked = float("-inf")

    def prune(self, keep: int) -> Sequence[str]:
        with _writing("the newest generation serves, older ones may not have been deleted"):
            return self._store.prune(keep)

    def close(self) -> None:
        self._reader = None

    def _known(self, name: str) -> EmbeddedSnapshot:
        if name not in self._store.names():
            raise StoreError(f"no generation is called {name}; `searchsvc index list` shows them")
        return self._opened(self._store.path(name))

    def _opened(self, folder: Path) -> EmbeddedSnapshot:
        return EmbeddedSnapshot(folder, self._fingerprint, self._language, self._freshness)

    def _serving(self) -> EmbeddedSnapshot:
        """The reader of the current generation, opened anew when another was published."""
        reader = self._reader
        if reader is not None and not self._is_due():
            return reader
        if reader is not None and not self._opening.acquire(blocking=False):
            return reader  # another thread is changing over; nobody waits for it
        if reader is None:
            self._opening.acquire()
        try:
            self._change_over()
        finally:
            self._opening.release()
        assert self._reader is not None
        return self._reader

    def _is_due(self) -> bool:
        """Whether it is time to look for a new generation."""
        return time.monotonic() - self._looked >= self.LOOK_EVERY

    def _change_over(self) -> None:
        self._looked = time.monotonic()
        try:
            named = self._store.current()
        except StoreError as error:
            self._do_without_current(error)
            return
        if self._reader is not None and named == self._named:
            return
        try:
            self._reader, self._warnings = self._open(named)
        except StoreError as error:
            if self._reader is None:
                raise
            _log.error("%s; still serving %s", error, self._reader.manifest.name)
            self._warnings = (str(error),)
        self._named = named

    def _do_without_current(self, error: StoreError) -> None:
        """CURRENT is lost: what is open goes on, else the newest sound generation serves."""
        names, damaged = self._store.names(), tuple[str, ...]()
        if self._reader is None:
            if not names:
                raise error
            self._reader, damaged = self._open(names[0])
        if str(error) not in self._warnings:
            _log.error("%s; serving %s", error, self._reader.manifest.name)
            self._warnings = (str(error), *damaged)
        self._named = ""

    def _open(self, named: str) -> tuple[EmbeddedSnapshot, tuple[str, ...]]:
        """The generation `named`, or the newest sound one before it, with what was wrong."""
        warnings: list[str] = []
        older = [name for name in self._store.names() if name < named]
        for name in (named, *older):
            try:
                return self._opened(self._store.path(name)), tuple(warnings)
            except IndexDamaged as error:
                warnings.append(str(error))
                _log.error("%s; trying the generation before it", error)
        if named != (newer := self._store.current()):
            return self._open(newer)  # published, and the old ones pruned, while this one was looked at
        raise IndexDamaged(f"{warnings[0]}; no sound generation is left, run `searchsvc rebuild`")
