"""Build lock: a document with holder and expiry, renewed during the build."""

import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from searchsvc.engine.opensearch.client.indices import Indices, checked_json
from searchsvc.errors import EngineUnavailable, IndexBusy, SearchServiceError, StoreError

LEASE_SECONDS = 60.0  # a builder that stops renewing is dead after this time
_RENEWAL_SECONDS = 10.0
_REQUEST_SECONDS = 20.0  # time limit of one request


@dataclass(frozen=True, slots=True)
class _LockState:
    """The lock as last read: token, holder, expiry (Unix time), and version for a conditional write."""

    token: str
    holder: str
    until: float
    version: str


class BuildLock:
    """Held from `acquire` to `release`. The clocks of builders must agree within the lease."""

    def __init__(self, indices: Indices) -> None:
        self._indices = indices
        self._path = f"/{indices.prefix}-lock"
        self._token = secrets.token_hex(8)
        self._stop = threading.Event()
        self._loss = ""
        self._renewal = threading.Thread(target=self._renew, name="lock", daemon=True)

    def acquire(self) -> None:
        """Take the lock. Raises IndexBusy if another builder holds it."""
        self._make_index()
        if not self._created():
            state = self._read()
            if state.token != self._token and state.until > time.time():
                raise IndexBusy(f"another rebuild is running ({state.holder}); wait for it to finish")
            self._write_claim(state)
        self._renewal.start()

    def check(self) -> None:
        """Raise StoreError if the lock was lost, as another builder may be running."""
        if self._loss:
            raise StoreError(f"the build lock was lost ({self._loss}); the previous index is still in use")
        self._write_claim(self._held_state())

    def release(self) -> None:
        self._stop.set()
        self._renewal.join()
        with suppress(EngineUnavailable):  # the lease expires by itself
            state = self._read()
            if state.token == self._token:
                self._indices.request("DELETE", f"{self._path}/_doc/builder?{state.version}", seconds=_REQUEST_SECONDS)

    def _make_index(self) -> None:
        body = {"settings": {"number_of_shards": 1, "auto_expand_replicas": "0-1"}, "mappings": {"enabled": False}}
        reply = self._indices.request("PUT", self._path, body, seconds=_REQUEST_SECONDS)
        if b"resource_already_exists_exception" not in reply.body:
            checked_json(reply)

    def _created(self) -> bool:
        reply = self._indices.request("PUT", f"{self._path}/_create/builder", self._claim(), seconds=_REQUEST_SECONDS)
        if reply.status == 409:
            return False
        checked_json(reply)
        return True

    def _read(self) -> _LockState:
        reply = self._indices.request("GET", f"{self._path}/_doc/builder", seconds=_REQUEST_SECONDS)
        if reply.status == 404:
            return _LockState("", "nobody", 0.0, "op_type=create")
        reply_body = checked_json(reply)
        version = f"if_seq_no={reply_body['_seq_no']}&if_primary_term={reply_body['_primary_term']}"
        source = reply_body["_source"]
        return _LockState(source["token"], source["holder"], source["until"], version)

    def _held_state(self) -> _LockState:
        state = self._read()
        if state.token != self._token:
            raise StoreError(
                f"another build has taken over the lock ({state.holder}); the previous index is still in use"
            )
        return state

    def _write_claim(self, state: _LockState) -> None:
        """Take or renew the lock if it is unchanged since it was read. Raises IndexBusy."""
        path = f"{self._path}/_doc/builder?{state.version}"
        reply = self._indices.request("PUT", path, self._claim(), seconds=_REQUEST_SECONDS)
        if reply.status == 409 and self._read().token != self._token:
            raise IndexBusy("another rebuild has just begun; wait for it to finish")
        if reply.status != 409:
            checked_json(reply)

    def _claim(self) -> dict[str, Any]:
        holder = f"process {os.getpid()} on {socket.gethostname()} since {datetime.now(UTC):%Y-%m-%d %H:%M:%S}Z"
        return {"token": self._token, "holder": holder, "until": time.time() + LEASE_SECONDS}

    def _renew(self) -> None:
        last_renewal = time.monotonic()
        while not self._stop.wait(_RENEWAL_SECONDS):
            try:
                self._write_claim(self._held_state())
                last_renewal = time.monotonic()
            except SearchServiceError as error:
                if isinstance(error, StoreError) or time.monotonic() - last_renewal > LEASE_SECONDS:
                    self._loss = str(error)
                    return


@contextmanager
def build_lock(indices: Indices) -> Iterator[BuildLock]:
    """Hold the lock for the block. Raises IndexBusy."""
    lock = BuildLock(indices)
    lock.acquire()
    try:
        yield lock
    finally:
        lock.release()
