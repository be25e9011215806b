"""Views that return HTML: the search page and the page of a document."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp

from searchsvc.engine.query import NEWEST_FIRST, RELEVANCE
from searchsvc.errors import InvalidRequest
from searchsvc.matching_strategy import ALL, AUTO
from searchsvc.models.documents import Document
from searchsvc.models.search import DateRange, Filter, QueryInfo, SearchHit, SearchResults
from searchsvc.models.search_request import SearchRequest
from searchsvc.query import AUTO_SYNTAX, LITERAL, OPERATORS
from searchsvc.query.search_scope import CLEAN_SCOPE, REMOVED_SCOPE, typed_scope
from searchsvc.schema import REMOVED_TEXT
from searchsvc.search_snapshot import SearchSnapshot
from searchsvc.service import SearchService
from searchsvc.web import histogram
from searchsvc.web.addresses import Addresses
from searchsvc.web.appearance import Appearance
from searchsvc.web.cached_response import HTML, CachedResponse, CacheKey, CacheVersion, uncached_response
from searchsvc.web.middleware.response_cache import ResponseCache
from searchsvc.web.schema import query_params
from searchsvc.web.templating import page, rendered
from searchsvc.web.translations import N_
from searchsvc.web.views.document_page import (
    CLEAN,
    NO_SEARCH,
    REMOVED,
    DocumentOptions,
    document_options,
    document_page,
    document_values,
)
from searchsvc.web.views.facets import (
    FACET_TITLES,
    Choice,
    chosen_values,
    has_value,
    labelled,
    search_address,
    toggled,
)
from searchsvc.web.views.filter_chips import filter_chips

FIRST_CHOICES = 8  # values of a facet that are shown at once
OFFERS = {
    "source": N_("show only this source"),
    "section": N_("show only this section"),
    "topics": N_("show only this topic"),
    "author": N_("show only this author"),
    "language": N_("show only this language"),
    "folder": N_("show only this folder"),
}
NEWEST = 5  # documents shown
MAX_NOTES, MAX_NOTE = 5, 80  # notes about a query, and characters of each
SORT_TITLES = {RELEVANCE: N_("Best match"), NEWEST_FIRST: N_("Newest first"), "published:asc": N_("Oldest first")}


@dataclass(frozen=True, slots=True)
class ListedHit:
    """A hit with its address, and its near-duplicates with their addresses."""

    hit: SearchHit
    address: str
    duplicates: list[tuple[Document, str]]


@dataclass(frozen=True, slots=True)
class HitGroup:
    """Consecutive hits that are all full matches, or all partial matches."""

    partial: bool
    first: int
    hits: list[ListedHit]


@dataclass(frozen=True, slots=True)
class Pages:
    """Views that return HTML."""

    service: SearchService
    cache: ResponseCache
    addresses: Addresses
    appearance: Appearance

    def search(self, request: Request) -> ASGIApp:
        day, synonyms = date.today(), self.service.synonyms_stamp  # before the search, which may change them
        parsed = query_params.read_address(request.scope["query_string"])
        ordered = _with_days_in_order(replace(parsed.request, cursor="", months=False))
        query, results, newest, removed = self.service.run(
            lambda snapshot: _results(snapshot, replace(ordered, months=True))
        )
        key = CacheKey(request.scope["path"], parsed.request, self.appearance.variant(request.scope))
        version = CacheVersion(results.generation, day, synonyms)
        values = _search_values(replace(query, typing=False, months=False), results)  # links are followed later
        shows_everything = not (query.query.strip() or query.filters or query.published)
        values["introduced"] = shows_everything and results.page == 1
        values["updated"] = self.service.created() if shows_everything else None
        values["days_swapped"] = days_swapped = ordered.published_from != parsed.request.published_from
        values["invalid"] = _invalid_parameters(request, parsed.invalid, days_swapped=days_swapped)
        values["removed_matches"] = removed
        values["newest"] = [_listed(hit, NO_SEARCH) for hit in newest]
        body = rendered(request, "search.html", values)
        headers = self.appearance.headers(self.appearance.language(request.scope))
        if results.partial or parsed.invalid:  # without its notes, the page is that of a valid address
            return uncached_response(body, HTML, headers)
        return self.cache.put(CachedResponse(key, version, body, HTML, headers))

    def document(self, request: Request) -> Response:
        options, slug = document_options(request.query_params.multi_items()), request.path_params.get("slug")
        shown = self.service.run(lambda snapshot: document_page(snapshot, request.path_params["id"], slug, options))
        document = shown.shown.document
        if slug != document.slug:
            return RedirectResponse(self.addresses.to(options.address(document)), 308)
        values = {**document_values(shown, options), "back": search_address(options.search)}
        return page(request, "document.html", values)


def _invalid_parameters(request: Request, errors: Iterable[InvalidRequest], *, days_swapped: bool) -> list[str]:
    """Return the search parameters that are ignored, as the address has them.

    Unknown parameters, which other sites add to links, change nothing.
    """
    ignored = query_params.SEARCH_PARAMETERS - {"from" if days_swapped else ""}
    names = dict.fromkeys(error.parameter for error in errors if error.parameter in ignored)
    pairs = [f"{name}={value}" for name in names for value in request.query_params.getlist(name)]
    return [each[:MAX_NOTE] for each in pairs[:MAX_NOTES]]


def _with_days_in_order(request: SearchRequest) -> SearchRequest:
    """Return `request` with its days of publication in order: the page swaps them, and says so."""
    first, last = request.published_from, request.published_to
    in_order = first is None or last is None or first <= last
    return request if in_order else replace(request, published_from=last, published_to=first)


def _results(
    snapshot: SearchSnapshot, query: SearchRequest
) -> tuple[SearchRequest, SearchResults, tuple[SearchHit, ...], int]:
    """The query, its results, the newest articles if nothing matches, and the number of matches in removed lines.

    Invalid options are ignored; the API reports them. Raises InvalidRequest for an invalid query.
    """
    try:
        results = snapshot.search(query)
    except InvalidRequest as error:
        if error.parameter == "q":
            raise
        query = SearchRequest(
            query.query,
            query.filters,
            published_from=query.published_from,
            published_to=query.published_to,
            months=True,
        )
        results = snapshot.search(query)
    removed = snapshot.count_removed(query) if _may_be_in_removed(query, results) else 0
    if results.total or query.filters or query.published:
        return query, results, (), removed
    return query, results, snapshot.search(SearchRequest(hits_per_page=NEWEST, facets=())).hits, removed


def _may_be_in_removed(query: SearchRequest, results: SearchResults) -> bool:
    """Whether the removed lines are searched too: on the first page of a search that is not being typed."""
    is_clean = query.search_in == CLEAN_SCOPE and typed_scope(query.query)[1] is None
    return is_clean and bool(query.query.strip()) and results.page == 1 and not (query.typing or results.partial)


def _search_values(request: SearchRequest, results: SearchResults) -> dict[str, object]:
    return {
        "request": request,
        "results": results,
        "groups": list(_groups(request, results)),
        "facets": [
            (title, choices[:FIRST_CHOICES], choices[FIRST_CHOICES:], _more_values(name, request, len(choices)))
            for name, title in FACET_TITLES.items()
            if name in results.facets and (choices := _facet(name, request, results))
        ],
        "chips": filter_chips(request, results.typed),
        "undated": query_params.to_pairs(replace(request, published_from=None, published_to=None, page=1, offset=None)),
        "bars": [
            (bar, search_address(replace(request, published_from=bar.days.first, published_to=bar.days.last, page=1)))
            for bar in histogram.bars(results.months, request.published)
        ],
        "periods": _periods(request, date.today()),
        "filtered": bool(request.filters or request.published),
        "notes": [
            (reason, [text[:MAX_NOTE] for text in texts[:MAX_NOTES]])
            for reason, texts in list(results.info.ignored_by_reason.items())[:MAX_NOTES]
        ],
        "reinterpreted": results.info.parsed != " ".join((results.info.corrected_query or request.query).split()),
        "as_typed": search_address(replace(request, typo=False, page=1)),
        "undo": _undo_links(request, results.info),
        "offered_filters": [
            (each.value[:MAX_NOTE], OFFERS[each.field], _only(request, each.field, each.value))
            for each in results.info.offered_filters
        ],
        "suggested": search_address(replace(request, query=results.info.suggested_query or "", page=1)),
        "feed": f"/search.atom?{query_params.address(replace(request, page=1, offset=None))}",
        "exports": _exports(request),
        "repeats_duplicates": _repeats_duplicates(results),
        "collapsed": search_address(replace(request, collapse=True, page=1)),
        "in_removed": search_address(replace(request, search_in=REMOVED_SCOPE, page=1)),
        "all_words": search_address(replace(request, strategy=ALL, page=1)),
        "any_words": search_address(replace(request, strategy=AUTO, page=1)),
        "literal": search_address(replace(request, syntax=LITERAL, page=1)),
        "read_as_text": request.syntax == AUTO_SYNTAX and results.info.syntax == LITERAL,
        "with_operators": search_address(replace(request, syntax=OPERATORS, page=1)),
        "sorts": _sorts(request),
        "previous": search_address(request, min(results.page - 1, results.reachable_pages))
        if results.page > 1
        else None,
        "next": search_address(request, results.page + 1) if results.page < results.reachable_pages else None,
        "unfiltered": search_address(replace(request, filters=(), published_from=None, published_to=None, page=1)),
    }


def _repeats_duplicates(results: SearchResults) -> bool:
    """Return whether two hits of the page are near-duplicates of each other."""
    duplicates = {duplicate.id for hit in results.hits for duplicate in hit.duplicates}
    return any(hit.document.id in duplicates for hit in results.hits)


def _exports(request: SearchRequest) -> list[tuple[str, str]]:
    """Return the label and the address of each file with all hits."""
    query = query_params.address(replace(request, page=1, offset=None))
    return [(label, f"/search.{label.lower()}?{query}") for label in ("CSV", "NDJSON")]


def _undo_links(request: SearchRequest, info: QueryInfo) -> list[tuple[str, str]]:
    """Return each corrected word as typed, with the address of the search that has only the other corrections.

    There are none if only one word is corrected; the page has a link for all.
    """
    if len(info.corrected) < 2:
        return []
    pairs = zip(info.corrected, info.undo_queries, strict=True)
    return [(typed, search_address(replace(request, query=query, page=1))) for (typed, _), query in pairs]


def _groups(request: SearchRequest, results: SearchResults) -> Iterator[HitGroup]:
    first = (results.page - 1) * results.hits_per_page + 1
    # Link to documents with the corrected query, so that they highlight its words.
    corrected = replace(request, query=results.info.corrected_query or request.query)
    for partial, hits in groupby(results.hits, lambda hit: hit.partial_match):
        items = [_listed(hit, corrected) for hit in hits]
        yield HitGroup(partial, first, items)
        first += len(items)


def _listed(hit: SearchHit, request: SearchRequest) -> ListedHit:
    duplicates = [(duplicate, DocumentOptions(request).address(duplicate)) for duplicate in hit.duplicates]
    is_removed = any(snippet.field == REMOVED_TEXT for snippet in hit.snippets)
    options = DocumentOptions(request, view=REMOVED if is_removed else CLEAN)
    return ListedHit(hit, options.address(hit.document), duplicates)


def _sorts(request: SearchRequest) -> list[Choice]:
    current = request.sort or (RELEVANCE if request.query.strip() else NEWEST_FIRST)
    return [
        Choice(title, search_address(replace(request, sort=name, page=1)), active=name == current)
        for name, title in SORT_TITLES.items()
        if name != RELEVANCE or request.query.strip()
    ]


def _facet(name: str, request: SearchRequest, results: SearchResults) -> list[Choice]:
    chosen = chosen_values(request, name)
    choices = [
        labelled(name, each, search_address(toggled(request, name, each.value)), active=has_value(chosen, each.value))
        for each in results.facets[name]
    ]
    choices.sort(key=lambda choice: not choice.active)  # chosen values first, others in their order
    return choices if len(choices) > 1 or chosen else []


def _more_values(name: str, request: SearchRequest, shown: int) -> str | None:
    """Return the address of the page with more values of a facet, None if all of them are shown."""
    if shown < request.facet_limit:
        return None
    query = query_params.address(replace(request, page=1, offset=None))
    return f"/filters/{name}?{query}" if query else f"/filters/{name}"


def _periods(request: SearchRequest, today: date) -> list[Choice]:
    """Return links for the last week, month and year; the one of the chosen period clears it."""
    return [
        _period_choice(request, label, DateRange(today - timedelta(days=days)))
        for label, days in ((N_("Past week"), 7), (N_("Past month"), 31), (N_("Past year"), 365))
    ]


def _period_choice(request: SearchRequest, label: str, period: DateRange) -> Choice:
    active = request.published == period
    first = None if active else period.first
    return Choice(
        label,
        search_address(replace(request, published_from=first, published_to=None, page=1)),
        active=active,
        is_message=True,
    )


def _only(request: SearchRequest, field: str, value: str) -> str:
    return search_address(replace(request, query="", filters=(*request.filters, Filter(field, (value,))), page=1))
