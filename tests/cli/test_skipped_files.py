"""Skipped files are named by ending, with a count and with what would read them."""

from pathlib import Path

from searchsvc.cli.skipped_files import skipped_lines
from searchsvc.ingest import find_seeds
from searchsvc.models.documents import SeedProblem


def lines(folder: Path, names: list[str]) -> list[str]:
    for name in names:
        (folder / name).write_bytes(b"x")
    return list(skipped_lines(each for each in find_seeds(folder) if isinstance(each, SeedProblem)))


def test_endings_are_counted_with_what_would_read_them(tmp_path: Path) -> None:
    assert lines(tmp_path, ["a.pdf", "b.PDF", "c.xml", "d.tar.gz", "e.msg"]) == [
        "2 .pdf: convert to text first (pdftotext)",
        "1 .xml: convert its articles to JSON Lines",
        "1 .tar: unpack it",
        "1 .msg: save it as .eml",
    ]


def test_unknown_endings_and_files_of_pages_are_counted(tmp_path: Path) -> None:
    assert lines(tmp_path, ["a.xyz", "b.xyz", "README", "c.png", "d.css", ".hidden"]) == [
        "2 .xyz: not a supported format",
        "1 without an ending: name them .txt if they hold text",
        "2 files skipped that belong to pages (images, styles, scripts)",
        "1 file skipped (hidden, links, ignored); rebuild --json lists them",
    ]


def test_seeds_are_not_listed(tmp_path: Path) -> None:
    assert lines(tmp_path, ["a.txt", "b.warc", "c.mhtml"]) == []
