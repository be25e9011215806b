"""What people type for a day, a month, a year or a span of them."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchsvc.models.search import DateRange
from searchsvc.query.dates import span

TODAY = date(2024, 3, 1)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2023-2", date(2023, 2, 1), date(2023, 2, 28)),
        ("2024-02-29", date(2024, 2, 29), date(2024, 2, 29)),
        ("0001", date(1, 1, 1), date(1, 12, 31)),
        ("9999-12", date(9999, 12, 1), date(9999, 12, 31)),
        ("today", TODAY, TODAY),
        ("Yesterday", date(2024, 2, 29), date(2024, 2, 29)),
        ("last-week", date(2024, 2, 23), TODAY),
        ("last-month", date(2024, 1, 30), TODAY),
        ("last-year", date(2023, 3, 1), TODAY),
        ("2023-11..2024-02", date(2023, 11, 1), date(2024, 2, 29)),
        ("2023..yesterday", date(2023, 1, 1), date(2024, 2, 29)),
        ("2024-02..2023-11", date(2023, 11, 1), date(2024, 2, 29)),
        ("this-week", date(2024, 2, 26), TODAY),
        ("this-month", TODAY, TODAY),
        ("this-year", date(2024, 1, 1), TODAY),
        ("2024..", date(2024, 1, 1), None),
        ("..2024", None, date(2024, 12, 31)),
    ],
)
def test_text_names_these_days(text: str, first: date | None, last: date | None) -> None:
    assert span(text, TODAY) == DateRange(first, last)


@pytest.mark.parametrize(
    "text",
    [
        "", "..", "...", "soon", "24", "2024-13", "2024-00", "2024-03-00", "2023-02-29", "2024-02-30", "0000", "99999",
        "-2024", "2024-", "2024-01-", "2024/01", "20240101", "2024..soon", "soon..2024", "٢٠٢٤",
        "2024-03-01T00:00", " 2024",
    ],
)  # fmt: skip
def test_text_names_no_day(text: str) -> None:
    assert span(text, TODAY) is None


@settings(deadline=None)
@given(st.text(max_size=30) | st.text("0123456789-.", max_size=24))
def test_no_text_is_an_error(text: str) -> None:
    span(text, TODAY)


@settings(deadline=None)
@given(st.dates())
def test_a_day_as_python_writes_it_is_that_day(day: date) -> None:
    assert span(day.isoformat(), TODAY) == DateRange(day, day)
