"""`searchsvc check`: what is damaged, by name, and what serves."""

import json
import os
import subprocess
from pathlib import Path

from searchsvc.engine.storage.generation_store import GenerationStore

from .conftest import Run


def generations(home: Path) -> list[Path]:
    """The published generations, newest first."""
    return sorted((path for path in (home / "index").iterdir() if path.is_dir()), reverse=True)


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def test_a_sound_index_is_exit_code_0(built: Path, run: Run) -> None:
    done = run("check")
    assert done.exit_code == 0
    assert done.stdout == f"* {generations(built)[0].name}  sound\n"
    assert done.stderr == ""


def test_damage_is_named_with_what_serves_instead_and_is_exit_code_1(built: Path, run: Run) -> None:
    run("rebuild")
    newer, older = generations(built)
    cut(newer / "documents.1.blobs")
    done = run("check")
    assert done.exit_code == 1
    assert done.stdout == f"  {newer.name}  damaged\n* {older.name}  sound\n"
    assert f"generation {newer.name}: documents.1.blobs is truncated or altered\n" in done.stderr
    assert f"still serving {older.name}; run `searchsvc rebuild`\n" in done.stderr


def test_an_index_of_which_nothing_can_serve_is_exit_code_4(built: Path, run: Run) -> None:
    cut(generations(built)[0] / "documents.1.blobs")
    done = run("check", "--json")
    assert done.exit_code == 4
    said = json.loads(done.stdout)
    assert said["serving"] is None
    assert said["generations"][0]["problems"] == [
        f"generation {generations(built)[0].name}: documents.1.blobs is truncated or altered"
    ]


def test_an_altered_current_is_exit_code_1(built: Path, run: Run) -> None:
    (built / "index/CURRENT").write_text("20200101T000000Z-abcdef\n")
    done = run("check")
    assert done.exit_code == 1
    assert "CURRENT was altered" in done.stderr


def test_no_index_is_exit_code_4(home: Path, run: Run) -> None:
    done = run("check")
    assert done.exit_code == 4
    assert "no index in ./index yet; build it with `searchsvc rebuild`" in done.stderr


def test_builders_that_come_second_are_told_who_was_first(built: Path, searchsvc: str) -> None:
    before = generations(built)
    with GenerationStore(built / "index").building():
        others = [subprocess.Popen([searchsvc, "rebuild"], stderr=subprocess.PIPE, text=True) for _ in range(3)]
        for other in others:
            _, said = other.communicate(timeout=60)
            assert other.returncode == 5
            assert said.startswith(f"searchsvc: another rebuild is running (process {os.getpid()} on ")
    assert generations(built) == before
