"""The OpenAPI 3.1 document, made from the types that check requests and that replies are encoded from."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import msgspec

from searchsvc import __version__
from searchsvc.web.problems import ProblemReply
from searchsvc.web.schema.query_params import REPEATED, fields
from searchsvc.web.schema.requests import (
    DocumentPageParams,
    FacetName,
    FacetParams,
    NoParams,
    Params,
    SearchParams,
    SimilarParams,
    TypedParams,
)
from searchsvc.web.schema.responses import (
    AliveReply,
    DocumentReply,
    FacetReply,
    NotReadyReply,
    ReadyReply,
    SearchReply,
    SimilarReply,
    StatsReply,
    SuggestReply,
    VersionReply,
)

HTML, JSON, ATOM, XML = "text/html", "application/json", "application/atom+xml", "application/xml"
_PROBLEM = "application/problem+json"
_REF = "#/components/schemas/{name}"
_IN_PATH: dict[str, tuple[Any, str]] = {
    "id": (str, "The id of a document."),
    "slug": (str, "The readable end of the address; another one leads to the right one."),
    "field": (FacetName, "A facet."),
}
_TOLD = {
    304: "The answer that the client has still holds.",
    308: "The right address of the document.",
    400: "A parameter is unknown or can't be read; it is named.",
    401: "The token is missing or wrong.",
    404: "There is nothing by this name.",
    413: "The body is too large.",
    414: "The address is too long.",
    415: "The body is not application/json.",
    503: "There is no usable index; try again later.",
}
_WITHOUT_BODY = frozenset({304, 308})


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that can be asked. `reply` None is not JSON; `examples` are addresses that answer;
    `problems` the statuses of refusals besides the 414 of an address that is too long and the 503 of
    an index that can't be used or of too much to do."""

    path: str
    summary: str
    tag: str
    reply: Any = None
    media_type: str = JSON
    params: type[Params] = NoParams
    body: Any = None
    problems: tuple[int, ...] = (400,)
    examples: tuple[str, ...] = ()
    others: dict[int, Any] = field(default_factory=dict)
    guarded: bool = False

    @property
    def method(self) -> str:
        return "get" if self.body is None else "post"


_SEARCHES = ("?q=nato&filter=language:en&facets=author,source", "?q=nato+-treaty&hitsPerPage=5&highlight=offsets")

OPERATIONS = (
    Operation(
        "/api/v1/search", "Search.", "search", SearchReply, params=SearchParams,
        examples=tuple(f"/api/v1/search{each}" for each in _SEARCHES), others={304: None},
    ),
    Operation(
        "/api/v1/search", "Search, asked for in JSON.", "search", SearchReply, body=SearchParams,
        problems=(400, 413, 415),
    ),
    Operation(
        "/search.json", "Search, at the address of the page.", "search", SearchReply, params=SearchParams,
        examples=("/search.json?q=nato",), others={304: None},
    ),
    Operation(
        "/search.atom", "Search, as a feed; newest first, if no other order is asked for.", "search",
        media_type=ATOM, params=SearchParams, examples=("/search.atom?q=nato",), others={304: None},
    ),
    Operation(
        "/embed.js", "The search box for other sites.", "pages", media_type="text/javascript", problems=(),
        examples=("/embed.js",),
    ),
    Operation(
        "/api/v1/suggest", "What a query that is being typed may go on to be.", "search", SuggestReply,
        params=TypedParams, examples=("/api/v1/suggest?q=na",),
    ),
    Operation(
        "/suggest", "The same for a browser's search bar.", "search", list[str | list[str]],
        "application/x-suggestions+json", TypedParams, examples=("/suggest?q=na",),
    ),
    Operation(
        "/api/v1/facets/{field}", "Values of a facet among what a search finds.", "search", FacetReply,
        params=FacetParams, problems=(400, 404), examples=("/api/v1/facets/author?q=nato&facetQuery=h&limit=5",),
    ),
    Operation(
        "/api/v1/documents/{id}", "A document, with what was removed from it and why.", "documents", DocumentReply,
        problems=(400, 404), examples=("/api/v1/documents/{id}",),
    ),
    Operation(
        "/api/v1/documents/{id}/similar", "Documents like another one.", "documents", SimilarReply,
        params=SimilarParams, problems=(400, 404), examples=("/api/v1/documents/{id}/similar?limit=3",),
    ),
    Operation("/api/v1/stats", "What is serving.", "service", StatsReply, examples=("/api/v1/stats",)),
    Operation(
        "/api/v1/openapi.json", "This description.", "service", dict[str, Any], examples=("/api/v1/openapi.json",)
    ),
    Operation(
        "/livez", "Whether the process answers.", "service", AliveReply, problems=(), examples=("/livez",)
    ),
    Operation(
        "/readyz", "Whether searches are answered, and if not, why.", "service", ReadyReply, problems=(),
        examples=("/readyz",), others={503: NotReadyReply},
    ),
    Operation("/version", "The version.", "service", VersionReply, problems=(), examples=("/version",)),
    Operation(
        "/metrics", "Counts for Prometheus, if the setting metrics_token is set.", "service",
        media_type="text/plain", problems=(401, 404), guarded=True,
    ),
    Operation("/", "The search page.", "pages", media_type=HTML, params=SearchParams, examples=("/",)),
    Operation(
        "/search", "The search page, which does without parameters it can't use.", "pages", media_type=HTML,
        params=SearchParams, examples=("/search?q=nato",),
    ),
    Operation(
        "/doc/{id}", "Leads to the page of a document.", "pages", media_type=HTML, params=DocumentPageParams,
        problems=(400, 404), others={308: None},
    ),
    Operation(
        "/doc/{id}/{slug}", "The page of a document.", "pages", media_type=HTML, params=DocumentPageParams,
        problems=(400, 404), others={308: None},
    ),
    Operation(
        "/help/search", "What can be typed.", "pages", media_type=HTML, problems=(), examples=("/help/search",)
    ),
    Operation(
        "/help/api", "This description, for people.", "pages", media_type=HTML, problems=(), examples=("/help/api",)
    ),
    Operation(
        "/opensearch.xml", "The OpenSearch description, if the setting public_url is set.", "pages",
        media_type="application/opensearchdescription+xml", problems=(400, 404),
    ),
)  # fmt: skip


