"""An engine that calls a function before each search, to delay, count or fail it."""

from collections.abc import Callable
from pathlib import Path

from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.engine.embedded.snapshot import EmbeddedSnapshot
from searchsvc.engine.query import EngineQuery
from searchsvc.models.search import EngineHits


class _InterceptedSnapshot(EmbeddedSnapshot):
    before_search: Callable[[], None]

    def search(self, query: EngineQuery) -> EngineHits:
        self.before_search()
        return super().search(query)


class InterceptedEngine(EmbeddedEngine):
    """Calls `before_search` before each search of a snapshot."""

    def before_search(self) -> None:
        raise NotImplementedError

    def _opened(self, folder: Path) -> EmbeddedSnapshot:
        snapshot = _InterceptedSnapshot(folder, self._fingerprint, self._language)
        snapshot.before_search = self.before_search
        return snapshot
