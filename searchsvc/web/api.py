"""The JSON answers: names follow Meilisearch, every value comes from the service's results."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from searchsvc import __version__
from searchsvc.errors import InvalidRequest, SearchServiceError
from searchsvc.models import (
    Document,
    DuplicateCluster,
    EngineHit,
    EngineStatus,
    QueryInfo,
    QueryNote,
    RemovedBlock,
    SearchHit,
    SearchResults,
    Suggestions,
)
from searchsvc.service import SearchRequest, SearchService
from searchsvc.web import params
from searchsvc.web.answers import JSON, Answer, Edition, Question
from searchsvc.web.cache import AnswerCache
from searchsvc.web.markup import html, snippet_html


class Base(msgspec.Struct, frozen=True, rename="camel"):
    """A JSON object whose names are written in camel case."""


class SnippetReply(Base, frozen=True):
    """`start` counts Unicode code points from the start of the field."""

    field: str
    html: str
    start: int


class Formatted(Base, frozen=True):
    title: str


class HitReply(Base, frozen=True):
    """`_missing` names the words it lacks; `_relaxed`: it stands behind the hits that have them all."""

    id: str
    link: str
    title: str
    summary: str
    author: str | None
    source: str | None
    section: str | None
    topics: tuple[str, ...]
    published: date | None
    language: str
    words: int
    score: float = msgspec.field(name="_score")
    formatted: Formatted = msgspec.field(name="_formatted")
    snippets: tuple[SnippetReply, ...] = msgspec.field(name="_snippets")
    relaxed: bool = msgspec.field(name="_relaxed")
    missing: tuple[str, ...] = msgspec.field(name="_missing")


class Instead(Base, frozen=True):
    """A word as it was typed, and what was looked up instead of it or besides it."""

    typed: str
    instead: str


class QueryInfoReply(Base, frozen=True):
    """`relaxed`: the words that did not have to be there. `corrected_query`: what was answered instead,
    null if it is the query as typed; `typo=off` undoes that."""

    parsed: str
    strategy: str
    relaxed: tuple[str, ...]
    corrected: tuple[Instead, ...]
    ignored: tuple[QueryNote, ...]
    synonyms: tuple[Instead, ...]
    corrected_query: str | None


class Links(Base, frozen=True):
    self: str
    next: str | None
    prev: str | None


class IndexReply(Base, frozen=True):
    generation: str
    engine: str


class SearchReply(Base, frozen=True):
    query: str
    hits: tuple[HitReply, ...]
    page: int
    hits_per_page: int
    total_hits: int
    total_relaxed: int
    total_pages: int
    processing_time_ms: float
    facet_distribution: dict[str, dict[str, int]]
    query_info: QueryInfoReply
    links: Links
    index: IndexReply


class RemovedReply(Base, frozen=True):
    rule: str
    reason: str
    confidence: float
    first_line: int
    last_line: int
    text: str


class DocumentReply(Base, frozen=True):
    id: str
    link: str
    path: str
    title: str
    body: str
    headings: tuple[str, ...]
    summary: str
    author: str | None
    source: str | None
    section: str | None
    topics: tuple[str, ...]
    related: tuple[str, ...]
    credit: str | None
    published: date | None
    language: str
    words: int
    content_hash: str
    url: str | None
    extra: dict[str, str]
    removed: tuple[RemovedReply, ...]


class DuplicateReply(Base, frozen=True):
    id: str
    link: str
    title: str
    path: str


class DuplicatesReply(Base, frozen=True):
    face: DuplicateReply
    copies: tuple[DuplicateReply, ...]


class CompletionReply(Base, frozen=True):
    """A query that the typed one may go on to be, and how many documents have what was added."""

    text: str
    documents: int


class TitleReply(Base, frozen=True):
    id: str
    link: str
    title: str


class SuggestReply(Base, frozen=True):
    query: str
    completions: tuple[CompletionReply, ...]
    documents: tuple[TitleReply, ...]


class SimilarHit(Base, frozen=True):
    id: str
    link: str
    title: str
    summary: str
    source: str | None
    published: date | None
    score: float = msgspec.field(name="_score")


class SimilarReply(Base, frozen=True):
    id: str
    hits: tuple[SimilarHit, ...]


class GenerationReply(Base, frozen=True):
    name: str
    created: str
    size: int


class StatsReply(Base, frozen=True):
    version: str
    engine: str
    documents: int
    generation: GenerationReply
    facet_distribution: dict[str, dict[str, int]]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Api:
    """The endpoints that answer in JSON."""

    service: SearchService
    cache: AnswerCache

    def search(self, request: Request) -> Answer:
        day, synonyms = date.today(), self.service.synonyms_stamp  # before the search, which may change them
        read = params.read(request.query_params)
        if read.refused:
            raise read.refused[0]
        results = self.service.search(read.request)
        path = request.scope["path"]
        body = msgspec.json.encode(search_reply(results, read.request, self.service.engine_name, path))
        question, edition = Question(path, read.request), Edition(results.generation, day, synonyms)
        return self.cache.keep(Answer(question, edition, body, JSON))

    def document(self, request: Request) -> Response:
        _no_parameters(request.query_params)
        view = self.service.document(request.path_params["id"])
        return reply(document_reply(view.document))

    def similar(self, request: Request) -> Response:
        limit, document_id = params.read_limit(request.query_params), request.path_params["id"]
        return reply(similar_reply(document_id, self.service.similar(document_id, limit)))

    def suggest(self, request: Request) -> Response:
        return reply(suggest_reply(self.service.suggest(*params.read_typed(request.query_params))))

    def suggest_to_browser(self, request: Request) -> Response:
        """What a browser's search bar asks for: the OpenSearch suggestions extension, version 1.1."""
        found = self.service.suggest(*params.read_typed(request.query_params))
        said = [f"{each.documents:,} document{'s' if each.documents != 1 else ''}" for each in found.completions]
        answer = reply([found.query, [each.text for each in found.completions], said])
        answer.headers["Content-Type"] = "application/x-suggestions+json"
        return answer

    def stats(self, request: Request) -> Response:
        _no_parameters(request.query_params)
        return reply(stats_reply(self.service.status()))

    def alive(self, request: Request) -> Response:
        return reply({"status": "alive"})

    def ready(self, request: Request) -> Response:
        """Whether a search would be answered now, and if not, why."""
        try:
            status = self.service.status()
        except SearchServiceError as error:
            return reply({"status": "not ready", "reason": str(error)}, 503)
        return reply({"status": "ready", "generation": status.generation.name, "warnings": status.warnings})


