"""Aliases of names in parameters: one name per field is documented, and the aliases of queries are accepted too."""

import re
from datetime import date
from typing import Any

from searchsvc.models.search import DateRange
from searchsvc.query import dates
from searchsvc.query.ast import ALIASES

_ABSOLUTE = re.compile(r"[0-9.-]+")  # dates whose meaning does not change from day to day


def canonical_names(values: dict[str, Any]) -> dict[str, Any]:
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
    """Return the days of a filter such as published:2024-03 or published:2023..2024."""
    field, _, value = text.partition(":")
    return dates.span(value, date.min) if field == "published" and _ABSOLUTE.fullmatch(value) else None
