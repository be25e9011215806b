"""`stats` fits a screen of 24 lines by 80 columns."""

from pathlib import Path

import pytest
from rich.cells import cell_len

from .conftest import Run

BODY = "The council met on Tuesday to discuss the repair of the bridge in district {0}, which was closed in {0} floods."


@pytest.fixture
def crowded(home: Path, run: Run) -> Path:
    """An index with many long values, unreadable files and skipped files."""
    for number in range(30):
        author, source = f"Jo {'Éva 東京' * 3} {number}", f"{'The Long Gazette ' * 4}{number}"
        head = f"Author: {author}\nSource: {source}\nDate: 20{number % 20:02}-03-01\n"
        folder = home / f"seeds/folder-with-a-long-name-{number}"
        folder.mkdir()
        (folder / "a.txt").write_text(f"Title: Bridge {number}\n{head}\n{BODY.format(number)}\n")
        (folder / f"{'unreadable-' * 9}.txt").touch()
        (folder / f"picture.{number}").touch()
    assert run("rebuild").exit_code == 3
    return home


def test_stats_fit_a_screen(crowded: Path, run: Run) -> None:
    shown = run("stats")
    lines = shown.output.splitlines()
    assert len(lines) < 24
    assert [line for line in lines if cell_len(line) > 80] == []
    assert "and 24 more (--all lists them)" in lines
    assert "30 files skipped (--all counts them by ending)" in lines
    assert "published: 2000-03 to 2019-03, 2 without a date" in lines
    assert [line for line in lines if line.startswith("author: ") and line.endswith(", …")]


def test_all_cuts_nothing(crowded: Path, run: Run) -> None:
    shown = run("stats", "--all")
    assert shown.stderr.count("skipped: empty") == 30
    assert "…" not in shown.output


def test_a_small_index_is_shown_whole(built: Path, run: Run) -> None:
    shown = run("stats")
    assert shown.stdout.splitlines()[2:5] == ["published: no dates", "author: Ann Lee (1)", "source: none"]
    assert shown.stderr == ""