@lru_cache
def description(server: str = "") -> dict[str, Any]:
    """Return the OpenAPI document of the service at `server`: an absolute address, or a path on the same site."""
    paths: dict[str, dict[str, Any]] = {}
    for each in OPERATIONS:
        paths.setdefault(each.path, {})[each.method] = _operation(each)
    _, components = msgspec.json.schema_components(_types(), ref_template=_REF)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "searchsvc",
            "version": __version__,
            "description": "Search over a folder of scraped articles. Unknown and wrong parameters are refused by "
            "name; errors are problem+json (RFC 9457).",
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
    told = [each for operation in OPERATIONS for each in (operation.reply, operation.body, *operation.others.values())]
    return [each for each in told if each is not None] + [ProblemReply]


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "summary": operation.summary,
        "operationId": _name(operation),
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


def _name(operation: Operation) -> str:
    words = operation.path.replace("/v1", "").replace(".", " ").replace("/", " ").split()
    return "_".join([operation.method, *(word.strip("{}") for word in words or ["home"])])


def _of_path(path: str) -> Iterator[dict[str, Any]]:
    for name, (kind, told) in _IN_PATH.items():
        if f"{{{name}}}" in path:
            yield {"name": name, "in": "path", "required": True, "description": told, "schema": _schema(kind)}


def _of_query(kind: type[Params]) -> Iterator[dict[str, Any]]:
    for name, info in fields(kind).items():
        schema = _schema(info.type)
        told = schema.pop("description", "")
        yield {
            "name": name,
            "in": "query",
            "description": told,
            "schema": schema | {"default": msgspec.to_builtins(info.default)},
            **({"style": "form", "explode": name in REPEATED} if schema.get("type") == "array" else {}),
        }


def _responses(operation: Operation) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": _schema(operation.reply)} if operation.reply is not None else {}
    answers: dict[str, Any] = {"200": {"description": "The answer.", "content": {operation.media_type: content}}}
    for status, kind in operation.others.items():
        shown = {} if status in _WITHOUT_BODY else {"content": {JSON: {"schema": _schema(kind)}}}
        answers[str(status)] = {"description": _TOLD[status], **shown}
    refused = {HTML: {}} if operation.media_type == HTML else {_PROBLEM: {"schema": _schema(ProblemReply)}}
    for status in (*operation.problems, *((414, 503) if operation.problems else ())):
        answers[str(status)] = {"description": _TOLD[status], "content": refused}
    return dict(sorted(answers.items()))


def _schema(kind: Any) -> dict[str, Any]:
    """The JSON schema of a type; types with a name are among the components."""
    (schema,), _ = msgspec.json.schema_components([kind], ref_template=_REF)
    return dict(schema)
