"""The OpenAPI 3.1 document, made from the table of operations and the types that requests and replies use."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Literal

import msgspec

from searchsvc import __version__
from searchsvc.models.documents import FACETS
from searchsvc.models.parameters import Params, fields
from searchsvc.web.operations import JSON, OPERATIONS, Operation
from searchsvc.web.schema.problem_responses import ProblemReply
from searchsvc.web.schema.query_params import REPEATED

_PROBLEM = "application/problem+json"
_REF = "#/components/schemas/{name}"
_IN_PATH: dict[str, tuple[Any, str]] = {
    "id": (str, "Id of a document."),
    "field": (Literal[FACETS], "Name of a facet."),
}
_STATUSES = {
    304: "Not modified: the response that the client has is current.",
    400: "A parameter is unknown or invalid; `errors` lists every such parameter.",
    401: "The token is missing or wrong.",
    404: "Not found.",
    413: "The body is too large.",
    414: "The address is too long.",
    415: "The body is not application/json.",
    503: "No usable index, or too many requests; try again later.",
}
_ERRORS = (
    "Errors are problem details (RFC 9457): `type` names the kind of problem, `errors` lists every unknown or invalid "
    "parameter."
)
_WITHOUT_BODY = frozenset({304})


DESCRIBED = tuple(operation for operation in OPERATIONS if operation.id)


@lru_cache
def description(server: str = "", name: str = "searchsvc", about: str = "") -> dict[str, Any]:
    """Return the OpenAPI document of the service at `server`: an absolute address, or a path on the same site.

    `name` and `about` are the name of the service and its description, if it has one.
    """
    paths: dict[str, dict[str, Any]] = {}
    for operation in DESCRIBED:
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation)
    _, components = msgspec.json.schema_components(_types(), ref_template=_REF)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": name,
            "version": __version__,
            "description": f"{about or 'Search over a folder of scraped articles.'} {_ERRORS}",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": server or "/"}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _types() -> list[Any]:
    types = [
        type_
        for operation in DESCRIBED
        for type_ in (operation.reply, operation.body, *operation.other_replies.values())
    ]
    return [type_ for type_ in types if type_ is not None] + [ProblemReply]


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "summary": operation.summary,
        "operationId": operation.id,
        "tags": [operation.tag],
        "parameters": [*_of_path(operation.path), *_of_query(operation.params)],
        "responses": _responses(operation),
    }
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": {JSON: {"schema": _schema(operation.body)}}}
    if operation.examples:
        described["x-examples"] = list(operation.examples)
    if operation.guarded:
        described["security"] = [{"token": []}]
    return described


def _of_path(path: str) -> Iterator[dict[str, Any]]:
    for name, (kind, description) in _IN_PATH.items():
        if f"{{{name}}}" in path:
            yield {"name": name, "in": "path", "required": True, "description": description, "schema": _schema(kind)}


def _of_query(kind: type[Params]) -> Iterator[dict[str, Any]]:
    for name, info in fields(kind).items():
        schema = _schema(info.type)
        description = schema.pop("description", "")
        yield {
            "name": name,
            "in": "query",
            "description": description,
            "schema": schema | {"default": msgspec.to_builtins(info.default)},
            **({"style": "form", "explode": name in REPEATED} if schema.get("type") == "array" else {}),
        }


def _responses(operation: Operation) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": _schema(operation.reply)} if operation.reply is not None else {}
    responses: dict[str, Any] = {
        "200": {"description": operation.result, "content": {operation.media_type: content}},
    }
    for status, kind in operation.other_replies.items():
        other = {} if status in _WITHOUT_BODY else {"content": {JSON: {"schema": _schema(kind)}}}
        responses[str(status)] = {"description": _STATUSES[status], **other}
    problem = {_PROBLEM: {"schema": _schema(ProblemReply)}}
    for status in (*operation.problems, *((414, 503) if operation.problems else ())):
        responses[str(status)] = {"description": _STATUSES[status], "content": problem}
    return dict(sorted(responses.items()))


def _schema(kind: Any) -> dict[str, Any]:
    """Return the JSON schema of a type; named types are references to the components."""
    (schema,), _ = msgspec.json.schema_components([kind], ref_template=_REF)
    return dict(schema)
