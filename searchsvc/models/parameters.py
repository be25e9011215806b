"""Checking of named values by a type; every limit is declared in the type, and every message derived from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, NoReturn, TypeVar

import msgspec
from msgspec import inspect

from searchsvc.errors import InvalidRequest
from searchsvc.models.documents import FACETS

LONGEST_NAME = 80  # characters of an unknown name that an error repeats

P = TypeVar("P", bound=msgspec.Struct)


class Params(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Named values with defaults, such as the parameters of an address."""


class NoParams(Params, frozen=True, kw_only=True):
    """No parameters."""


@dataclass(frozen=True, slots=True)
class Validated(Generic[P]):
    """Checked values, with defaults in place of invalid ones; `names` of all values that were present."""

    values: P
    errors: tuple[InvalidRequest, ...]
    names: frozenset[str]


def validate(kind: type[P], values: Mapping[str, Any], errors: tuple[InvalidRequest, ...] = ()) -> Validated[P]:
    """Check `values`, by their names in the API; add an error for each that is unknown or invalid to `errors`."""
    try:
        return Validated(msgspec.convert(values, kind), errors, frozenset(values))
    except msgspec.ValidationError:
        pass  # reports the first invalid value only; check one by one to report all
    options, valid, invalid = fields(kind), dict[str, Any](), list(errors)
    for name, value in values.items():
        if name not in options:
            allowed = ", ".join(options) or "none"
            invalid.append(InvalidRequest(name[:LONGEST_NAME], f"unknown parameter; allowed here: {allowed}"))
            continue
        try:
            valid[options[name].name] = msgspec.convert(value, options[name].type)
        except msgspec.ValidationError as error:
            invalid.append(InvalidRequest(name, _message(name, types(kind)[name], error)))
    return Validated(kind(**valid), tuple(invalid), frozenset(values))


def check(kind: type[P], values: Mapping[str, Any], errors: tuple[InvalidRequest, ...] = ()) -> P:
    """Return `values` as `kind`. Raises InvalidRequest with all errors if there are any."""
    checked = validate(kind, values, errors)
    if checked.errors:
        raise_first(checked.errors)
    return checked.values


def raise_first(errors: tuple[InvalidRequest, ...]) -> NoReturn:
    """Raise the first of `errors` with the others attached."""
    raise InvalidRequest(errors[0].parameter, str(errors[0]), errors[1:])


@lru_cache
def fields(kind: type[msgspec.Struct]) -> Mapping[str, msgspec.structs.FieldInfo]:
    """Return the fields of `kind` by their names in the API."""
    return {field.encode_name: field for field in msgspec.structs.fields(kind)}


@lru_cache
def types(kind: type[msgspec.Struct]) -> Mapping[str, inspect.Type]:
    """Return the types of `kind`'s fields, without annotations and `| None`, by their names in the API."""
    return {name: _inner(inspect.type_info(field.type)) for name, field in fields(kind).items()}


def _inner(info: inspect.Type) -> inspect.Type:
    while isinstance(info, inspect.Metadata | inspect.UnionType):
        if isinstance(info, inspect.Metadata):
            info = info.type
        else:
            info = next(member for member in info.types if not isinstance(member, inspect.NoneType))
    return info


def _message(name: str, info: inspect.Type, error: msgspec.ValidationError) -> str:
    """Return the allowed values of parameter `name` as a sentence."""
    match info:
        case inspect.IntType(ge=low, le=high, lt=beyond):
            return f"{name} must be a whole number from {low} to {high if high is not None else (beyond or 0) - 1}"
        case inspect.LiteralType(values=values):
            return f"{name} must be one of {', '.join(map(str, values))}"
        case inspect.DateType():
            return f"{name} must be a date like 2024-03-31"
        case inspect.VarTupleType(item_type=item) if isinstance(inner := _inner(item), inspect.LiteralType):
            return f"{name} must be a list of {', '.join(map(str, inner.values))}"
        case inspect.VarTupleType():
            return f"{name} must be FIELD:VALUE, where FIELD is one of {', '.join(FACETS)}, published"
        case inspect.StrType(max_length=int(most)):
            return f"{name} must be text of at most {most:,} characters"
        case inspect.StrType(pattern=str()):
            return f"{name} must be the value of nextCursor in the previous response; leave it out for the first page"
    return f"{name} is invalid: {error}"
