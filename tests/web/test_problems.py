"""Errors: their status, their shape for programs and for people, what they never tell."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.engine.embedded.snapshot import EmbeddedSnapshot
from searchsvc.errors import EngineUnavailable
from searchsvc.service import SearchService
from searchsvc.settings import Settings
from searchsvc.web.app import create_app
from tests.web.answers import assert_problem, assert_safe, shown
from tests.web.hostile import hostile_service

UNKNOWN = "0123456789abcdef"
SEARCHING = ["/search.json", "/api/v1/search", "/api/v1/stats", f"/api/v1/documents/{UNKNOWN}"]
PAGES = ["/", "/search", f"/doc/{UNKNOWN}", f"/doc/{UNKNOWN}/slug"]


def assert_error_page(response: Response, status: int) -> None:
    """`response` is a page for people with this status."""
    assert response.status_code == status
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Back to search" in shown(response.text)
    assert_safe(response)


@pytest.fixture
def unbuilt(tmp_path: Path) -> Iterator[TestClient]:
    """A client of a service whose index was never built."""
    settings = Settings(index=tmp_path)
    with TestClient(create_app(SearchService(EmbeddedEngine(tmp_path, "en"), settings))) as opened:
        yield opened


# Requests


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/documents/", "/nothing.json"])
def test_unknown_address_is_a_problem_for_programs(client: TestClient, path: str) -> None:
    assert_problem(client.get(path), 404)


@pytest.mark.parametrize("path", ["/nothing", "/doc", "/doc/a/b/c", "/static/nothing.css", "/static/../app.py", "/%00"])
def test_unknown_address_is_a_page_for_people(client: TestClient, path: str) -> None:
    assert_error_page(client.get(path), 404)


def test_static_files_stay_in_their_folder(client: TestClient) -> None:
    for path in ("/static/..%2fapp.py", "/static/%2e%2e/app.py", "/static/..%5capp.py", "/static//etc/passwd"):
        assert_error_page(client.get(path), 404)


def test_unknown_document_is_a_problem_for_programs(client: TestClient) -> None:
    assert_problem(client.get(f"/api/v1/documents/{UNKNOWN}"), 404)


@pytest.mark.parametrize("path", [f"/doc/{UNKNOWN}", f"/doc/{UNKNOWN}/slug", "/doc/x", "/doc/%ED%A0%80", "/doc/%00/x"])
def test_unknown_document_is_a_page_for_people(client: TestClient, path: str) -> None:
    assert_error_page(client.get(path), 404)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "BREW"])
def test_other_method_is_refused_with_what_is_allowed(client: TestClient, method: str) -> None:
    response = client.request(method, "/api/v1/search")
    assert_problem(response, 405)
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS, POST"
    page = client.request(method, "/search")
    assert_error_page(page, 405)
    assert page.headers["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("path", ["/", "/search.json", "/search.atom", "/api/v1/stats", "/doc/x/y", "/livez"])
def test_options_tells_what_is_allowed(client: TestClient, path: str) -> None:
    response = client.options(path)
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert_safe(response)


@pytest.mark.parametrize(
    "path", ["/suggest?q=a&b=c", "/search.atom?b=c", "/api/v1/openapi.json?b=c", "/opensearch.xml?b=c"]
)
def test_problem_of_a_program_is_no_page(client: TestClient, path: str) -> None:
    assert_problem(client.get(path), 400, "b")


def test_too_long_query_is_refused_on_the_page_too(client: TestClient) -> None:
    assert_error_page(client.get("/search", params={"q": "x" * 2049}), 400)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/search.json?page=x", "invalid-parameter"),
        (f"/api/v1/documents/{UNKNOWN}", "document-not-found"),
        ("/api/v1/nothing", "not-found"),
        ("/metrics", "not-found"),
        (f"/search.json?q={'x' * 20_000}", "address-too-long"),
    ],
)
def test_kind_of_a_problem_has_a_type_that_stays(client: TestClient, path: str, kind: str) -> None:
    assert client.get(path).json()["type"] == f"/problems/{kind}"


def test_missing_index_has_a_type_of_its_own(unbuilt: TestClient) -> None:
    assert unbuilt.get("/search.json").json()["type"] == "/problems/no-index"


# Index


@pytest.mark.parametrize("path", SEARCHING)
def test_missing_index_is_a_problem_to_retry(unbuilt: TestClient, tmp_path: Path, path: str) -> None:
    response = unbuilt.get(path)
    assert_problem(response, 503)
    assert int(response.headers["Retry-After"]) > 0
    assert "searchsvc rebuild" in response.json()["detail"]
    assert str(tmp_path) not in response.text


@pytest.mark.parametrize("path", PAGES)
def test_missing_index_is_a_page_to_retry(unbuilt: TestClient, tmp_path: Path, path: str) -> None:
    response = unbuilt.get(path)
    assert response.status_code == 503
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert_safe(response)
    assert int(response.headers["Retry-After"]) > 0
    assert "searchsvc rebuild" in shown(response.text)
    assert str(tmp_path) not in response.text


def test_service_without_an_index_is_alive_but_not_ready(unbuilt: TestClient) -> None:
    assert unbuilt.get("/livez").status_code == 200
    response = unbuilt.get("/readyz")
    assert (response.status_code, response.json()["status"]) == (503, "not ready")
    assert "searchsvc rebuild" in response.json()["reason"]
    assert_safe(response)


def test_service_is_ready_as_soon_as_the_index_is_built(unbuilt: TestClient, tmp_path: Path) -> None:
    assert unbuilt.get("/readyz").status_code == 503
    hostile_service(tmp_path)
    assert unbuilt.get("/readyz").status_code == 200
    assert unbuilt.get("/search.json?q=zebra").json()["totalHits"] > 0


def test_damaged_index_is_a_problem_to_retry(unbuilt: TestClient, tmp_path: Path) -> None:
    hostile_service(tmp_path)
    [manifest] = tmp_path.glob("*/manifest.json")
    manifest.write_bytes(b"{}")
    assert_problem(unbuilt.get("/search.json"), 503)


def test_damage_that_was_survived_is_told(unbuilt: TestClient, tmp_path: Path) -> None:
    hostile_service(tmp_path)
    hostile_service(tmp_path)
    sorted(tmp_path.glob("*/manifest.json"))[-1].unlink()
    assert "manifest.json" in unbuilt.get("/api/v1/stats").json()["warnings"][0]
    assert "manifest.json" in unbuilt.get("/readyz").json()["warnings"][0]


def test_index_that_disappears_under_an_open_server_is_still_served(unbuilt: TestClient, tmp_path: Path) -> None:
    hostile_service(tmp_path)
    before = unbuilt.get("/search.json?q=zebra").json()["hits"]
    (tmp_path / "CURRENT").unlink()
    time.sleep(EmbeddedEngine.REFRESH_SECONDS)
    assert unbuilt.get("/search.json?q=zebra").json()["hits"] == before


# Faults of ours


class BrokenEngine(EmbeddedEngine):
    """Fails at every search with the error it is given."""

    def __init__(self, folder: Path, error: Exception) -> None:
        super().__init__(folder, "en")
        self.error = error

    def snapshot(self, name: str | None = None) -> EmbeddedSnapshot:
        raise self.error


def broken(folder: Path, error: Exception) -> TestClient:
    """A client of a service whose engine fails with `error`."""
    service = SearchService(BrokenEngine(folder, error), Settings(index=folder))
    return TestClient(create_app(service), raise_server_exceptions=False)


def test_unexpected_error_is_a_problem_without_its_innards(tmp_path: Path) -> None:
    response = broken(tmp_path, RuntimeError("secret path /etc/shadow")).get("/api/v1/search")
    assert_problem(response, 500)
    assert "secret" not in response.text


def test_unexpected_error_is_a_page_without_its_innards(tmp_path: Path) -> None:
    response = broken(tmp_path, RuntimeError("secret path /etc/shadow")).get("/search")
    assert_error_page(response, 500)
    assert "secret" not in response.text


def test_unreachable_engine_is_a_problem_to_retry(tmp_path: Path) -> None:
    response = broken(tmp_path, EngineUnavailable("the engine does not answer")).get("/search.json")
    assert_problem(response, 503)
    assert int(response.headers["Retry-After"]) > 0
