"""Connections: deadlines, bytes before the end of the headers, number of connections, form of request lines."""

import asyncio
import logging
import re
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from searchsvc.web.middleware.request_guard import EXTEND_DEADLINE, TARGET_HOST

RECEIVE = 10.0  # seconds to receive a request, from the opening or from the previous response
ANSWER = 25.0  # seconds from the end of a request to the last byte of its response, or between parts of a long one
KEEP_ALIVE = 5  # seconds without a request
LINGER = 1.0  # seconds in which a stopping server accepts requests that are already under way
MOST = 500  # connections per process
MAX_HEAD = 32 << 10  # bytes before the end of a request's headers

_ROUNDS = 10  # minimum rounds of the event loop
_REFUSED = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_REQUEST_LINE = re.compile(rb"[A-Z-]+ [^ \t#]+ HTTP/1\.[01]\r?\n")
_ABSOLUTE = re.compile(rb"https?://([^/?#]*)", re.IGNORECASE)
_VERSIONS = ("1.0", "1.1")
_MALFORMED = "Malformed request line."
_log = logging.getLogger("searchsvc.web")


class HttpProtocol(HttpToolsProtocol):
    """uvicorn's connection with deadlines and limits.

    uvicorn waits indefinitely for requests and for clients that do not read, accepts headers of any length, and
    sends 503 to everyone once idle connections use up its limit. Here each step has a deadline that single bytes do
    not extend. At the limit, the connection that has waited longest for its client is closed.

    The parser skips repeated spaces in request lines, and accepts lines without a version and of other protocols.
    Here they get status 400. The spaces of a pipelined request are not checked; its meaning is the same.
    """

    receive, answer, linger, most = RECEIVE, ANSWER, LINGER, MOST

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._deadline: asyncio.TimerHandle | None = None
        self._in_head = True
        self._head = 0  # bytes of the current request's head
        self._line: bytes | None = b""  # beginning of the next request line, None if it is not to be checked
        self._answering = False  # from the end of a request to the last byte of its response
        self._refused = self._stopping = False
        self._since = self._until = self.loop.time()  # time of the last step, and deadline of the next one

    @property
    def waiting(self) -> bool:
        """Return whether the connection waits for its client: to finish a request, or to read a response."""
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
        if self._line is not None and self._is_malformed(data):
            self._refused = True
            self.send_400_response(_MALFORMED)
            return
        super().data_received(data)
        if self._in_head:
            self._head += len(data)
            if self._head > MAX_HEAD and not self.transport.is_closing():
                self._refuse()

    def on_message_begin(self) -> None:
        self._in_head, self._head = True, 0
        if self._line == b"":  # the request began within the data of the previous one
            self._line = None
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        if self.parser.get_http_version() not in _VERSIONS or b"#" in self.url:
            raise ValueError(_MALFORMED)  # uvicorn sends 400
        if not self.url.startswith(b"/"):
            self._split_target()
        self.scope[EXTEND_DEADLINE] = self._extend  # type: ignore[literal-required]
        super().on_headers_complete()
        if self._stopping:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        self._answering = True
        self._line = b""
        super().on_message_complete()
        self._wait(self.answer)

    def on_response_complete(self) -> None:
        self._answering = bool(self.pipeline)
        super().on_response_complete()
        untaken = self.transport.get_write_buffer_size() > 0
        self._wait(self.answer if self._answering or untaken else self.receive)

    def shutdown(self) -> None:
        """Close after the next response; without a request, after a moment, because one may be on its way."""
        self._stopping = True
        if self.cycle is not None:
            self.cycle.keep_alive = False
        self._linger(_ROUNDS)

    def _is_malformed(self, data: bytes) -> bool:
        """Return whether the request line, which `data` continues, is complete and malformed."""
        self._line = line = ((self._line or b"") + data).lstrip(b"\r\n")
        if b"\n" not in line:
            return False
        self._line = None
        return _REQUEST_LINE.match(line) is None

    def _split_target(self) -> None:
        """Reduce a target in absolute form to its path and parameters, and store its host in the scope."""
        match = _ABSOLUTE.match(self.url)
        self.scope[TARGET_HOST] = match[1] if match else b""  # type: ignore[literal-required]
        if match:
            path = self.url[match.end() :]
            self.url = path if path.startswith(b"/") else b"/" + path

    def _extend(self) -> None:
        """Begin the deadline of the response again, since its client has taken a part of it."""
        if self._answering and not self._refused:
            self._wait(self.answer)

    def _linger(self, rounds: int) -> None:
        """Close after a number of rounds. On a busy machine a single timer may fire before received data was read."""
        if rounds:
            self.loop.call_later(self.linger / _ROUNDS, self._linger, rounds - 1)
        else:
            super().shutdown()

    def _refuse(self) -> None:
        """Send an error and read on for a moment: closing at once would lose the response if the client still sends."""
        self._refused = True
        self.transport.write(_REFUSED)
        self._wait(self.linger)

    def _wait(self, seconds: float) -> None:
        """Close the connection if no step follows within a number of seconds.

        An earlier timer stays and waits for the remainder when it fires, so most steps need no timer of their own.
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
        """Abort without waiting for unread data, as closing would."""
        self.transport.abort()

    def _make_room(self) -> None:
        others = [each for each in self.connections if isinstance(each, HttpProtocol) and each.waiting]
        min(others, key=lambda each: each._since)._drop()  # this connection, at least, waits
