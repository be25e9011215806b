"""Bulk loading: batches by size, several at a time, retried while the cluster is overloaded."""

import random
import time
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor

import msgspec

from searchsvc.engine.opensearch.client.transport import RETRYABLE_STATUSES, Transport
from searchsvc.engine.opensearch.data.documents import BulkLine
from searchsvc.errors import EngineUnavailable, StoreError

BATCH_BYTES = 4 << 20
CONCURRENT_BATCHES = 3
BATCH_SECONDS = 120.0
_FIRST_PAUSE_SECONDS = 0.2  # before the first retry


class _BulkError(msgspec.Struct):
    type: str = ""
    reason: str | None = None


class _ItemResult(msgspec.Struct):
    status: int = 200
    error: _BulkError | None = None


class _BulkResponse(msgspec.Struct):
    errors: bool = False
    items: list[dict[str, _ItemResult]] = []


class BulkLoader:
    """Sends lines to one index. Errors are raised by a later call, at the latest by `finish`."""

    def __init__(self, transport: Transport, index: str) -> None:
        self._transport = transport
        self._path = f"/{index}/_bulk?filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason"
        self._pool = ThreadPoolExecutor(CONCURRENT_BATCHES, thread_name_prefix="bulk")
        self._pending: deque[Future[None]] = deque()
        self._batch: list[BulkLine] = []
        self._bytes = 0

    def send(self, lines: Iterable[BulkLine]) -> None:
        """Queue lines. Raises StoreError if the cluster rejects a line for good, and EngineUnavailable."""
        for line in lines:
            self._batch.append(line)
            self._bytes += len(line.data)
            if self._bytes >= BATCH_BYTES:
                self._submit()

    def finish(self) -> None:
        """Wait until all lines are indexed. Raises as `send`."""
        if self._batch:
            self._submit()
        while self._pending:
            self._pending.popleft().result()

    def close(self) -> None:
        """Stop the threads after their current batches; queued batches are dropped."""
        self._pool.shutdown(cancel_futures=True)

    def _submit(self) -> None:
        while len(self._pending) > CONCURRENT_BATCHES:  # one batch waits, so that no thread is idle
            self._pending.popleft().result()
        batch, self._batch, self._bytes = self._batch, [], 0
        self._pending.append(self._pool.submit(self._load, batch))

    def _load(self, batch: list[BulkLine]) -> None:
        end = time.monotonic() + BATCH_SECONDS
        pause = _FIRST_PAUSE_SECONDS
        while batch := self._send_batch(batch, end - time.monotonic()):
            if time.monotonic() + pause > end:
                raise EngineUnavailable(
                    f"OpenSearch has been overloaded for {BATCH_SECONDS:.0f} s; {len(batch)} documents were rejected"
                )
            time.sleep(random.uniform(0.5, 1) * pause)
            pause *= 2

    def _send_batch(self, batch: list[BulkLine], seconds: float) -> list[BulkLine]:
        """Send `batch`; return the lines to retry."""
        body = b"".join(line.data for line in batch)
        reply = self._transport.request("POST", self._path, body, seconds=seconds)
        if reply.status == 413:
            raise StoreError(f"{_largest(batch)} is larger than OpenSearch's http.max_content_length; raise it")
        if reply.status >= 400:
            raise StoreError(f"OpenSearch rejected a batch: {reply.reason()}")
        response = msgspec.json.decode(reply.body, type=_BulkResponse)
        if not response.errors:
            return []
        results = [next(iter(item.values())) for item in response.items]
        return [line for line, item_result in zip(batch, results, strict=True) if _is_retryable(line, item_result)]


def _is_retryable(line: BulkLine, item_result: _ItemResult) -> bool:
    """Return whether to send a line again. Raises StoreError if that is useless."""
    if item_result.status < 400:
        return False
    if item_result.status in RETRYABLE_STATUSES:
        return True
    error = item_result.error or _BulkError()
    raise StoreError(f"OpenSearch rejected {line.name}: {error.type} {error.reason or ''}"[:500])


def _largest(batch: list[BulkLine]) -> str:
    return max(batch, key=lambda line: len(line.data)).name
