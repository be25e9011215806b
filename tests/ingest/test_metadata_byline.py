"""Authors: whom by-lines, labels and portraits name, and nobody else."""

import pytest

from searchsvc.ingest.metadata.extractors import read
from searchsvc.ingest.metadata.person_names import names

TITLE = "Council approves the new bridge over the river"
PROSE = "The council has approved the plans for a new bridge over the river after a long debate about its cost."


def author(*lines: str, foot: tuple[str, ...] = ()) -> str | None:
    return read([TITLE, *lines, PROSE, PROSE.replace("new", "old"), *foot]).author


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("By Jane Doe", "Jane Doe"),
        ("by Jane Doe and John Roe", "Jane Doe, John Roe"),
        ("By Jane Doe, John Roe & Ann Poe", "Jane Doe, John Roe, Ann Poe"),
        ("By Jane Doe, CNN | Updated March 3, 2021", "Jane Doe"),
        ("By JANE DOE", "Jane Doe"),
        ("Written by Jane Doe, Senior Analyst", "Jane Doe"),
        ("Posted on August 21, 2019 by Jane Doe", "Jane Doe"),
        ("March 15, 2022 · 3 min read · By Jane Doe", "Jane Doe"),
        ("By Reuters Staff", "Reuters Staff"),
        ("By Ludwig van der Rohe", "Ludwig van der Rohe"),
        ("Author: Jane Doe", "Jane Doe"),
        ("Jane Doe • March 3, 2021", "Jane Doe"),
        ("by Jane DoeMarch 3, 2021", "Jane Doe"),
    ],
)
def test_byline_names_the_author(line: str, expected: str) -> None:
    assert author(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "By Industry",
        "By using this site, you agree to our terms.",
        "By the end of this tutorial you will know it all",
        "By category",
        "Photo by Jane Doe",
        "Reviewed by Jane Doe",
        "Powered by Example",
        "River Bridge",
        "Share this",
    ],
)
def test_nobody_is_made_up(line: str) -> None:
    assert author(line) is None


def test_label_may_stand_above_the_name() -> None:
    assert author("Written by", "Jane Doe", "March 3, 2021") == "Jane Doe"


def test_bare_name_needs_a_date_or_a_role_next_to_it() -> None:
    assert author("Jane Doe", "Staff writer") == "Jane Doe"
    assert author("Jane Doe") is None


def test_portrait_at_the_foot_names_the_author() -> None:
    assert author(foot=("About the author", "Jane Doe is a reporter in Oslo.")) == "Jane Doe"
    assert author(foot=("About Jane Doe", "Jane writes about bridges.")) == "Jane Doe"


def test_byline_at_the_foot_counts_only_if_it_is_the_only_one() -> None:
    assert author(foot=("Posted by Jane Doe",)) == "Jane Doe"
    assert author(foot=("By Jane Doe", "By John Roe")) is None


def test_comments_name_no_author() -> None:
    assert author(foot=("3 comments", "Posted by Jane Doe")) is None


def test_name_is_no_longer_than_80_characters() -> None:
    assert names("A" + "b" * 100) is None
