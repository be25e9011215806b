"""The engine in a cluster: generations are indices, an alias names the one that serves."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from copy import copy
from dataclasses import dataclass
from typing import TypeVar

import msgspec
from whoosh.query import Query

from searchsvc.engine.interface import GenerationWriter
from searchsvc.engine.opensearch.client.indices import Indices, PublishedIndex
from searchsvc.engine.opensearch.client.lock import build_lock
from searchsvc.engine.opensearch.client.transport import ClusterAccess, Transport
from searchsvc.engine.opensearch.index_writer import PROBLEMS, USER_DATA, IndexWriter
from searchsvc.engine.opensearch.query.query_dsl import translate
from searchsvc.engine.opensearch.snapshot import OpenSearchSnapshot
from searchsvc.engine.opensearch.words.autocomplete import Completer
from searchsvc.engine.query import EngineQuery
from searchsvc.errors import IndexMissing, SchemaChanged, SearchServiceError
from searchsvc.models.documents import FACETS, Document, DuplicateCluster, SeedProblem
from searchsvc.models.index import EngineStatus, GenerationCheck, GenerationInfo
from searchsvc.models.search import Completion, EngineHit, EngineHits
from searchsvc.query import Vocabulary
from searchsvc.schema import fingerprint

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class ClusterLayout:
    """How a generation is laid out: into how many parts, with how many copies of each; and how
    many seconds an answer may take that somebody waits for."""

    shards: int = 3
    replicas: int = 1
    seconds: float = 2.5


class OpenSearchEngine:
    """Generations in an OpenSearch cluster; holds nothing but connections."""

    name = "opensearch"
    LOOK_EVERY = 0.5  # seconds between looks for a new generation

    def __init__(
        self,
        access: ClusterAccess,
        index: str,
        language: str,
        layout: ClusterLayout | None = None,
        *,
        freshness: int = 0,
    ) -> None:
        """`freshness`: see searching.Asked."""
        self._layout = layout or ClusterLayout()
        self._transport = Transport(access)
        self._indices = Indices(self._transport, index, self._layout.seconds)
        self._language = language
        self._freshness = freshness
        self._fingerprint = fingerprint(language)
        self._seen: OpenSearchSnapshot | None = None
        self._looked = float("-inf")

    def search(self, query: EngineQuery) -> EngineHits:
        return self._answered(lambda reader: reader.search(query))

    def document(self, document_id: str) -> Document:
        return self._answered(lambda reader: reader.document(document_id))

    def original(self, document_id: str) -> str:
        return self._answered(lambda reader: reader.original(document_id))

    def documents(self) -> Iterator[tuple[Document, str]]:
        return self._reader().documents()

    def suggest(self, beginning: str, before: Query | None, limit: int) -> Sequence[Completion]:
        def completed(reader: OpenSearchSnapshot) -> list[Completion]:
            clause = None if before is None else translate(before, reader.expansions(before))
            return Completer(reader, clause).complete(beginning, limit)

        return self._answered(completed)

    def similar(self, document_id: str, limit: int) -> Sequence[EngineHit]:
        return self._answered(lambda reader: reader.similar(document_id, limit))

    def near_duplicates(self, document_id: str) -> Sequence[Document]:
        return self._answered(lambda reader: reader.near_duplicates(document_id))

    def languages(self) -> Sequence[str]:
        return self._answered(lambda reader: reader.languages)

    def vocabulary(self) -> Vocabulary:
        return self._answered(lambda reader: reader.vocabulary)

    def status(self) -> EngineStatus:
        counted = self.search(EngineQuery(None, facets=FACETS, limit=0))
        infos = [info for info in self._indices.infos() if info.name == counted.generation]
        if not infos:
            raise IndexMissing("the serving generation has just been deleted; try again")
        return EngineStatus(self.name, infos[0], counted.facets)

    def current(self) -> str | None:
        seen = self._seen
        return seen.serving.name if seen is not None and not self._is_due() else None

    def refresh(self) -> None:
        self._reader()

    def duplicates(self) -> Sequence[DuplicateCluster]:
        return self._answered(lambda reader: reader.duplicates())

    def user_data(self, name: str) -> bytes:
        return self._answered(lambda reader: reader.kept(USER_DATA + name))

    def problems(self) -> Sequence[SeedProblem]:
        kept = self._answered(lambda reader: reader.kept(PROBLEMS))
        return msgspec.msgpack.decode(kept, type=list[SeedProblem])

    def new_generation(self) -> AbstractContextManager[GenerationWriter]:
        return self._generation(lambda: None)

    def next_generation(self) -> AbstractContextManager[GenerationWriter]:
        """The documents before are read from their index and written into the new one, analysed anew:
        deleted from a copy, they would go on to count in what words are worth."""
        return self._generation(lambda: self._opened(self._checked(self._indices.serving())))

    @contextmanager
    def _generation(self, opened: Callable[[], OpenSearchSnapshot | None]) -> Iterator[GenerationWriter]:
        """`opened` gives the generation to go on from, once nobody else builds."""
        with build_lock(self._indices) as lock:
            self._indices.sweep()
            before = opened()
            name = self._indices.create(self._layout.shards)
            writer = IndexWriter(name, self._indices, self._transport, self._language, before)
            try:
                yield writer
                writer.finish(self._layout.replicas)
                lock.check()
                self._indices.activate(name)
            except BaseException:
                writer.close()
                with suppress(SearchServiceError):  # the next builder sweeps what can't be deleted now
                    self._indices.delete([name])
                raise
            writer.close()
        self._looked = float("-inf")

    def generations(self) -> Sequence[GenerationInfo]:
        return self._indices.infos()

    def at(self, name: str) -> "OpenSearchEngine":
        other = copy(self)  # it shares the connections
        other._seen, other._looked = self._opened(self._checked(self._indices.published(name))), float("inf")
        return other

    def check(self) -> Sequence[GenerationCheck]:
        names = [info.name for info in self._indices.infos()]
        readers = {name: self._opened(self._indices.published(name)) for name in names}
        return [GenerationCheck(name, tuple(reader.damage())) for name, reader in readers.items()]

    def activate(self, name: str) -> None:
        self._indices.activate(name)
        self._looked = float("-inf")

    def prune(self, keep: int) -> Sequence[str]:
        others = [info.name for info in self._indices.infos() if not info.current]
        surplus = others[max(keep - 1, 0) :]
        self._indices.delete(surplus)
        return surplus

    def close(self) -> None:
        self._transport.close()

    def _reader(self) -> OpenSearchSnapshot:
        """The current generation. Raises IndexMissing, SchemaChanged, EngineUnavailable."""
        seen = self._seen
        if seen is None or self._is_due():
            self._looked = time.monotonic()  # so that one thread looks, and the others go on
            found = self._checked(self._indices.serving())
            if seen is None or seen.serving.name != found.name:
                seen = self._opened(found)
            self._seen = seen
        return seen

    def _opened(self, found: PublishedIndex) -> OpenSearchSnapshot:
        return OpenSearchSnapshot(self._indices, found, self._language, self._freshness)

    def _checked(self, found: PublishedIndex) -> PublishedIndex:
        if found.manifest.fingerprint != self._fingerprint:
            raise SchemaChanged(
                f"generation {found.name} was built with other fields or another analysis; run `searchsvc rebuild`"
            )
        return found

    def _is_due(self) -> bool:
        """Whether it is time to look for a new generation."""
        return time.monotonic() - self._looked >= self.LOOK_EVERY

    def _answered(self, answer: Callable[[OpenSearchSnapshot], Found]) -> Found:
        """What `answer` makes of the current generation; asked again if that was deleted meanwhile."""
        try:
            return answer(self._reader())
        except IndexMissing:
            if self._looked == float("inf"):  # bound to a generation that is gone
                raise
            self._seen = None
            return answer(self._reader())
