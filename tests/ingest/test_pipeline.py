"""The whole way of a folder: one document or problem at a time."""

import pickle
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from searchsvc.ingest import (
    IngestedDocument,
    Source,
    clean_file,
    clean_folder,
    find_seeds,
    ingest,
    read_first_pass,
    seed_workers,
)
from searchsvc.ingest.boilerplate.apply import source_of
from searchsvc.ingest.ids import document_id
from searchsvc.models.clean_document import CleanDocument
from searchsvc.models.documents import Document, SeedProblem

MOST = 10_000  # bytes
ARTICLE = "A title of some words\n\nThe ministers met on Monday in Brussels to talk about the old treaty again.\n"
PROSE = "The ministers met on Monday in Brussels to talk about the old treaty again."

ARTICLE_BODY = (
    "Lobsters live in the harbour and eat all that falls from the boats of the town at night.\n\n"
    "Fishermen had asked for the change for years, because two boats cannot pass each other there.\n"
)


def outcomes(folder: Path) -> list[IngestedDocument | SeedProblem]:
    source, found = Source(folder, MOST, "en"), list(find_seeds(folder))
    return list(ingest(source, found, read_first_pass(source, found).lines.recurring()))


def documents(folder: Path) -> list[Document]:
    return [outcome.document for outcome in outcomes(folder) if isinstance(outcome, IngestedDocument)]


def problems(folder: Path) -> list[SeedProblem]:
    return [outcome for outcome in outcomes(folder) if isinstance(outcome, SeedProblem)]


def document(folder: Path) -> Document:
    (found,) = documents(folder)
    return found


def test_a_seed_becomes_a_document_next_to_its_original(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ARTICLE + "Connect with us\n")
    (outcome,) = outcomes(tmp_path)
    assert isinstance(outcome, IngestedDocument)
    assert outcome.original == ARTICLE + "Connect with us\n"
    assert outcome.document.body == PROSE


def test_a_bad_file_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("")
    (tmp_path / "b.txt").write_text(ARTICLE)
    assert problems(tmp_path) == [SeedProblem("a.txt", "empty")]
    assert document(tmp_path).path == "b.txt"


