"""Errors as HTTP responses: one table of statuses, problem details (RFC 9457) for programs, a page for people."""

import http
import json
import logging
import re
from collections.abc import Iterable
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
    IndexDamaged,
    IndexMissing,
    InvalidRequest,
    SchemaChanged,
    SearchServiceError,
    StoreError,
)
from searchsvc.web.middleware.access_log import REQUEST_ID
from searchsvc.web.middleware.security_headers import HEADERS
from searchsvc.web.schema.problem_responses import ParameterErrorReply, ProblemReply, ProblemType
from searchsvc.web.templating import page

_log = logging.getLogger("searchsvc.web")

NO_INDEX = "There is no index yet. Build it with `searchsvc rebuild`."
NOT_FOUND = "Page not found."
NO_DOCUMENT = "This article is not in the index."
_UNEXPECTED = "Internal error. It has been logged."
_REBUILD = "Build it again with `searchsvc rebuild`. The log has the details."
_PROBLEM_OF_THE_INDEX = "The index has a problem. The log has the details, and `searchsvc check` shows them."


@dataclass(frozen=True, slots=True)
class _ErrorResponse:
    """Response to a class of errors. Clients get `detail` in place of a message that may name paths of this machine."""

    error: type[SearchServiceError]
    status: int
    type: ProblemType
    detail: str | None = None


# The first class that fits decides.
_RESPONSES = (
    _ErrorResponse(InvalidRequest, 400, "/problems/invalid-parameter"),
    _ErrorResponse(DocumentNotFound, 404, "/problems/document-not-found", NO_DOCUMENT),
    _ErrorResponse(IndexBusy, 409, "/problems/build-running", "Another build is running. Try again when it has ended."),
    _ErrorResponse(IndexMissing, 503, "/problems/no-index", NO_INDEX),
    _ErrorResponse(IndexDamaged, 503, "/problems/index-unusable", f"The index is damaged. {_REBUILD}"),
    _ErrorResponse(SchemaChanged, 503, "/problems/index-unusable", f"The index has another format. {_REBUILD}"),
    _ErrorResponse(StoreError, 503, "/problems/index-unusable", "The index cannot be used. The log has the details."),
    _ErrorResponse(
        EngineUnavailable, 503, "/problems/engine-unavailable",
        "The search engine (OpenSearch) cannot be reached. The log has the details.",
    ),
    _ErrorResponse(SearchServiceError, 500, "/problems/internal-error", _UNEXPECTED),
)  # fmt: skip
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
RETRY_AFTER = 5  # seconds
_PROGRAMS = re.compile(r"/api/|.*\.(?:json|ndjson|csv|bib|ris|atom|xml)$|/(?:suggest|livez|readyz|version|metrics)$")


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
    kind = _response_to(error)
    if kind.status >= 500:
        _log.error("%s", error)
    errors = error.errors if isinstance(error, InvalidRequest) else ()
    return respond(request, Problem(kind.status, detail_of(error), errors, kind.type))


def detail_of(error: SearchServiceError) -> str:
    """Return the message of `error` for clients, without paths of this machine."""
    return _response_to(error).detail or str(error)


def public_warnings(warnings: Iterable[str]) -> tuple[str, ...]:
    """Return warnings about the index for clients: a general one for all that name a path."""
    public = (_PROBLEM_OF_THE_INDEX if "/" in each else each for each in warnings)
    return tuple(dict.fromkeys(public))


def _response_to(error: SearchServiceError) -> _ErrorResponse:
    return next(kind for kind in _RESPONSES if isinstance(error, kind.error))


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
    response = respond(request, Problem(500, _UNEXPECTED, type="/problems/internal-error"))
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
