"""What is refused before anything looks at it, and how; what an application in the wild is asked."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from searchsvc.settings import Settings
from searchsvc.web.app import create_app
from searchsvc.web.middleware.request_guard import (
    MAX_ADDRESS,
    MAX_BODY,
    MAX_HEADER_BYTES,
    MAX_HEADERS,
)
from searchsvc.web.middleware.security_headers import HEADERS
from tests.web.answers import assert_problem, assert_safe
from tests.web.hostile import hostile_service

API = "/api/v1/search"
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of a service that is asked by the name search.example."""
    chosen = Settings(allowed_hosts=("search.example",))
    with TestClient(
        create_app(hostile_service(tmp_path_factory.mktemp("hostile")), chosen), "http://search.example"
    ) as opened:
        yield opened


@pytest.mark.parametrize("host", ["search.example", "SEARCH.example:8000", "search.example.", "127.0.0.1", "[::1]:80"])
def test_own_names_and_addresses_are_answered(guarded: TestClient, host: str) -> None:
    assert guarded.get(API, headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "search.example.evil", "xsearch.example", "localhost", "1.2.3.4.evil"]
)
def test_other_names_are_refused(guarded: TestClient, host: str) -> None:
    assert_problem(guarded.get(API, headers={"Host": host}), 421)


@pytest.mark.parametrize("host", ["", "a b", "search.example, b", "user@search.example", "search.example:x", "a/b"])
def test_what_is_no_name_is_refused(guarded: TestClient, host: str) -> None:
    assert_problem(guarded.get(API, headers={"Host": host}), 400)


def test_refused_page_is_a_page(guarded: TestClient) -> None:
    response = guarded.get("/search", headers={"Host": "evil.example"})
    assert response.headers["Content-Type"].startswith("text/html")
    assert_safe(response)


def test_any_name_is_answered_where_none_is_set(client: TestClient) -> None:
    assert client.get("/livez", headers={"Host": "any.example"}).status_code == 200


def test_no_address_is_made_of_the_host(client: TestClient) -> None:
    for path in ("/", "/search?q=nato", "/doc/x", "/nothing", "/static", API):
        response = client.get(path, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
        assert "evil.example" not in response.text + str(response.headers)


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", ""]
)
def test_forms_are_refused(guarded: TestClient, kind: str) -> None:
    assert_problem(guarded.post(API, content=b"q=nato", headers={"Content-Type": kind}), 415)


def test_packed_body_is_refused(guarded: TestClient) -> None:
    assert_problem(guarded.post(API, content=b"{}", headers=JSON | {"Content-Encoding": "gzip"}), 415)


def test_body_over_16_kib_is_refused(guarded: TestClient) -> None:
    assert_problem(guarded.post(API, content=b" " * (MAX_BODY + 1), headers=JSON), 413)


def test_body_of_a_get_is_refused(guarded: TestClient) -> None:
    assert_problem(guarded.request("GET", API, content=b"{}", headers=JSON), 400)


def test_too_many_headers_are_refused(guarded: TestClient) -> None:
    assert_problem(guarded.get(API, headers={f"X-{number}": "" for number in range(MAX_HEADERS)}), 431)


def test_too_long_headers_are_refused(guarded: TestClient) -> None:
    assert_problem(guarded.get(API, headers={"X-Pad": "x" * MAX_HEADER_BYTES}), 431)


def test_too_long_address_is_refused(guarded: TestClient) -> None:
    assert_problem(guarded.get(f"{API}?q={'x' * MAX_ADDRESS}"), 414)


def test_every_answer_tells_browsers_what_they_may_not_do(client: TestClient) -> None:
    for path in ("/", "/livez", "/static/style.css", "/nothing", API, "/suggest?q=x", "/search?q=" + "x" * 3000):
        response = client.get(path)
        assert {name: response.headers[name] for name in HEADERS} == HEADERS
        assert_safe(response)
        assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "camera=()" in response.headers["Permissions-Policy"]


def test_what_is_typed_is_not_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with TestClient(create_app(hostile_service(tmp_path))) as client, caplog.at_level("DEBUG", "searchsvc"):
        client.get("/search", params={"q": "confidential"})
        client.get(API, params={"q": "confidential" * 300, "page": "confidential"})
    assert "confidential" not in caplog.text
