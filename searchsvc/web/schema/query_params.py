"""Reading of parameters from an address or a body of JSON, and writing of addresses."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

import msgspec
from msgspec import inspect

from searchsvc.errors import InvalidRequest
from searchsvc.models.parameters import Params, Validated, check, raise_first, types, validate
from searchsvc.models.search_params import FacetParams, SearchParams, to_params, to_request
from searchsvc.models.search_request import SearchRequest
from searchsvc.web.schema.aliases import canonical_names

if TYPE_CHECKING:  # the command line reads its options by the same rules, and starts twice as fast without Starlette
    from starlette.datastructures import QueryParams

Pairs = Sequence[tuple[str, str]]

REPEATED = frozenset({"filter"})  # in an address; lists in other parameters are separated by commas
_WHOLE = re.compile(r"[0-9]{1,9}")
_LONGEST_NAME = 80  # characters of a name that an error repeats

P = TypeVar("P", bound=Params)


@dataclass(frozen=True, slots=True)
class ParsedRequest:
    """A search request, and errors of invalid parameters; those have their defaults in the request."""

    request: SearchRequest
    invalid: tuple[InvalidRequest, ...]

    def valid(self) -> SearchRequest:
        """Return the request. Raises InvalidRequest with all errors if there are any."""
        raise_first(self.invalid)
        return self.request


def read(params: "QueryParams") -> ParsedRequest:
    """Read a search from an address; the order of the parameters does not matter. Never raises."""
    return read_pairs(params.multi_items())


def read_pairs(pairs: Pairs) -> ParsedRequest:
    """Read a search from (name, value) pairs, as `read` does. Never raises."""
    values, errors = _values(SearchParams, pairs)
    request, errors = to_request(validate(SearchParams, canonical_names(values), errors))
    # A query that is too long stays in the request: the page must show it.
    query = values.get("q", "")
    return ParsedRequest(request if request.query == query else replace(request, query=query), errors)


def read_body(body: bytes) -> SearchRequest:
    """Read a search from a JSON object, with numbers and lists as JSON has them.

    Raises InvalidRequest with all errors.
    """
    try:
        values = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError) as error:
        raise InvalidRequest("body", f"the body must be a JSON object: {error}") from error
    # To JSON Schema 20.0 is a whole number.
    whole = {name: int(each) for name, each in values.items() if isinstance(each, float) and each.is_integer()}
    return ParsedRequest(*to_request(validate(SearchParams, canonical_names(values | whole)))).valid()


def read_as(kind: type[P], params: "QueryParams") -> P:
    """Read the parameters of `kind`. Raises InvalidRequest with all errors."""
    return check(kind, *_values(kind, params.multi_items()))


def read_facet(params: "QueryParams") -> tuple[SearchRequest, str, int]:
    """Read a search, the beginning of facet values, and their maximum number. Raises InvalidRequest."""
    values, errors = _values(FacetParams, params.multi_items())
    values = canonical_names(values)
    facet: Any = check(FacetParams, values, errors)
    request, _ = to_request(Validated(facet, (), frozenset(values)))
    return request, facet.facet_query, facet.limit


def _values(kind: type[Params], pairs: Pairs) -> tuple[dict[str, Any], tuple[InvalidRequest, ...]]:
    """Return the values as JSON would have them, without empty ones, and errors for repeated names."""
    known, values = types(kind), dict[str, Any]()
    seen, repeated = set[str](), dict[str, InvalidRequest]()
    for name, text in pairs:
        info = known.get(name)
        if info is not None and name in REPEATED:
            values.setdefault(name, []).append(text)
            continue
        if name in seen and name not in REPEATED:
            repeated[name] = InvalidRequest(name[:_LONGEST_NAME], f"{name[:_LONGEST_NAME]} may be given only once")
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
    pairs: list[tuple[str, str]] = []
    for name, value in to_params(request if page is None else replace(request, page=page)).items():
        if name in REPEATED:
            pairs += [(name, each) for each in value]
        elif isinstance(value, tuple):
            pairs.append((name, ",".join(value) or ","))
        else:
            pairs.append((name, str(value)))
    return urlencode(pairs)
