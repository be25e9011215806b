"""Views that return JSON."""

from dataclasses import dataclass, replace
from datetime import date
from hashlib import blake2b
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from searchsvc import __version__
from searchsvc.branding import Branding
from searchsvc.errors import SearchServiceError
from searchsvc.models.documents import FACETS
from searchsvc.models.parameters import NoParams
from searchsvc.models.search_params import SimilarParams, SuggestParams
from searchsvc.plurals import counted
from searchsvc.query.ast import ALIASES
from searchsvc.service import SearchService
from searchsvc.web import problems, replies
from searchsvc.web.addresses import Addresses
from searchsvc.web.cached_response import JSON, MAX_AGE, CachedResponse, CacheKey, CacheVersion, uncached_response
from searchsvc.web.middleware.compression import CompressionMiddleware
from searchsvc.web.middleware.response_cache import ResponseCache
from searchsvc.web.schema import query_params
from searchsvc.web.schema.openapi import description
from searchsvc.web.schema.responses import Links
from searchsvc.web.schema.service_responses import AliveReply, NotReadyReply, ReadyReply, VersionReply

MAX_BODY = 16 << 10  # bytes of a search that is sent as JSON
_MAX_LINK = 2_048  # bytes of an address in a header; proxies refuse headers of more than some KB


@dataclass(frozen=True, slots=True)
class Api:
    """Views that return JSON."""

    service: SearchService
    cache: ResponseCache
    addresses: Addresses
    branding: Branding

    def search(self, request: Request) -> ASGIApp:
        day, synonyms = date.today(), self.service.synonyms_stamp  # before the search, which may change them
        query, path = query_params.read_address(request.scope["query_string"]).valid(), request.scope["path"]
        results = self.service.search(query)
        reply = replies.search_reply(results, query, self.service.engine_name, path, self.addresses)
        body = msgspec.json.encode(reply)
        if results.partial or query.cursor:  # a cursor may name an older generation than the cache
            return uncached_response(body, JSON)
        version = CacheVersion(results.generation, day, synonyms)
        return self.cache.put(CachedResponse(CacheKey(path, query), version, body, JSON, _link_header(reply.links)))

    async def search_either_way(self, request: Request) -> ASGIApp:
        """Search by the parameters of the address, or by a body of JSON, whose response is not cached."""
        if request.method != "POST":
            return await run_in_threadpool(self.search, request)
        query_params.read_as(NoParams, request.query_params)
        query = query_params.read_body(await _json_body(request))
        results = await run_in_threadpool(self.service.search, query)
        path = request.scope["path"]
        reply = replies.search_reply(results, query, self.service.engine_name, path, self.addresses)
        return uncached_response(msgspec.json.encode(reply), JSON) if results.partial else _compressed(_json(reply))

    def facet(self, request: Request) -> Response:
        name = ALIASES.get(request.path_params["field"], request.path_params["field"])
        if name not in FACETS:
            raise HTTPException(404, f"No facet has this name; the facets are {', '.join(FACETS)}.")
        query, text, limit = query_params.read_facet(request.query_params)
        return _json(replies.facet_reply(self.service.facet_values(query, name, text, limit), text))

    def document(self, request: Request) -> Response:
        query_params.read_as(NoParams, request.query_params)
        view = self.service.document(request.path_params["id"])
        return _tagged(request, _json(replies.document_reply(view.document, self.addresses)))

    def similar(self, request: Request) -> Response:
        params, document_id = query_params.read_as(SimilarParams, request.query_params), request.path_params["id"]
        hits = self.service.similar(document_id, params.limit)
        return _json(replies.similar_reply(document_id, hits, self.addresses))

    def suggest(self, request: Request) -> Response:
        params = query_params.read_as(SuggestParams, request.query_params)
        reply = replies.suggest_reply(self.service.suggest(params.q, params.limit), self.addresses)
        return _tagged(request, _json(reply))

    def suggest_to_browser(self, request: Request) -> Response:
        """Return completions in the format of the OpenSearch suggestions extension, version 1.1."""
        params = query_params.read_as(SuggestParams, request.query_params)
        suggestions = self.service.suggest(params.q, params.limit)
        completions = [each.text for each in suggestions.completions]
        counts = [counted(each.documents, "document") for each in suggestions.completions]
        response = _json([suggestions.query, completions, counts])
        response.headers["Content-Type"] = "application/x-suggestions+json"
        return response

    def stats(self, request: Request) -> Response:
        query_params.read_as(NoParams, request.query_params)
        status = self.service.status()
        return _json(replies.stats_reply(replace(status, warnings=problems.public_warnings(status.warnings))))

    def openapi(self, request: Request) -> Response:
        query_params.read_as(NoParams, request.query_params)
        return _json(description(self.addresses.absolute(""), self.branding.name, self.branding.about))

    async def alive(self, request: Request) -> Response:
        return _json(AliveReply())

    def ready(self, request: Request) -> Response:
        """Return 200 if a search would be answered, else 503 with the reason."""
        try:
            status = self.service.status()
        except SearchServiceError as error:
            return _json(NotReadyReply(problems.detail_of(error)), 503)
        return _json(ReadyReply(status.generation.name, problems.public_warnings(status.warnings)))

    def version(self, request: Request) -> Response:
        return _json(VersionReply(__version__))


def _json(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def _tagged(request: Request, response: Response) -> Response:
    """Return `response` with an ETag of its body, or 304 if the client has it."""
    tag = f'W/"{blake2b(bytes(response.body), digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": f"max-age={MAX_AGE}"}
    tags = [each.strip() for each in request.headers.get("if-none-match", "").split(",")]
    if tag in tags or "*" in tags:
        return Response(None, 304, headers)
    response.headers.update(headers)
    return response


def _compressed(response: Response) -> ASGIApp:
    """Return `response`, compressed if it is large enough and the client accepts that."""
    return CompressionMiddleware(response)


async def _json_body(request: Request) -> bytes:
    """Return the body of a request. Raises HTTPException if it is not JSON or too large."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise HTTPException(415, "Send a search as application/json.")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise HTTPException(413, f"Body limit is {MAX_BODY:,} bytes.")
    return body


def _link_header(links: Links) -> dict[str, str]:
    """Return the `Link` header (RFC 8288) with the next and the previous page."""
    pages = [(rel, to) for rel, to in (("next", links.next), ("prev", links.prev)) if to and len(to) <= _MAX_LINK]
    return {"Link": ", ".join(f'<{to}>; rel="{rel}"' for rel, to in pages)} if pages else {}
