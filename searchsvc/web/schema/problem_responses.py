"""JSON responses for errors (RFC 9457)."""

from typing import Literal

from msgspec import UNSET, UnsetType

from searchsvc.web.schema.json_object import Base

ProblemType = Literal[
    "/problems/invalid-parameter",
    "/problems/bad-request",
    "/problems/unauthorized",
    "/problems/not-found",
    "/problems/document-not-found",
    "/problems/method-not-allowed",
    "/problems/build-running",
    "/problems/length-required",
    "/problems/body-too-large",
    "/problems/address-too-long",
    "/problems/unsupported-media-type",
    "/problems/host-not-allowed",
    "/problems/headers-too-large",
    "/problems/internal-error",
    "/problems/overloaded",
    "/problems/no-index",
    "/problems/index-unusable",
    "/problems/engine-unavailable",
]


class ParameterErrorReply(Base, frozen=True):
    """An unknown or invalid parameter."""

    name: str
    detail: str


class ProblemReply(Base, frozen=True, kw_only=True):
    """Problem details (RFC 9457).

    `type` identifies the kind of problem. `errors` lists every unknown or invalid parameter, and `parameter` names
    the first. `requestId` is also in the access log.
    """

    type: ProblemType
    title: str
    status: int
    detail: str
    request_id: str
    parameter: str | UnsetType = UNSET
    errors: tuple[ParameterErrorReply, ...] | UnsetType = UNSET
