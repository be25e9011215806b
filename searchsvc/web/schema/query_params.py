"""Reading of parameters from an address or a body of JSON, and writing of addresses."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl, urlencode

import msgspec
from msgspec import inspect

from searchsvc.errors import InvalidRequest
from searchsvc.models.parameters import LONGEST_NAME, Params, Validated, check, raise_first, types, validate
from searchsvc.models.search import DateRange
from searchsvc.models.search_params import FacetParams, SearchParams, to_params, to_request
from searchsvc.models.search_request import SearchRequest
from searchsvc.query import dates
from searchsvc.query.ast import ALIASES

if TYPE_CHECKING:  # the command line reads its options by the same rules, and starts twice as fast without Starlette
    from starlette.datastructures import QueryParams

Pairs = Sequence[tuple[str, str]]

LONG_ADDRESS = 2_048  # bytes of parameters; longer ones are not cached
_ADDRESSES = 2_048  # parsed addresses to cache; 8 MB at most
REPEATED = frozenset({"filter"})  # in an address; lists in other parameters are separated by commas
SEARCH_PARAMETERS = frozenset(types(SearchParams))
_WHOLE = re.compile(r"[0-9]{1,9}")
_ABSOLUTE = re.compile(r"[0-9.-]+")  # dates whose meaning does not change from day to day

P = TypeVar("P", bound=Params)


@dataclass(frozen=True, slots=True)
class ParsedRequest:
    """A search request, and errors of invalid parameters; those have their defaults in the request."""

    request: SearchRequest
    invalid: tuple[InvalidRequest, ...]

    def valid(self) -> SearchRequest:
        """Return the request. Raises InvalidRequest with all errors if there are any."""
        if self.invalid:
            raise_first(self.invalid)
        return self.request


def read_address(query: bytes) -> ParsedRequest:
    """Read a search from the parameters of an address, as the client sent them. Never raises."""
    return _read_short(query) if len(query) <= LONG_ADDRESS else _read(query)


def _read(query: bytes) -> ParsedRequest:
    return read_pairs(parse_qsl(query.decode("latin-1"), keep_blank_values=True))


_read_short = lru_cache(maxsize=_ADDRESSES)(_read)  # reading takes half the time of a cached response


def read_pairs(pairs: Pairs) -> ParsedRequest:
    """Read a search from the parameters of an address, in any order. Never raises."""
    values, errors = _values(SearchParams, pairs)
    request, errors = to_request(validate(SearchParams, _canonical_names(values), errors))
    # A query that is too long stays in the request: the page must show it.
    query = values.get("q", "")
    return ParsedRequest(request if request.query == query else replace(request, query=query), errors)


def read_body(body: bytes) -> SearchRequest:
    """Read a search from a JSON object, with numbers and lists as JSON has them.

    Raises InvalidRequest with all errors.
    """
    try:
        values = msgspec.json.decode(body, type=dict[str, Any])
    except UnicodeDecodeError as error:  # from msgspec, for texts and names alike
        raise InvalidRequest("body", "the body must be a JSON object in UTF-8") from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise InvalidRequest("body", f"the body must be a JSON object: {error}") from error
    # To JSON Schema 20.0 is a whole number.
    whole = {name: int(each) for name, each in values.items() if isinstance(each, float) and each.is_integer()}
    return ParsedRequest(*to_request(validate(SearchParams, _canonical_names(values | whole)))).valid()


def read_as(kind: type[P], params: "QueryParams") -> P:
    """Read the parameters of `kind`. Raises InvalidRequest with all errors."""
    return check(kind, *_values(kind, params.multi_items()))


def read_facet(params: "QueryParams") -> tuple[SearchRequest, str, int]:
    """Read a search, the beginning of facet values, and their maximum number. Raises InvalidRequest."""
    values, errors = _values(FacetParams, params.multi_items())
    values = _canonical_names(values)
    facet: Any = check(FacetParams, values, errors)
    request, _ = to_request(Validated(facet, (), frozenset(values)))
    return request, facet.facet_query, facet.limit


def _values(kind: type[Params], pairs: Pairs) -> tuple[dict[str, Any], tuple[InvalidRequest, ...]]:
    """Return the values as JSON would have them, without empty ones, and errors for repeated names."""
    allowed, values = types(kind), dict[str, Any]()
    seen, repeated = set[str](), dict[str, InvalidRequest]()
    for name, text in pairs:
        info = allowed.get(name)
        if info is not None and name in REPEATED:
            values.setdefault(name, []).append(text)
            continue
        if name in seen and name not in REPEATED:
            repeated[name] = InvalidRequest(name[:LONGEST_NAME], f"{name[:LONGEST_NAME]} may be given only once")
        seen.add(name)
        if text == "" and info is not None:
            continue
        if isinstance(info, inspect.IntType) and _WHOLE.fullmatch(text):
            values[name] = int(text)
        elif isinstance(info, inspect.VarTupleType):
            values[name] = [each for each in text.split(",") if each]
        else:
            values[name] = text
    return values, tuple(repeated.values())


def address(request: SearchRequest, page: int | None = None) -> str:
    """Return the parameters of an address that describe `request`, or another page of it, without defaults."""
    return urlencode(to_pairs(request, page))


def to_pairs(request: SearchRequest, page: int | None = None) -> list[tuple[str, str]]:
    """Return the names and values of the parameters that describe `request`, or another page of it, without
    defaults."""
    pairs: list[tuple[str, str]] = []
    for name, value in to_params(request, page).items():
        if name in REPEATED:
            pairs += [(name, each) for each in value]
        elif isinstance(value, tuple):
            pairs.append((name, ",".join(value) or ","))
        else:
            pairs.append((name, str(value)))
    return pairs


def _canonical_names(values: dict[str, Any]) -> dict[str, Any]:
    """Return `values` with the names of fields that the API documents, in place of their aliases.

    A filter by date of publication becomes `from` and `to`.
    """
    values = dict(values)
    for name in ("facets", "attributesToRetrieve"):
        if isinstance(names := values.get(name), list):
            values[name] = [ALIASES.get(each, each) if isinstance(each, str) else each for each in names]
    if isinstance(sort := values.get("sort"), str):
        values["sort"] = sort.replace("date:", "published:") if sort.startswith("date:") else sort
    if isinstance(filters := values.get("filter"), list):
        values["filter"] = []
        for each in filters:
            text = _canonical_filter(each) if isinstance(each, str) else each
            days = _days(text) if isinstance(text, str) and not values.keys() & {"from", "to"} else None
            if days is None:
                values["filter"].append(text)
            else:
                values |= {name: day for name, day in (("from", days.first), ("to", days.last)) if day}
    return values


def _canonical_filter(text: str) -> str:
    sign = "-" if text.startswith("-") else ""
    field, colon, value = text.removeprefix("-").partition(":")
    return f"{sign}{ALIASES.get(field, field)}{colon}{value}"


def _days(text: str) -> DateRange | None:
    """Return the days of a filter such as published:2024-03 or published:2023..2024, in the order of the text."""
    field, _, value = text.partition(":")
    days = dates.span(value, date.min) if field == "published" and _ABSOLUTE.fullmatch(value) else None
    if days and dates.is_reversed(value, date.min):
        return DateRange(days.last, days.first)  # refused, like `from` after `to`
    return days
