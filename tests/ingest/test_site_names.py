"""Names of sites that the documents of a folder share: cut from titles, and given to documents without a source."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchsvc.ingest import Source, find_seeds, ingest, read_first_pass
from searchsvc.ingest.folder_source import host_source
from searchsvc.ingest.ingested_document import IngestedDocument
from searchsvc.ingest.site_names import _SEPARATOR, _SIGNS, SiteNames

THINGS = ("storm", "bridge", "market", "council", "harvest", "glacier")
HEADLINES = tuple(f"The {thing} of the north comes to an end" for thing in THINGS)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://web.archive.org/web/20200101000000/https://www.riverpost.example/a", "riverpost.example"),
        ("https://web.archive.org/web/2020id_/http://riverpost.example/a", "riverpost.example"),
        ("https://www.riverpost.example/a", "riverpost.example"),
        ("https://10.0.0.1/a", None),
    ],
)
def test_source_is_the_host_of_the_address(url: str, host: str | None) -> None:
    assert host_source(url, "a.txt") == host


def documents(folder: Path) -> Mapping[str, IngestedDocument]:
    source, seeds = Source(folder, 1_000_000, "en"), list(find_seeds(folder))
    first_pass = read_first_pass(source, seeds)
    outcomes = ingest(source, seeds, first_pass.lines.recurring(), None, first_pass.sites.learned())
    return {each.path: each for each in outcomes if isinstance(each, IngestedDocument)}


def write(folder: Path, titles: Sequence[str], **more: str) -> None:
    """Write a file of records with these titles, which have an address on one host."""
    folder.mkdir(parents=True, exist_ok=True)
    records = [
        {"title": title, "url": f"https://ship.example/{number}", "text": body(title), **more}
        for number, title in enumerate(titles)
    ]
    (folder / "articles.jsonl").write_text("\n".join(map(json.dumps, records)), "utf-8")


def body(title: str) -> str:
    return f"The mayor spoke of {title.split()[1]} for an hour on Monday. She said that it would take a year.\n"


def titles(folder: Path) -> list[str]:
    return [each.document.title for each in documents(folder).values()]


@pytest.mark.parametrize("ending", [" | Harbour Times", " - Harbour Times", " — Harbour Times", " :: Harbour Times"])
def test_name_at_the_end_of_all_titles_of_a_host_is_cut_off(tmp_path: Path, ending: str) -> None:
    write(tmp_path, [headline + ending for headline in HEADLINES])
    assert titles(tmp_path) == list(HEADLINES)


def test_name_at_the_beginning_is_cut_off_if_it_resembles_the_host(tmp_path: Path) -> None:
    write(tmp_path, [f"Ship Daily | {headline}" for headline in HEADLINES])
    assert titles(tmp_path) == list(HEADLINES)


def test_name_of_a_column_or_a_series_stays(tmp_path: Path) -> None:
    columns = [f"Opinion | {headline}" for headline in HEADLINES] + [f"Tales of the Sea - {each}" for each in HEADLINES]
    write(tmp_path, columns)
    assert titles(tmp_path) == columns


def test_title_of_the_name_and_motto_of_a_site_stays(tmp_path: Path) -> None:
    written = ["Ship - The heart of the sea"] * 4
    write(tmp_path, written)
    assert titles(tmp_path) == written


def test_kind_of_article_at_the_end_of_all_titles_stays(tmp_path: Path) -> None:
    written = [f"{headline} | Opinion" for headline in HEADLINES]
    write(tmp_path, written)
    assert titles(tmp_path) == written


def test_parts_of_a_series_on_the_site_of_the_series_keep_its_name(tmp_path: Path) -> None:
    written = [f"Ship Daily - Part {number}" for number in range(5)]
    write(tmp_path, written)
    assert titles(tmp_path) == written


def test_ending_that_two_titles_share_stays_and_so_does_one_of_few_titles(tmp_path: Path) -> None:
    shared = [f"{headline} - a report" for headline in HEADLINES[:2]]
    write(tmp_path, [*shared, "A third one", *[f"{each} twice - by night" for each in HEADLINES[:3]], *HEADLINES])
    assert [title for title in titles(tmp_path) if " - " in title] == [
        *shared,
        *[f"{each} twice - by night" for each in HEADLINES[:3]],
    ]


def test_name_in_the_titles_of_texts_of_a_folder_is_cut_off(tmp_path: Path) -> None:
    (tmp_path / "harbour").mkdir()
    for number, headline in enumerate(HEADLINES):
        (tmp_path / "harbour" / f"{number}.txt").write_text(f"{headline} | Harbour Times\n\n{body(headline)}")
    found = documents(tmp_path)["harbour/0.txt"]
    assert (found.document.title, found.document.slug) == (HEADLINES[0], "the-storm-of-the-north-comes-to-an-end")
    assert "Harbour Times" not in found.document.body


def test_line_with_the_title_is_no_part_of_the_body_with_and_without_the_name(tmp_path: Path) -> None:
    written = [f"{headline} | Harbour Times" for headline in HEADLINES]
    records = [{"title": title, "source": "Ship", "text": f"{title[:-16]}\n\n{body(title)}"} for title in written]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, records)))
    assert [each.document.body for each in documents(tmp_path).values()] == [body(each).strip() for each in HEADLINES]


def note(source: str, number: int) -> str:
    head = f"---\nsource: {source}\n---\n" if source else ""
    return f"{head}# {HEADLINES[number]}\n\n{body(HEADLINES[number])}"


def sources(folder: Path, declared: Iterable[str]) -> list[str | None]:
    folder.mkdir(parents=True)
    for number, source in enumerate(declared):
        (folder / f"{number}.md").write_text(note(source, number))
    root = next(parent for parent in folder.parents if parent.name == "seeds")
    return [each.document.source for each in documents(root).values()]


def test_source_that_most_documents_of_a_folder_declare_is_that_of_the_others(tmp_path: Path) -> None:
    found = sources(tmp_path / "seeds" / "a", ["Harbour Times", "Harbour Times", "Quay Post", "", ""])
    assert found == ["Harbour Times", "Harbour Times", "Quay Post", "Harbour Times", "Harbour Times"]


def test_folder_without_a_majority_gives_no_source(tmp_path: Path) -> None:
    found = sources(tmp_path / "seeds" / "a", ["Harbour Times", "Harbour Times", "Quay Post", "Quay Post", ""])
    assert found[-1] is None


def test_folder_with_the_name_of_a_host_gives_the_host(tmp_path: Path) -> None:
    assert sources(tmp_path / "seeds" / "www.quay.example", ["", ""]) == ["quay.example", "quay.example"]


def test_name_that_documents_declare_counts_before_the_host_of_their_folder(tmp_path: Path) -> None:
    assert sources(tmp_path / "seeds" / "ship.example", ["The Ship", "The Ship", ""]) == ["The Ship"] * 3


def test_few_documents_with_a_source_do_not_give_it_to_a_folder_of_notes(tmp_path: Path) -> None:
    (tmp_path / "seeds" / "notes").mkdir(parents=True)
    for number in range(12):
        source = "Harbour Times" if number < 2 else ""
        (tmp_path / "seeds" / "notes" / f"{number}.md").write_text(note(source, number % 6) + str(number))
    found = [each.document.source for each in documents(tmp_path / "seeds").values()]
    assert found.count("Harbour Times") == 2


def test_names_are_the_same_after_they_were_stored(tmp_path: Path) -> None:
    write(tmp_path, [f"{headline} | Harbour Times" for headline in HEADLINES], source="The Ship")
    source, seeds = Source(tmp_path, 1_000_000, "en"), list(find_seeds(tmp_path))
    learned = read_first_pass(source, seeds).sites.learned()
    stored = SiteNames.from_bytes(learned.to_bytes())
    assert (stored.ends.tolist(), stored.sources, stored.names) == (
        learned.ends.tolist(),
        learned.sources,
        learned.names,
    )
    with pytest.raises(ValueError, match="not names of sites"):
        SiteNames.from_bytes(b"\xc1")


@settings(deadline=None)
@given(st.from_regex(_SEPARATOR) | st.text())
def test_every_separator_has_a_sign(title: str) -> None:
    assert all(_SIGNS.intersection(separator[0]) for separator in _SEPARATOR.finditer(title))


@pytest.mark.parametrize(
    ("url", "source"),
    [
        ("https://www.quay.example/a/b", "quay.example"),
        ("HTTP://ada@News.Quay.Example:8080?a=b", "news.quay.example"),
        ("https://кей.рф/a", "кей.рф"),
        ("https://192.0.2.1/a", "ship.example"),
        ("http://localhost:8000/a", "ship.example"),
    ],
)
def test_article_without_a_source_has_the_host_of_its_url(tmp_path: Path, url: str, source: str) -> None:
    (tmp_path / "ship.example").mkdir()
    (tmp_path / "ship.example" / "a.md").write_text(f"---\ntitle: Quay\nurl: {url}\n---\n{body('The quay')}")
    (only,) = documents(tmp_path).values()
    assert only.document.source == source


def test_name_that_articles_of_a_host_declare_counts_before_the_host(tmp_path: Path) -> None:
    for number, source in enumerate(["The Ship", "The Ship", ""]):
        head = f"url: https://ship.example/{number}\nsource: {source}"
        (tmp_path / f"{number}.md").write_text(f"---\n{head}\n---\n{body(f'Boat {number}')}")
    assert [each.document.source for each in documents(tmp_path).values()] == ["The Ship"] * 3
