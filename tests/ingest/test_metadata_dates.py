"""The day of publication: read when the text gives it for certain, never guessed."""

from datetime import date

import pytest

from searchsvc.ingest.metadata.extractors import read

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
