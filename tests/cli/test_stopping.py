"""SIGTERM while a real server is asked: every request it has taken is answered.

What it has taken, its log tells. A client alone can't know: one that is slow to ask again may find its
connection closed, and its request never read, as with any server that stops.
"""

import json
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPException, RemoteDisconnected
from itertools import count
from pathlib import Path

import pytest

CLIENTS = 4
LOG = "log"
CLOSED = (RemoteDisconnected, ConnectionResetError, BrokenPipeError)


@pytest.fixture(params=["1", "2"])
def server(
    request: pytest.FixtureRequest, built: Path, searchsvc: str
) -> "Iterator[tuple[subprocess.Popen[str], int]]":
    """A server of one process or two, and its port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    command = [searchsvc, "serve", "--port", str(port), "--workers", request.param]
    with (built / LOG).open("w") as log, subprocess.Popen(command, stderr=log, text=True) as process:
        deadline = time.monotonic() + 60
        while not is_up(port):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield process, port
        process.kill()


def is_up(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


class Asking(threading.Thread):
    """Asks on one connection until the server says that it closes it, or fails."""

    def __init__(self, port: int, name: str) -> None:
        super().__init__(name=name)
        self.port = port
        self.answered = 0
        self.lost: Exception | None = None
        self.told = False

    def run(self) -> None:
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            for number in count():
                try:
                    connection.request("GET", f"/search.json?q=alliance+{self.name}+{number}")
                    answer = connection.getresponse()
                    answer.read()
                except (OSError, HTTPException) as error:
                    self.lost = error
                    return
                self.answered += answer.status == 200
                if answer.headers["Connection"] == "close":
                    self.told = True
                    return


def test_no_accepted_request_is_lost_when_the_server_ends(
    server: "tuple[subprocess.Popen[str], int]", built: Path
) -> None:
    process, port = server
    asking = [Asking(port, f"client{number}") for number in range(CLIENTS)]
    for each in asking:
        each.start()
    deadline = time.monotonic() + 60
    while min(each.answered for each in asking) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    for each in asking:
        each.join(90)
    assert process.wait(30) in (0, -signal.SIGTERM)
    assert all(each.told or isinstance(each.lost, CLOSED) for each in asking)
    said = (built / LOG).read_text()
    taken = [json.loads(line)["status"] for line in said.splitlines() if line.startswith("{")]
    assert taken == [200] * sum(each.answered for each in asking)
    assert "Traceback" not in said
    assert not is_up(port)