def reply(value: Any, status: int = 200) -> Response:
    """`value` as a JSON answer."""
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def link(document: Document) -> str:
    """The address of a document's page."""
    return f"/doc/{document.id}/{document.slug}"


def search_reply(results: SearchResults, request: SearchRequest, engine: str, path: str) -> SearchReply:
    """The JSON of search results; links lead to `path`."""

    def to(page: int) -> str:
        return f"{path}?{params.address(request, page)}"

    return SearchReply(
        query=results.query,
        hits=tuple(map(_hit, results.hits)),
        page=results.page,
        hits_per_page=results.hits_per_page,
        total_hits=results.total,
        total_relaxed=results.relaxed,
        total_pages=results.pages,
        processing_time_ms=round(results.milliseconds, 3),
        facet_distribution=_distribution(results),
        query_info=_query_info(results.info),
        links=Links(
            to(results.page),
            to(results.page + 1) if results.page < results.reachable_pages else None,
            to(results.page - 1) if results.page > 1 else None,
        ),
        index=IndexReply(results.generation, engine),
    )


def document_reply(document: Document) -> DocumentReply:
    """The JSON of one document."""
    return DocumentReply(
        link=link(document),
        removed=tuple(map(_removed, document.removed)),
        extra=dict(document.extra),
        **{
            name: getattr(document, name)
            for name in DocumentReply.__struct_fields__
            if name not in ("link", "removed", "extra")
        },
    )


def suggest_reply(found: Suggestions) -> SuggestReply:
    """The JSON of suggestions."""
    return SuggestReply(
        found.query,
        tuple(CompletionReply(each.text, each.documents) for each in found.completions),
        tuple(TitleReply(each.id, link(each), each.title) for each in found.documents),
    )


def similar_reply(document_id: str, hits: Sequence[EngineHit]) -> SimilarReply:
    """The JSON of documents like another."""
    return SimilarReply(document_id, tuple(_similar(hit.document, hit.score) for hit in hits))


def _similar(document: Document, score: float) -> SimilarHit:
    return SimilarHit(
        document.id,
        link(document),
        document.title,
        document.summary,
        document.source,
        document.published,
        score,
    )


def duplicates_reply(cluster: DuplicateCluster) -> DuplicatesReply:
    """The JSON of documents with nearly the same text."""
    return DuplicatesReply(_brief(cluster.face), tuple(map(_brief, cluster.copies)))


def _brief(document: Document) -> DuplicateReply:
    return DuplicateReply(document.id, link(document), document.title, document.path)


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


def _hit(hit: SearchHit) -> HitReply:
    document = hit.document
    return HitReply(
        id=document.id,
        link=link(document),
        title=document.title,
        summary=document.summary,
        author=document.author,
        source=document.source,
        section=document.section,
        topics=document.topics,
        published=document.published,
        language=document.language,
        words=document.words,
        score=hit.score,
        formatted=Formatted(str(html(hit.title))),
        snippets=tuple(SnippetReply(each.field, str(snippet_html(each)), each.start) for each in hit.snippets),
        relaxed=hit.relaxed,
        missing=hit.missing,
    )


def _query_info(info: QueryInfo) -> QueryInfoReply:
    return QueryInfoReply(
        parsed=info.parsed,
        strategy=info.strategy,
        relaxed=info.relaxed,
        corrected=tuple(Instead(*pair) for pair in info.corrected),
        ignored=info.ignored,
        synonyms=tuple(Instead(*pair) for pair in info.synonyms),
        corrected_query=info.corrected_query,
    )


def _removed(block: RemovedBlock) -> RemovedReply:
    return RemovedReply(block.rule, block.reason, block.confidence, block.first_line, block.last_line, block.text)


def _no_parameters(typed: QueryParams) -> None:
    for name in typed:
        raise InvalidRequest(name[:80], "unknown parameter; this address takes none")
