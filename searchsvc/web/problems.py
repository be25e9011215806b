"""Errors to HTTP: one table of statuses, one shape (RFC 9457) for JSON, one page for people."""

import http
import json
import logging
import re
from dataclasses import dataclass
from typing import Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType
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
from searchsvc.web.templating import page

_log = logging.getLogger("searchsvc.web")

# The first class that fits decides.
STATUS: tuple[tuple[type[SearchServiceError], int], ...] = (
    (InvalidRequest, 400),
    (DocumentNotFound, 404),
    (IndexBusy, 409),
    (StoreError, 503),
    (EngineUnavailable, 503),
)
NO_INDEX = "There is no index yet; build it with `searchsvc rebuild`."
RETRY_AFTER = 5  # seconds
_PROGRAMS = re.compile(r"/api/|.*\.(?:json|atom|xml)$|/(?:suggest|livez|readyz|version|metrics)$")


class ProblemReply(Struct, frozen=True, kw_only=True):
    """What went wrong (RFC 9457); `parameter` names the culprit if there is one."""

    type: Literal["about:blank"] = "about:blank"
    title: str
    status: int
    detail: str
    parameter: str | UnsetType = UNSET


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, safe to show; `parameter` names the culprit if there is one."""

    status: int
    detail: str
    parameter: str | None = None

    @property
    def title(self) -> str:
        return http.HTTPStatus(self.status).phrase


async def known(request: Request, error: Exception) -> Response:
    """The answer to an error raised on purpose."""
    assert isinstance(error, SearchServiceError)
    status = next((status for kind, status in STATUS if isinstance(error, kind)), 500)
    if status >= 500:
        _log.error("%s", error)
    return respond(request, Problem(status, detail_of(error), getattr(error, "parameter", None)))


def detail_of(error: SearchServiceError) -> str:
    """The message of `error` for clients. Where the index would be is the operator's business only."""
    return NO_INDEX if isinstance(error, IndexMissing) else str(error)


async def http_error(request: Request, error: Exception) -> Response:
    """The answer to an error of routing: no such path, no such method."""
    assert isinstance(error, HTTPException)
    if error.status_code == 405 and request.method == "OPTIONS":
        return Response(status_code=204, headers=_allowed(error))
    nothing = error.status_code == 404 and error.detail == http.HTTPStatus.NOT_FOUND.phrase
    detail = "There is nothing at this address." if nothing else error.detail
    response = respond(request, Problem(error.status_code, detail))
    response.headers.update(_allowed(error) if error.status_code == 405 else error.headers or {})
    return response


def _allowed(error: HTTPException) -> dict[str, str]:
    """The `Allow` header, in one order, with the method that is answered everywhere."""
    methods = (error.headers or {}).get("Allow", "").split(", ")
    return {"Allow": ", ".join(sorted({*methods, "OPTIONS"}))}


async def unexpected(request: Request, error: Exception) -> Response:
    """The answer to a mistake of ours: logged whole, shown without its innards."""
    response = respond(request, Problem(500, "Something went wrong here. It has been logged."))
    response.headers.update(HEADERS)  # Starlette answers this outside of every middleware
    response.headers["X-Request-Id"] = request.scope[REQUEST_ID]
    return response


def respond(request: Request, problem: Problem) -> Response:
    """`problem` as a page for people or as problem+json for programs."""
    response = _json(problem) if _PROGRAMS.match(request.scope["path"]) else _page(request, problem)
    if problem.status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def _json(problem: Problem) -> Response:
    body = ProblemReply(
        title=problem.title, status=problem.status, detail=problem.detail, parameter=problem.parameter or UNSET
    )
    # json bears what msgspec refuses to write: lone surrogates.
    return Response(json.dumps(msgspec.to_builtins(body)), problem.status, media_type="application/problem+json")


def _page(request: Request, problem: Problem) -> Response:
    template = "no_index.html" if problem.detail == NO_INDEX else "error.html"
    return page(request, template, {"problem": problem}, status=problem.status)
