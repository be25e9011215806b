"""Parameters of searches, derived from `SearchRequest`: their names, types and texts, and the one check of all."""

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial, reduce
from operator import attrgetter
from types import UnionType
from typing import Annotated, Any, Literal, cast, get_args, get_origin

from msgspec import Meta, defstruct

from searchsvc.errors import InvalidRequest
from searchsvc.models.documents import FACETS
from searchsvc.models.parameters import Params, Validated, check, raise_first
from searchsvc.models.search import Filter
from searchsvc.models.search_request import (
    MAX_DEPTH,
    MAX_FACET_VALUES,
    MAX_HITS_PER_PAGE,
    MAX_QUERY,
    SearchRequest,
)

SUGGESTED, MAX_SUGGESTED = 8, 20  # completions, or similar documents

_FilterText = Annotated[str, Meta(pattern=rf"^-?({'|'.join(FACETS)}):[\s\S]")]
_ON_OFF = ("off", "on")


@dataclass(frozen=True, slots=True)
class Option:
    """A field of SearchRequest as a parameter: its name, type and default in the API, and both conversions."""

    field: str
    name: str
    flag: str  # on the command line, without dashes
    type: Any
    default: Any  # as the field has it
    values: str  # for the help of the command line
    description: str
    selects: bool
    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]


def _option(field: "dataclasses.Field[Any]") -> Option:
    annotated, *metas = get_args(field.type)
    merged = reduce(lambda one, other: one | other, (meta.extra or {} for meta in metas))
    description = next(meta.description for meta in metas if meta.description)
    examples = next((meta.examples for meta in metas if meta.examples), None)
    name = merged.get("name", camel_case(field.name))
    type_, encode, decode = _conversion(annotated, merged)
    values = _values(type_, merged.get("choices", ()))
    limits = [meta for meta in metas if not meta.description]
    if limits:
        type_ = Annotated[type_, limits[0]]
    if isinstance(annotated, UnionType):
        type_ = type_ | None
    return Option(
        field=field.name,
        name=name,
        flag=merged.get("flag", re.sub("([A-Z])", r"-\1", name).lower()),
        type=Annotated[type_, Meta(description=description, examples=examples)],
        default=field.default,
        values=values,
        description=description,
        selects=merged.get("selects", False),
        encode=encode,
        decode=decode,
    )


def _conversion(annotated: Any, details: dict[str, Any]) -> tuple[Any, Callable[[Any], Any], Callable[[Any], Any]]:
    """Return the type of an option in the API, and the functions to it and from it."""
    choices, bare = details.get("choices"), annotated
    if isinstance(annotated, UnionType):
        bare = next(member for member in get_args(annotated) if member is not type(None))
    if bare is bool:
        words = details.get("words", _ON_OFF)
        return (
            Literal[words[::-1]],
            lambda value: words[value] if isinstance(value, bool) else value,
            lambda word: word == words[1],
        )
    if bare == tuple[Filter, ...]:
        return tuple[_FilterText, ...], _filter_texts, _filters
    if choices and bare is not str:
        return tuple[Literal[choices], ...], _same, partial(_in_order, choices)  # type: ignore[valid-type]
    return (Literal[choices] if choices else bare), _same, _same


def _values(type_: Any, choices: tuple[str, ...]) -> str:
    if get_origin(type_) is Literal:
        return "|".join(get_args(type_))
    if choices:
        return "NAME,..."
    return {int: "N", date: "DATE"}.get(type_, "TEXT")


def _same(value: Any) -> Any:
    return value


