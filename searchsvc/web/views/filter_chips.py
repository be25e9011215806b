"""Chips above the results: chosen filters, each with the address of the search without it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from searchsvc.models.search import DateRange, TypedFilter
from searchsvc.models.search_request import SearchRequest
from searchsvc.query.search_scope import CLEAN_SCOPE, ORIGINAL_SCOPE, REMOVED_SCOPE
from searchsvc.web.translations import N_
from searchsvc.web.views.facets import search_address

TYPED_TITLES = {
    "title": N_("Title"),
    "body": N_("Text"),
    "author": N_("Author"),
    "source": N_("Source"),
    "section": N_("Section"),
    "topics": N_("Topic"),
    "folder": N_("Folder"),
    "language": N_("Language"),
    "published": N_("Published"),
    "after": N_("Published after"),
    "before": N_("Published before"),
}
SCOPE_TITLES = {ORIGINAL_SCOPE: N_("With removed lines"), REMOVED_SCOPE: N_("Only in removed lines")}


@dataclass(frozen=True, slots=True)
class FilterChip:
    """A chosen filter, with the address of the search without it.

    `period`: publication dates, in place of field and value. `message`: a label in their place.
    """

    address: str
    field: str = ""
    value: str = ""
    exclude: bool = False
    period: DateRange | None = None
    message: str = ""

    @property
    def title(self) -> str:
        """Title of the field."""
        return TYPED_TITLES[self.field]


def filter_chips(request: SearchRequest, typed: tuple[TypedFilter, ...]) -> list[FilterChip]:
    """Return the filters in the query's text, `typed`, and those of the address."""
    return [*_typed_chips(request, typed), *_chips(request)]


def _typed_chips(request: SearchRequest, typed: tuple[TypedFilter, ...]) -> Iterator[FilterChip]:
    """Yield the filters in the query's text; following one removes it from the text."""
    for each in typed:
        query = f"{request.query[: each.start].rstrip()} {request.query[each.end :].lstrip()}".strip()
        address = search_address(replace(request, query=query, page=1))
        yield FilterChip(address, each.field, each.value, each.exclude)


def _chips(request: SearchRequest) -> Iterator[FilterChip]:
    if request.collapse:
        address = search_address(replace(request, collapse=False, page=1))
        yield FilterChip(address, message=N_("Without near-duplicates"))
    if request.search_in != CLEAN_SCOPE:
        address = search_address(replace(request, search_in=CLEAN_SCOPE, page=1))
        yield FilterChip(address, message=SCOPE_TITLES[request.search_in])
    for each in request.filters:
        for value in each.values:
            values = tuple(other for other in each.values if other != value)
            others = tuple(other for other in request.filters if other is not each)
            filters = (*others, replace(each, values=values)) if values else others
            address = search_address(replace(request, filters=filters, page=1))
            yield FilterChip(address, each.field, value, each.exclude)
    if request.published:
        address = search_address(replace(request, published_from=None, published_to=None, page=1))
        yield FilterChip(address, period=request.published)
