"""Typed days, months, years and ranges of them."""

import calendar
import re
from datetime import date, timedelta

from searchsvc.models.search import DateRange

_WRITTEN = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)


def span(text: str, today: date) -> DateRange | None:
    """Return the range of days that `text` names, such as 2024, 2024-03 or 2024-01..2024-06, or None."""
    if ".." in text:
        first, _, last = text.partition("..")
        start, end = (_named(first, today) if first else None), (_named(last, today) if last else None)
        if (first and not start) or (last and not end) or not (first or last):
            return None
        if start and end and start.first and end.first and end.first < start.first:
            start, end = end, start  # the later day first: the same days
        return DateRange(start.first if start else None, end.last if end else None)
    return _named(text, today)


def is_reversed(text: str, today: date) -> bool:
    """Return whether `text` is a range that names the later day first; `span` swaps the days."""
    start, end = (_named(each, today) for each in text.partition("..")[::2])
    return start is not None and end is not None and (end.first or date.min) < (start.first or date.min)


def _named(text: str, today: date) -> DateRange | None:
    match text.casefold():
        case "today":
            return DateRange(today, today)
        case "yesterday":
            return DateRange(today - timedelta(days=1), today - timedelta(days=1))
        case "this-week":
            return DateRange(today - timedelta(days=today.weekday()), today)
        case "this-month":
            return DateRange(today.replace(day=1), today)
        case "this-year":
            return DateRange(today.replace(month=1, day=1), today)
        case "last-week":
            return DateRange(today - timedelta(days=7), today)
        case "last-month":
            return DateRange(today - timedelta(days=31), today)
        case "last-year":
            return DateRange(today - timedelta(days=366), today)
    return _written(text)


def _written(text: str) -> DateRange | None:
    match = _WRITTEN.fullmatch(text)
    if not match:
        return None
    year, month, day = (int(group) if group else None for group in match.groups())
    assert year is not None
    try:
        first = date(year, 1 if month is None else month, 1 if day is None else day)
    except ValueError:
        return None
    if day:
        return DateRange(first, first)
    last_month = month or 12
    return DateRange(first, date(year, last_month, calendar.monthrange(year, last_month)[1]))
