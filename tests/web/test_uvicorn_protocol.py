"""Real sockets: clients that are slow, silent, many or ambiguous, and a server that stops under load."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from searchsvc.settings import Settings
from searchsvc.web.addresses import Addresses
from searchsvc.web.appearance import Appearance
from searchsvc.web.middleware.request_guard import EXTEND_DEADLINE, MAX_BODY, RequestGuardMiddleware
from searchsvc.web.uvicorn_protocol import MAX_HEAD, HttpProtocol
from tests.web.running import Running, read, running, status

pytestmark = pytest.mark.slow

LONG = 40_000_000  # characters: more than what sockets hold on their way


class Quick(HttpProtocol):
    """As the real one, with less patience."""

    receive, answer, linger, most = 1.0, 1.0, 0.3, 8


async def short(_: Request) -> Response:
    return PlainTextResponse("short")


async def slow(_: Request) -> Response:
    await asyncio.sleep(0.6)
    return PlainTextResponse("slow")


async def long(_: Request) -> Response:
    return PlainTextResponse("x" * LONG)


async def parts(request: Request) -> Response:
    """Respond in parts, each within the deadline, all of them beyond it."""

    async def sent() -> AsyncIterator[bytes]:
        for _ in range(5):
            await asyncio.sleep(0.5)
            yield b"part"
            if "extended" in request.query_params:
                request.scope[EXTEND_DEADLINE]()

    return StreamingResponse(sent())


async def body(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


ROUTES = [
    Route("/", short),
    Route("/slow", slow),
    Route("/long", long),
    Route("/parts", parts),
    Route("/body", body, methods=["POST"]),
]


@contextmanager
def guarded() -> Iterator[Running]:
    app = Starlette(
        routes=ROUTES, middleware=[Middleware(RequestGuardMiddleware, hosts=["localhost", "search.example"])]
    )
    app.state.addresses = Addresses()
    app.state.appearance = Appearance.of(Settings())
    with running(app, Quick) as started:
        yield started


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with guarded() as started:
        yield started


def get(path: str = "/", *headers: str, host: str = "localhost") -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", f"Host: {host}", *headers, "", ""]).encode()


def post(length: int, *headers: str) -> bytes:
    lines = ["POST /body HTTP/1.1", "Host: localhost", "Content-Type: application/json", f"Content-Length: {length}"]
    return "\r\n".join([*lines, *headers, "", ""]).encode()


CLOSE = "Connection: close"

# Slow, silent and many


def test_request_is_answered(server: Running) -> None:
    assert server.ask(get("/", CLOSE)).endswith(b"\r\n\r\nshort")


@pytest.mark.parametrize("begun", [b"", b"GET / HT", get()[:-2], post(10) + b"12345"])
def test_client_that_falls_silent_is_dropped(server: Running, begun: bytes) -> None:
    started = time.monotonic()
    answer = server.ask(begun)
    assert 0.3 < time.monotonic() - started < 5
    assert answer == b""


def test_client_that_sends_a_byte_now_and_then_is_dropped(server: Running) -> None:
    started = time.monotonic()
    with server.connect() as client, pytest.raises(OSError):
        client.sendall(get()[:-2])
        while time.monotonic() < started + 10:
            client.sendall(b"X-Pad: x\r\n")
            time.sleep(0.1)
    assert time.monotonic() - started < 5


def test_client_that_does_not_read_is_dropped(server: Running) -> None:
    with server.connect() as client:
        client.sendall(get("/long"))
        time.sleep(2)
        assert len(read(client)) < LONG


def test_long_response_goes_on_while_its_parts_are_taken(server: Running) -> None:
    assert server.ask(get("/parts?extended", CLOSE)).count(b"part") == 5
    assert 0 < server.ask(get("/parts", CLOSE)).count(b"part") < 5


def test_silent_connections_keep_nobody_out(server: Running) -> None:
    silent = [server.connect() for _ in range(3 * Quick.most)]
    try:
        assert status(server.ask(get("/", CLOSE))) == 200
    finally:
        for each in silent:
            each.close()


def test_connections_with_half_a_body_keep_nobody_out(server: Running) -> None:
    silent = [server.connect() for _ in range(2 * Quick.most)]
    try:
        for each in silent:
            each.sendall(post(10) + b"1")
        assert status(server.ask(get("/", CLOSE))) == 200
    finally:
        for each in silent:
            each.close()


def test_answer_under_way_is_not_given_up_for_others(server: Running) -> None:
    with server.connect() as client:
        client.sendall(get("/slow", CLOSE))
        time.sleep(0.1)
        silent = [server.connect() for _ in range(2 * Quick.most)]
        assert read(client).endswith(b"slow")
        for each in silent:
            each.close()


def test_kept_connection_is_closed_when_it_is_idle(server: Running) -> None:
    assert server.ask(get()).endswith(b"short")


# Large


def test_endless_headers_are_refused(server: Running) -> None:
    assert status(server.ask(get()[:-2] + b"X-Pad: " + b"x" * 2 * MAX_HEAD)) == 431


def test_endless_address_is_refused(server: Running) -> None:
    assert status(server.ask(b"GET /?q=" + b"x" * 2 * MAX_HEAD)) == 431


def test_body_that_is_too_long_is_refused_before_it_comes(server: Running) -> None:
    assert status(server.ask(post(MAX_BODY + 1, CLOSE))) == 413


def test_body_that_is_just_short_enough_is_read(server: Running) -> None:
    assert server.ask(post(MAX_BODY, CLOSE), b"x" * MAX_BODY).endswith(str(MAX_BODY).encode())


def test_connection_goes_on_after_a_body_that_was_refused(server: Running) -> None:
    answers = server.ask(post(MAX_BODY + 1), b"x" * (MAX_BODY + 1), get("/", CLOSE))
    assert status(answers) == 413
    assert answers.endswith(b"short")


# Ambiguous

TWICE = ["Content-Length: 4", "Content-Length: 5"]


@pytest.mark.parametrize(
    "headers",
    [
        [],
        ["Host: localhost", "Host: localhost"],
        ["Host: localhost", "Host: search.example"],
        ["Host:"],
        ["Host: localhost, search.example"],
        ["Host: a b"],
        ["Host : localhost"],
        ["Host: localhost", " folded: line"],
        ["Host: localhost", *TWICE],
        ["Host: localhost", "Content-Length: 4", "Content-Length: 4"],
        ["Host: localhost", "Content-Length: +4"],
        ["Host: localhost", "Content-Length: 4, 4"],
        ["Host: localhost", "Content-Length: -1"],
        ["Host: localhost", "Content-Length: 0x4"],
        ["Host: localhost", "Content-Length: 99999999999999999999999"],
        ["Host: localhost", "Content-Length: 4", "Transfer-Encoding: chunked"],
        ["Host: localhost", "Transfer-Encoding: chunked", "Content-Length: 4"],
        ["Host: localhost", "Transfer-Encoding: chunked, identity"],
        ["Host: localhost", "Transfer-Encoding: xchunked"],
        ["Host: localhost", "Transfer-Encoding : chunked"],
        ["Host: localhost", "X-Nul: a\0b"],
        ["Host: localhost", "X-Line: a\rb"],
    ],
)
def test_ambiguous_request_is_refused_and_its_rest_is_no_request(server: Running, headers: list[str]) -> None:
    head = "\r\n".join(["POST /body HTTP/1.1", "Content-Type: application/json", *headers, "", ""]).encode()
    answer = server.ask(head + b"0\r\n\r\n" + get("/", CLOSE))
    assert status(answer) in (400, 411)
    assert answer.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize("target", ["*", "no-slash", "/\x01", "//[", "http://"])
def test_strange_target_is_no_fault_of_ours(server: Running, target: str) -> None:
    assert status(server.ask(get(target, CLOSE))) in (200, 400, 404)


def test_chunked_body_is_refused(server: Running) -> None:
    head = b"POST /body HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert status(server.ask(head + b"1\r\nx\r\n0\r\n\r\n")) == 411


def test_foreign_name_is_refused(server: Running) -> None:
    assert status(server.ask(get("/", CLOSE, host="evil.example"))) == 421
    assert status(server.ask(get("/", CLOSE, host="Search.Example:8000"))) == 200
    assert status(server.ask(get("/", CLOSE, host=f"127.0.0.1:{server.port}"))) == 200


# Stopping


def test_stopping_server_answers_what_it_has_and_what_is_on_its_way() -> None:
    with guarded() as server, server.connect() as busy, server.connect() as idle:
        busy.sendall(get("/slow"))
        idle.sendall(get())
        assert idle.recv(1 << 16).endswith(b"short")
        server.stop()
        time.sleep(0.15)
        idle.sendall(get())
        last = read(idle)
        assert last.endswith(b"short")
        assert b"connection: close" in last
        assert read(busy).endswith(b"slow")
        with pytest.raises(ConnectionRefusedError):
            server.connect()


# Request lines

HEAD = b"Host: localhost\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize(
    "line",
    [
        b"GET  / HTTP/1.1", b"GET /  HTTP/1.1", b"GET / HTTP/1.1 ", b" GET / HTTP/1.1", b"GET\t/\tHTTP/1.1",
        b"GET/HTTP/1.1", b"GET", b"GET /", b"GET / ", b"GET / HTTP/9.9", b"GET / HTTP/2.0", b"GET / HTTP/0.9",
        b"GET / HTTP/1.1\r", b"GET / RTSP/1.0", b"GET / http/1.1", b"get / HTTP/1.1", b"GeT / HTTP/1.1",
        b"X" * 5000 + b" / HTTP/1.1", b"OPTIONS * HTTP/1.1", b"GET * HTTP/1.1", b"CONNECT localhost:80 HTTP/1.1",
        b"GET localhost:80 HTTP/1.1", b"GET /\0 HTTP/1.1", b"\0GET / HTTP/1.1", b"GET /\x01 HTTP/1.1",
        b"GET /\x7f HTTP/1.1", b"GET /\x80 HTTP/1.1", b"GET /?q=\xff HTTP/1.1", b"GET /#part HTTP/1.1",
        b"GET ftp://localhost/ HTTP/1.1", b"GET http://me@localhost/ HTTP/1.1", b"GET http:///short HTTP/1.1",
    ],
)  # fmt: skip
def test_malformed_request_line_is_refused(server: Running, line: bytes) -> None:
    assert status(server.ask(line + b"\r\n" + HEAD)) == 400


@pytest.mark.parametrize(
    "head", [b"GET / HTTP/1.1\nHost: localhost\n\n", b"GET / HTTP/1.1\n" + HEAD, b"GET / HTTP/1.1\r" + HEAD]
)
def test_line_without_carriage_return_is_refused(server: Running, head: bytes) -> None:
    assert status(server.ask(head)) == 400


def test_malformed_request_line_in_pieces_is_refused(server: Running) -> None:
    assert status(server.ask(b"GET ", b" / HT", b"TP/1.1\r\n" + HEAD)) == 400


def test_request_line_in_pieces_after_a_pipelined_request_is_read(server: Running) -> None:
    with server.connect() as client:
        client.sendall(get() + b"GET / HT")
        time.sleep(0.1)
        client.sendall(b"TP/1.1\r\n" + HEAD)
        assert read(client).count(b"HTTP/1.1 200 ") == 2


def test_empty_lines_before_a_request_are_skipped(server: Running) -> None:
    assert status(server.ask(b"\r\n\r\n" + get("/", CLOSE))) == 200


@pytest.mark.parametrize(
    "target", [b"http://localhost/slow?a=b", b"HTTP://LOCALHOST:8000/slow", b"https://localhost/slow"]
)
def test_target_in_absolute_form_is_answered(server: Running, target: bytes) -> None:
    assert server.ask(b"GET " + target + b" HTTP/1.1\r\n" + HEAD).endswith(b"slow")


def test_target_in_absolute_form_without_a_path_is_the_top(server: Running) -> None:
    assert server.ask(b"GET http://localhost HTTP/1.1\r\n" + HEAD).endswith(b"short")


@pytest.mark.parametrize(
    "target", [b"http://evil.example/", b"http://evil.example", b"https://localhost.evil.example/"]
)
def test_foreign_name_in_the_target_is_refused(server: Running, target: bytes) -> None:
    assert status(server.ask(b"GET " + target + b" HTTP/1.1\r\n" + HEAD)) == 421


def test_target_that_begins_with_two_slashes_is_a_path(server: Running) -> None:
    assert status(server.ask(b"GET //evil.example/ HTTP/1.1\r\n" + HEAD)) == 404


def test_name_in_the_target_wins_over_the_header(server: Running) -> None:
    request = b"GET http://search.example/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    assert server.ask(request).endswith(b"short")
