"""Reads what is asked from an address or a body of JSON, by the types that say what can be asked."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import urlencode

import msgspec
from msgspec import inspect

from searchsvc.errors import InvalidRequest
from searchsvc.models.documents import FACETS
from searchsvc.models.search import DateRange, Filter
from searchsvc.search_request import SearchRequest
from searchsvc.web.cached_response import CacheKey
from searchsvc.web.schema.requests import (
    ATTRIBUTES,
    FacetParams,
    FilterParams,
    Params,
    SearchParams,
)

if TYPE_CHECKING:  # the command line reads its options by the same rules, and starts twice as fast without Starlette
    from starlette.datastructures import QueryParams

Pairs = Sequence[tuple[str, str]]

REPEATED = frozenset({"filter"})  # in an address; lists of other parameters have commas
_WHOLE = re.compile(r"[0-9]{1,9}")
_DEFAULTS = SearchRequest()

P = TypeVar("P", bound=Params)


@dataclass(frozen=True, slots=True)
class ResponseOptions:
    """What is told of each hit in JSON, and how its matches are: html, offsets or none."""

    attributes: tuple[str, ...] = ATTRIBUTES
    highlight: str = "html"


DEFAULT_RESPONSE = ResponseOptions()


@dataclass(frozen=True, slots=True)
class ParsedRequest:
    """A search request, and what could not be read of it; those parameters have their defaults."""

    request: SearchRequest
    invalid: tuple[InvalidRequest, ...]
    options: ResponseOptions = DEFAULT_RESPONSE

    def cache_key(self, path: str) -> CacheKey:
        """What is asked at `path` in JSON."""
        return CacheKey(path, (self.request, self.options))


@dataclass(frozen=True, slots=True)
class _Validated(Generic[P]):
    """Parameters as typed values, those that could not be read by default; `given`: the names in use."""

    values: P
    invalid: tuple[InvalidRequest, ...]
    given: frozenset[str]


def read(params: "QueryParams") -> ParsedRequest:
    """What `params` ask for, the same whatever their order. Never raises: the API refuses what
    stands in `refused`, the page does without it."""
    return read_pairs(params.multi_items())


def read_pairs(pairs: Pairs) -> ParsedRequest:
    """Read parameters given as (name, value) pairs, as `read` does. Never raises."""
    asked = _search(_validated(SearchParams, _values(SearchParams, pairs), tuple(_repeated(pairs))))
    # A text that is too long is still what was asked for: the page can't do without it.
    return replace(asked, request=replace(asked.request, query=dict(pairs).get("q", "")))


def read_body(body: bytes) -> ParsedRequest:
    """What a body of JSON asks for: the same names, with numbers and lists as JSON has them.

    Raises InvalidRequest for the first of what can't be read.
    """
    try:
        given = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError) as error:
        raise InvalidRequest("body", f"the body must be a JSON object: {error}") from error
    # To JSON Schema 20.0 is a whole number.
    whole = {name: int(each) for name, each in given.items() if isinstance(each, float) and each.is_integer()}
    asked = _search(_validated(SearchParams, given | whole))
    if asked.invalid:
        raise asked.invalid[0]
    return asked


def read_as(kind: type[P], params: "QueryParams") -> P:
    """The parameters that `kind` has. Raises InvalidRequest for the first of what can't be read."""
    checked = _validated(kind, _values(kind, params.multi_items()), tuple(_repeated(params.multi_items())))
    if checked.invalid:
        raise checked.invalid[0]
    return checked.values


def read_facet(params: "QueryParams") -> tuple[SearchRequest, FacetParams]:
    """A search whose facets are asked for, and which of their values. Raises InvalidRequest."""
    asked = read_as(FacetParams, params)
    return _narrowed(asked), asked


def _search(checked: _Validated[SearchParams]) -> ParsedRequest:
    asked, refused = checked.values, checked.invalid
    request = replace(
        _narrowed(asked),
        page=asked.page,
        hits_per_page=asked.hits_per_page,
        sort=asked.sort,
        facets=tuple(name for name in FACETS if name in asked.facets),
        facet_limit=asked.facet_limit,
        crop_length=asked.crop_length,
        snippets=asked.snippets,
        explain=asked.explain == "on",
        timeout_ms=asked.timeout_ms,
    )
    if windowed := checked.given & {"offset", "limit"}:
        if checked.given & {"page", "hitsPerPage"}:
            refused = (*refused, InvalidRequest(min(windowed), "give offset and limit, or page and hitsPerPage"))
        request = replace(request, offset=asked.offset or 0, hits_per_page=asked.limit or _DEFAULTS.hits_per_page)
    shape = ResponseOptions(tuple(dict.fromkeys(("id", *asked.attributes_to_retrieve))), asked.highlight)
    return ParsedRequest(request, refused, shape)


def _narrowed(asked: FilterParams) -> SearchRequest:
    return SearchRequest(
        query=asked.q,
        filters=_merged([_filter(each) for each in asked.filters]),
        published=DateRange(asked.first, asked.last) if asked.first or asked.last else None,
        strategy=asked.matching_strategy,
        syntax=asked.syntax,
        typo=asked.typo == "on",
        collapse=asked.collapse == "duplicates",
    )


def _filter(typed: str) -> Filter:
    field, _, value = typed.partition(":")
    return Filter(field.removeprefix("-"), (value,), field.startswith("-"))


def _merged(filters: list[Filter]) -> tuple[Filter, ...]:
    """Values of one field are alternatives, so they belong into one filter; in one order, so that
    requests for the same thing are equal."""
    values: dict[tuple[str, bool], list[str]] = {}
    for each in filters:
        values.setdefault((each.field, each.exclude), []).extend(each.values)
    return tuple(Filter(field, tuple(sorted(set(each))), exclude) for (field, exclude), each in sorted(values.items()))


