"""The whole way of a folder: one document or problem at a time."""

from pathlib import Path

import pytest

from searchsvc.ingest import Outcome, clean_file, find, ingest
from searchsvc.models import CleanDocument, Document, SeedProblem

MOST = 10_000  # bytes
ARTICLE = "A title of some words\n\nThe ministers met on Monday in Brussels to talk about the old treaty again.\n"


def outcomes(folder: Path) -> list[Outcome]:
    return list(ingest(folder, list(find(folder)), MOST, "en"))


def only(folder: Path) -> Outcome:
    (outcome,) = outcomes(folder)
    return outcome


def document(folder: Path) -> Document:
    found = only(folder).document
    assert found is not None
    return found


def test_a_seed_becomes_a_document_beside_its_original(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ARTICLE + "Connect with us\n")
    outcome = only(tmp_path)
    assert outcome.problem is None
    assert outcome.original == ARTICLE + "Connect with us\n"
    assert document(tmp_path).body == "The ministers met on Monday in Brussels to talk about the old treaty again."


def test_a_bad_file_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("")
    (tmp_path / "b.txt").write_text(ARTICLE)
    bad, good = outcomes(tmp_path)
    assert (bad.document, bad.problem) == (None, SeedProblem("a.txt", "empty"))
    assert good.document is not None


def test_a_guessed_encoding_is_indexed_and_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes((ARTICLE + "café façade " * 9).encode("latin-1"))
    outcome = only(tmp_path)
    assert outcome.document is not None
    assert outcome.problem is not None
    assert outcome.problem.indexed
    assert outcome.problem.reason.startswith("not valid UTF-8: ")


def test_nothing_but_debris_is_indexed_whole_and_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Connect with us\nTo Top\n")
    assert document(tmp_path).body == "Connect with us\nTo Top"
    assert only(tmp_path).problem == SeedProblem("a.txt", "looks like nothing but debris; indexed whole", indexed=True)


def test_equal_files_are_two_documents(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ARTICLE)
    (tmp_path / "b.txt").write_text(ARTICLE)
    first, second = (outcome.document for outcome in outcomes(tmp_path))
    assert first is not None
    assert second is not None
    assert first.id != second.id
    assert first.content_hash == second.content_hash


def test_ids_do_not_change_when_the_folder_moves(tmp_path: Path) -> None:
    (tmp_path / "before").mkdir()
    (tmp_path / "before/a.txt").write_text(ARTICLE)
    earlier = document(tmp_path / "before").id
    (tmp_path / "before").rename(tmp_path / "after")
    assert document(tmp_path / "after").id == earlier


def test_the_language_of_the_build_is_that_of_its_documents(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ARTICLE)
    (outcome,) = ingest(tmp_path, list(find(tmp_path)), MOST, "de")
    assert outcome.document is not None
    assert outcome.document.language == "de"


def test_one_file_is_cleaned_without_a_folder(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(ARTICLE + "Connect with us\n")
    cleaned = clean_file(tmp_path / "page.md", MOST)
    assert isinstance(cleaned, CleanDocument)
    assert [block.rule for block in cleaned.removed] == ["title", "navigation"]


@pytest.mark.parametrize(
    ("data", "reason"), [(b"", "empty"), (b"x" * 20_000, "larger than 10,000 bytes (setting max_file_bytes)")]
)
def test_one_file_that_cannot_be_cleaned_gets_a_reason(tmp_path: Path, data: bytes, reason: str) -> None:
    (tmp_path / "a.txt").write_bytes(data)
    assert clean_file(tmp_path / "a.txt", MOST) == SeedProblem("a.txt", reason)
