"""What breaks search services, and requests that Hypothesis makes up: each is answered, none with 5xx."""

import time
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from benchmarks.torture.requests import look_for_a_fault
from searchsvc.web.app import create_app
from tests.web.hostile import QUERIES, hostile_service

pytestmark = pytest.mark.slow

PATHS = ("/search.json", "/search", "/api/v1/search", "/api/v1/suggest", "/suggest")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    app = create_app(hostile_service(tmp_path_factory.mktemp("hostile")))
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as opened:
        yield opened


@pytest.mark.parametrize("path", PATHS)
def test_every_hostile_query_is_answered_in_little_time(hostile: TestClient, path: str) -> None:
    for query in QUERIES:
        started = time.process_time()
        assert hostile.get(path, params={"q": query}).status_code in (200, 400), query
        assert time.process_time() - started < 0.25, query


def test_every_hostile_query_is_answered_when_posted(hostile: TestClient) -> None:
    for query in QUERIES:
        assert hostile.post("/api/v1/search", json={"q": query}).status_code in (200, 400, 405), query


def test_no_made_up_request_finds_a_fault(hostile: TestClient) -> None:
    statuses = look_for_a_fault(hostile, 300)
    assert statuses[200] > 0
    assert sum(statuses.values()) >= 300
