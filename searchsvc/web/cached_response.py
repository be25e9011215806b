"""Response to a search, encoded once and sent to every client that repeats the search."""

import gzip
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b
from typing import NamedTuple

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from searchsvc import __version__
from searchsvc.web.middleware.compression import WORTH_PACKING, CompressionMiddleware, accepts_gzip

JSON, HTML, ATOM = b"application/json", b"text/html; charset=utf-8", b"application/atom+xml; charset=utf-8"
MAX_AGE = 5  # seconds for which a browser uses its copy without asking
_OVERHEAD = 2_048  # bytes of a response besides its bodies: key, headers, dictionary entry
_LEVEL = 5  # of gzip: half the time of 9, for a few per cent more bytes
_NO_HEADERS: Mapping[str, str] = {}

_Headers = list[tuple[bytes, bytes]]


class CacheVersion(NamedTuple):
    """State for which a response is valid: generation, date (for words such as "yesterday"), synonym file."""

    generation: str
    day: date
    synonyms: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CacheKey:
    """Path, request and variant of a response; equal for any order and spelling of the parameters.

    A page has a variant for each language and appearance. The hash covers every parameter, so it is computed once and
    not at each lookup.
    """

    path: str
    request: Hashable
    variant: str = ""
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.path, self.request, self.variant)))

    def __hash__(self) -> int:
        return self._hash


def uncached_response(body: bytes, media_type: bytes, headers: Mapping[str, str] | None = None) -> ASGIApp:
    """Return the response to a search that ran out of time, which nobody may cache: a repetition may find more."""
    always = {"Content-Type": media_type.decode(), "Cache-Control": "no-store"}
    return CompressionMiddleware(Response(body, headers={**always, **(headers or {})}))


class CachedResponse:
    """Response body, sent plain, compressed, or as 304 if the client has it.

    The ETag is weak. It identifies key and version, but the body also contains the processing time, and a
    compressed body has other bytes.
    """

    def __init__(
        self,
        key: CacheKey,
        version: CacheVersion,
        body: bytes,
        media_type: bytes,
        headers: Mapping[str, str] = _NO_HEADERS,
    ) -> None:
        identity = repr((__version__, key, version)).encode()
        self.key = key
        self.version = version
        self.body = body
        self._tag = b'"%s"' % blake2b(identity, digest_size=12).hexdigest().encode()
        self.size = 2 * len(body) + _OVERHEAD  # bytes, with room for a compressed body
        self._packed: bytes | None = None
        self._always: _Headers = [
            (b"etag", b"W/" + self._tag),
            (b"cache-control", b"max-age=%d" % MAX_AGE),
            (b"vary", b"Accept-Encoding"),
            *((name.lower().encode(), value.encode()) for name, value in headers.items()),
        ]
        self._type = (b"content-type", media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        has = next((value for name, value in scope["headers"] if name == b"if-none-match"), b"")
        if has and self._is_among(has):
            status, headers, body = 304, [*self._always], b""
        else:
            status, headers, body = 200, *self._form(accepts_gzip(scope))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _is_among(self, tags: bytes) -> bool:
        """Return whether a list of ETags contains this response's, by weak comparison (RFC 9110, section 8.8.3.2)."""
        return tags.strip() == b"*" or self._tag in (tag.strip().removeprefix(b"W/") for tag in tags.split(b","))

    def _form(self, packs: bool) -> tuple[_Headers, bytes]:
        body, coding = self.body, []
        if packs and len(body) >= WORTH_PACKING:
            body, coding = self._pack(), [(b"content-encoding", b"gzip")]
        return [*self._always, self._type, *coding, (b"content-length", b"%d" % len(body))], body

    def _pack(self) -> bytes:
        if self._packed is None:
            self._packed = gzip.compress(self.body, _LEVEL, mtime=0)
        return self._packed
