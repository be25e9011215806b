"""Bars of the histogram over time."""

from datetime import date

import pytest

from searchsvc.models.search import DateRange
from searchsvc.web.histogram import HEIGHT, bars
from searchsvc.web.page_language import LANGUAGES

ENGLISH = LANGUAGES["en"]


def test_months_without_gaps() -> None:
    shown = bars({date(2023, 11, 1): 4, date(2024, 1, 1): 1}, None)
    assert [(bar.label(ENGLISH), bar.count) for bar in shown] == [
        ("November 2023", 4),
        ("December 2023", 0),
        ("January 2024", 1),
    ]
    assert [bar.height for bar in shown] == [HEIGHT, 0, HEIGHT // 4]
    assert shown[1].days == DateRange(date(2023, 12, 1), date(2023, 12, 31))


def test_rare_hits_have_a_visible_bar() -> None:
    assert bars({date(2024, 1, 1): 100_000, date(2024, 2, 1): 1}, None)[1].height == 1


@pytest.mark.parametrize(
    ("first", "last", "labels"),
    [
        (date(2020, 2, 1), date(2024, 2, 1), ["2020", "2021", "2022", "2023", "2024"]),
        (date(1905, 1, 1), date(2024, 1, 1), ["1900–1909", "2020–2029"]),
        (date(1, 1, 1), date(9999, 12, 1), ["1–999", "9000–9999"]),
    ],
)
def test_long_ranges_have_longer_periods(first: date, last: date, labels: list[str]) -> None:
    shown = bars({first: 1, last: 2}, None)
    assert len(shown) <= 48
    assert [shown[0].label(ENGLISH), shown[-1].label(ENGLISH)] == [labels[0], labels[-1]]
    assert sum(bar.count for bar in shown) == 3


def test_february_of_a_leap_year_ends_with_its_last_day() -> None:
    assert bars({date(2024, 2, 1): 1, date(2024, 4, 1): 1}, None)[0].days.last == date(2024, 2, 29)


def test_bars_stay_within_the_chosen_days() -> None:
    within = DateRange(date(2024, 1, 10), date(2024, 3, 5))
    shown = bars({date(2024, 1, 1): 1, date(2024, 3, 1): 1}, within)
    assert (shown[0].days.first, shown[-1].days.last) == (within.first, within.last)


def test_one_month_has_no_histogram() -> None:
    assert bars({date(2024, 1, 1): 9}, None) == ()
