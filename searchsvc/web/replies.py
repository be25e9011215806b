"""Results as replies: the JSON of the API, and of the command line's `--json`."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

from msgspec import UNSET

from searchsvc import __version__
from searchsvc.models.documents import Document, DuplicateCluster
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
from searchsvc.models.search_request import MAX_BODIES, MAX_DEPTH, SearchRequest
from searchsvc.web.addresses import AT_ROOT, Addresses
from searchsvc.web.html import marked, marked_snippet
from searchsvc.web.schema import query_params
from searchsvc.web.schema.responses import (
    CompletionReply,
    DocumentReply,
    DuplicateReply,
    DuplicatesReply,
    FacetHit,
    FacetReply,
    Formatted,
    HitReply,
    IndexReply,
    Links,
    MatchReply,
    QueryInfoReply,
    RemovedReply,
    Replacement,
    SearchReply,
    SimilarHit,
    SimilarReply,
    SnippetReply,
    SuggestReply,
    TitleReply,
)
from searchsvc.web.schema.service_responses import GenerationReply, StatsReply


def link(document: Document, addresses: Addresses = AT_ROOT) -> str:
    """Return the address of a document's page."""
    return addresses.to(f"/doc/{document.id}/{document.slug}")


def search_reply(
    results: SearchResults, request: SearchRequest, engine: str, path: str, addresses: Addresses = AT_ROOT
) -> SearchReply:
    """Return the JSON of search results, with links to other pages at `path` of the service."""
    return SearchReply(
        query=results.query,
        hits=tuple(_hit(hit, request, addresses) for hit in results.hits),
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
        month_distribution={f"{month:%Y-%m}": count for month, count in results.months.items()}
        if request.months
        else UNSET,
        query_info=_query_info(results.info),
        next_cursor=next_cursor(results, request),
        links=links(results, request, addresses.to(path)),
        index=IndexReply(results.generation, engine),
    )


def links(results: SearchResults, request: SearchRequest, path: str) -> Links:
    """Return the addresses of this page of results, the next and the previous one, with `path` as it is."""
    size, start = request.hits_per_page, request.start
    if request.cursor:
        cursors = (request.cursor, next_cursor(results, request))
        this, next_ = (each and f"{path}?{query_params.address(replace(request, cursor=each))}" for each in cursors)
        return Links(str(this), next_, None)
    following, end = start + size, min(results.total, MAX_DEPTH)
    starts = (
        following if following < end and following + size <= MAX_DEPTH else None,
        max(start - size, 0) if start > 0 else None,
    )
    next_, previous = (None if place is None else f"{path}?{_address_from(request, place)}" for place in starts)
    return Links(f"{path}?{query_params.address(request)}", next_, previous)


def next_cursor(results: SearchResults, request: SearchRequest) -> str | None:
    """Return the cursor of the next hits, None if there are none. It holds while the generation is kept."""
    following = request.start + request.hits_per_page
    return f"{results.generation}.{following}" if following < results.total else None


