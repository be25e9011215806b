"""Every corruption of one byte of valid requests, sent over sockets: no decoder at the edge may fail."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from searchsvc.settings import Settings
from searchsvc.web.app import create_app
from searchsvc.web.uvicorn_protocol import HttpProtocol
from tests.corruption import corruptions
from tests.web.hostile import hostile_service
from tests.web.running import Running, running, status

pytestmark = pytest.mark.slow

HEADERS = (
    b"Host: search.example:80\r\nAccept-Encoding: gzip;q=1, *;q=0\r\nAccept-Language: de;q=0.9\r\n"
    b'If-None-Match: W/"abc", "\xc3\xa9"\r\nCookie: a="b"\r\nX-Request-Id: r-1\r\nAccept: text/html;q=0.8\r\n'
)
BODY = (
    b'{"q":"caf\xc3\xa9 \\u00e9 zebra","filter":["author:\xc3\xa9"],"page":1,"hitsPerPage":2.0,"typo":"off",'
    b'"from":"2024-01-01","facets":["author"],"timeoutMs":900}'
)
PAGE = b"GET /search?q=caf%C3%A9+%22zebra%22&filter=author%3A%C3%A9&from=2024-01-01&page=1 HTTP/1.1\r\n"
POST = b"POST /api/v1/search HTTP/1.1\r\nHost: search.example\r\nContent-Type: application/json; charset=utf-8\r\n"
PREFLIGHT = (
    b"OPTIONS /api/v1/search HTTP/1.1\r\nHost: search.example\r\nOrigin: https://a.example\r\n"
    b"Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: content-type\r\n\r\n"
)
ABSOLUTE = b"GET http://search.example:80/livez?a=%41 HTTP/1.1\r\nHost: search.example\r\n\r\n"
PATHS = (
    b"/api/v1/search?q=a&facets=author,source&sort=published:asc&timeoutMs=50",
    b"/api/v1/facets/author?facetQuery=%C3%A9&limit=2",
    b"/api/v1/documents/0000000000000001",
    b"/api/v1/documents/0000000000000001/similar?limit=3",
    b"/api/v1/suggest?q=zeb%C3%A9&limit=2",
    b"/doc/0000000000000001/zebra?q=%22zebra%22&view=original&with=0000000000000002",
    b"/search.atom?q=zebra+author:%C3%A9&page=2",
    b"/static/style.css?v=1",
)


def _get(path: bytes) -> bytes:
    return b"GET " + path + b" HTTP/1.1\r\nHost: search.example\r\n\r\n"


REQUESTS = {
    "page": PAGE + HEADERS + b"\r\n",
    "body": POST + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY,
    "preflight": PREFLIGHT,
    "absolute": ABSOLUTE,
} | {path.decode().partition("?")[0]: _get(path) for path in PATHS}


class Impatient(HttpProtocol):
    """Drops a client soon that waits for the answer to half a request."""

    receive = 0.3


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    chosen = Settings(allowed_hosts=("search.example",), cors_origins=("https://a.example",))
    with running(create_app(hostile_service(tmp_path_factory.mktemp("hostile")), chosen), Impatient) as started:
        yield started


def _status(server: Running, request: bytes) -> int | None:
    """Return the status of the response, None if there is none."""
    with suppress(ConnectionResetError), server.connect() as client:
        client.sendall(request + b"\r\n\r\n")  # a body that lost a byte is complete all the same
        answer = client.recv(1 << 16)
        return status(answer) if answer else None
    return None


@pytest.mark.parametrize("name", REQUESTS)
def test_whole_request_is_answered(server: Running, name: str) -> None:
    assert _status(server, REQUESTS[name]) == 200


@pytest.mark.parametrize("name", REQUESTS)
def test_no_corrupted_request_is_a_fault_of_the_server(server: Running, name: str) -> None:
    requests = list(corruptions(REQUESTS[name]))
    with ThreadPoolExecutor(8) as clients:
        statuses = list(clients.map(lambda request: _status(server, request), requests))
    faults = {request for request, answer in zip(requests, statuses, strict=True) if answer and answer >= 500}
    assert faults == set()
    assert statuses.count(None) < len(statuses) / 4
