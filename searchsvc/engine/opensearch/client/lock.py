"""One builder at a time: a document that says who holds the lock and until when, renewed while he works."""

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

from searchsvc.engine.opensearch.client.indices import Indices, done
from searchsvc.errors import (
    EngineUnavailable,
    IndexBusy,
    SearchServiceError,
    StoreError,
)

LEASE = 60.0  # seconds, after which a builder that no longer renews is held to be dead
_RENEW = 10.0  # seconds
_SECONDS = 20.0  # for one request


@dataclass(frozen=True, slots=True)
class _Held:
    """The lock as it stands: who, until when (Unix time), and what a change of it must name."""

    token: str
    holder: str
    until: float
    version: str


class BuildLock:
    """Held from `acquire` until `release`. Clocks of builders must agree within the lease."""

    def __init__(self, indices: Indices) -> None:
        self._indices = indices
        self._path = f"/{indices.prefix}-lock"
        self._token = secrets.token_hex(8)
        self._stop = threading.Event()
        self._lost = ""
        self._renewing = threading.Thread(target=self._renew, name="lock", daemon=True)

    def acquire(self) -> None:
        """Raises IndexBusy if another builder is at work."""
        self._make_index()
        if not self._created():
            held = self._read()
            if held.token != self._token and held.until > time.time():
                raise IndexBusy(f"another rebuild is running ({held.holder}); wait for it to end")
            self._write(held)
        self._renewing.start()

    def check(self) -> None:
        """Raises StoreError if the lock was lost: another builder may be at work."""
        if self._lost:
            raise StoreError(f"the lock of the build was lost ({self._lost}); the previous index is still in use")
        self._write(self._mine())

    def release(self) -> None:
        self._stop.set()
        self._renewing.join()
        with suppress(EngineUnavailable):  # the lease ends by itself
            held = self._read()
            if held.token == self._token:
                self._indices.ask("DELETE", f"{self._path}/_doc/builder?{held.version}", seconds=_SECONDS)

    def _make_index(self) -> None:
        body = {"settings": {"number_of_shards": 1, "auto_expand_replicas": "0-1"}, "mappings": {"enabled": False}}
        reply = self._indices.ask("PUT", self._path, body, seconds=_SECONDS)
        if b"resource_already_exists_exception" not in reply.body:
            done(reply)

    def _created(self) -> bool:
        reply = self._indices.ask("PUT", f"{self._path}/_create/builder", self._claim(), seconds=_SECONDS)
        if reply.status == 409:
            return False
        done(reply)
        return True

    def _read(self) -> _Held:
        reply = self._indices.ask("GET", f"{self._path}/_doc/builder", seconds=_SECONDS)
        if reply.status == 404:
            return _Held("", "nobody", 0.0, "op_type=create")
        found = done(reply)
        version = f"if_seq_no={found['_seq_no']}&if_primary_term={found['_primary_term']}"
        said = found["_source"]
        return _Held(said["token"], said["holder"], said["until"], version)

    def _mine(self) -> _Held:
        held = self._read()
        if held.token != self._token:
            raise StoreError(f"another build took the lock over ({held.holder}); the previous index is still in use")
        return held

    def _write(self, held: _Held) -> None:
        """Take the lock, or keep it, if nobody changed it since it was read. Raises IndexBusy."""
        path = f"{self._path}/_doc/builder?{held.version}"
        reply = self._indices.ask("PUT", path, self._claim(), seconds=_SECONDS)
        if reply.status == 409 and self._read().token != self._token:
            raise IndexBusy("another rebuild has just begun; wait for it to end")
        if reply.status != 409:
            done(reply)

    def _claim(self) -> dict[str, Any]:
        holder = f"process {os.getpid()} on {socket.gethostname()} since {datetime.now(UTC):%Y-%m-%d %H:%M:%S}Z"
        return {"token": self._token, "holder": holder, "until": time.time() + LEASE}

    def _renew(self) -> None:
        renewed = time.monotonic()
        while not self._stop.wait(_RENEW):
            try:
                self._write(self._mine())
                renewed = time.monotonic()
            except SearchServiceError as error:
                if isinstance(error, StoreError) or time.monotonic() - renewed > LEASE:
                    self._lost = str(error)
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
