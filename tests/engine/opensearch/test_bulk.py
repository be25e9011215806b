"""Batches of lines to a server that refuses some of them; no cluster is needed for that."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from searchsvc.engine.opensearch.client import bulk
from searchsvc.engine.opensearch.client.bulk import BulkLoader
from searchsvc.engine.opensearch.client.transport import ClusterAccess, Transport
from searchsvc.engine.opensearch.data.documents import BulkLine
from searchsvc.errors import EngineUnavailable, StoreError
from tests.engine.opensearch.misbehaving import Answer, Server, running

A, B, C = (BulkLine(name, f'{{"index":{{"_id":"{name}"}}}}\n{{}}\n'.encode()) for name in "abc")
TOO_LARGE: Answer = (413, b"", {})

Load = Callable[..., Server]


def bulk_answer(*statuses: int) -> Answer:
    """The answer to a batch, a status for each of its lines."""
    items = [
        {"index": {"status": each} | ({"error": {"type": "t", "reason": "r"}} if each > 299 else {})}
        for each in statuses
    ]
    return 200, json.dumps({"errors": any(each > 299 for each in statuses), "items": items}).encode(), {}


@pytest.fixture
def load() -> Iterator[Load]:
    """Sends lines to a server that answers so; the server, with what it got."""
    with ExitStack() as stack:

        def loaded(*answers: Answer, lines: list[BulkLine]) -> Server:
            server = stack.enter_context(running(Server(*answers)))
            transport = Transport(ClusterAccess((server.url,)))
            loader = BulkLoader(transport, "index")
            stack.callback(transport.close)
            stack.callback(loader.close)
            loader.send(lines)
            loader.finish()
            return server

        yield loaded


def test_only_lines_that_there_was_no_room_for_are_sent_again(load: Load) -> None:
    server = load(bulk_answer(429, 201, 503), bulk_answer(429, 201), bulk_answer(201), lines=[A, B, C])
    assert server.bodies == [A.data + B.data + C.data, A.data + C.data, A.data]


def test_a_line_that_is_refused_for_good_is_named_and_not_sent_again(load: Load) -> None:
    with pytest.raises(StoreError, match="rejected b: t r"):
        load(bulk_answer(201, 400, 201), lines=[A, B, C])


def test_no_room_for_long_ends_the_load(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "BATCH_SECONDS", 0.5)
    with pytest.raises(EngineUnavailable, match="overloaded for 0 s; 1 documents"):
        load(bulk_answer(429), lines=[A])


def test_a_batch_is_sent_when_it_has_its_bytes(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "BATCH_BYTES", len(A.data) + 1)
    assert sorted(map(len, load(bulk_answer(201, 201), lines=[A, B, C]).bodies)) == [len(A.data), 2 * len(A.data)]


def test_a_document_that_is_too_large_is_named(load: Load) -> None:
    with pytest.raises(StoreError, match=r"^large is larger than OpenSearch's http\.max_content_length"):
        load(TOO_LARGE, lines=[A, BulkLine("large", A.data * 9), B])


def test_nothing_is_sent_if_there_is_nothing(load: Load) -> None:
    assert load(bulk_answer(), lines=[]).bodies == []
