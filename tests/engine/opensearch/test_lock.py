"""The lock of builders in a real cluster: renewed, passed on, and what a killed builder leaves."""

import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from searchsvc.engine.opensearch import ClusterAccess, ClusterLayout, OpenSearchEngine
from searchsvc.engine.opensearch.client import lock
from searchsvc.engine.opensearch.client.indices import Indices
from searchsvc.engine.opensearch.client.lock import BuildLock
from searchsvc.engine.opensearch.client.transport import Transport
from searchsvc.errors import IndexBusy, StoreError
from tests.cluster import Cluster
from tests.engine.contract import document, publish

SECONDS = 30.0  # a busy machine is no failure
BUILDER = """
import sys, time
from searchsvc.engine.opensearch import ClusterAccess, OpenSearchEngine
from searchsvc.engine.opensearch.client import lock
from searchsvc.models.documents import Document

lock.LEASE_SECONDS, lock._RENEWAL_SECONDS = 3.0, 0.5
with OpenSearchEngine(ClusterAccess(tuple(sys.argv[2:])), sys.argv[1], "en").new_generation() as generation:
    generation.add(Document("0" * 16, "slug", "path", "hash", "Storm", "The harbour."), "")
    print("building", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def prefix() -> str:
    return f"lock-{secrets.token_hex(4)}"


@pytest.fixture
def indices(cluster: Cluster, prefix: str) -> Iterator[Indices]:
    transport = Transport(ClusterAccess(cluster.urls))
    yield Indices(transport, prefix, SECONDS)
    transport.close()


@pytest.fixture
def engine(cluster: Cluster, prefix: str) -> Iterator[OpenSearchEngine]:
    made = OpenSearchEngine(ClusterAccess(cluster.urls), prefix, "en", ClusterLayout(1, 0, SECONDS))
    yield made
    made.close()


def soon(done: Callable[[], object], seconds: float) -> None:
    """Wait until `done` no longer finds another builder."""
    end = time.monotonic() + seconds
    while True:
        try:
            done()
            return
        except IndexBusy:
            assert time.monotonic() < end
            time.sleep(0.2)


def test_a_lock_that_is_renewed_outlasts_its_lease(indices: Indices, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "LEASE_SECONDS", 2.0)
    monkeypatch.setattr(lock, "_RENEWAL_SECONDS", 0.3)
    held = BuildLock(indices)
    held.acquire()
    time.sleep(2.5)
    with pytest.raises(IndexBusy, match="another rebuild is running"):
        BuildLock(indices).acquire()
    held.check()
    held.release()
    again = BuildLock(indices)
    again.acquire()
    again.release()


def test_a_lock_that_is_not_renewed_passes_on_and_its_first_holder_learns_of_it(
    indices: Indices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "LEASE_SECONDS", 0.3)
    stuck, other = BuildLock(indices), BuildLock(indices)
    stuck.acquire()
    monkeypatch.setattr(lock, "LEASE_SECONDS", 60.0)
    soon(other.acquire, 20)
    with pytest.raises(StoreError, match="taken over"):
        stuck.check()
    stuck.release()
    other.check()  # which is still there
    other.release()


def test_what_a_killed_builder_leaves_is_swept_when_its_lease_is_over(
    cluster: Cluster, engine: OpenSearchEngine, indices: Indices, prefix: str
) -> None:
    command = [sys.executable, "-c", BUILDER, prefix, *cluster.urls]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as builder:
        assert builder.stdout is not None
        assert builder.stdout.readline() == "building\n"
        with pytest.raises(IndexBusy, match=f"process {builder.pid} on"):
            publish(engine, [document(1, "Storm", "The harbour.")])
        builder.kill()
    left = set(indices._generations())
    assert len(left) == 1
    soon(lambda: publish(engine, [document(1, "Storm", "The harbour.")]), 20)
    assert left.isdisjoint(indices._generations())
    assert len(engine.generations()) == 1
