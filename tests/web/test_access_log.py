"""What is told of each request: its name, its time, a line in the log without what was typed, the counts."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.service import SearchService
from searchsvc.settings import Settings
from searchsvc.web.app import create_app
from searchsvc.web.middleware.access_log import Log
from tests.web.answers import assert_problem
from tests.web.hostile import PAYLOADS, hostile_service

TOKEN = "a-token-for-tests-only"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    hostile_service(folder).close()
    return folder


@contextmanager
def opened(index: Path, log: Log | None = None, **chosen: Any) -> Iterator[TestClient]:
    app = create_app(hostile_service(index), Settings(**chosen), log)
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as client:
        yield client


# The name of a request


@pytest.mark.parametrize("name", ["a", "4bf92f3577b34da6", "A-b_c.9", "x" * 64])
def test_sane_name_is_kept(client: TestClient, name: str) -> None:
    assert client.get("/livez", headers={"X-Request-Id": name}).headers["X-Request-Id"] == name


@pytest.mark.parametrize(
    "name", ["", "x" * 65, "a b", "a\tb", '"', "<script>", "a;b", "é".encode("latin-1").decode("latin-1")]
)
def test_other_name_is_replaced(client: TestClient, name: str) -> None:
    given = client.get("/livez", headers={b"X-Request-Id": name.encode("latin-1")}).headers["X-Request-Id"]
    assert len(given) == 16
    assert given != name


def test_every_request_has_another_name(client: TestClient) -> None:
    assert len({client.get("/search.json?q=nato").headers["X-Request-Id"] for _ in range(5)}) == 5


def test_time_is_told(client: TestClient) -> None:
    timing = client.get("/api/v1/stats").headers["Server-Timing"]
    assert float(timing.removeprefix("total;dur=")) > 0


# The log


def test_request_is_a_line_of_json_without_what_was_typed(index: Path) -> None:
    log: list[bytes] = []
    with opened(index, log.append) as client:
        answer = client.get("/search.json?q=zebra+secret", headers={"X-Request-Id": "r1"})
        client.get("/search.json?q=zebra+secret")
        client.get("/secret")
        client.get("/doc/secret")
        client.get("/static/secret")
    first, second, nowhere, document, static = map(json.loads, log)
    assert set(first) == {"time", "requestId", "method", "endpoint", "status", "bytes", "milliseconds", "cached"}
    assert (first["requestId"], first["method"], first["endpoint"], first["status"]) == (
        "r1",
        "GET",
        "/search.json",
        200,
    )
    assert 0 < first["bytes"] <= len(answer.content)
    assert (first["cached"], second["cached"]) == (False, True)
    assert [each["endpoint"] for each in (nowhere, document, static)] == ["none", "/doc/{id}", "/static"]
    assert [each["status"] for each in (nowhere, document, static)] == [404, 404, 404]
    assert b"secret" not in b"".join(log)


def test_what_was_typed_is_logged_on_request(index: Path) -> None:
    log: list[bytes] = []
    with opened(index, log.append, log_queries=True) as client:
        client.get("/search.json?q=zebra%0A%22x")
    line = json.loads(b"".join(log))
    assert (line["path"], line["query"]) == ("/search.json", "q=zebra%0A%22x")


@pytest.mark.parametrize("payload", [*PAYLOADS, "\n", '"}\n{"a": "', "\u2028", "%00", "%ED%A0%80"])
def test_no_request_makes_two_lines(index: Path, payload: str) -> None:
    log: list[bytes] = []
    with opened(index, log.append, log_queries=True) as client:
        client.request("GET", f"/{quote(payload)}", params={"q": payload}, headers={"X-Request-Id": "a b"})
    [line] = log
    assert (line.count(b"\n"), line[-1:]) == (1, b"\n")
    assert json.loads(line)["method"] == "GET"


def test_no_method_makes_a_long_line(index: Path) -> None:
    log: list[bytes] = []
    with opened(index, log.append) as client:
        client.request("X" * 500, "/livez")
    assert json.loads(b"".join(log))["method"] == "X" * 16


# The counts


def counted(client: TestClient) -> dict[str, float]:
    answer = client.get("/metrics", headers=BEARER)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    pairs = [line.rpartition(" ") for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in pairs}


def test_requests_are_counted_by_the_template_of_their_address(index: Path) -> None:
    with opened(index, metrics_token=TOKEN) as client:
        for path in (
            "/search.json?q=a",
            "/search.json?q=a",
            "/search.json?b",
            "/doc/x",
            "/doc/y",
            "/nowhere",
            "/nothing",
        ):
            client.get(path)
        client.request("BREW", "/livez")
        counts = counted(client)
    assert counts['searchsvc_requests_total{endpoint="/search.json",method="GET",status="200"}'] == 2
    assert counts['searchsvc_cached_responses_total{endpoint="/search.json"}'] == 1
    assert counts['searchsvc_requests_total{endpoint="/doc/{id}",method="GET",status="404"}'] == 2
    assert counts['searchsvc_requests_total{endpoint="none",method="GET",status="404"}'] == 2
    assert counts['searchsvc_requests_total{endpoint="/livez",method="other",status="405"}'] == 1
    assert counts['searchsvc_rejections_total{status="404"}'] == 4
    assert counts['searchsvc_rejections_total{status="400"}'] == 1
    assert counts['searchsvc_request_seconds_count{endpoint="/search.json"}'] == 3
    assert not [name for name in counts if "nowhere" in name or "/doc/x" in name]


def test_what_serves_is_told(index: Path) -> None:
    with opened(index, metrics_token=TOKEN) as client:
        counts = counted(client)
    assert (counts["searchsvc_ready"], counts["searchsvc_documents"]) == (1, len(PAYLOADS))
    assert 0 <= counts["searchsvc_generation_age_seconds"] < 600


def test_index_that_was_never_built_is_told(tmp_path: Path) -> None:
    service = SearchService(EmbeddedEngine(tmp_path, "en"), Settings(index=tmp_path))
    with TestClient(create_app(service, Settings(metrics_token=TOKEN))) as client:
        client.get("/search.json")
        counts = counted(client)
    assert counts["searchsvc_ready"] == 0
    assert "searchsvc_documents" not in counts
    assert counts['searchsvc_rejections_total{status="503"}'] == 1


def test_counts_want_their_token(index: Path) -> None:
    with opened(index, metrics_token=TOKEN) as client:
        for said in (
            {},
            {"Authorization": f"Bearer {TOKEN}x"},
            {"Authorization": TOKEN},
            {"Authorization": "Basic eDp4"},
        ):
            answer = client.get("/metrics", headers=said)
            assert_problem(answer, 401)
            assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert_problem(client.get("/metrics", headers={b"Authorization": b"Bearer \xff\xfe"}), 401)


def test_counts_are_off_unless_a_token_is_set(client: TestClient) -> None:
    answer = client.get("/metrics", headers=BEARER)
    assert_problem(answer, 404)
    assert "metrics_token" in answer.json()["detail"]


# Other sites


def test_pages_of_other_sites_may_not_read_answers(client: TestClient) -> None:
    answer = client.get("/search.json?q=nato", headers={"Origin": "https://a.example"})
    assert not [name for name in answer.headers if name.startswith("access-control")]


ORIGIN = "https://a.example"


def test_pages_of_a_listed_site_may_read_answers(index: Path) -> None:
    with opened(index, cors_origins=(ORIGIN,)) as client:
        for _ in range(2):  # the second is a kept one
            answer = client.get("/search.json?q=zebra", headers={"Origin": ORIGIN})
            assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
            assert "Access-Control-Allow-Credentials" not in answer.headers
            assert "ETag" in answer.headers["Access-Control-Expose-Headers"]
        other = client.get("/search.json?q=zebra", headers={"Origin": "https://a.example.evil.example"})
        assert "Access-Control-Allow-Origin" not in other.headers


@pytest.mark.parametrize("headers", [{}, {"Origin": ORIGIN}])
def test_caches_are_told_that_origins_matter(index: Path, headers: dict[str, str]) -> None:
    with opened(index, cors_origins=(ORIGIN,)) as client:
        for path in ("/search.json", "/api/v1/stats", "/livez"):
            assert client.get(path, headers=headers).headers["Vary"].split(", ").count("Origin") == 1


def test_listed_site_may_ask_before_it_posts(index: Path) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    with opened(index, cors_origins=(ORIGIN,)) as client:
        answer = client.options("/api/v1/search", headers={"Origin": ORIGIN, **asked})
        assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, ORIGIN)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"Origin": "https://b.example"}, "origin"),
        ({"Access-Control-Request-Method": "DELETE"}, "method"),
        ({"Access-Control-Request-Headers": "x-unknown"}, "headers"),
        ({"Access-Control-Request-Private-Network": "true"}, "private-network"),
    ],
)
@pytest.mark.parametrize("path", ["/api/v1/search", "/search", "/nowhere"])
def test_refused_preflight_is_a_problem(index: Path, path: str, wrong: dict[str, str], named: str) -> None:
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"} | wrong
    with opened(index, cors_origins=(ORIGIN,)) as client:
        answer = client.options(path, headers=asked)
    assert_problem(answer, 400)
    assert answer.json()["detail"] == f"Cross-origin request not allowed: wrong {named}."
    assert "Origin" in answer.headers["Vary"]
    assert "Access-Control-Allow-Origin" not in answer.headers
