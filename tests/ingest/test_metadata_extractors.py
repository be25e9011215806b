"""Title, source, section and the other facts; and that no text can hurt their readers."""

import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchsvc.ingest.metadata.extractors import ExtractedMetadata, extract_metadata, read
from searchsvc.ingest.metadata.line_view import LineView
from searchsvc.models.documents import DeclaredMetadata

PROSE = "The council has approved the plans for a new bridge over the river after a long debate about its cost."
TITLE = "Council approves the new bridge over the river"


def seed(name: str) -> ExtractedMetadata:
    file = next((Path(__file__).parents[2] / "seeds").glob(f"{name}*"))
    return read(file.read_text(encoding="utf-8").split("\n"))


@pytest.mark.parametrize(
    ("name", "title", "author", "source", "section"),
    [
        ("000", "Peace Among Russia, US & NATO In The Horizon", "Precious Valerie", None, "Nation"),
        ("001", "NATO Opens Political Dialogue With Russia", "Precious Valerie", None, "Politics"),
        ("002", "West must engage with Moscow to develop mutual interests", None, None, None),
        (
            "003", "Russia Maintains Proposals of Security Cooperation with NATO",
            "Hassan Khazaal", "Prensa Latina", None,
        ),
        ("004", "NATO wants to restore relations with Russia", None, None, None),
    ],
)  # fmt: skip
def test_seeds_say_who_wrote_them(
    name: str, title: str, author: str | None, source: str | None, section: str | None
) -> None:
    facts = seed(name)
    assert (facts.title, facts.author, facts.source, facts.section) == (title, author, source, section)
    assert facts.published is None


def test_seeds_name_related_articles_and_credits() -> None:
    first = seed("000")
    assert first.related == ("Vladimir Putin Is Ending America’s Superpower Status",)
    assert first.credit is not None
    assert first.credit.endswith("CC by 4.0")


def test_title_is_found_below_a_menu() -> None:
    menu = ["Skip to content", "• Home", "• News", "• Sport", "Subscribe"]
    facts = read([*menu, TITLE, "By Jane Doe", PROSE, PROSE.replace("new", "old")])
    assert (facts.title, facts.title_index) == (TITLE, 5)


def test_title_loses_the_name_of_the_site_if_a_line_has_it_bare() -> None:
    assert read([f"{TITLE} | The Daily Example", TITLE, PROSE]).title == TITLE


def test_topics_are_read_from_what_was_taken_out() -> None:
    lines = [TITLE, PROSE, "Follow us for more updates on America."]
    assert read(lines, ["", "", "promotion"]).topics == ("America",)


def test_declared_metadata_is_not_extracted() -> None:
    texts = [
        TITLE,
        "By Jane Doe",
        "March 3, 2020",
        PROSE,
        "Source: Harbour Times",
        "More in Politics",
        "Read more: Quays",
    ]
    lines = LineView.of([*texts, "Follow us for more updates on America."])
    extracted = extract_metadata(lines, 0)
    assert extracted.author and extracted.source and extracted.section and extracted.topics and extracted.published
    declared = DeclaredMetadata("A", None, "B", "C", "D", ("E",), date(2001, 2, 3))
    assert extract_metadata(lines, 0, declared=declared) == ExtractedMetadata(
        None, 0, None, None, None, (), ("Quays",), None, None
    )


def test_text_without_lines_says_nothing() -> None:
    assert read([]) == ExtractedMetadata(None, -1, None, None, None, (), (), None, None)


@given(st.lists(st.text(), max_size=30))
@settings(max_examples=200, deadline=None)
def test_no_text_raises(lines: list[str]) -> None:
    read(lines)


@given(
    st.lists(
        st.sampled_from(
            ["By ", "by Jane Doe", "Published: 1/2/2021", "About ", "Author:", "•", PROSE, TITLE, "3 comments", ""]
        )
    )
)
@settings(max_examples=200, deadline=None)
def test_no_mixture_of_labels_raises(lines: list[str]) -> None:
    read(lines)


@pytest.mark.parametrize("unit", ["By ", "a", " ", "1/2/2021 ", "by Jane ", "Jane Doe, ", "- ", "«»", "Published "])
def test_long_lines_and_many_lines_take_linear_time(unit: str) -> None:
    start = time.process_time()
    read([unit * 300_000])
    read([unit * 3] * 10_000)
    assert time.process_time() - start < 4