def _address_from(request: SearchRequest, start: int) -> str:
    """Return the parameters of the page of `request` that starts at a hit."""
    if request.offset is None:
        return query_params.address(request, start // request.hits_per_page + 1)
    return query_params.address(replace(request, offset=start))


def document_reply(document: Document, addresses: Addresses = AT_ROOT) -> DocumentReply:
    """Return the JSON of one document."""
    return DocumentReply(
        link=link(document, addresses),
        removed=tuple(
            RemovedReply(block.rule, block.reason, block.confidence, block.first_line, block.last_line, block.text)
            for block in document.removed
        ),
        extra=dict(document.extra),
        **{
            name: getattr(document, name)
            for name in DocumentReply.__struct_fields__
            if name not in ("link", "removed", "extra")
        },
    )


def suggest_reply(suggestions: Suggestions, addresses: Addresses = AT_ROOT) -> SuggestReply:
    """Return the JSON of suggestions."""
    return SuggestReply(
        suggestions.query,
        tuple(CompletionReply(each.text, each.documents) for each in suggestions.completions),
        tuple(TitleReply(document.id, link(document, addresses), document.title) for document in suggestions.documents),
    )


def similar_reply(document_id: str, hits: Sequence[EngineHit], addresses: Addresses = AT_ROOT) -> SimilarReply:
    """Return the JSON of documents similar to one."""
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
    """Return the JSON of a cluster of near-duplicates."""
    return DuplicatesReply(_brief(cluster.canonical), tuple(map(_brief, cluster.duplicates)))


def _brief(document: Document, addresses: Addresses = AT_ROOT) -> DuplicateReply:
    return DuplicateReply(document.id, link(document, addresses), document.title, document.path)


def stats_reply(status: EngineStatus) -> StatsReply:
    """Return the JSON of the state of the index."""
    generation = status.generation
    return StatsReply(
        version=__version__,
        engine=status.engine,
        documents=generation.documents,
        generation=GenerationReply(generation.name, generation.created, generation.size),
        facet_distribution=_distribution(status),
        warnings=status.warnings,
    )


def facet_reply(facet: FacetValues, text: str) -> FacetReply:
    """Return the JSON of a facet's values that match `text`."""
    return FacetReply(facet.field, text, tuple(FacetHit(each.value, each.count) for each in facet.values))


def _distribution(counted: SearchResults | EngineStatus) -> dict[str, dict[str, int]]:
    return {name: {each.value: each.count for each in values} for name, values in counted.facets.items()}


def _hit(hit: SearchHit, request: SearchRequest, addresses: Addresses) -> HitReply:
    document, address = hit.document, link(hit.document, addresses)
    attributes: dict[str, Any] = {
        name: address if name == "link" else getattr(document, name) for name in request.attributes
    }
    truncated = ["body"] if hit.body_cut and "body" in attributes else []
    if "headings" in attributes:
        attributes["headings"] = _first(document.headings, MAX_BODIES // request.hits_per_page)
        truncated += ["headings"] * (len(attributes["headings"]) < len(document.headings))
    return HitReply(
        score=hit.score,
        snippets=tuple(_snippet(snippet, request.highlight) for snippet in hit.snippets),
        relaxed=hit.partial_match,
        missing=hit.missing,
        duplicates=tuple(_brief(duplicate, addresses) for duplicate in hit.duplicates),
        formatted=Formatted(marked(hit.title)) if request.highlight == "html" else UNSET,
        matches=_matches(hit) if request.highlight == "offsets" else UNSET,
        occurrences=hit.occurrences if request.explain else UNSET,
        truncated=tuple(truncated) or UNSET,
        **(attributes | {"id": document.id}),
    )


def _first(values: Sequence[str], length: int) -> tuple[str, ...]:
    """The first of `values` that have at most `length` code points together."""
    ends = accumulate(map(len, values))
    return tuple(value for value, end in zip(values, ends, strict=True) if end <= length)


def _snippet(snippet: Snippet, highlight: str) -> SnippetReply:
    if highlight == "html":
        return SnippetReply(snippet.field, snippet.start, html=marked_snippet(snippet))
    return SnippetReply(snippet.field, snippet.start, text="".join(piece.text for piece in snippet.fragments))


def _matches(hit: SearchHit) -> dict[str, tuple[MatchReply, ...]]:
    """Return the positions of matches in title and snippets, by field, ascending."""
    matches: dict[str, list[MatchReply]] = {"title": list(_positions(hit.title, 0))}
    for snippet in hit.snippets:
        matches.setdefault(snippet.field, []).extend(_positions(snippet.fragments, snippet.start))
    return {name: tuple(sorted(places, key=lambda place: place.start)) for name, places in matches.items()}


def _positions(fragments: Sequence[Fragment], start: int) -> Iterator[MatchReply]:
    for piece in fragments:
        if piece.match is not None:
            yield MatchReply(start, len(piece.text))
        start += len(piece.text)


def _query_info(info: QueryInfo) -> QueryInfoReply:
    return QueryInfoReply(
        parsed=info.parsed,
        strategy=info.strategy,
        relaxed=info.optional_words,
        corrected=tuple(Replacement(*pair) for pair in info.corrected),
        ignored=info.ignored,
        synonyms=tuple(Replacement(*pair) for pair in info.synonyms),
        corrected_query=info.corrected_query,
        did_you_mean=info.suggested_query,
        syntax=info.syntax,
        reranked=info.reranked,
        offered_filters=info.offered_filters,
    )
