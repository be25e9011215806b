"""Rejection of requests that are ambiguous, too large, of an unsupported type or for another host."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from ipaddress import ip_address
from itertools import chain

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from searchsvc.web import problems
from searchsvc.web.problems import Problem

MAX_BODY = 16 << 10  # bytes
MAX_HEADERS, MAX_HEADER_BYTES = 64, 16 << 10
MAX_ADDRESS = 16 << 10  # bytes of path and parameters
_HOST = re.compile(rb"([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
EXTEND_DEADLINE = "searchsvc.extend_deadline"  # key in the scope: call it when a part of a long response is taken
TARGET_HOST = "searchsvc.target_host"  # key in the scope: host of a request target in absolute form
_LENGTH = re.compile(rb"[0-9]{1,15}")


class RequestGuardMiddleware:
    """Reject requests that servers and proxies could interpret differently.

    RFC 9112 leaves room in the interpretation of several lengths, hosts or encodings of a body; such requests are
    rejected before any other code reads them.
    """

    def __init__(self, app: ASGIApp, hosts: Sequence[str] = ()) -> None:
        """`hosts` are the allowed host names, all if empty; IP addresses are always allowed."""
        self.app = app
        self.hosts = frozenset(each.lower() for each in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        problem = self._problem(scope) if scope["type"] == "http" else None
        if problem is None:
            await self.app(scope, receive, send)
            return

        async def closing(message: Message) -> None:
            if message["type"] == "http.response.start":  # the end of the request is unknown
                message["headers"] = [*message["headers"], (b"connection", b"close")]
            await send(message)

        ambiguous = problem.status in (400, 411)  # an unwanted but well-formed body can be skipped
        await problems.respond(Request(scope), problem)(scope, receive, closing if ambiguous else send)

    def _problem(self, scope: Scope) -> Problem | None:
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        if problem := _too_large(scope, headers):
            return problem
        values: defaultdict[bytes, list[bytes]] = defaultdict(list)
        for name, value in headers:
            values[name].append(value)
        return self._wrong_host(values[b"host"], scope.get(TARGET_HOST)) or _wrong_body(scope["method"], values)

    def _wrong_host(self, names: list[bytes], target: bytes | None) -> Problem | None:
        """Return the problem with the host, if any; the host in the request target wins (RFC 9112, section 3.2.2)."""
        match = _HOST.fullmatch(names[0]) if len(names) == 1 else None
        if match is None:
            return Problem(400, "Send exactly one Host header with one host name.")
        if target is not None and (match := _HOST.fullmatch(target)) is None:
            return Problem(400, "Send a path as the request target, or an address with a host name.")
        host = match[1].decode().lower().rstrip(".")
        if not self.hosts or host in self.hosts or _is_address(host):
            return None
        return Problem(421, "Host not allowed; see the setting allowed_hosts.")


def _too_large(scope: Scope, headers: list[tuple[bytes, bytes]]) -> Problem | None:
    if len(scope["query_string"]) + len(scope.get("raw_path") or b"") > MAX_ADDRESS:
        return Problem(414, f"Address limit is {MAX_ADDRESS:,} bytes.")
    if len(headers) > MAX_HEADERS or sum(map(len, chain.from_iterable(headers))) > MAX_HEADER_BYTES:
        return Problem(431, f"Header limits are {MAX_HEADERS} headers and {MAX_HEADER_BYTES:,} bytes.")
    return None


def _wrong_body(method: str, values: Mapping[bytes, list[bytes]]) -> Problem | None:
    """Return the problem with a body according to its headers, if any."""
    lengths = values[b"content-length"]
    if values[b"transfer-encoding"]:
        return Problem(400 if lengths else 411, "Send a body with Content-Length, without Transfer-Encoding.")
    if not lengths:
        return None
    if len(lengths) > 1 or not _LENGTH.fullmatch(lengths[0]):
        return Problem(400, "Send one Content-Length, a whole number.")
    length = int(lengths[0])
    if length == 0:
        return None
    if length > MAX_BODY:
        return Problem(413, f"Body limit is {MAX_BODY:,} bytes.")
    if method in ("GET", "HEAD"):
        return Problem(400, "Only POST requests may have a body.")
    kinds = [kind.partition(b";")[0].strip().lower() for kind in values[b"content-type"]]
    if kinds != [b"application/json"] or values[b"content-encoding"]:
        return Problem(415, "Send uncompressed application/json.")
    return None


@lru_cache(maxsize=64)
def _is_address(host: str) -> bool:
    """Return whether `host` is an IP address, to which DNS rebinding does not apply."""
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
