"""A load generator: a few connections that each send the next request when the answer is whole."""

import asyncio
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import uvloop

_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)
_PATIENCE = 10  # seconds for the last answers


@dataclass(frozen=True, slots=True)
class Load:
    """What was sent and came back: wall-clock seconds, answers, bytes of them."""

    seconds: float
    answers: int
    size: int


def request(path: str, *headers: str) -> bytes:
    """A GET of `path` that keeps the connection open."""
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *headers, "", ""]).encode()


def send(port: int, requests: Iterator[bytes], *, connections: int, seconds: float, status: int = 200) -> Load:
    """Send `requests` to a server on loopback until none is left or `seconds` are over.

    Raises RuntimeError at an answer with another status or a connection lost, TimeoutError at none.
    """
    return uvloop.run(_sent(port, requests, connections, seconds, b"HTTP/1.1 %d " % status))


async def _sent(port: int, requests: Iterator[bytes], connections: int, seconds: float, expected: bytes) -> Load:
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    opened = [_Connection(requests, started + seconds, expected) for _ in range(connections)]
    for each in opened:
        await loop.create_connection(lambda each=each: each, "127.0.0.1", port)  # type: ignore[misc]
    async with asyncio.timeout(seconds + _PATIENCE):
        await asyncio.gather(*(each.ended for each in opened))
    taken = time.perf_counter() - started
    return Load(taken, sum(each.answers for each in opened), sum(each.size for each in opened))


class _Connection(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes], deadline: float, expected: bytes) -> None:
        self.requests, self.deadline, self.expected = requests, deadline, expected
        self.answers = self.size = 0
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.received, self.missing = b"", 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's has the methods, not the class
        self.next()

    def data_received(self, data: bytes) -> None:
        self.size += len(data)
        if not self.missing:
            self.received += data
            head, found, body = self.received.partition(b"\r\n\r\n")
            if not found:
                return
            if not head.startswith(self.expected):
                self.fail(head[:80].decode("latin-1"))
                return
            length = _LENGTH.search(head + b"\r\n")
            self.missing = int(length[1]) if length else 0
            data = body
        self.missing -= len(data)
        if self.missing <= 0:
            self.received, self.missing = b"", 0
            self.answers += 1
            self.next()

    def connection_lost(self, _: Exception | None) -> None:
        if not self.ended.done():
            self.fail("the connection was lost")

    def next(self) -> None:
        asked = next(self.requests, None) if time.perf_counter() < self.deadline else None
        if asked is not None:
            self.transport.write(asked)
        elif not self.ended.done():
            self.ended.set_result(None)
            self.transport.close()

    def fail(self, why: str) -> None:
        if not self.ended.done():
            self.ended.set_exception(RuntimeError(why))
        self.transport.close()
