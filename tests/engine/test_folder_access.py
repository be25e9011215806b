"""Index folders that others may write: refused for everybody, a warning for a group."""

import logging
import os
from pathlib import Path

import pytest

from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.engine.storage import folder_access
from searchsvc.errors import StoreError
from searchsvc.models.documents import Document
from tests.cli.conftest import Run, built, home, run  # noqa: F401
from tests.web.hostile import DOCUMENTS


def publish(engine: EmbeddedEngine, document: Document = DOCUMENTS[0]) -> None:
    with engine.new_generation() as generation:
        generation.add(document, "zebra")


@pytest.fixture
def index(tmp_path: Path) -> Path:
    folder = tmp_path / "index"
    publish(EmbeddedEngine(folder, "en"))
    return folder


@pytest.mark.parametrize("mode", [0o702, 0o777, 0o1777, 0o733])
def test_index_that_every_user_may_write_is_not_opened(index: Path, mode: int) -> None:
    index.chmod(mode)
    engine = EmbeddedEngine(index, "en")
    for use in (engine.snapshot, engine.generations, engine.check, lambda: publish(engine)):
        with pytest.raises(StoreError, match=f"every user may write the index {index}; run `chmod o-w {index}`"):
            use()
    index.chmod(mode & ~0o002)
    assert engine.snapshot().name


def test_open_index_is_refused_as_soon_as_every_user_may_write_it(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EmbeddedEngine, "REFRESH_SECONDS", 0)
    engine = EmbeddedEngine(index, "en")
    engine.snapshot()
    index.chmod(0o777)
    with pytest.raises(StoreError, match="every user may write"):
        engine.snapshot()


@pytest.mark.parametrize("mode", [0o770, 0o720])
def test_index_that_a_group_may_write_is_opened_with_a_warning(
    index: Path, mode: int, caplog: pytest.LogCaptureFixture
) -> None:
    folder_access._log_once.cache_clear()
    index.chmod(mode)
    warning = f"a group may write the index {index}; run `chmod g-w {index}`"
    engine = EmbeddedEngine(index, "en")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            engine.refresh()
            assert engine.snapshot().name
    assert list(engine.warnings) == [warning]
    assert caplog.messages == [warning]


@pytest.mark.parametrize("mode", [0o700, 0o750, 0o755, 0o500])
def test_index_of_its_owner_has_no_warning(index: Path, mode: int) -> None:
    index.chmod(mode)
    assert list(EmbeddedEngine(index, "en").warnings) == []


@pytest.mark.parametrize(("mode", "warned"), [(0o777, True), (0o1777, False), (0o770, False)])
def test_folder_in_which_every_user_may_replace_the_index_is_a_warning(index: Path, mode: int, warned: bool) -> None:
    index.parent.chmod(mode)
    expected = [f"every user may replace the index in {index.parent}; run `chmod o-w {index.parent}`"]
    assert list(EmbeddedEngine(index, "en").warnings) == expected * warned
    assert EmbeddedEngine(index, "en").snapshot().name


def test_commands_show_the_warning(built: Path, run: Run) -> None:  # noqa: F811
    (built / "index").chmod(0o770)
    warning = "a group may write the index index; run `chmod g-w index`\n"
    assert warning in run("stats").stderr
    checked = run("check")
    assert (checked.exit_code, checked.stderr.count(warning)) == (1, 1)
    assert "searchsvc rebuild" not in checked.stderr


def test_commands_refuse_an_index_that_every_user_may_write(built: Path, run: Run) -> None:  # noqa: F811
    (built / "index").chmod(0o777)
    for words in ("search alliance", "stats", "check", "rebuild", "update", "export"):
        done = run(*words.split())
        assert done.exit_code == 4
        assert "run `chmod o-w index`" in done.stderr


def test_new_index_has_no_warning_whatever_the_umask(tmp_path: Path) -> None:
    previous = os.umask(0)
    try:
        publish(EmbeddedEngine(tmp_path / "index", "en"))
    finally:
        os.umask(previous)
    assert list(EmbeddedEngine(tmp_path / "index", "en").warnings) == []
