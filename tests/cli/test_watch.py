"""Following a folder: when an update is due, and what goes wrong meanwhile."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Timer

import pytest

from searchsvc.cli import watch
from searchsvc.engine.embedded import EmbeddedEngine
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


def waited(changes: Iterator[None]) -> float:
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


def test_what_goes_wrong_is_said_once_and_tried_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seeds = tmp_path / "seeds"
    chosen = Settings(seeds=seeds, index=tmp_path / "index")
    service = SearchService(EmbeddedEngine(chosen.index, chosen.language), chosen)
    said = watch._updated(service, seeds, "")
    assert "does not exist" in capsys.readouterr().err.replace("\n", " ")
    assert watch._updated(service, seeds, said) == said
    assert capsys.readouterr().err == ""
    seeds.mkdir()
    (seeds / "a.txt").write_text("Title\n\nThe text of an article about bridges.\n")
    assert watch._updated(service, seeds, said) == ""
    assert "1 document in the index: 1 added, 0 changed, 0 unchanged; 0 deleted\n" in capsys.readouterr().out
    assert service.status().generation.documents == 1
    shutil.rmtree(seeds)
    assert watch._updated(service, seeds, "") == said
    assert service.status().generation.documents == 1


def test_change_below_a_folder_that_vanishes_and_comes_back_is_seen(tmp_path: Path) -> None:
    below = tmp_path / "seeds"
    before = watch.scan(below)
    below.mkdir()
    (below / "a.txt").write_text("text")
    assert before != watch.scan(below)
