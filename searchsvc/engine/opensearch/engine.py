"""The OpenSearch engine: a generation is an index of the cluster, and an alias names the current one."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass

from searchsvc.engine.interface import GenerationWriter
from searchsvc.engine.opensearch.client.indices import Indices, PublishedIndex
from searchsvc.engine.opensearch.client.lock import build_lock
from searchsvc.engine.opensearch.client.transport import ClusterAccess, Transport
from searchsvc.engine.opensearch.generation_reader import GenerationReader
from searchsvc.engine.opensearch.index_writer import IndexWriter, LoadOptions
from searchsvc.engine.opensearch.snapshot import OpenSearchSnapshot
from searchsvc.errors import SchemaChanged, SearchServiceError
from searchsvc.models.index import GenerationCheck, GenerationInfo
from searchsvc.schema import fingerprint


@dataclass(frozen=True, slots=True)
class ClusterLayout:
    """Shards and replicas of a generation's index, and the time limit of a request, in seconds."""

    shards: int = 3
    replicas: int = 1
    seconds: float = 2.5


class OpenSearchEngine:
    """Generations in an OpenSearch cluster. Holds only connections."""

    name = "opensearch"
    REFRESH_SECONDS = 0.5  # between two checks for a newer generation

    def __init__(
        self,
        access: ClusterAccess,
        index: str,
        language: str,
        layout: ClusterLayout | None = None,
        *,
        jobs: int = 1,
        half_life_days: int = 0,
    ) -> None:
        """Connect to nothing yet.

        `jobs`: processes that analyse documents of a build. `half_life_days`: of the recency boost, 0 for off.
        """
        self._layout = layout or ClusterLayout()
        self._transport = Transport(access)
        self._indices = Indices(self._transport, index, self._layout.seconds)
        self._language = language
        self._load_options = LoadOptions(language, jobs)
        self._half_life_days = half_life_days
        self._fingerprint = fingerprint(language)
        self._snapshot: OpenSearchSnapshot | None = None
        self._checked_at = float("-inf")

    @property
    def warnings(self) -> Sequence[str]:
        return ()

    def snapshot(self, name: str | None = None) -> OpenSearchSnapshot:
        return self._current() if name is None else self._opened(self._checked(self._indices.published(name)))

    def current(self) -> str | None:
        snapshot = self._snapshot
        return snapshot.name if snapshot is not None and not self._is_due() else None

    def refresh(self) -> None:
        self._checked_at = float("-inf")

    def sweep(self) -> None:
        """Leave it to the next build: the lock of a cluster takes several requests."""

    def new_generation(self) -> AbstractContextManager[GenerationWriter]:
        return self._generation(lambda: None)

    def next_generation(self) -> AbstractContextManager[GenerationWriter]:
        """Reused documents are read from the previous index and analysed again.

        Deleted from a copy of that index, documents would still count in document frequencies.
        """
        return self._generation(lambda: self._opened(self._checked(self._indices.serving())))

    @contextmanager
    def _generation(self, opened: Callable[[], OpenSearchSnapshot | None]) -> Iterator[GenerationWriter]:
        """Write a generation; `opened` returns the previous one, and is called when the lock is held."""
        with build_lock(self._indices) as lock:
            self._indices.sweep()
            previous = opened()
            name = self._indices.create(self._layout.shards)
            writer = IndexWriter(name, self._indices, self._transport, self._load_options, previous)
            try:
                yield writer
                writer.finish(self._layout.replicas)
                lock.check()
                self._indices.activate(name)
            except BaseException:
                writer.close()
                with suppress(SearchServiceError):  # the next build deletes it
                    self._indices.delete([name])
                raise
            writer.close()
        self._checked_at = float("-inf")

    def generations(self) -> Sequence[GenerationInfo]:
        return self._indices.infos()

    def check(self) -> Sequence[GenerationCheck]:
        names = [info.name for info in self._indices.infos()]
        readers = {name: self._opened(self._indices.published(name)) for name in names}
        return [GenerationCheck(name, tuple(reader.damage())) for name, reader in readers.items()]

    def activate(self, name: str) -> None:
        self._indices.activate(name)
        self._checked_at = float("-inf")

    def prune(self, keep: int) -> Sequence[str]:
        older = [info.name for info in self._indices.infos() if not info.current]
        surplus = older[max(keep - 1, 0) :]
        self._indices.delete(surplus)
        return surplus

    def close(self) -> None:
        self._transport.close()

    def _current(self) -> OpenSearchSnapshot:
        """The current generation. Raises IndexMissing, SchemaChanged, EngineUnavailable."""
        snapshot = self._snapshot
        if snapshot is None or self._is_due():
            self._checked_at = time.monotonic()  # so that only one thread checks
            published = self._checked(self._indices.serving())
            if snapshot is None or snapshot.name != published.name:
                snapshot = self._opened(published)
            self._snapshot = snapshot
        return snapshot

    def _opened(self, published: PublishedIndex) -> OpenSearchSnapshot:
        return OpenSearchSnapshot(GenerationReader(self._indices, published), self._language, self._half_life_days)

    def _checked(self, published: PublishedIndex) -> PublishedIndex:
        if published.manifest.fingerprint != self._fingerprint:
            raise SchemaChanged(
                f"generation {published.name} was built with other fields or another analysis; run `searchsvc rebuild`"
            )
        return published

    def _is_due(self) -> bool:
        """Whether to check for a newer generation."""
        return time.monotonic() - self._checked_at >= self.REFRESH_SECONDS
