"""What one document and one seed may be at most."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.ingest.readers import record_files
from searchsvc.ingest.readers.bounded_io import LARGEST_FILE, LONGEST_TEXT, UnreadableSeed, contents
from searchsvc.ingest.readers.charset import printable
from searchsvc.ingest.readers.reader import read
from searchsvc.models.documents import RawDocument, Seed, SeedProblem


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that is emptied of its large file."""
    yield tmp_path
    for file in tmp_path.iterdir():
        file.unlink()


def outcome(folder: Path, data: bytes, name: str = "a.txt") -> RawDocument | SeedProblem:
    (folder / name).write_bytes(data)
    return next(read(folder, Seed(name, 0, 0), 50_000_000))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(
            b"word " * (LONGEST_TEXT // 5) + b"x",
            "more than 2,000,000 bytes of text (setting max_document_bytes)",
            id="long",
        ),
        pytest.param(
            "東京".encode() * (LONGEST_TEXT // 6 + 1),
            "more than 2,000,000 bytes of text (setting max_document_bytes)",
            id="Chinese",
        ),
        pytest.param(b"a\n" * 100_001, "more than 100,000 lines, the limit for one document", id="lines"),
        pytest.param(b" " * (LARGEST_FILE + 1), "larger than 8,000,004 bytes, the limit for one document", id="file"),
    ],
)
def test_a_text_out_of_bounds_is_reported(folder: Path, data: bytes, reason: str) -> None:
    found = outcome(folder, data)
    assert isinstance(found, SeedProblem)
    assert found.reason == reason


def test_limit_of_a_text_is_a_setting(folder: Path) -> None:
    (folder / "a.txt").write_bytes(b"word " * 30)
    (problem,) = read(folder, Seed("a.txt", 0, 0), 1_000, max_text_bytes=100)
    assert problem == SeedProblem("a.txt", "more than 100 bytes of text (setting max_document_bytes)")
    (document,) = read(folder, Seed("a.txt", 0, 0), 1_000, max_text_bytes=150)
    assert isinstance(document, RawDocument)


def test_the_longest_text_is_read(folder: Path) -> None:
    found = outcome(folder, b"word " * (LONGEST_TEXT // 5))
    assert isinstance(found, RawDocument)


@pytest.mark.parametrize("blank", ["\n", " \n", "\t \r\n", "\x0b", "\u2028"])
def test_of_very_many_blank_lines_some_stay(folder: Path, blank: str) -> None:
    found = outcome(folder, f"above\n{blank * 300_000}below".encode())
    assert isinstance(found, RawDocument)
    assert found.text.split() == ["above", "below"]
    assert found.text.count("\n") <= 21


def test_few_blank_lines_stay_as_they_are(folder: Path) -> None:
    text = "above" + "\n \t" * 18 + "\nbelow"
    found = outcome(folder, text.encode())
    assert isinstance(found, RawDocument)
    assert found.text == text


def test_lines_of_blanks_that_never_end_take_no_time_to_look_through(folder: Path) -> None:
    found = outcome(folder, b"a" + b"\n" + b" \t" * 900_000 + b"x")
    assert isinstance(found, RawDocument)


def test_a_line_of_json_out_of_bounds_is_reported_alone(folder: Path) -> None:
    (folder / "a.jsonl").write_bytes(b'{"text": "%s"}\n{"text": "b"}\n' % (b"a" * (LONGEST_TEXT + 1)))
    problem, document = read(folder, Seed("a.jsonl", 0, 0), 50_000_000)
    assert isinstance(problem, SeedProblem)
    assert problem.path == "a.jsonl:1"
    assert isinstance(document, RawDocument)


def test_of_more_documents_than_a_seed_may_have_the_first_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_files, "MOST_DOCUMENTS", 2)
    (tmp_path / "a.jsonl").write_bytes(b'{"text": "a"}\n' * 3)
    found = list(read(tmp_path, Seed("a.jsonl", 0, 0), 1_000))
    assert [type(each) for each in found] == [RawDocument, RawDocument, SeedProblem]
    assert isinstance(found[2], SeedProblem)
    assert found[2].reason == "more than 2 documents; the records below are skipped"


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 200_000])
def test_a_file_is_read_up_to_the_limit(size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    assert contents(io.BytesIO(data[:size]), size).read() == data[:size]
    with pytest.raises(UnreadableSeed, match="larger than"):
        contents(io.BytesIO(data[: size + 1]), size).read()


@given(st.text(st.sampled_from("ab\r\n\t \x00\x0b\x0c\x7f\x85\u2028\u2029\ud800é"), max_size=60))
def test_printable_text_has_no_other_line_ends_and_controls(text: str) -> None:
    shown = printable(text)
    assert not set("\r\x00\x0b\x0c\x7f\x85\u2028\u2029\ud800") & set(shown)
    assert shown == printable(shown)
    assert [c for c in shown if c in "abé"] == [c for c in text if c in "abé"]


def test_long_runs_of_blank_lines_are_shortened() -> None:
    assert printable("a" + "\n \t" * 500 + "\nb") == "a" + "\n" * 20 + "b"
    assert printable("a" + "\n" * 22 + "b") == "a" + "\n" * 20 + "b"
    assert printable("a" + "\n" * 20 + "b") == "a" + "\n" * 20 + "b"
