"""Following a folder: when an update is due, and what goes wrong meanwhile."""

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Timer
from typing import NoReturn

import pytest

from searchsvc.cli import watch
from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.errors import StoreError
from searchsvc.service import SearchService
from searchsvc.settings import Settings


@pytest.fixture(autouse=True, params=["watchfiles", "scanning"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the library of the extra `watch`, and without it."""
    if request.param == "scanning":
        monkeypatch.setattr(watch, "_watchfiles", lambda: None)
    else:
        pytest.importorskip("watchfiles")
    monkeypatch.setattr(watch, "QUIET", 0.1)


def waited(changes: Iterator[watch.Paths | None]) -> float:
    began = time.monotonic()
    next(changes)
    return time.monotonic() - began


def test_first_update_is_due_at_once_and_the_next_when_a_change_has_ended(tmp_path: Path) -> None:
    changes = watch.changes(tmp_path)
    assert waited(changes) < 0.1
    writes = [Timer(after, (tmp_path / f"{after}.txt").write_text, ("some text",)) for after in (0.15, 0.25, 0.35)]
    for write in writes:
        write.start()
    assert waited(changes) > 0.4
    assert len(list(tmp_path.iterdir())) == 3


def test_change_during_the_first_update_is_followed_by_another(tmp_path: Path) -> None:
    changes = watch.changes(tmp_path)
    next(changes)
    (tmp_path / "during.txt").write_text("some text")
    assert waited(changes) < 5


def test_changed_paths_are_named_relative_to_the_folder(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "gone.txt").write_text("text")
    changes = watch.changes(tmp_path)
    assert next(changes) is None
    (tmp_path / "below" / "new~").write_text("text")  # as editors name copies
    (tmp_path / "gone.txt").unlink()
    named: set[str] = set()
    while not {"below/new~", "gone.txt"} <= named:
        changed = next(changes)
        named |= changed or set()
    assert named == {"below/new~", "gone.txt"}


def test_change_of_a_file_whose_name_is_not_text_is_seen_and_does_not_end_it(tmp_path: Path) -> None:
    changes, odd = watch.changes(tmp_path), os.fsdecode(b"odd\xff.txt")
    next(changes)
    (tmp_path / odd).write_text("text")
    assert next(changes) in (None, {odd})
    (tmp_path / "even.txt").write_text("text")
    assert next(changes) in (None, {"even.txt"}, {odd, "even.txt"})


@pytest.mark.parametrize("paths", [["/elsewhere/a.txt"], ["/root"]])
def test_changes_of_other_folders_lead_to_a_scan(paths: list[str]) -> None:
    assert watch._relative("/root", paths) is None


def test_nothing_is_yielded_as_no_paths_after_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "_SCAN_INTERVAL", 0.3)
    changes = watch.changes(tmp_path)
    assert [next(changes), next(changes)] == [None, frozenset()]


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    return tmp_path / "seeds"


@pytest.fixture
def watched(tmp_path: Path, seeds: Path) -> watch._FolderWatch:
    chosen = Settings(seeds=seeds, index=tmp_path / "index")
    return watch._FolderWatch(SearchService(EmbeddedEngine(chosen.index, chosen.language), chosen), seeds)


def documents(watched: watch._FolderWatch) -> int:
    return watched._service.status().generation.documents


def write(seeds: Path, *names: str) -> None:
    seeds.mkdir(exist_ok=True)
    for name in names:
        (seeds / name).write_text(f"Title of {name}\n\nThe text of an article about bridges.\n")
        os.utime(seeds / name, ns=(1, 1))  # else every update looks at it, as it may change again at the same time


def test_what_goes_wrong_is_said_once_and_tried_again(
    watched: watch._FolderWatch, seeds: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    watched.update(None)
    assert "does not exist" in capsys.readouterr().err.replace("\n", " ")
    watched.update(None)
    assert capsys.readouterr().err == ""
    write(seeds, "a.txt")
    watched.update(None)
    assert "1 document in the index: 1 added, 0 changed, 0 unchanged; 0 deleted\n" in capsys.readouterr().out
    assert documents(watched) == 1
    shutil.rmtree(seeds)
    watched.update(None)
    assert "does not exist" in capsys.readouterr().err.replace("\n", " ")
    assert documents(watched) == 1


def test_only_changed_paths_are_looked_at(watched: watch._FolderWatch, seeds: Path) -> None:
    write(seeds, "a.txt")
    watched.update(None)
    write(seeds, "b.txt", "c.txt")
    watched.update({"b.txt"})
    assert documents(watched) == 2


def test_without_changed_paths_nothing_is_looked_at(watched: watch._FolderWatch, seeds: Path) -> None:
    write(seeds, "a.txt")
    watched.update(None)
    write(seeds, "b.txt")
    watched.update(frozenset())
    assert documents(watched) == 1


@pytest.mark.parametrize(("share", "indexed"), [(0.0, 3), (1e6, 2)], ids=["at-once", "less-often-if-that-takes-long"])
def test_whole_folder_is_looked_at_again_from_time_to_time(
    watched: watch._FolderWatch, seeds: Path, monkeypatch: pytest.MonkeyPatch, share: float, indexed: int
) -> None:
    monkeypatch.setattr(watch, "_SCAN_INTERVAL", 0.0)
    monkeypatch.setattr(watch, "_SCAN_SHARE", share)
    write(seeds, "a.txt")
    watched.update(None)
    write(seeds, "b.txt", "c.txt")
    watched.update({"b.txt"})
    assert documents(watched) == indexed


def test_generations_that_cannot_be_read_are_an_error_of_one_update(
    watched: watch._FolderWatch, seeds: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(seeds, "a.txt")
    watched.update(None)
    with monkeypatch.context() as broken:
        broken.setattr(watched._service, "generations", lambda: raising(StoreError("the disk is away")))
        watched.update({"a.txt"})
    assert "the disk is away" in capsys.readouterr().err
    write(seeds, "b.txt")
    watched.update(frozenset())
    assert documents(watched) == 2


def raising(error: Exception) -> NoReturn:
    raise error


def test_whole_folder_is_looked_at_after_an_error(watched: watch._FolderWatch, seeds: Path) -> None:
    write(seeds, "a.txt")
    watched.update(None)
    write(seeds, "b.txt", "c.txt")
    seeds.rename(seeds.with_name("away"))
    watched.update({"b.txt"})
    seeds.with_name("away").rename(seeds)
    watched.update({"b.txt"})
    assert documents(watched) == 3


def test_whole_folder_is_looked_at_if_another_generation_is_in_use(watched: watch._FolderWatch, seeds: Path) -> None:
    write(seeds, "a.txt")
    watched.update(None)
    write(seeds, "b.txt")
    watched.update({"b.txt"})
    watched._service.rollback()
    write(seeds, "c.txt")
    watched.update({"c.txt"})
    assert documents(watched) == 3


def test_change_below_a_folder_that_vanishes_and_comes_back_is_seen(tmp_path: Path) -> None:
    below = tmp_path / "seeds"
    before = watch.scan(below)
    below.mkdir()
    (below / "a.txt").write_text("text")
    assert before != watch.scan(below)
