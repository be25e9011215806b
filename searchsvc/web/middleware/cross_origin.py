"""Cross-origin requests (CORS) of chosen origins; a refused preflight request gets problem details."""

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from searchsvc.web import problems
from searchsvc.web.problems import Problem

_DAY = 86_400  # seconds


class CrossOriginMiddleware:
    """Let pages of `origins` read responses; Starlette refuses other preflight requests in plain text."""

    def __init__(self, app: ASGIApp, origins: tuple[str, ...]) -> None:
        self._cors = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=["GET", "HEAD", "POST"],
            allow_headers=["Content-Type", "If-None-Match", "X-Request-Id"],
            expose_headers=["ETag", "Link", "Retry-After", "Server-Timing", "X-Request-Id"],
            max_age=_DAY,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope) if scope["type"] == "http" and scope["method"] == "OPTIONS" else None
        await (refusal or self._cors)(scope, receive, send)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        """Return the response to a preflight request that is refused, if `scope` is one."""
        headers = Headers(scope=scope)
        if "origin" not in headers or "access-control-request-method" not in headers:
            return None
        preflight = self._cors.preflight_response(headers)
        if preflight.status_code < 400:
            return None
        wrong = bytes(preflight.body).decode().removeprefix("Disallowed CORS ")
        response = problems.details(Request(scope), Problem(400, f"Cross-origin request not allowed: wrong {wrong}."))
        response.headers["Vary"] = "Origin"
        return response
