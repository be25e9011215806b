"""A server in a thread of this process, and clients that speak to it in bytes."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

from searchsvc.web.uvicorn_protocol import HttpProtocol


@dataclass(frozen=True, slots=True)
class Running:
    """A server in a thread of this process."""

    port: int
    server: uvicorn.Server

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def ask(self, *parts: bytes) -> bytes:
        """Return everything that comes back for `parts`, sent one after the other, until the server ends it."""
        with self.connect() as client:
            for part in parts:
                client.sendall(part)
            return read(client)

    def stop(self) -> None:
        self.server.should_exit = True


@contextmanager
def running(app: ASGIApp, protocol: type[HttpProtocol]) -> Iterator[Running]:
    """Serve `app` on a free port while the block runs."""
    config = uvicorn.Config(app, log_level="critical", http=protocol, ws="none", lifespan="off", timeout_keep_alive=1)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        try:
            yield Running(listening.getsockname()[1], server)
        finally:
            server.should_exit = True
            thread.join()


def read(client: socket.socket) -> bytes:
    """Return the bytes that come until the server ends the connection, in whatever way."""
    received = bytearray()
    try:
        while piece := client.recv(1 << 16):
            received += piece
    except ConnectionResetError:
        pass
    return bytes(received)


def status(answer: bytes) -> int:
    """Return the status of a response."""
    return int(answer.split(b" ", 2)[1])
