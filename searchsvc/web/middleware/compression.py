"""Compression of responses, for clients that accept it."""

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

WORTH_PACKING = 1024  # bytes
_ACCEPTS: tuple[tuple[bytes, bytes], ...] = ((b"accept-encoding", b"gzip"),)


class CompressionMiddleware:
    """Compress large responses with gzip if the client accepts that; Starlette ignores weights such as `gzip;q=0`."""

    def __init__(self, app: ASGIApp) -> None:
        self._gzip = GZipMiddleware(app, minimum_size=WORTH_PACKING)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            others = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
            scope = {**scope, "headers": [*others, *(_ACCEPTS if accepts_gzip(scope) else ())]}
        await self._gzip(scope, receive, send)


def accepts_gzip(scope: Scope) -> bool:
    """Return whether a client accepts gzip, and does not prefer an uncompressed response (RFC 9110, 12.5.3)."""
    fields = [value for name, value in scope["headers"] if name == b"accept-encoding"]
    if not any(b"gzip" in each or b"GZIP" in each or b"*" in each for each in fields):
        return False
    weights = dict(map(_weighted, b",".join(fields).lower().split(b",")))
    gzip = weights.get(b"gzip", weights.get(b"x-gzip", weights.get(b"*", 0.0)))
    return gzip > 0 and gzip >= weights.get(b"identity", 0.0)


def _weighted(coding: bytes) -> tuple[bytes, float]:
    """Return a coding and its weight from 0 to 1; 0 if the weight is malformed."""
    name, _, parameter = coding.partition(b";")
    key, equals, value = parameter.replace(b" ", b"").replace(b"\t", b"").partition(b"=")
    if not equals:
        return name.strip(), 1.0
    digits = value.replace(b".", b"", 1)
    is_weight = key == b"q" and len(value) <= 5 and digits.isdigit() and float(value) <= 1
    return name.strip(), float(value) if is_weight else 0.0
