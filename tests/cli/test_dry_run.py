"""`--dry-run` of rebuild and update."""

import json
import os
from pathlib import Path

import pytest

from .conftest import NATO, TRADE, Run

COUNTS = ("added", "changed", "deleted", "unchanged", "documents")


def state(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and time of every file below a folder."""
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in [folder, *folder.rglob("*")]}


def change_everything(home: Path) -> None:
    (home / "seeds/nato.txt").write_text(NATO.replace("Monday", "Wednesday"))
    (home / "seeds/trade.txt").unlink()
    (home / "seeds/new.txt").write_text(TRADE.replace("Trade", "Rice"))
    (home / "seeds/picture.png").write_bytes(b"\x89PNG")


@pytest.mark.parametrize("command", ["update", "rebuild"])
def test_a_dry_run_lists_the_changes_and_writes_nothing(built: Path, run: Run, command: str) -> None:
    change_everything(built)
    before = state(built)
    shown = run(command, "--dry-run")
    assert shown.stdout.splitlines() == [
        "+ new.txt",
        "~ nato.txt",
        "- trade.txt",
        "2 documents would be in the index: 1 added, 1 changed, 0 unchanged; 1 deleted; 1 file skipped",
    ]
    assert (shown.exit_code, state(built)) == (0, before)


def test_the_counts_are_those_of_the_update(built: Path, run: Run) -> None:
    change_everything(built)
    (built / "seeds/list.jsonl").write_text("".join(json.dumps({"title": t, "text": TRADE}) + "\n" for t in "ab"))
    os.utime(built / "seeds/nato.txt", (1, 1))
    expected = json.loads(run("update", "--dry-run", "--json").stdout)
    report = json.loads(run("update", "--json").stdout)
    assert [expected[name] for name in COUNTS] == [report[name] for name in COUNTS]
    assert expected["skipped"] == report["skipped"] == 1
    assert expected["addedPaths"] == ["list.jsonl:1", "list.jsonl:2", "new.txt"]


def test_a_moved_file_is_unchanged(built: Path, run: Run) -> None:
    (built / "seeds/nato.txt").rename(built / "seeds/alliance.txt")
    expected = json.loads(run("update", "--dry-run", "--json").stdout)
    assert (expected["unchanged"], expected["deletedPaths"], expected["isNeeded"]) == (2, [], True)


def test_a_file_that_was_only_touched_is_unchanged(built: Path, run: Run) -> None:
    os.utime(built / "seeds/nato.txt", (1, 1))
    assert run("update", "--dry-run").stdout.startswith("Nothing has changed in seeds\n2 documents would be")


def test_without_an_index_everything_would_be_added(home: Path, run: Run) -> None:
    shown = run("update", "--dry-run")
    assert shown.stdout.startswith("An update would rebuild: there was no index\n+ nato.txt\n+ trade.txt\n2 documents")
    assert not (home / "index").exists()


def test_changed_settings_would_rebuild(built: Path, run: Run) -> None:
    (built / "searchsvc.toml").write_text('drop_lines = ["the alliance*"]')
    expected = json.loads(run("update", "--dry-run", "--json").stdout)
    assert expected["rebuildReason"] == "settings or versions changed since the last build"
    assert expected["unchanged"] == 2


def test_an_unreadable_seed_is_reported_with_exit_code_3(built: Path, run: Run) -> None:
    (built / "seeds/empty.txt").touch()
    shown = run("update", "--dry-run")
    assert (shown.exit_code, "empty.txt skipped: empty" in shown.stderr) == (3, True)


def test_many_paths_are_cut(home: Path, run: Run) -> None:
    for number in range(30):
        (home / f"seeds/{number:02}.txt").write_text(TRADE + f"Edition {number} of the paper.\n")
    assert "+ and 12 more (--json lists all)\n" in run("rebuild", "--dry-run").stdout


def test_a_dry_run_that_watches_is_refused(run: Run) -> None:
    assert run("update", "--dry-run", "--watch").exit_code == 2
