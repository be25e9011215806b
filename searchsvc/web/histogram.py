"""Histogram of the hits over time: bars of months, years, decades or centuries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from searchsvc.models.search import DateRange
from searchsvc.web.page_language import PageLanguage

_MAX_BARS = 48
HEIGHT = 100  # of the highest bar


@dataclass(frozen=True, slots=True)
class Bar:
    """Hits of one period, from `days.first` to `days.last`. `height`: 0 to HEIGHT, and visible unless 0.

    `months`: the first and the last month of the period, as days.
    """

    months: tuple[date, date]
    days: DateRange
    count: int
    height: int

    def label(self, language: PageLanguage) -> str:
        """Return the period in words: a month, a year or several years."""
        first, last = self.months
        if (first.year, first.month) == (last.year, last.month):
            return language.format_month(first)
        return str(first.year) if first.year == last.year else f"{first.year}–{last.year}"


def bars(months: Mapping[date, int], within: DateRange | None) -> tuple[Bar, ...]:
    """Return bars for the counts by month, without gaps; none if all hits are in one month.

    Periods have the shortest length that needs at most _MAX_BARS bars. Their days stay `within` the given ones.
    """
    if len(months) < 2:
        return ()
    first, last = min(months), max(months)
    lengths = (1, 12, 120, 1200, 12_000)
    length = next(each for each in lengths if _number(last, each) - _number(first, each) < _MAX_BARS)
    counts: dict[int, int] = {}
    for month, count in months.items():
        number = _number(month, length)
        counts[number] = counts.get(number, 0) + count
    most = max(counts.values())
    return tuple(
        _bar(number, length, (counts.get(number, 0), most), within)
        for number in range(_number(first, length), _number(last, length) + 1)
    )


def _number(month: date, length: int) -> int:
    """Number of the period of `length` months that contains `month`."""
    return (month.year * 12 + month.month - 1) // length


def _bar(number: int, length: int, counts: tuple[int, int], within: DateRange | None) -> Bar:
    start, end = max(number * length, 12), min((number + 1) * length, 120_000) - 1  # months of the years 1 to 9999
    first, last = date(start // 12, start % 12 + 1, 1), _last_day(date(end // 12, end % 12 + 1, 1))
    count, most = counts
    return Bar((first, last), _within(first, last, within), count, -(-count * HEIGHT // most))


def _last_day(month: date) -> date:
    day = month.replace(day=28) + timedelta(days=3)  # in this month or one of the first three days of the next
    return day if day.month == month.month else day - timedelta(days=day.day)


def _within(first: date, last: date, within: DateRange | None) -> DateRange:
    outer = within or DateRange()
    return DateRange(max(first, outer.first or first), min(last, outer.last or last))
