"""Whatever lies in the seed folder: a clear line each, the rest is indexed, nothing is lost."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from .conftest import Run

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("data", "line"),
    [
        pytest.param(b"", "bad.txt skipped: empty\n", id="empty"),
        pytest.param(b" \n", "bad.txt skipped: holds no text\n", id="blank"),
        pytest.param(bytes(range(256)) * 9, "bad.txt skipped: looks like binary data, not text\n", id="binary"),
        pytest.param(
            "Crème brûlée à la façade naïve. ".encode() * 9 + b"\xff\n",
            "bad.txt indexed, but not valid UTF-8: 1 unreadable parts were replaced\n",
            id="invalid UTF-8",
        ),
    ],
)
def test_a_bad_file_gets_a_line_and_the_rest_is_indexed(home: Path, run: Run, data: bytes, line: str) -> None:
    (home / "seeds/bad.txt").write_bytes(data)
    done = run("rebuild")
    assert done.exit_code == 3
    assert done.stderr == line
    assert run("search", "alliance").exit_code == 0


def test_a_folder_called_like_a_text_file_gets_a_line_and_its_files_are_indexed(home: Path, run: Run) -> None:
    (home / "seeds/x.txt").mkdir()
    (home / "seeds/x.txt/inner.txt").write_text("A volcano erupted on Iceland.")
    done = run("rebuild")
    assert done.exit_code == 3
    assert done.stderr == "x.txt skipped: a folder, not a text file; the files inside it are read\n"
    assert run("search", "volcano").exit_code == 0


def test_an_unreadable_file_gets_a_line_and_the_rest_is_indexed(
    home: Path, searchsvc: str, like_anybody: list[str], run: Run
) -> None:
    (home / "seeds/secret.txt").write_text("x")
    (home / "seeds/secret.txt").chmod(0)
    done = subprocess.run([*like_anybody, searchsvc, "rebuild"], capture_output=True, text=True, timeout=60)
    assert done.stderr == "secret.txt skipped: can't be read: Permission denied\n"
    assert done.returncode == 3
    assert run("search", "alliance").exit_code == 0


def test_an_unreadable_folder_gets_a_line_and_the_rest_is_indexed(
    home: Path, searchsvc: str, like_anybody: list[str], run: Run
) -> None:
    (home / "seeds/secret").mkdir(0)
    done = subprocess.run([*like_anybody, searchsvc, "rebuild"], capture_output=True, text=True, timeout=60)
    assert done.stderr == "secret/ skipped: folder can't be listed: Permission denied\n"
    assert done.returncode == 3
    assert run("search", "alliance").exit_code == 0


def test_files_that_are_no_seeds_are_counted_by_ending(home: Path, run: Run) -> None:
    (home / "seeds/readme.odt").touch()
    (home / "seeds/.hidden.txt").touch()
    (home / "seeds/link.txt").symlink_to("/etc/passwd")
    done = run("rebuild")
    assert done.exit_code == 0
    assert done.stderr.splitlines() == [
        "1 .odt: convert to Markdown first (pandoc)",
        "2 files skipped (hidden, links, ignored); rebuild --json lists them",
    ]


def test_several_bad_files_get_a_line_each(home: Path, run: Run) -> None:
    (home / "seeds/a.txt").touch()
    (home / "seeds/b.txt").write_bytes(bytes(range(256)) * 9)
    assert run("rebuild").stderr.splitlines() == [
        "a.txt skipped: empty",
        "b.txt skipped: looks like binary data, not text",
    ]


def test_a_file_name_can_forge_no_line_and_no_colour(home: Path, run: Run) -> None:
    (home / "seeds/[red]x\nall fine\x1b[2J.txt").touch()
    assert run("rebuild").stderr == r"[red]x\nall fine\x1b[2J.txt skipped: empty" + "\n"


@pytest.mark.parametrize(
    "name", [b"inv\xff.txt", b"Two W\xffrds.txt", b"Caf\xe9/Caf\xe9.md", b"\xe9.example.net/A b.md"]
)
def test_a_file_name_that_is_no_unicode_is_indexed(home: Path, run: Run, name: bytes) -> None:
    path = Path(os.fsdecode(b"seeds/" + name))
    path.parent.mkdir(exist_ok=True)
    path.write_text("A volcano erupted on Iceland. It was seen from afar.\n\nNobody was hurt by its ashes.\n")
    assert run("rebuild").exit_code == 0
    assert run("search", "volcano", "--format", "json").exit_code == 0


def test_a_missing_folder_is_exit_code_2_and_nothing_is_lost(built: Path, run: Run) -> None:
    shutil.rmtree(built / "seeds")
    refused = run("rebuild")
    assert refused.exit_code == 2
    assert "the seed folder seeds does not exist; create it or set another with --seeds" in refused.stderr
    assert run("search", "alliance").exit_code == 0


def test_an_empty_folder_is_exit_code_3_and_nothing_is_lost(built: Path, run: Run) -> None:
    (built / "seeds/nato.txt").unlink()
    (built / "seeds/trade.txt").unlink()
    done = run("rebuild")
    assert done.exit_code == 3
    assert done.stderr == "Nothing to index in seeds; the previous index is still in use.\n"
    assert run("search", "alliance").exit_code == 0


def test_nothing_but_bad_files_is_exit_code_3_and_nothing_is_lost(built: Path, run: Run) -> None:
    (built / "seeds/nato.txt").write_text("")
    (built / "seeds/trade.txt").write_text("")
    done = run("rebuild")
    assert done.exit_code == 3
    assert done.stderr.splitlines()[:2] == ["nato.txt skipped: empty", "trade.txt skipped: empty"]
    assert run("search", "alliance").exit_code == 0


def test_a_build_of_nothing_leaves_no_trace(built: Path, run: Run) -> None:
    before = sorted(path.name for path in (built / "index").iterdir())
    (built / "seeds/nato.txt").write_text("")
    (built / "seeds/trade.txt").write_text("")
    run("rebuild")
    assert sorted(path.name for path in (built / "index").iterdir()) == before
