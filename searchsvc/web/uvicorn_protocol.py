"""Connections: how long a client may take, how much it may send before it asks, how many there may be."""

import asyncio
import logging
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

RECEIVE = 10.0  # seconds for a whole request, from the opening or from the answer before it
ANSWER = 25.0  # seconds from a whole request to the last byte of its answer taken
KEEP_ALIVE = 5  # seconds without a request
LINGER = 1.0  # seconds in which a stopping server still takes what was under way to it
MOST = 500  # connections of a process
MAX_HEAD = 32 << 10  # bytes before the end of a request's headers

_ROUNDS = 10  # of the event loop, at least
_REFUSED = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_log = logging.getLogger("searchsvc.web")


class HttpProtocol(HttpToolsProtocol):
    """uvicorn's connection, with what it lacks.

    uvicorn waits for a request for ever, keeps headers of any length, waits for ever for a client that
    does not read, and answers everyone with 503 once silent connections have used its limit up. Here each
    step has a deadline that single bytes don't extend, and at the limit the connection that has
    waited longest for its client makes room, so that silent ones never turn anybody away.
    """

    receive, answer, linger, most = RECEIVE, ANSWER, LINGER, MOST

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._deadline: asyncio.TimerHandle | None = None
        self._in_head = True
        self._head = 0  # bytes of it so far
        self._answering = False  # from a whole request to the last byte of its answer written
        self._refused = self._stopping = False
        self._since = self._until = self.loop.time()  # of the last step, and until when the next one is waited for

    @property
    def waiting(self) -> bool:
        """Whether it waits for its client: for the rest of a request, or for an answer to be taken."""
        return not self._answering or self.flow.write_paused

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait(self.receive)
        if len(self.connections) > self.most:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        self._unset_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        super().data_received(data)
        if self._in_head:
            self._head += len(data)
            if self._head > MAX_HEAD and not self.transport.is_closing():
                self._refuse()

    def on_message_begin(self) -> None:
        self._in_head, self._head = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()
        if self._stopping:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        self._answering = True
        super().on_message_complete()
        self._wait(self.answer)

    def on_response_complete(self) -> None:
        self._answering = bool(self.pipeline)
        super().on_response_complete()
        untaken = self.transport.get_write_buffer_size() > 0
        self._wait(self.answer if self._answering or untaken else self.receive)

    def shutdown(self) -> None:
        """Stop after the next answer; without a request in a moment, since one may be on its way."""
        self._stopping = True
        if self.cycle is not None:
            self.cycle.keep_alive = False
        self._linger(_ROUNDS)

    def _linger(self, rounds: int) -> None:
        """Stop after so many rounds. On a busy machine one timer may be due before what came was read."""
        if rounds:
            self.loop.call_later(self.linger / _ROUNDS, self._linger, rounds - 1)
        else:
            super().shutdown()

    def _refuse(self) -> None:
        """Say so, and read on for a moment: who still sends would lose the answer if this closed at once."""
        self._refused = True
        self.transport.write(_REFUSED)
        self._wait(self.linger)

    def _wait(self, seconds: float) -> None:
        """Drop the connection when so much time has passed without another step.

        A timer that is due before that stays, and waits for the rest then: most steps need no timer of their own.
        """
        self._since = self.loop.time()
        self._until = self._since + seconds
        if self._deadline is None or self._deadline.when() > self._until:
            self._set_deadline()

    def _set_deadline(self) -> None:
        self._unset_deadline()
        self._deadline = self.loop.call_at(self._until, self._due)

    def _due(self) -> None:
        if self.loop.time() < self._until:
            self._set_deadline()
        else:
            self._drop()

    def _unset_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _drop(self) -> None:
        """End it without waiting for what the client has not taken, as closing would."""
        self.transport.abort()

    def _make_room(self) -> None:
        others = [each for each in self.connections if isinstance(each, HttpProtocol) and each.waiting]
        min(others, key=lambda each: each._since)._drop()  # this one at least waits
