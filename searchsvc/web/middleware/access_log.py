"""Access log, metrics and request ids."""

import os
import re
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache

import msgspec
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from searchsvc.terminal_text import terminal_json
from searchsvc.web.views.metrics import Metrics

REQUEST_ID = "searchsvc.request_id"  # key in the scope: id of the request
CACHED = "searchsvc.cached"  # key in the scope, present if the response came from the cache
Log = Callable[[bytes], object]  # receives one line at a time
UNROUTED = "none"  # endpoint of an unknown address

_SANE = re.compile(rb"[A-Za-z0-9._-]{1,64}")


class AccessLogMiddleware:
    """Add `X-Request-Id` and `Server-Timing` to each response, write a line of JSON to `log`, update the metrics.

    A request id from the client is used if it is short and harmless. The log contains the template of the address,
    not the query in it, unless `log_queries` is set.
    """

    def __init__(
        self,
        app: ASGIApp,
        routes: Sequence[BaseRoute],
        metrics: Metrics | None = None,
        log: Log | None = None,
        log_queries: bool = False,
    ) -> None:
        self.app = app
        self.metrics = metrics
        self.log = log
        self.log_queries = log_queries
        self._endpoints = _Endpoints(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        name = scope[REQUEST_ID] = _name(scope)
        status, size = 500, 0

        async def observed(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                took = (time.perf_counter() - started) * 1000
                timing = b'cache;desc="hit", total;dur=%.2f' if CACHED in scope else b"total;dur=%.2f"
                message["headers"] = [
                    *message["headers"],
                    (b"x-request-id", name.encode()),
                    (b"server-timing", timing % took),
                ]
            else:
                size += len(message.get("body", b""))
            await send(message)

        try:
            await self.app(scope, receive, observed)
        finally:
            self._note(scope, status, size, time.perf_counter() - started)

    def _note(self, scope: Scope, status: int, size: int, seconds: float) -> None:
        if self.log is None and self.metrics is None:
            return
        endpoint = self._endpoints.of(scope)
        if self.metrics is not None:
            self.metrics.count(endpoint, scope["method"], status, seconds, cached=CACHED in scope)
        if self.log is not None:
            self.log(_line(scope, endpoint, status, size, seconds) + self._typed(scope) + b"}\n")

    def _typed(self, scope: Scope) -> bytes:
        if not self.log_queries:
            return b""
        path = scope["path"].encode("utf-8", "replace").decode()
        return b',"path":%b,"query":%b' % (_encoded(path), _encoded(scope["query_string"].decode("latin-1")))


def _line(scope: Scope, endpoint: str, status: int, size: int, seconds: float) -> bytes:
    """Return a JSON object without its closing brace. Formatted by hand: an encoder takes as long as a cached
    response."""
    milliseconds = time.time_ns() // 1_000_000
    values = (
        _second(milliseconds // 1000),
        milliseconds % 1000,
        scope[REQUEST_ID].encode(),
        _quoted(scope["method"][:16]),
        _quoted(endpoint),
        status,
        size,
        seconds * 1000,
        b"true" if CACHED in scope else b"false",
    )
    return (
        b'{"time":"%b.%03d+00:00","requestId":"%b","method":%b,"endpoint":%b,'
        b'"status":%d,"bytes":%d,"milliseconds":%.2f,"cached":%b' % values
    )


@lru_cache(maxsize=2)
def _second(since_1970: int) -> bytes:
    """Return a second as ISO 8601, in UTC."""
    return datetime.fromtimestamp(since_1970, UTC).strftime("%Y-%m-%dT%H:%M:%S").encode()


@lru_cache(maxsize=128)
def _quoted(text: str) -> bytes:
    return _encoded(text)


def _encoded(text: str) -> bytes:
    """Return a JSON string without characters that a terminal would obey."""
    return terminal_json(msgspec.json.encode(text).decode()).encode()


class _Endpoints:
    """Templates of addresses, such as /api/v1/documents/{id}."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._fixed = {each.path for each in routes if isinstance(each, Route) and "{" not in each.path}
        self._others = [each for each in routes if isinstance(each, Route | Mount) and each.path not in self._fixed]

    def of(self, scope: Scope) -> str:
        """Return the template of a request's address, UNROUTED if it has none."""
        if scope["path"] in self._fixed:
            return str(scope["path"])
        # A fresh scope, because routing modifies the original.
        plain = {"type": "http", "method": scope["method"], "path": scope["path"], "root_path": ""}
        return next((each.path for each in self._others if each.matches(plain)[0] != Match.NONE), UNROUTED)


def _name(scope: Scope) -> str:
    """Return the request id that the client sent if it is safe in logs and headers, else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _SANE.fullmatch(value):
            return str(value, "ascii")
    return os.urandom(8).hex()
