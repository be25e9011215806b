"""Facets on pages: their titles, and links that choose and clear their values."""

from dataclasses import dataclass, replace

from searchsvc.models.search import FacetValue, Filter
from searchsvc.models.search_request import SearchRequest
from searchsvc.web.language_names import LANGUAGE_NAMES
from searchsvc.web.schema import query_params
from searchsvc.web.translations import N_

FACET_TITLES = {  # in the order of the page
    "source": N_("Source"),
    "section": N_("Section"),
    "topics": N_("Topic"),
    "author": N_("Author"),
    "language": N_("Language"),
    "folder": N_("Folder"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A link that selects or clears an option. The label is a value, or a message to be translated."""

    label: str
    address: str
    count: int | None = None
    active: bool = False
    is_message: bool = False


def labelled(name: str, value: FacetValue, address: str, *, active: bool = False) -> Choice:
    """Return the choice of a value of the facet `name`; languages are shown by their names."""
    language = LANGUAGE_NAMES.get(value.value) if name == "language" else None
    return Choice(language or value.value, address, value.count, active, is_message=language is not None)


def chosen_values(request: SearchRequest, name: str) -> tuple[str, ...]:
    """Return the values that a filter of `request` requires of the facet `name`."""
    return next((each.values for each in request.filters if each.field == name and not each.exclude), ())


def has_value(values: tuple[str, ...], value: str) -> bool:
    """Whether `value` is in `values`, ignoring case as filters do."""
    return value.casefold() in {each.casefold() for each in values}


def toggled(request: SearchRequest, name: str, value: str) -> SearchRequest:
    """Return `request` with the value added to its filters, or removed if it was among them."""
    chosen = chosen_values(request, name)
    remaining = tuple(each for each in chosen if each.casefold() != value.casefold())
    values = remaining if len(remaining) < len(chosen) else (*chosen, value)
    filters = tuple(each for each in request.filters if each.field != name or each.exclude)
    return replace(request, filters=(*filters, Filter(name, values)) if values else filters, page=1)


def search_address(request: SearchRequest, number: int | None = None) -> str:
    query = query_params.address(request, number)
    return f"/search?{query}" if query else "/search"
