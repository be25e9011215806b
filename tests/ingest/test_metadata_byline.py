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


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Von Ada Beispiel", "Ada Beispiel"),
        ("von Dr. Ada Beispiel", "Dr. Ada Beispiel"),
        ("Von: ADA BEISPIEL", "Ada Beispiel"),
        ("Von Ada Beispiel und Ben Muster, Berlin", "Ada Beispiel, Ben Muster"),
        ("Kommentar von Ada Beispiel", "Ada Beispiel"),
        ("Von Ada BeispielKorrespondentin", "Ada Beispiel"),
        ("Von dpa 30.04.2024, 18:58", "dpa"),
        ("Text: Ada Beispiel", "Ada Beispiel"),
        ("Par Ada Exemple et Ben Modèle", "Ada Exemple, Ben Modèle"),
        ("Por Ana Ejemplo", "Ana Ejemplo"),
        ("di Ada Esempio", "Ada Esempio"),
        ("Av Ada Eksempel", "Ada Eksempel"),
        ("Przez Ada Przykład", "Ada Przykład"),
        ("Автор: Ада Примерова", "Ада Примерова"),
        ("(责编：牛镛、岳弘彬)", "牛镛, 岳弘彬"),
        ("김민수 기자", "김민수"),
        ("[뉴스 김민수 기자]", "김민수"),
        ("김민수 선임기자 kim@example.com", "김민수"),
        ("लेखक: सीता शर्मा", "सीता शर्मा"),
        ("লেখক: সীতা শর্মা, রাম দাস", "সীতা শর্মা, রাম দাস"),
        ("Tác giả: Nguyễn Thị Hường", "Nguyễn Thị Hường"),
        ("โดย สมหญิง ใจดี | 14 มิถุนายน", "สมหญิง ใจดี"),
        ("מאת רחל כהן", "רחל כהן"),
        ("מאת: רחל כהן-לוי", "רחל כהן-לוי"),
        ("بقلم: ليلى حداد", "ليلى حداد"),
    ],
)
def test_byline_of_another_language_names_the_author(line: str, expected: str) -> None:
    assert author(line) == expected


@pytest.mark.parametrize("line", ["Von der Leyen", "Par exemple", "Di nuovo insieme", "Por favor, lea esto",
    "담당 기자", "김민수 기자는 월요일 밝혔다", "โดยเฉพาะอย่างยิ่ง", "โดย สมหญิง", "מאת העורכים של העיתון היומי בעיר",
    "كتب: الكتاب الأول.", "Tác giả: cuốn sách này"])  # fmt: skip
def test_a_line_that_only_begins_like_a_foreign_byline_names_nobody(line: str) -> None:
    assert author(line) is None


@pytest.mark.parametrize(
    "lines",
    [
        ("Ada Beispiel", "28. Juni 2025 - 16.03 Uhr"),
        ("Ada Beispiel", "Lesezeit: 5 Min."),
        ("Ada Beispiel", "Redakteurin im Ressort Politik"),
        ("Ada Beispiel", "Publié le 18 juil. 2024 à 08:01"),
        ("Porträtbild von Ada Beispiel", "Ada Beispiel"),
    ],
)
def test_a_bare_name_needs_a_date_a_job_or_a_picture(lines: tuple[str, ...]) -> None:
    assert author(*lines) == "Ada Beispiel"


@pytest.mark.parametrize(
    "foot",
    [
        ("Jane Doe", "Jane Doe lives in the harbour town, where she writes about boats."),
        ("Jane Doe", "Senior Editor"),
        ("Jane Doe", "Jane Doe"),
    ],
)
def test_a_signed_text_names_the_author(foot: tuple[str, ...]) -> None:
    assert author(foot=foot) == "Jane Doe"


@pytest.mark.parametrize("place", ["Ewood Park", "Griffin Park", "Jupiter Research", "Bangkok Market", "Key Takeaways"])
def test_places_and_labels_are_no_authors(place: str) -> None:
    assert author(place, "March 3, 2021") is None
    assert author(foot=(place, place)) is None


def test_a_single_name_after_an_update_is_an_author() -> None:
    assert author("Last updated on August 2, 2025 by Shannon") == "Shannon"