def _validated(kind: type[P], given: Mapping[str, Any], refused: tuple[InvalidRequest, ...] = ()) -> _Validated[P]:
    """`given`, by the names of `kind`; if that won't do, each checked by itself, so that one which is
    wrong can be named."""
    try:
        return _Validated(msgspec.convert(given, kind), refused, frozenset(given))
    except msgspec.ValidationError:
        pass  # which of them it was, and what is wrong with the others, is found out one by one
    known, read, wrong = fields(kind), {}, list(refused)
    for name, value in given.items():
        if name not in known:
            told = ", ".join(known) or "none"
            wrong.append(InvalidRequest(name[:80], f"unknown parameter; known here: {told}"))
            continue
        try:
            read[known[name].name] = msgspec.convert(value, known[name].type)
        except msgspec.ValidationError as error:
            wrong.append(InvalidRequest(name, _told(name, _kinds(kind)[name], error)))
    return _Validated(kind(**read), tuple(wrong), frozenset(given))


@lru_cache
def fields(kind: type[Params]) -> Mapping[str, msgspec.structs.FieldInfo]:
    """The fields of `kind` by the names that are typed."""
    return {each.encode_name: each for each in msgspec.structs.fields(kind)}


@lru_cache
def _kinds(kind: type[Params]) -> Mapping[str, inspect.Type]:
    """What the values of `kind` are, behind remarks and behind "or none", by the names that are typed."""
    return {name: _inner(inspect.type_info(each.type)) for name, each in fields(kind).items()}


def _values(kind: type[Params], pairs: Pairs) -> dict[str, Any]:
    """The parameters as JSON would have them: numbers for digits, lists. Empty ones are left out."""
    known, values = _kinds(kind), dict[str, Any]()
    for name, typed in pairs:
        info = known.get(name)
        if name in REPEATED and name in known:
            values.setdefault(name, []).append(typed)
        elif typed == "" and name in known:
            continue
        elif isinstance(info, inspect.IntType) and _WHOLE.fullmatch(typed):
            values[name] = int(typed)
        elif isinstance(info, inspect.VarTupleType):
            values[name] = [each for each in typed.split(",") if each]
        else:
            values[name] = typed
    return values


def _repeated(pairs: Pairs) -> list[InvalidRequest]:
    names = [name for name, _ in pairs if name not in REPEATED]
    return [
        InvalidRequest(name[:80], "may be given once only") for name in dict.fromkeys(names) if names.count(name) > 1
    ]


def _inner(info: inspect.Type) -> inspect.Type:
    """The type behind remarks and behind "or none"."""
    while isinstance(info, inspect.Metadata | inspect.UnionType):
        if isinstance(info, inspect.Metadata):
            info = info.type
        else:
            info = next(each for each in info.types if not isinstance(each, inspect.NoneType))
    return info


def _told(name: str, info: inspect.Type, error: msgspec.ValidationError) -> str:
    """What `name` must be, in words."""
    match info:
        case inspect.IntType(ge=low, le=high, lt=beyond):
            return f"{name} must be a whole number from {low} to {high if high is not None else (beyond or 0) - 1}"
        case inspect.LiteralType(values=values):
            return f"{name} must be one of {', '.join(map(str, values))}"
        case inspect.DateType():
            return f"{name} must be a day like 2024-03-31"
        case inspect.VarTupleType(item_type=item) if isinstance(_inner(item), inspect.LiteralType):
            return f"{name} must be some of {', '.join(map(str, _inner(item).values))}"  # type: ignore[attr-defined]
        case inspect.VarTupleType():
            return f"{name} must be FIELD:VALUE with a field of {', '.join(FACETS)}"
        case inspect.StrType(max_length=int(most)):
            return f"{name} must be text of at most {most:,} characters"
    return f"{name} can't be read: {error}"


def address(request: SearchRequest, page: int | None = None, shape: ResponseOptions = DEFAULT_RESPONSE) -> str:
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
        pairs.append(("facets", ",".join(request.facets) or ","))
    if request.facet_limit != _DEFAULTS.facet_limit:
        pairs.append(("facetLimit", str(request.facet_limit)))
    pairs += _other_than_default(request, shape)
    return urlencode([*pairs, *_place(request, page or request.page)])


def _other_than_default(request: SearchRequest, shape: ResponseOptions) -> list[tuple[str, str]]:
    told: list[tuple[str, Any, Any]] = [
        ("matchingStrategy", request.strategy, _DEFAULTS.strategy),
        ("syntax", request.syntax, _DEFAULTS.syntax),
        ("typo", "on" if request.typo else "off", "on"),
        ("collapse", "duplicates" if request.collapse else "none", "none"),
        ("cropLength", request.crop_length, _DEFAULTS.crop_length),
        ("snippets", request.snippets, _DEFAULTS.snippets),
        ("explain", "on" if request.explain else "off", "off"),
        ("timeoutMs", request.timeout_ms, None),
        ("attributesToRetrieve", ",".join(shape.attributes), ",".join(DEFAULT_RESPONSE.attributes)),
        ("highlight", shape.highlight, DEFAULT_RESPONSE.highlight),
    ]
    return [(name, str(value)) for name, value, default in told if value != default]


def _place(request: SearchRequest, page: int) -> list[tuple[str, str]]:
    if request.offset is not None:
        return [("offset", str(request.offset)), ("limit", str(request.hits_per_page))]
    size = [("hitsPerPage", str(request.hits_per_page))] if request.hits_per_page != _DEFAULTS.hits_per_page else []
    return [*size, ("page", str(page))] if page > 1 else size
