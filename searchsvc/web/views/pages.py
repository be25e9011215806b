"""The pages for people: search, a document, and what is shown beside them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from urllib.parse import quote, urlencode

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from searchsvc.engine.query import NEWEST_FIRST, RELEVANCE
from searchsvc.errors import InvalidRequest
from searchsvc.matching_strategy import ALL, AUTO
from searchsvc.models.documents import Document, RemovedBlock
from searchsvc.models.search import DocumentView, Filter, SearchHit, SearchResults, TypedFilter
from searchsvc.models.search_request import SearchRequest
from searchsvc.query import LITERAL
from searchsvc.service import SearchService
from searchsvc.web.addresses import Addresses
from searchsvc.web.cached_response import HTML, CachedResponse, CacheKey, CacheVersion
from searchsvc.web.html import anchored, paragraphs
from searchsvc.web.middleware.response_cache import ResponseCache
from searchsvc.web.replies import link
from searchsvc.web.schema import query_params
from searchsvc.web.templating import page, rendered
from searchsvc.web.text_diff import diff

FACET_TITLES = {
    "author": "Author",
    "source": "Source",
    "section": "Section",
    "topics": "Topic",
    "language": "Language",
}
TYPED_TITLES = {
    "title": "Title",
    "body": "Text",
    "author": "Author",
    "source": "Source",
    "section": "Section",
    "topics": "Topic",
    "language": "Language",
    "published": "Published",
    "after": "Published after",
    "before": "Published before",
}
CLEAN, COMPARED = "clean", "compared"
VIEWS = {CLEAN: "Clean", "original": "Original", "removed": "Removed"}
NEWEST, SIMILAR = 5, 5  # how many are shown
LISTED_MATCHES = 100  # of a document, where they are no buttons
NO_SEARCH = SearchRequest()
SORT_TITLES = {RELEVANCE: "Best match", NEWEST_FIRST: "Newest first", "published:asc": "Oldest first"}


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be chosen or given up by following `address`."""

    label: str
    address: str
    count: int | None = None
    active: bool = False


@dataclass(frozen=True, slots=True)
class ListedHit:
    """A hit with its address, and documents with nearly the same text with theirs."""

    hit: SearchHit
    address: str
    copies: list[tuple[Document, str]]


@dataclass(frozen=True, slots=True)
class Group:
    """Hits one after the other that have all of the words, or just some."""

    relaxed: bool
    first: int
    hits: list[ListedHit]