def _in_order(choices: tuple[str, ...], values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(choice for choice in choices if choice in values)


def camel_case(name: str) -> str:
    """Return a name with underscores in camelCase."""
    first, *words = name.split("_")
    return first + "".join(map(str.capitalize, words))


def _filter_texts(filters: tuple[Filter, ...]) -> tuple[str, ...]:
    return tuple(f"{'-' if each.exclude else ''}{each.field}:{value}" for each in filters for value in each.values)


def _filters(texts: tuple[str, ...]) -> tuple[Filter, ...]:
    """Return one filter per field and sign, with its values sorted, so that equal requests compare equal."""
    values: dict[tuple[str, bool], set[str]] = {}
    for text in texts:
        field, _, value = text.partition(":")
        values.setdefault((field.removeprefix("-"), field.startswith("-")), set()).add(value)
    return tuple(Filter(field, tuple(sorted(each)), exclude) for (field, exclude), each in sorted(values.items()))


OPTIONS = tuple(map(_option, dataclasses.fields(SearchRequest)))
_OPTION_OF_NAME = {each.name: each for each in OPTIONS}
_DEFAULTS = tuple(each.default for each in OPTIONS)
_PAGE = OPTIONS.index(_OPTION_OF_NAME["page"])
_values_of = attrgetter(*(each.field for each in OPTIONS))  # all values of a request in one call
_Field = tuple[str, Any, Any]


def _params(name: str, doc: str, options: Iterable[Option], *more: _Field, names: dict[str, str]) -> type[Params]:
    fields = [(each.field, each.type, each.encode(each.default)) for each in options]
    renamed = {each.field: each.name for each in options} | names
    kind = defstruct(
        name, [*fields, *more], bases=(Params,), rename=renamed, frozen=True, kw_only=True, namespace={"__doc__": doc}
    )
    return cast(type[Params], kind)


SearchParams = _params(
    "SearchParams",
    "Options of a search. Use `page` and `hitsPerPage`, or `offset` and `limit`, within the first 1,000 hits.",
    OPTIONS,
    (
        "limit",
        Annotated[
            Annotated[int, Meta(ge=1, le=MAX_HITS_PER_PAGE)] | None,
            Meta(description="Hits to return, with `offset`; instead of `hitsPerPage`."),
        ],
        None,
    ),
    names={"limit": "limit"},
)
FacetParams = _params(
    "FacetParams",
    "Values of one field among the documents that match a search.",
    [each for each in OPTIONS if each.selects],
    (
        "facet_query",
        Annotated[
            str,
            Meta(
                max_length=MAX_QUERY,
                description="Only values with a word that starts with this text; ignores case and accents.",
            ),
        ],
        "",
    ),
    (
        "limit",
        Annotated[int, Meta(ge=1, le=MAX_FACET_VALUES, description="Maximum number of values.")],
        SearchRequest().facet_limit,
    ),
    names={"facet_query": "facetQuery", "limit": "limit"},
)


class SimilarParams(Params, frozen=True, kw_only=True):
    """Number of similar documents."""

    limit: Annotated[int, Meta(ge=1, le=MAX_SUGGESTED, description="Maximum number of documents.")] = SUGGESTED


class SuggestParams(Params, frozen=True, kw_only=True):
    """Text of a search box, and number of suggestions."""

    q: Annotated[str, Meta(max_length=MAX_QUERY, description="Partial query.", examples=["nat"])] = ""
    limit: Annotated[
        int, Meta(ge=1, le=MAX_SUGGESTED, description="Maximum number of completions, and of documents.")
    ] = SUGGESTED


def to_request(checked: Validated[Params]) -> tuple[SearchRequest, tuple[InvalidRequest, ...]]:
    """Return the request that checked parameters describe, and all errors."""
    params, names, errors = checked.values, checked.names, checked.errors
    values = {
        each.field: each.decode(getattr(params, each.field))
        for each in map(_OPTION_OF_NAME.get, names)
        if each is not None and hasattr(params, each.field)
    }
    if isinstance(params, SearchParams) and (
        window := [name for name in ("limit", "offset") if getattr(params, name) is not None]
    ):
        if names & {"page", "hitsPerPage"}:
            message = "use offset and limit, or page and hitsPerPage, not both"
            errors = (*errors, InvalidRequest(window[0], message))
        size = getattr(params, "limit", None) or SearchRequest().hits_per_page
        values |= {"offset": values.get("offset") or 0, "hits_per_page": size}
    request = SearchRequest(**values)
    return request, (*errors, *_order_errors(request))


def _order_errors(request: SearchRequest) -> Iterator[InvalidRequest]:
    """Yield an error if the days of publication are in the wrong order."""
    first, last = request.published_from, request.published_to
    if first and last and first > last:
        yield InvalidRequest("from", f"from is after to: {first} is later than {last}; swap them")


def to_params(request: SearchRequest, page: int | None = None) -> dict[str, Any]:
    """Return the parameters that describe `request`, or another page of it, by their names in the API.

    Defaults are left out.
    """
    request_values = _values_of(request)
    if page is not None:
        request_values = (*request_values[:_PAGE], page, *request_values[_PAGE + 1 :])
    values = {
        each.name: each.encode(value)
        for each, value, default in zip(OPTIONS, request_values, _DEFAULTS, strict=True)
        if value != default
    }
    if request.offset is not None:
        values.pop("page", None)
        values["limit"] = values.pop("hitsPerPage", request.hits_per_page)
    return values


def check_request(request: SearchRequest) -> None:
    """Raise InvalidRequest with all errors if an option of `request` is out of bounds."""
    check(SearchParams, to_params(request))
    if errors := tuple(_order_errors(request)):
        raise_first(errors)
    if not request.cursor and request.start + request.hits_per_page > MAX_DEPTH:
        name = "page" if request.offset is None else "offset"
        raise InvalidRequest(
            name, f"{name} is beyond the first {MAX_DEPTH:,} hits; refine the query to see other documents"
        )
