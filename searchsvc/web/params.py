"""Reads the parameters of a search from an address: the same grammar for page and JSON."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from searchsvc.errors import InvalidRequest
from searchsvc.models import FACETS, DateRange, Filter
from searchsvc.service import SUGGESTED, SearchRequest

NAMES = (
    "q", "page", "hitsPerPage", "filter", "from", "to", "sort", "facets", "facetLimit", "matchingStrategy", "syntax",
    "typo",
)  # fmt: skip
ON, OFF = "on", "off"
_REPEATED = frozenset({"filter"})
_WHOLE = re.compile(r"[0-9]{1,9}")

_DEFAULTS = SearchRequest()

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """A search request, and what could not be read of it; those parameters have their defaults."""

    request: SearchRequest
    refused: tuple[InvalidRequest, ...]


class _Reader:
    def __init__(self, params: QueryParams) -> None:
        self.params = params
        self.refused: list[InvalidRequest] = []

    def one(self, name: str, default: T, convert: Callable[[str, str], T]) -> T:
        """The parameter converted, the default if it is absent or can't be."""
        typed = self.params.get(name)
        if typed is None or (typed == "" and name != "q"):
            return default
        try:
            return convert(name, typed)
        except InvalidRequest as error:
            self.refused.append(error)
            return default

    def each(self, name: str, convert: Callable[[str, str], T]) -> list[T]:
        values = []
        for typed in self.params.getlist(name):
            try:
                values.append(convert(name, typed))
            except InvalidRequest as error:
                self.refused.append(error)
        return values

    def names(self, known: Sequence[str]) -> None:
        for name in dict.fromkeys(key for key, _ in self.params.multi_items()):
            if name not in known:
                self.refused.append(InvalidRequest(name[:80], f"unknown parameter; known are {', '.join(known)}"))
            elif name not in _REPEATED and len(self.params.getlist(name)) > 1:
                self.refused.append(InvalidRequest(name, "may be given once only"))


def read(params: QueryParams) -> ReadRequest:
    """What `params` ask for, the same whatever their order. Never raises: the API refuses what
    stands in `refused`, the page does without it."""
    reader = _Reader(params)
    reader.names(NAMES)
    first, last = reader.one("from", None, _day), reader.one("to", None, _day)
    request = SearchRequest(
        query=reader.one("q", "", lambda _, typed: typed),
        page=reader.one("page", 1, _whole),
        hits_per_page=reader.one("hitsPerPage", 20, _whole),
        filters=_merged(reader.each("filter", _filter)),
        published=DateRange(first, last) if first or last else None,
        sort=reader.one("sort", None, lambda _, typed: typed),
        facets=reader.one("facets", FACETS, _facets),
        facet_limit=reader.one("facetLimit", 20, _whole),
        strategy=reader.one("matchingStrategy", _DEFAULTS.strategy, lambda _, typed: typed),
        syntax=reader.one("syntax", _DEFAULTS.syntax, lambda _, typed: typed),
        typo=reader.one("typo", _DEFAULTS.typo, _on),
    )
    return ReadRequest(request, tuple(reader.refused))


def read_typed(params: QueryParams) -> tuple[str, int]:
    """The text of a search box and how many suggestions are wanted. Raises InvalidRequest."""
    reader = _Reader(params)
    reader.names(("q", "limit"))
    typed = reader.one("q", "", lambda _, typed: typed)
    return typed, _limit(reader)


def read_limit(params: QueryParams) -> int:
    """How many are wanted, where nothing else can be asked. Raises InvalidRequest."""
    reader = _Reader(params)
    reader.names(("limit",))
    return _limit(reader)


def _limit(reader: _Reader) -> int:
    limit = reader.one("limit", SUGGESTED, _whole)
    if reader.refused:
        raise reader.refused[0]
    return limit


def address(request: SearchRequest, page: int | None = None) -> str:
    """The parameters that give `request` again, or another page of it; defaults left out."""
    pairs: list[tuple[str, str]] = [("q", request.query)] if request.query else []
    for each in request.filters:
        pairs += [("filter", f"{'-' if each.exclude else ''}{each.field}:{value}") for value in each.values]
    if request.published and request.published.first:
        pairs.append(("from", request.published.first.isoformat()))
    if request.published and request.published.last:
        pairs.append(("to", request.published.last.isoformat()))
    if request.sort:
        pairs.append(("sort", request.sort))
    if request.facets != FACETS:
        pairs.append(("facets", ",".join(request.facets)))
    if request.facet_limit != _DEFAULTS.facet_limit:
        pairs.append(("facetLimit", str(request.facet_limit)))
    if request.hits_per_page != _DEFAULTS.hits_per_page:
        pairs.append(("hitsPerPage", str(request.hits_per_page)))
    if request.strategy != _DEFAULTS.strategy:
        pairs.append(("matchingStrategy", request.strategy))
    if request.syntax != _DEFAULTS.syntax:
        pairs.append(("syntax", request.syntax))
    if not request.typo:
        pairs.append(("typo", OFF))
    page = page or request.page
    return urlencode([*pairs, ("page", str(page))] if page > 1 else pairs)


def _whole(name: str, typed: str) -> int:
    if not _WHOLE.fullmatch(typed):
        raise InvalidRequest(name, f"{name} must be a whole number")
    return int(typed)


def _on(name: str, typed: str) -> bool:
    if typed not in (ON, OFF):
        raise InvalidRequest(name, f"{name} must be {ON} or {OFF}")
    return typed == ON


def _day(name: str, typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        raise InvalidRequest(name, f"{name} must be a day like 2024-03-31") from error


def _facets(_: str, typed: str) -> tuple[str, ...]:
    names = {name for name in typed.split(",") if name}
    return (*(name for name in FACETS if name in names), *sorted(names.difference(FACETS)))


def _filter(name: str, typed: str) -> Filter:
    field, colon, value = typed.partition(":")
    exclude, field = field.startswith("-"), field.removeprefix("-")
    if not colon or not value or field not in FACETS:
        raise InvalidRequest(name, f"filter must be FIELD:VALUE with a field of {', '.join(FACETS)}")
    return Filter(field, (value,), exclude)


def _merged(filters: list[Filter]) -> tuple[Filter, ...]:
    """Values of one field are alternatives, so they belong into one filter; in one order, so that
    requests for the same thing are equal."""
    values: dict[tuple[str, bool], list[str]] = {}
    for each in filters:
        values.setdefault((each.field, each.exclude), []).extend(each.values)
    return tuple(Filter(field, tuple(sorted(set(each))), exclude) for (field, exclude), each in sorted(values.items()))
