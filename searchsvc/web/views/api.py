"""The endpoints that answer in JSON, and how results become replies."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import msgspec
from msgspec import UNSET
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from searchsvc import __version__
from searchsvc.errors import SearchServiceError
from searchsvc.models.documents import FACETS, Document, DuplicateCluster, RemovedBlock
from searchsvc.models.index import EngineStatus
from searchsvc.models.search import (
    EngineHit,
    FacetValues,
    Fragment,
    QueryInfo,
    SearchHit,
    SearchResults,
    Snippet,
    Suggestions,
)
from searchsvc.search_request import MAX_DEPTH
from searchsvc.service import SearchService
from searchsvc.web import problems
from searchsvc.web.addresses import AT_ROOT, Addresses
from searchsvc.web.cached_response import JSON, CachedResponse, CacheVersion
from searchsvc.web.html import html, snippet_html
from searchsvc.web.middleware.response_cache import ResponseCache
from searchsvc.web.schema import query_params
from searchsvc.web.schema.openapi import description
from searchsvc.web.schema.query_params import ParsedRequest, ResponseOptions
from searchsvc.web.schema.requests import NoParams, SimilarParams, TypedParams
from searchsvc.web.schema.responses import (
    AliveReply,
    CompletionReply,
    DocumentReply,
    DuplicateReply,
    DuplicatesReply,
    FacetHit,
    FacetReply,
    Formatted,
    GenerationReply,
    HitReply,
    IndexReply,
    Links,
    MatchReply,
    NotReadyReply,
    QueryInfoReply,
    ReadyReply,
    RemovedReply,
    Replacement,
    SearchReply,
    SimilarHit,
    SimilarReply,
    SnippetReply,
    StatsReply,
    SuggestReply,
    TitleReply,
    VersionReply,
)

MAX_BODY = 16 << 10  # bytes of a search that is sent as JSON
_MAX_LINK = 2_048  # bytes of an address in a header; proxies refuse headers of more than some KB


@dataclass(frozen=True, slots=True)
class Api:
    """The endpoints that answer in JSON."""

    service: SearchService
    cache: ResponseCache
    addresses: Addresses

    def search(self, request: Request) -> ASGIApp:
        day, synonyms = date.today(), self.service.synonyms_stamp  # before the search, which may change them
        read = query_params.read(request.query_params)
        if read.invalid:
            raise read.invalid[0]
        path = request.scope["path"]
        results = self.service.search(read.request)
        body = self._body(results, read, path)
        if results.partial:  # it holds for nobody else, and not for this client either when he asks again
            return packed(Response(body, media_type="application/json", headers={"Cache-Control": "no-store"}))
        edition = CacheVersion(results.generation, day, synonyms)
        header = _link_header(links(results, read, self.addresses.to(path)))
        return self.cache.put(CachedResponse(read.cache_key(path), edition, body, JSON, header))

    async def search_either_way(self, request: Request) -> ASGIApp:
        """A search by its address, or by a body of JSON, which no cache may keep."""
        if request.method != "POST":
            return await run_in_threadpool(self.search, request)
        query_params.read_as(NoParams, request.query_params)
        read = query_params.read_body(await _json_body(request))
        results = await run_in_threadpool(self.service.search, read.request)
        return packed(Response(self._body(results, read, request.scope["path"]), media_type="application/json"))

    def facet(self, request: Request) -> Response:
        name = request.path_params["field"]
        if name not in FACETS:
            raise HTTPException(404, f"No facet has this name; there are {', '.join(FACETS)}.")
        asked, wanted = query_params.read_facet(request.query_params)
        found = self.service.facet_values(asked, name, wanted.facet_query, wanted.limit)
        return reply(facet_reply(found, wanted.facet_query))

    def document(self, request: Request) -> Response:
        query_params.read_as(NoParams, request.query_params)
        view = self.service.document(request.path_params["id"])
        return reply(document_reply(view.document, self.addresses))

    def similar(self, request: Request) -> Response:
        wanted, document_id = query_params.read_as(SimilarParams, request.query_params), request.path_params["id"]
        return reply(similar_reply(document_id, self.service.similar(document_id, wanted.limit), self.addresses))

    def suggest(self, request: Request) -> Response:
        typed = query_params.read_as(TypedParams, request.query_params)
        return reply(suggest_reply(self.service.suggest(typed.q, typed.limit), self.addresses))

    def suggest_to_browser(self, request: Request) -> Response:
        """What a browser's search bar asks for: the OpenSearch suggestions extension, version 1.1."""
        typed = query_params.read_as(TypedParams, request.query_params)
        found = self.service.suggest(typed.q, typed.limit)
        said = [f"{each.documents:,} document{'s' if each.documents != 1 else ''}" for each in found.completions]
        answer = reply([found.query, [each.text for each in found.completions], said])
        answer.headers["Content-Type"] = "application/x-suggestions+json"
        return answer

    def stats(self, request: Request) -> Response:
        query_params.read_as(NoParams, request.query_params)
        return reply(stats_reply(self.service.status()))

    def openapi(self, request: Request) -> Response:
        query_params.read_as(NoParams, request.query_params)
        return reply(description(self.addresses.absolute("")))

    async def alive(self, request: Request) -> Response:
        return reply(AliveReply())

    def ready(self, request: Request) -> Response:
        """Whether a search would be answered now, and if not, why."""
        try:
            status = self.service.status()
        except SearchServiceError as error:
            return reply(NotReadyReply(problems.detail_of(error)), 503)
        return reply(ReadyReply(status.generation.name, status.warnings))

    def version(self, request: Request) -> Response:
        return reply(VersionReply(__version__))

    def _body(self, results: SearchResults, read: ParsedRequest, path: str) -> bytes:
        return msgspec.json.encode(search_reply(results, read, self.service.engine_name, path, self.addresses))


