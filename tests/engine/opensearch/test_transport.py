"""HTTP to several hosts, against real servers that misbehave."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from socket import socket

import pytest

from searchsvc.engine.opensearch.client import transport
from searchsvc.engine.opensearch.client.transport import ClusterAccess, Transport
from searchsvc.errors import EngineUnavailable, SettingsError
from tests.engine.opensearch.misbehaving import FULL, LEFT, OK, Answer, Server, nobody, running


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    with ExitStack() as stack:
        yield lambda *answers: stack.enter_context(running(Server(*answers)))


@pytest.fixture
def connect() -> Iterator[Callable[..., Transport]]:
    with ExitStack() as stack:

        def connected(*servers: Server | str, **access: str) -> Transport:
            urls = tuple(each if isinstance(each, str) else each.url for each in servers)
            made = Transport(ClusterAccess(urls, **access))  # type: ignore[arg-type]
            stack.callback(made.close)
            return made

        yield connected


Serve = Callable[..., Server]
Connect = Callable[..., Transport]


def test_a_reply_comes_back_whatever_its_status(serve: Serve, connect: Connect) -> None:
    reply = connect(serve((404, b"{}", {}))).request("GET", "/x", seconds=5)
    assert (reply.status, reply.json()) == (404, {})


@pytest.mark.parametrize("trouble", [FULL, LEFT, (502, b"", {}), (503, b"no json", {}), None])
def test_what_may_pass_is_tried_again(serve: Serve, connect: Connect, trouble: Answer | None) -> None:
    server = serve(trouble, trouble, OK)
    assert connect(server).request("POST", "/x", b"{}", seconds=10).json() == {"here": 1}
    assert len(server.seen) == 3


def test_pauses_grow_up_to_a_bound_and_no_two_clients_keep_in_step(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("searchsvc.engine.opensearch.client.transport.time.sleep", pauses.append)
    longest = [0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0]
    for _ in range(2):
        connect(serve(*[FULL] * len(longest), OK)).request("GET", "/x", seconds=60)
    one, other = pauses[: len(longest)], pauses[len(longest) :]
    assert all(most / 2 <= pause <= most for pause, most in zip(pauses, longest * 2, strict=True))
    assert one != other


def test_an_error_of_ours_is_not_tried_again(serve: Serve, connect: Connect) -> None:
    server = serve((400, b'{"error":{"root_cause":[{"type":"parsing_exception","reason":"bad"}]}}', {}))
    assert connect(server).request("POST", "/x", b"{}", seconds=5).reason() == "parsing_exception: bad"
    assert len(server.seen) == 1


def test_no_room_until_the_end_says_so_in_time(serve: Serve, connect: Connect) -> None:
    started = time.monotonic()
    with pytest.raises(EngineUnavailable, match="rejected_execution_exception: full"):
        connect(serve(FULL)).request("GET", "/x", seconds=0.5)
    assert time.monotonic() - started < 1.5


def test_another_host_answers_for_one_that_is_gone(serve: Serve, connect: Connect) -> None:
    server = serve(OK)
    transport = connect(nobody(), server)
    assert all(transport.request("GET", "/x", seconds=5).status == 200 for _ in range(6))


def test_hosts_are_asked_in_turn(serve: Serve, connect: Connect) -> None:
    one, other = serve(OK), serve(OK)
    transport = connect(one, other)
    for _ in range(6):
        transport.request("GET", "/x", seconds=5)
    assert (len(one.seen), len(other.seen)) == (3, 3)


def test_a_host_that_does_not_answer_is_left_alone_for_a_while(connect: Connect, serve: Serve) -> None:
    broken, sound = serve(None), serve(OK)
    transport = connect(broken, sound)
    for _ in range(10):
        transport.request("GET", "/x", seconds=5)
    assert len(broken.seen) == 1


def test_a_host_that_hangs_costs_no_more_than_a_share_of_the_time(connect: Connect, serve: Serve) -> None:
    with socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()  # takes connections and never answers
        transport = connect(f"http://127.0.0.1:{silent.getsockname()[1]}", serve(OK))
        started = time.monotonic()
        assert [transport.request("GET", "/x", seconds=2).status for _ in range(3)] == [200] * 3
        assert time.monotonic() - started < 4


def test_a_cluster_that_is_down_is_said_in_time(connect: Connect) -> None:
    started = time.monotonic()
    with pytest.raises(EngineUnavailable, match="is the cluster running"):
        connect(nobody(), nobody()).request("GET", "/x", seconds=1)
    assert time.monotonic() - started < 2


def test_a_redirect_is_not_followed(serve: Serve, connect: Connect) -> None:
    elsewhere = serve(OK)
    with pytest.raises(EngineUnavailable, match="not followed"):
        connect(serve((307, b"", {"location": elsewhere.url})), user="u", password="p").request("GET", "/", seconds=5)
    assert elsewhere.seen == []


@pytest.mark.parametrize(
    ("access", "header"),
    [
        ({"user": "ann", "password": "é:x"}, "Basic YW5uOsOpOng="),
        ({"api_key": "a2V5"}, "ApiKey a2V5"),
    ],
)
def test_credentials_are_sent(serve: Serve, connect: Connect, access: dict[str, str], header: str) -> None:
    server = serve(OK)
    connect(server, **access).request("GET", "/x", seconds=5)
    assert {name.lower(): value for name, value in server.seen[0][2].items()}["authorization"] == header


def test_refused_credentials_are_told_apart(serve: Serve, connect: Connect) -> None:
    with pytest.raises(EngineUnavailable, match="rejected the credentials"):
        connect(serve((401, b"", {}))).request("GET", "/x", seconds=5)


def test_a_reply_without_end_is_cut(serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MAX_REPLY_BYTES", 1000)
    with pytest.raises(EngineUnavailable, match="answered with more than"):
        connect(serve((200, b"x" * 2000, {}))).request("GET", "/x", seconds=5)


def test_something_else_at_the_address_is_recognised(serve: Serve, connect: Connect) -> None:
    with pytest.raises(EngineUnavailable, match="not JSON"):
        connect(serve((200, b"<html>", {}))).request("GET", "/x", seconds=5).json()


@pytest.mark.parametrize("url", ["localhost:9200", "ftp://a", "http://", "http://a/?x=1", "http://u:p@a:9200"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match=r"opensearch\.urls"):
        Transport(ClusterAccess((url,)))


def test_passwords_are_not_shown() -> None:
    assert "hidden" not in repr(ClusterAccess(("http://a",), password="hidden", api_key="hidden"))


def test_certificates_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"opensearch\.ca"):
        Transport(ClusterAccess(("https://a",), ca=tmp_path / "none.pem"))
