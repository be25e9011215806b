"""Many documents into an index: batches by bytes, several at once, each tried again while there is no room."""

import random
import time
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor

import msgspec

from searchsvc.engine.opensearch.client.transport import RETRIED, Transport
from searchsvc.engine.opensearch.data.documents import BulkLine
from searchsvc.errors import EngineUnavailable, StoreError

BATCH = 4 << 20  # bytes
AT_ONCE = 3  # batches
PATIENCE = 120.0  # seconds for one batch
_PAUSE = 0.2  # seconds before the first time that refused lines are sent again


class _Refusal(msgspec.Struct):
    type: str = ""
    reason: str | None = None


class _Outcome(msgspec.Struct):
    status: int = 200
    error: _Refusal | None = None


class _Answer(msgspec.Struct):
    errors: bool = False
    items: list[dict[str, _Outcome]] = []


class BulkLoader:
    """Sends lines to one index. What goes wrong is raised by a later call, at the latest by `finish`."""

    def __init__(self, transport: Transport, index: str) -> None:
        self._transport = transport
        self._path = f"/{index}/_bulk?filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason"
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="bulk")
        self._pending: deque[Future[None]] = deque()
        self._batch: list[BulkLine] = []
        self._bytes = 0

    def send(self, lines: Iterable[BulkLine]) -> None:
        """Raises StoreError for what the cluster will never take, EngineUnavailable."""
        for line in lines:
            self._batch.append(line)
            self._bytes += len(line.data)
            if self._bytes >= BATCH:
                self._submit()

    def finish(self) -> None:
        """Wait until everything is indexed. Raises as `send`."""
        if self._batch:
            self._submit()
        while self._pending:
            self._pending.popleft().result()

    def close(self) -> None:
        """Let go of the threads; batches under way end, others are dropped."""
        self._pool.shutdown(cancel_futures=True)

    def _submit(self) -> None:
        while len(self._pending) > AT_ONCE:  # one batch waits, so that no thread is ever idle
            self._pending.popleft().result()
        batch, self._batch, self._bytes = self._batch, [], 0
        self._pending.append(self._pool.submit(self._load, batch))

    def _load(self, batch: list[BulkLine]) -> None:
        end = time.monotonic() + PATIENCE
        pause = _PAUSE
        while batch := self._refused(batch, end - time.monotonic()):
            if time.monotonic() + pause > end:
                raise EngineUnavailable(f"OpenSearch has had no room for {len(batch)} documents for {PATIENCE:.0f} s")
            time.sleep(random.uniform(0.5, 1) * pause)
            pause *= 2

    def _refused(self, batch: list[BulkLine], seconds: float) -> list[BulkLine]:
        """Send `batch`; the lines that there was no room for."""
        body = b"".join(line.data for line in batch)
        reply = self._transport.ask("POST", self._path, body, seconds=seconds)
        if reply.status == 413:
            raise StoreError(f"{_largest(batch)} is larger than OpenSearch's http.max_content_length; raise it")
        if reply.status >= 400:
            raise StoreError(f"OpenSearch refuses to index: {reply.reason()}")
        answer = msgspec.json.decode(reply.body, type=_Answer)
        if not answer.errors:
            return []
        outcomes = [next(iter(item.values())) for item in answer.items]
        return [line for line, outcome in zip(batch, outcomes, strict=True) if _again(line, outcome)]


def _again(line: BulkLine, outcome: _Outcome) -> bool:
    """Whether a line must be sent again. Raises StoreError if that won't help."""
    if outcome.status < 400:
        return False
    if outcome.status in RETRIED:
        return True
    said = outcome.error or _Refusal()
    raise StoreError(f"OpenSearch refuses to index {line.name}: {said.type} {said.reason or ''}"[:500])


def _largest(batch: list[BulkLine]) -> str:
    return max(batch, key=lambda line: len(line.data)).name