def reply(value: Any, status: int = 200) -> Response:
    """`value` as a JSON answer."""
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def packed(answer: Response) -> ASGIApp:
    """`answer`, packed if that is worth it and accepted."""
    return GZipMiddleware(answer, minimum_size=1024)


async def _json_body(request: Request) -> bytes:
    """The body of a request. Raises HTTPException if it is no JSON or too large."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise HTTPException(415, "A search is sent as application/json.")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise HTTPException(413, f"A search may have {MAX_BODY:,} bytes.")
    return body


def _link_header(beside: Links) -> tuple[tuple[bytes, bytes], ...]:
    """The `Link` header (RFC 8288) to the next page and the one before."""
    told = [(rel, to) for rel, to in (("next", beside.next), ("prev", beside.prev)) if to and len(to) <= _MAX_LINK]
    return ((b"link", ", ".join(f'<{to}>; rel="{rel}"' for rel, to in told).encode()),) if told else ()


def link(document: Document, addresses: Addresses = AT_ROOT) -> str:
    """Return the address of a document's page."""
    return addresses.to(f"/doc/{document.id}/{document.slug}")


def search_reply(
    results: SearchResults, read: ParsedRequest, engine: str, path: str, addresses: Addresses = AT_ROOT
) -> SearchReply:
    """Return the JSON of search results; the links to other pages of them lead to `path` of the service."""
    request, shape = read.request, read.options
    return SearchReply(
        query=results.query,
        hits=tuple(_hit(hit, shape, addresses, explained=request.explain) for hit in results.hits),
        page=results.page,
        hits_per_page=results.hits_per_page,
        offset=request.start,
        total_hits=results.total,
        total_relation="gte" if results.partial else "eq",
        total_relaxed=results.partial_matches,
        total_pages=results.pages,
        processing_time_ms=round(results.milliseconds, 3),
        partial=results.partial,
        facet_distribution=_distribution(results),
        query_info=_query_info(results.info),
        links=links(results, read, addresses.to(path)),
        index=IndexReply(results.generation, engine),
    )


