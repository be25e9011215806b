"""`--quiet`: results and problems only."""

from pathlib import Path

import pytest

from .conftest import Run


@pytest.mark.parametrize(
    "words",
    [["rebuild"], ["rebuild", "--if-needed"], ["update"], ["import", "all.jsonl"], ["index", "rollback"]],
    ids=" ".join,
)
@pytest.mark.parametrize("place", ["before", "after"])
def test_a_quiet_command_confirms_nothing(built: Path, run: Run, words: list[str], place: str) -> None:
    run("rebuild")
    run("export", "--output", "all.jsonl")
    shown = run("--quiet", *words) if place == "before" else run(*words, "-q")
    assert (shown.exit_code, shown.output) == (0, "")


def test_a_quiet_search_prints_only_results(built: Path, run: Run) -> None:
    assert run("search", "alliance").stderr != ""
    shown = run("search", "alliance", "--quiet")
    assert (shown.stderr, "NATO Opens" in shown.stdout) == ("", True)


def test_a_quiet_search_without_a_hit_has_its_exit_code(built: Path, run: Run) -> None:
    shown = run("search", "zebra", "-q")
    assert (shown.exit_code, shown.output) == (1, "")


def test_a_quiet_build_still_reports_problems(home: Path, run: Run) -> None:
    (home / "seeds/empty.txt").touch()
    (home / "seeds/notes.pdf").write_bytes(b"%PDF")
    shown = run("rebuild", "--quiet")
    assert (shown.exit_code, shown.output) == (3, "empty.txt skipped: empty\n")


def test_a_quiet_command_still_fails_aloud(run: Run) -> None:
    assert "`searchsvc rebuild`" in run("search", "x", "--quiet").stderr