def test_a_guessed_encoding_is_indexed_and_reported(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes((ARTICLE + "café façade " * 9).encode("latin-1"))
    (problem,) = problems(tmp_path)
    assert problem.indexed
    assert problem.reason.startswith("not valid UTF-8: ")
    assert "café" in document(tmp_path).body


def test_nothing_but_clutter_is_indexed_whole_and_reported(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Connect with us\nTo Top\n")
    assert document(tmp_path).body == "Connect with us\nTo Top"
    assert problems(tmp_path) == [SeedProblem("a.txt", "looks like nothing but clutter; indexed whole", indexed=True)]


def test_lines_that_recur_over_a_source_are_removed_from_its_pages(tmp_path: Path) -> None:
    slogan = "The finest paper of the valley, read by every household since the railway came."
    (tmp_path / "site").mkdir()
    for word in ("apple", "brick", "cloud", "delta", "eagle", "fjord", "grape", "hotel"):
        story = "\n\n".join(
            f"The {word} company told its {ending} on Monday that sales of {word} goods had grown by a third in a year."
            for ending in ("owners", "workers", "neighbours", "rivals")
        )
        (tmp_path / f"site/{word}.txt").write_text(f"News of the {word} trade\n\n{story}\n\n{slogan}\n")
    assert [each for each in documents(tmp_path) if "finest paper" in each.body] == []


def test_equal_files_are_two_documents(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ARTICLE)
    (tmp_path / "b.txt").write_text(ARTICLE)
    first, second = documents(tmp_path)
    assert first.id != second.id
    assert first.content_hash == second.content_hash


def test_ids_do_not_change_when_the_folder_moves(tmp_path: Path) -> None:
    (tmp_path / "before").mkdir()
    (tmp_path / "before/a.txt").write_text(ARTICLE)
    earlier = document(tmp_path / "before").id
    (tmp_path / "before").rename(tmp_path / "after")
    assert document(tmp_path / "after").id == earlier


@pytest.mark.parametrize(
    ("text", "language"),
    [
        pytest.param(f"---\nlang: fr\n---\n{ARTICLE}", "fr", id="stated"),
        pytest.param(ARTICLE, "en", id="told by the text"),
        pytest.param("NATO", "de", id="that of the build"),
    ],
)
def test_the_language_of_a_document_is(tmp_path: Path, text: str, language: str) -> None:
    (tmp_path / "a.txt").write_text(text)
    (outcome, *_) = (each for each in ingest(Source(tmp_path, MOST, "de"), list(find_seeds(tmp_path)), None))
    assert isinstance(outcome, IngestedDocument)
    assert outcome.document.language == language


def test_each_line_of_a_seed_is_a_document_with_an_id_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "The first of all."}\nbad\n{"id": 9, "text": "The third of all."}\n')
    first, third = documents(tmp_path)
    assert (first.path, third.path) == ("a.jsonl:1", "a.jsonl:3")
    assert (first.id, third.id) == (document_id("a.jsonl", "1"), document_id("a.jsonl", "id=9"))
    assert [each.path for each in problems(tmp_path) if not each.indexed] == ["a.jsonl:2"]


def test_a_line_whose_id_was_there_before_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": 1, "text": "One thing."}\n{"id": 1, "text": "Another thing."}\n')
    assert document(tmp_path).path == "a.jsonl:1"
    expected = SeedProblem("a.jsonl:2", "same id as a.jsonl:1; change one of them")
    assert expected in problems(tmp_path)


def test_what_is_stated_goes_before_what_the_text_tells(tmp_path: Path) -> None:
    text = "By Ann Lee\nPublished 1 May 2020\n\n" + PROSE + "\n\nSource: Reuters\n"
    (tmp_path / "a.md").write_text("---\ntitle: Stated\nauthor: Ben Okri\ndate: 2024-03-01\n---\n# Written\n\n" + text)
    found = document(tmp_path)
    assert (found.title, found.author, found.published) == ("Stated", "Ben Okri", date(2024, 3, 1))
    assert found.source == "Reuters"


def test_pages_with_an_address_belong_to_its_host(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/a.md").write_text(f"---\nurl: https://News.Example/a\n---\n{ARTICLE}")
    (tmp_path / "site/b.md").write_text(ARTICLE)
    found = clean_folder(Source(tmp_path, MOST, "en"), list(find_seeds(tmp_path)), None)
    assert [source_of(each.raw) for each in found if isinstance(each, CleanDocument)] == ["news.example", "site"]


def test_one_file_is_cleaned_without_a_folder(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(ARTICLE + "\nConnect with us\n")
    cleaned = clean_file(tmp_path / "page.md", Source(tmp_path, MOST, "en"), None)
    assert isinstance(cleaned, CleanDocument)
    assert [block.rule for block in cleaned.removed] == ["share-button"]


@pytest.mark.parametrize(
    ("data", "reason"), [(b"", "empty"), (b"x" * 20_000, "larger than 10,000 bytes (setting max_file_bytes)")]
)
def test_one_file_that_cannot_be_cleaned_gets_a_reason(tmp_path: Path, data: bytes, reason: str) -> None:
    (tmp_path / "a.txt").write_bytes(data)
    assert clean_file(tmp_path / "a.txt", Source(tmp_path, MOST, "en"), None) == SeedProblem("a.txt", reason)


@pytest.mark.slow
def test_processes_give_the_same_outcomes_in_the_same_order(tmp_path: Path) -> None:
    for number in range(40):
        folder = tmp_path / str(number % 3)
        folder.mkdir(exist_ok=True)
        text = f"Sentence {number} is as long as some. " * 1_200
        (folder / f"{number}.txt").write_text(ARTICLE + text)
    (tmp_path / "empty.txt").write_text("")
    source, found = Source(tmp_path, 1_000_000, "en"), list(find_seeds(tmp_path))
    learnt = read_first_pass(source, found).lines.recurring()
    with closing(seed_workers(2)) as workers:
        shared = list(ingest(source, found, learnt, workers))
    alone = list(ingest(source, found, learnt))
    assert [comparable(outcome) for outcome in shared] == [comparable(outcome) for outcome in alone]
    assert len(shared) == 41


def comparable(outcome: IngestedDocument | SeedProblem) -> object:
    if isinstance(outcome, SeedProblem):
        return outcome
    return outcome.document, outcome.original, outcome.signature.tolist(), outcome.doubts


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("harbourtimes.example/a.txt", "harbourtimes.example"),
        ("www.harbour-times.co.uk/2024/a.txt", "harbour-times.co.uk"),
        ("news/a.txt", None),
        ("v1.2/a.txt", None),
        ("notes.md/a.txt", None),
        ("a.example.txt", None),
    ],
)
def test_a_folder_named_like_a_host_is_the_source(tmp_path: Path, path: str, source: str | None) -> None:
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text(ARTICLE)
    assert document(tmp_path).source == source


def test_a_declared_source_counts_before_the_folder(tmp_path: Path) -> None:
    (tmp_path / "harbourtimes.example").mkdir()
    (tmp_path / "harbourtimes.example/a.txt").write_text(f"---\nsource: Harbour Times\n---\n{ARTICLE}")
    assert document(tmp_path).source == "Harbour Times"


@pytest.mark.parametrize(
    ("name", "text", "title"),
    [
        ("Vault note about lobster.txt", ARTICLE_BODY, "Vault note about lobster"),
        ("Vault note about lobster.txt", f"Lobsters\n\n{ARTICLE_BODY}", "Lobsters"),
        ("a1.txt", ARTICLE_BODY, ARTICLE_BODY.split("\n")[0]),
    ],
)
def test_the_file_name_of_a_note_is_its_last_title(tmp_path: Path, name: str, text: str, title: str) -> None:
    (tmp_path / name).write_text(text)
    assert document(tmp_path).title == title


def test_documents_pass_between_processes_unchanged(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(
        f"A title\n\nBy Ada Example\n\nMay 6, 2024\n\n{ARTICLE_BODY}\n\nShare on Facebook\n", "utf-8"
    )
    (ingested,) = outcomes(tmp_path)
    assert isinstance(ingested, IngestedDocument)

    passed = pickle.loads(pickle.dumps(ingested))

    assert (passed.document, passed.original, passed.doubts) == (ingested.document, ingested.original, ingested.doubts)
    assert passed.document.published == date(2024, 5, 6)
    assert passed.signature.tolist() == ingested.signature.tolist()
    assert passed.runs.tolist() == ingested.runs.tolist()
    assert (passed.seed, passed.path) == ("a.txt", "a.txt")


def test_a_short_document_has_a_language_of_its_script(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("ירידה במחירים\n\nנמל עכו יוריד את דמי העגינה.\n", "utf-8")
    (only,) = documents(tmp_path)
    assert only.language == "he"