def links(results: SearchResults, read: ParsedRequest, path: str) -> Links:
    """Return the addresses of this page of results, the next and the previous one, with `path` as it is."""
    request = read.request
    size, end = request.hits_per_page, min(results.total, MAX_DEPTH)

    def to(start: int) -> str:
        page, offset = (start // size + 1, None) if request.offset is None else (1, start)
        return f"{path}?{query_params.address(replace(request, offset=offset), page, read.options)}"

    after, before = request.start + size, max(request.start - size, 0)
    return Links(
        to(request.start),
        to(after) if after < end and after + size <= MAX_DEPTH else None,
        to(before) if request.start > 0 else None,
    )


def document_reply(document: Document, addresses: Addresses = AT_ROOT) -> DocumentReply:
    """The JSON of one document."""
    return DocumentReply(
        link=link(document, addresses),
        removed=tuple(map(_removed, document.removed)),
        extra=dict(document.extra),
        **{
            name: getattr(document, name)
            for name in DocumentReply.__struct_fields__
            if name not in ("link", "removed", "extra")
        },
    )


def suggest_reply(found: Suggestions, addresses: Addresses = AT_ROOT) -> SuggestReply:
    """The JSON of suggestions."""
    return SuggestReply(
        found.query,
        tuple(CompletionReply(each.text, each.documents) for each in found.completions),
        tuple(TitleReply(each.id, link(each, addresses), each.title) for each in found.documents),
    )


def similar_reply(document_id: str, hits: Sequence[EngineHit], addresses: Addresses = AT_ROOT) -> SimilarReply:
    """The JSON of documents like another."""
    return SimilarReply(document_id, tuple(_similar(hit.document, hit.score, addresses) for hit in hits))


def _similar(document: Document, score: float, addresses: Addresses) -> SimilarHit:
    return SimilarHit(
        document.id,
        link(document, addresses),
        document.title,
        document.summary,
        document.source,
        document.published,
        score,
    )


def duplicates_reply(cluster: DuplicateCluster) -> DuplicatesReply:
    """The JSON of documents with nearly the same text."""
    return DuplicatesReply(_brief(cluster.canonical), tuple(map(_brief, cluster.duplicates)))


def _brief(document: Document, addresses: Addresses = AT_ROOT) -> DuplicateReply:
    return DuplicateReply(document.id, link(document, addresses), document.title, document.path)


def stats_reply(status: EngineStatus) -> StatsReply:
    """The JSON of what is serving."""
    generation = status.generation
    return StatsReply(
        version=__version__,
        engine=status.engine,
        documents=generation.documents,
        generation=GenerationReply(generation.name, generation.created, generation.size),
        facet_distribution=_distribution(status),
        warnings=status.warnings,
    )


def _distribution(counted: SearchResults | EngineStatus) -> dict[str, dict[str, int]]:
    return {name: {each.value: each.count for each in values} for name, values in counted.facets.items()}


def facet_reply(found: FacetValues, typed: str) -> FacetReply:
    """The JSON of a facet's values."""
    return FacetReply(found.field, typed, tuple(FacetHit(each.value, each.count) for each in found.values))


def _hit(hit: SearchHit, shape: ResponseOptions, addresses: Addresses, *, explained: bool) -> HitReply:
    marks = shape.highlight
    return HitReply(
        score=hit.score,
        snippets=tuple(_snippet(each, marks) for each in hit.snippets),
        relaxed=hit.partial_match,
        missing=hit.missing,
        duplicates=tuple(_brief(copy, addresses) for copy in hit.duplicates),
        formatted=Formatted(str(html(hit.title))) if marks == "html" else UNSET,
        matches=_matches(hit) if marks == "offsets" else UNSET,
        occurrences=hit.occurrences if explained else UNSET,
        **_attributes(hit.document, shape.attributes, addresses),
    )


def _attributes(document: Document, names: Sequence[str], addresses: Addresses) -> dict[str, Any]:
    return {name: link(document, addresses) if name == "link" else getattr(document, name) for name in names}


def _snippet(snippet: Snippet, marks: str) -> SnippetReply:
    if marks == "html":
        return SnippetReply(snippet.field, snippet.start, html=str(snippet_html(snippet)))
    return SnippetReply(snippet.field, snippet.start, text="".join(piece.text for piece in snippet.fragments))


def _matches(hit: SearchHit) -> dict[str, tuple[MatchReply, ...]]:
    """Where the matches in title and snippets stand, by field."""
    found: dict[str, list[MatchReply]] = {"title": list(_positions(hit.title, 0))}
    for each in hit.snippets:
        found.setdefault(each.field, []).extend(_positions(each.fragments, each.start))
    return {name: tuple(sorted(places, key=lambda place: place.start)) for name, places in found.items()}


def _positions(fragments: Sequence[Fragment], at: int) -> Iterator[MatchReply]:
    for piece in fragments:
        if piece.match is not None:
            yield MatchReply(at, len(piece.text))
        at += len(piece.text)


def _query_info(info: QueryInfo) -> QueryInfoReply:
    return QueryInfoReply(
        parsed=info.parsed,
        strategy=info.strategy,
        relaxed=info.optional_words,
        corrected=tuple(Replacement(*pair) for pair in info.corrected),
        ignored=info.ignored,
        synonyms=tuple(Replacement(*pair) for pair in info.synonyms),
        corrected_query=info.corrected_query,
    )


def _removed(block: RemovedBlock) -> RemovedReply:
    return RemovedReply(block.rule, block.reason, block.confidence, block.first_line, block.last_line, block.text)
