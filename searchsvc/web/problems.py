"""Errors as HTTP responses: one table of statuses, problem details (RFC 9457) for programs, a page for people."""

import http
import json
import logging
import re
from dataclasses import dataclass

import msgspec
from msgspec import UNSET
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from searchsvc.errors import (
    DocumentNotFound,
    EngineUnavailable,
    IndexBusy,
    IndexMissing,
    InvalidRequest,
    SearchServiceError,
    StoreError,
)
from searchsvc.web.middleware.access_log import REQUEST_ID
from searchsvc.web.middleware.security_headers import HEADERS
from searchsvc.web.schema.responses import ParameterErrorReply, ProblemReply, ProblemType
from searchsvc.web.templating import page

_log = logging.getLogger("searchsvc.web")

_INTERNAL: tuple[int, ProblemType] = (500, "/problems/internal-error")
# The first class that fits decides.
_ERRORS: tuple[tuple[type[SearchServiceError], int, ProblemType], ...] = (
    (InvalidRequest, 400, "/problems/invalid-parameter"),
    (DocumentNotFound, 404, "/problems/document-not-found"),
    (IndexBusy, 409, "/problems/build-running"),
    (IndexMissing, 503, "/problems/no-index"),
    (StoreError, 503, "/problems/index-unusable"),
    (EngineUnavailable, 503, "/problems/engine-unavailable"),
)
_TYPES: dict[int, ProblemType] = {
    400: "/problems/bad-request",
    401: "/problems/unauthorized",
    404: "/problems/not-found",
    405: "/problems/method-not-allowed",
    411: "/problems/length-required",
    413: "/problems/body-too-large",
    414: "/problems/address-too-long",
    415: "/problems/unsupported-media-type",
    421: "/problems/host-not-allowed",
    431: "/problems/headers-too-large",
    503: "/problems/overloaded",
}
NO_INDEX = "There is no index yet. Build it with `searchsvc rebuild`."
NOT_FOUND = "Page not found."
NO_DOCUMENT = "This article is no longer in the index."
RETRY_AFTER = 5  # seconds
_PROGRAMS = re.compile(r"/api/|.*\.(?:json|atom|xml)$|/(?:suggest|livez|readyz|version|metrics)$")


@dataclass(frozen=True, slots=True)
class Problem:
    """An error that is safe to show; `type` depends on the status by default."""

    status: int
    detail: str
    errors: tuple[InvalidRequest, ...] = ()
    type: ProblemType | None = None

    @property
    def title(self) -> str:
        return http.HTTPStatus(self.status).phrase


async def service_error(request: Request, error: Exception) -> Response:
    """Return the response to an error that searchsvc raises on purpose."""
    assert isinstance(error, SearchServiceError)
    status, type_ = next(((status, type_) for kind, status, type_ in _ERRORS if isinstance(error, kind)), _INTERNAL)
    if status >= 500:
        _log.error("%s", error)
    errors = error.errors if isinstance(error, InvalidRequest) else ()
    return respond(request, Problem(status, detail_of(error), errors, type_))


def detail_of(error: SearchServiceError) -> str:
    """Return the message of `error` for clients, without the path of the index."""
    if isinstance(error, IndexMissing):
        return NO_INDEX
    return NO_DOCUMENT if isinstance(error, DocumentNotFound) else str(error)


async def http_error(request: Request, error: Exception) -> Response:
    """Return the response to a routing error: unknown path, or method not allowed."""
    assert isinstance(error, HTTPException)
    if error.status_code == 405 and request.method == "OPTIONS":
        return Response(status_code=204, headers=_allowed(error))
    unrouted = error.status_code == 404 and error.detail == http.HTTPStatus.NOT_FOUND.phrase
    detail = NOT_FOUND if unrouted else error.detail
    response = respond(request, Problem(error.status_code, detail))
    response.headers.update(_allowed(error) if error.status_code == 405 else error.headers or {})
    return response


def _allowed(error: HTTPException) -> dict[str, str]:
    """Return the `Allow` header, sorted, with OPTIONS, which every address supports."""
    methods = (error.headers or {}).get("Allow", "").split(", ")
    return {"Allow": ", ".join(sorted({*methods, "OPTIONS"}))}


async def unexpected(request: Request, error: Exception) -> Response:
    """Return the response to an unexpected error, without its details; Starlette logs the traceback."""
    response = respond(request, Problem(500, "Internal error. It has been logged.", type="/problems/internal-error"))
    response.headers.update(HEADERS)  # Starlette sends this response outside every middleware
    response.headers["X-Request-Id"] = request.scope[REQUEST_ID]
    return response


def respond(request: Request, problem: Problem) -> Response:
    """Return `problem` as a page for people, or as problem details for programs."""
    response = details(request, problem) if _PROGRAMS.match(request.scope["path"]) else _page(request, problem)
    if problem.status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def details(request: Request, problem: Problem) -> Response:
    """Return `problem` as problem details."""
    body = ProblemReply(
        type=problem.type or _TYPES.get(problem.status, "/problems/bad-request"),
        title=problem.title,
        status=problem.status,
        detail=problem.detail,
        request_id=request.scope[REQUEST_ID],
        parameter=problem.errors[0].parameter if problem.errors else UNSET,
        errors=tuple(ParameterErrorReply(each.parameter, str(each)) for each in problem.errors) or UNSET,
    )
    # json writes lone surrogates, which msgspec refuses.
    return Response(json.dumps(msgspec.to_builtins(body)), problem.status, media_type="application/problem+json")


def _page(request: Request, problem: Problem) -> Response:
    template = "no_index.html" if problem.detail == NO_INDEX else "error.html"
    return page(request, template, {"problem": problem}, status=problem.status)
