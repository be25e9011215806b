"""The embedded engine: opens the current generation of a folder, and switches to newer ones."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from searchsvc.deferred import deferred
from searchsvc.engine.embedded.snapshot import EmbeddedSnapshot
from searchsvc.engine.interface import GenerationWriter
from searchsvc.engine.storage.generation_store import GenerationStore
from searchsvc.engine.storage.manifest import damage
from searchsvc.errors import IndexBusy, IndexDamaged, StoreError
from searchsvc.models.index import GenerationCheck, GenerationInfo
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
    """Turn an OSError into a StoreError that also says which index is still in use."""
    try:
        yield
    except OSError as error:
        raise StoreError(f"the index cannot be written: {error}; {consolation}") from error


class EmbeddedEngine:
    """Generations in a folder, searched in this process."""

    name = "embedded"
    REFRESH_SECONDS = 0.5  # between two checks for a newer generation

    def __init__(
        self, folder: Path, language: str, *, memory: int = 512, jobs: int = 1, half_life_days: int = 0
    ) -> None:
        """Open nothing yet. `memory`: for indexing, in MB; `jobs`: processes; `half_life_days`: see RecencyBoost."""
        self._half_life_days = half_life_days
        self._store = GenerationStore(folder)
        self._language, self._memory, self._jobs = language, memory << 20, jobs
        self._fingerprint = fingerprint(language)
        self._opening = threading.Lock()
        self._snapshot: EmbeddedSnapshot | None = None
        self._named = ""  # content of CURRENT when `_snapshot` was opened
        self._checked_at = float("-inf")
        self._warnings: tuple[str, ...] = ()

    @property
    def warnings(self) -> Sequence[str]:
        return (*self._store.warnings, *self._warnings)

    def snapshot(self, name: str | None = None) -> EmbeddedSnapshot:
        return self._current() if name is None else self._published(name)

    def current(self) -> str | None:
        snapshot = self._snapshot
        return snapshot.name if snapshot is not None and not self._is_due() else None

    def refresh(self) -> None:
        self._checked_at = float("-inf")

    def sweep(self) -> None:
        self._store.sweep()

    def new_generation(self) -> AbstractContextManager[GenerationWriter]:
        return self._generation(lambda: None)

    @contextmanager
    def next_generation(self) -> Iterator[GenerationWriter]:
        """As `Engine`. Afterwards segments are merged if there are many; the writer then has the merged one's name."""
        with self._generation(self._opened_current) as generation:
            yield generation
        if generation.needs_merge:
            try:
                generation.name = self._merged(generation.name)
            except (StoreError, IndexBusy) as error:
                _log.warning("segments cannot be merged now: %s", error)

    def _opened_current(self) -> EmbeddedSnapshot:
        return self._open(self._store.current())[0]

    def _merged(self, name: str) -> str:
        """Publish the content of the generation `name` in fewer segments, and delete it; return the new name.

        Raises IndexBusy if another generation was published meanwhile.
        """
        with self._generation(self._opened_current) as generation:
            if self._opened_current().name != name:
                raise IndexBusy("another build has published meanwhile")
            generation.merge()
        with _writing("the newest generation serves"):
            self._store.delete(name)
        return generation.name

    @contextmanager
    def _generation(
        self, opened: Callable[[], EmbeddedSnapshot | None]
    ) -> Iterator["generation_writer.EmbeddedGenerationWriter"]:
        """Write a generation; `opened` returns the previous one, and is called when the lock is held."""
        with _writing("the previous index is still in use"), self._store.building() as (name, folder):
            options = index_builder.BuildOptions(self._memory, self._jobs, self._language)
            generation = generation_writer.EmbeddedGenerationWriter(name, folder, options, opened())
            try:
                yield generation
                with self._store.preserving_stamps():
                    generation.finish()
                    self._opened(folder)  # a generation that cannot be opened is not published
            except BaseException:
                generation.abandon()
                raise
            self._store.publish(name, folder)
        self._checked_at = float("-inf")

    def generations(self) -> Sequence[GenerationInfo]:
        return self._store.infos()

    def check(self) -> Sequence[GenerationCheck]:
        return [GenerationCheck(name, damage(self._store.path(name))) for name in self._store.names()]

    def activate(self, name: str) -> None:
        self._published(name)
        with _writing("the previous index is still in use"):
            self._store.activate(name)
        self._checked_at = float("-inf")

    def prune(self, keep: int) -> Sequence[str]:
        with _writing("the newest generation serves, older ones may not have been deleted"):
            return self._store.prune(keep)

    def close(self) -> None:
        self._snapshot = None

    def _published(self, name: str) -> EmbeddedSnapshot:
        if name not in self._store.names():
            raise StoreError(f"there is no generation {name}; `searchsvc index list` shows all of them")
        return self._opened(self._store.path(name))

    def _opened(self, folder: Path) -> EmbeddedSnapshot:
        return EmbeddedSnapshot(folder, self._fingerprint, self._language, self._half_life_days)

    def _current(self) -> EmbeddedSnapshot:
        """The current generation; reopened when a newer one was published."""
        snapshot = self._snapshot
        if snapshot is not None and not self._is_due():
            return snapshot
        if snapshot is not None and not self._opening.acquire(blocking=False):
            return snapshot  # another thread is switching; do not wait for it
        if snapshot is None:
            self._opening.acquire()
        try:
            self._switch()
        finally:
            self._opening.release()
        assert self._snapshot is not None
        return self._snapshot

    def _is_due(self) -> bool:
        """Whether to check for a newer generation."""
        return time.monotonic() - self._checked_at >= self.REFRESH_SECONDS

    def _switch(self) -> None:
        self._checked_at = time.monotonic()
        try:
            named = self._store.current()
        except StoreError as error:
            self._fall_back(error)
            return
        if self._snapshot is not None and named == self._named:
            return
        try:
            self._snapshot, self._warnings = self._open(named)
        except StoreError as error:
            if self._snapshot is None:
                raise
            _log.error("%s; still serving %s", error, self._snapshot.name)
            self._warnings = (str(error),)
        self._named = named

    def _fall_back(self, error: StoreError) -> None:
        """Without CURRENT, keep the open generation, or open the newest undamaged one."""
        names, damaged = self._store.names(), tuple[str, ...]()
        if self._snapshot is None:
            if not names:
                raise error
            self._snapshot, damaged = self._open(names[0])
        if str(error) not in self._warnings:
            _log.error("%s; serving %s", error, self._snapshot.name)
            self._warnings = (str(error), *damaged)
        self._named = ""

    def _open(self, named: str) -> tuple[EmbeddedSnapshot, tuple[str, ...]]:
        """Open the generation `named`, or the newest undamaged one before it; also return the reasons."""
        warnings: list[str] = []
        older = [name for name in self._store.names() if name < named]
        for name in (named, *older):
            try:
                return self._opened(self._store.path(name)), tuple(warnings)
            except IndexDamaged as error:
                warnings.append(str(error))
                _log.error("%s; trying the previous generation", error)
        if named != (newer := self._store.current()):
            return self._open(newer)  # published meanwhile, and the older ones pruned
        raise IndexDamaged(f"{warnings[0]}; no undamaged generation is left, run `searchsvc rebuild`")
