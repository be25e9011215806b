"""The day of publication: read when the text gives it for certain, never guessed."""

from datetime import date

import pytest

from searchsvc.ingest.date_parser import written_dates
from searchsvc.ingest.metadata.extractors import read
from searchsvc.ingest.readers.declared_dates import published_date

TITLE = "Council approves the new bridge over the river"
PROSE = "The council has approved the plans for a new bridge over the river after a long debate about its cost."
DAY = date(2021, 3, 14)


def published(*lines: str, language: str = "en") -> date | None:
    return read([TITLE, *lines, PROSE, PROSE.replace("new", "old")], language=language).published


@pytest.mark.parametrize(
    "line",
    [
        "Published: 14 March 2021",
        "March 14, 2021 10:05 am",
        "Sunday, March 14th, 2021",
        "2021-03-14T10:05",
        "2021.03.14",
        "14.03.2021",
        "03/14/2021",
        "14-Mar-2021",
        "14. März 2021",
        "14 Μαρτίου 2021",
        "By Jane Doe | Posted on 14 March 2021",
        "Published 14 March 2021 | Updated 2 May 2022",
        "14 March 2021 · 3 min read · By Jane Doe",
    ],
)
def test_full_day_near_the_title_is_read(line: str) -> None:
    assert published(line) == DAY


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("03/04/2021", "either order is a day"),
        ("March 2021", "no day"),
        ("14 March", "no year"),
        ("Updated 14 March 2021", "not the publication"),
        ("© 14 March 2021 Example", "a copyright"),
        ("2021-13-40", "no such day"),
        ("31 February 2021", "no such day"),
        ("The debate began on 14 March 2021 and went on for many months without any result at all.", "running text"),
        ("Jane Doe says: 14 March 2021", "a comment"),
        ("14 March 2021 - 18 March 2021", "a span"),
        ("• 14 March 2021", "a list of events"),
    ],
)
def test_no_day_is_made_up(line: str, why: str) -> None:
    assert published(line) is None, why


def test_another_date_of_the_page_shows_the_order() -> None:
    assert published("03/04/2021", "Updated 25/04/2021") == date(2021, 4, 3)


def test_language_shows_the_order() -> None:
    assert published("03.04.2021", language="de") == date(2021, 4, 3)


def test_many_dates_below_the_title_are_a_list() -> None:
    assert published("1 March 2021", "Spring fair", "2 March 2021", "Concert", "3 March 2021") is None


def test_labelled_date_wins_over_the_date_of_the_day() -> None:
    assert read(["1 May 2022", TITLE, "Published: 14 March 2021", PROSE]).published == DAY


@pytest.mark.parametrize(
    "line",
    [
        "2021. 3. 14.",
        "입력 2021. 3. 14. 오전 10:05",
        "14 มีนาคม 2564",
        "14 มี.ค. 2564 10:05",
        "14 มีนาคม พ.ศ. 2564",
        "14 มีนาคม 2021",
        "令和3年3月14日",
        "14 مارس 2021",
        "14 آذار 2021",
        "14 मार्च 2021",
        "14 במרץ 2021",
    ],
)
def test_day_in_another_calendar_or_script_is_read(line: str) -> None:
    assert published(line) == DAY
    assert published_date(line.removeprefix("입력 ")) == DAY


@pytest.mark.parametrize(
    ("text", "day"), [("平成31年4月30日", date(2019, 4, 30)), ("令和元年5月1日", date(2019, 5, 1))]
)
def test_day_of_an_era_is_read(text: str, day: date) -> None:
    assert published_date(text) == day


@pytest.mark.parametrize("line", ["2021. 13. 40.", "31 กุมภาพันธ์ 2564", "14 มีนาคม 2999", "2021. 3. 145", "令和3年"])
def test_no_day_of_another_calendar_is_made_up(line: str) -> None:
    assert published(line) is None


def test_dates_of_two_scripts_are_in_order() -> None:
    days = [each.day for each in written_dates("14 March 2021, 令和3年3月15日, 16 March 2021", None)]
    assert days == [date(2021, 3, 14), date(2021, 3, 15), date(2021, 3, 16)]