@dataclass(frozen=True, slots=True)
class OriginalLine:
    """A line of the original text, with the block it was removed in, if it was."""

    number: int
    text: str
    removed: RemovedBlock | None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line of the clean text as HTML, with its matches marked."""

    html: Markup
    heading: bool


@dataclass(frozen=True, slots=True)
class Pages:
    """The endpoints that answer in HTML."""

    service: SearchService
    cache: ResponseCache
    addresses: Addresses

    def search(self, request: Request) -> CachedResponse:
        day, synonyms = date.today(), self.service.synonyms_stamp  # before the search, which may change them
        read = query_params.read(request.query_params)
        asked = read.request
        try:
            results = self.service.search(asked)
        except InvalidRequest as error:
            if error.parameter == "q":
                raise
            # The page does without what it can't use; the API says what is wrong.
            asked = SearchRequest(
                asked.query, asked.filters, published_from=asked.published_from, published_to=asked.published_to
            )
            results = self.service.search(asked)
        question = CacheKey(request.scope["path"], read.request)
        edition = CacheVersion(results.generation, day, synonyms)
        values = _search_values(asked, results)
        values["newest"] = [] if results.total or values["filtered"] else self._newest()
        body = rendered(request, "search.html", values)
        return self.cache.put(CachedResponse(question, edition, body, HTML))

    def document(self, request: Request) -> Response:
        listed = query_params.read(request.query_params).request  # the search that led here
        view, other = request.query_params.get("view", CLEAN), request.query_params.get("with", "")
        shown = self.service.document(request.path_params["id"], listed.query)
        if request.path_params.get("slug") != shown.document.slug:
            return RedirectResponse(self.addresses.to(_document_address(shown.document, listed, view, other)), 308)
        copy = next((each for each in shown.duplicates if view == COMPARED and each.id == other), None)
        values = {
            **_document_values(shown, listed, view if view in VIEWS else CLEAN),
            "similar": self._similar(shown.document),
            "copy": copy,
            "other": _document_address(copy, listed) if copy else "",
            "differences": diff(shown.document.body, copy.body) if copy else [],
        }
        return page(request, "document.html", values)

    def _newest(self) -> list[ListedHit]:
        newest = self.service.search(SearchRequest(hits_per_page=NEWEST, facets=()))
        return [_listed(hit, NO_SEARCH) for hit in newest.hits]

    def _similar(self, document: Document) -> list[tuple[Document, str]]:
        alike = self.service.similar(document.id, SIMILAR)
        return [(hit.document, _document_address(hit.document)) for hit in alike]


def _search_values(request: SearchRequest, results: SearchResults) -> dict[str, object]:
    return {
        "request": request,
        "results": results,
        "groups": list(_groups(request, results)),
        "facets": [
            (FACET_TITLES[name], choices) for name in results.facets if (choices := _facet(name, request, results))
        ],
        "chips": [*_typed_chips(request, results.typed), *_chips(request)],
        "filtered": bool(request.filters or request.published),
        "read_otherwise": results.info.parsed != " ".join((results.info.corrected_query or request.query).split()),
        "as_typed": _address(replace(request, typo=False, page=1)),
        "feed": f"/search.atom?{query_params.address(replace(request, page=1, offset=None))}",
        "strictly": _address(replace(request, strategy=ALL, page=1)),
        "loosely": _address(replace(request, strategy=AUTO, page=1)),
        "literally": _address(replace(request, syntax=LITERAL, page=1)),
        "sorts": _sorts(request),
        "previous": _address(request, results.page - 1) if results.page > 1 else None,
        "next": _address(request, results.page + 1) if results.page < results.reachable_pages else None,
        "unfiltered": _address(replace(request, filters=(), published_from=None, published_to=None, page=1)),
    }


def _groups(request: SearchRequest, results: SearchResults) -> Iterator[Group]:
    first = (results.page - 1) * results.hits_per_page + 1
    # What was answered, so that its words are marked in the document.
    answered = replace(request, query=results.info.corrected_query or request.query)
    for relaxed, hits in groupby(results.hits, lambda hit: hit.partial_match):
        shown = [_listed(hit, answered) for hit in hits]
        yield Group(relaxed, first, shown)
        first += len(shown)


def _listed(hit: SearchHit, request: SearchRequest) -> ListedHit:
    copies = [(copy, _document_address(copy, request)) for copy in hit.duplicates]
    return ListedHit(hit, _document_address(hit.document, request), copies)


def _sorts(request: SearchRequest) -> list[Choice]:
    in_force = request.sort or (RELEVANCE if request.query.strip() else NEWEST_FIRST)
    return [
        Choice(title, _address(replace(request, sort=name, page=1)), active=name == in_force)
        for name, title in SORT_TITLES.items()
    ]


def _facet(name: str, request: SearchRequest, results: SearchResults) -> list[Choice]:
    chosen = next((each.values for each in request.filters if each.field == name and not each.exclude), ())
    choices = [
        Choice(each.value, _address(_toggled(request, name, each.value)), each.count, _has(chosen, each.value))
        for each in results.facets[name]
    ]
    return choices if len(choices) > 1 or chosen else []


def _has(values: tuple[str, ...], value: str) -> bool:
    """Whether `value` is among `values`; as filters do, without regard to case."""
    return value.casefold() in {each.casefold() for each in values}


def _toggled(request: SearchRequest, name: str, value: str) -> SearchRequest:
    """`request` with the value chosen, or given up if it was."""
    chosen = next((each.values for each in request.filters if each.field == name and not each.exclude), ())
    kept = tuple(each for each in chosen if each.casefold() != value.casefold())
    values = kept if len(kept) < len(chosen) else (*chosen, value)
    others = tuple(each for each in request.filters if each.field != name or each.exclude)
    return replace(request, filters=(*others, Filter(name, values)) if values else others, page=1)


def _typed_chips(request: SearchRequest, typed: tuple[TypedFilter, ...]) -> Iterator[Choice]:
    """Filters that stand in the query; following one takes it out of the text."""
    for each in typed:
        rest = f"{request.query[: each.start].rstrip()} {request.query[each.end :].lstrip()}".strip()
        label = f"{'not ' if each.exclude else ''}{TYPED_TITLES[each.field]}: {each.value}"
        yield Choice(label, _address(replace(request, query=rest, page=1)))


def _chips(request: SearchRequest) -> Iterator[Choice]:
    for each in request.filters:
        for value in each.values:
            rest = tuple(other for other in each.values if other != value)
            others = tuple(other for other in request.filters if other is not each)
            filters = (*others, replace(each, values=rest)) if rest else others
            label = f"{'not ' if each.exclude else ''}{FACET_TITLES[each.field]}: {value}"
            yield Choice(label, _address(replace(request, filters=filters, page=1)))
    if request.published:
        first, last = request.published.first, request.published.last
        label = f"Published {_day(first)} to {_day(last)}"
        yield Choice(label, _address(replace(request, published_from=None, published_to=None, page=1)))


def _day(day: date | None) -> str:
    return day.isoformat() if day else "any day"


def _address(request: SearchRequest, number: int | None = None) -> str:
    typed = query_params.address(request, number)
    return f"/search?{typed}" if typed else "/search"


def _document_address(document: Document, listed: SearchRequest = NO_SEARCH, view: str = CLEAN, other: str = "") -> str:
    """The address of a document's page, which holds the search that led there and so the way back."""
    said = [(name, value) for name, value in (("view", view), ("with", other)) if value and value != CLEAN]
    typed = "&".join(filter(None, (query_params.address(listed), urlencode(said, errors="replace"))))
    return quote(link(document)) + (f"?{typed}" if typed else "")


def _document_values(shown: DocumentView, listed: SearchRequest, view: str) -> dict[str, object]:
    document = shown.document
    headings = set(document.headings)
    lines = paragraphs(shown.body)
    return {
        "document": document,
        "view": view,
        "views": [
            Choice(title, _document_address(document, listed, name), active=name == view)
            for name, title in VIEWS.items()
        ],
        "title": shown.title,
        "matches": shown.matches,
        "most": LISTED_MATCHES,
        "paragraphs": [
            Paragraph(html, "".join(piece.text for piece in line).strip() in headings)
            for html, line in zip(anchored(lines), lines, strict=True)
        ],
        "original": _original_lines(shown) if view == "original" else [],
        "copies": [
            (copy, _document_address(copy, listed), _document_address(document, listed, COMPARED, copy.id))
            for copy in shown.duplicates
        ],
        "back": _address(listed),
    }


def _original_lines(shown: DocumentView) -> list[OriginalLine]:
    removed = {
        number: block for block in shown.document.removed for number in range(block.first_line, block.last_line + 1)
    }
    lines = enumerate(shown.original.split("\n"), 1)
    return [OriginalLine(number, text, removed.get(number)) for number, text in lines if text.strip()]
