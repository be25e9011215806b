"""Builds whose writes fail: nothing is published, nothing left behind, and what served before serves."""

import errno
import os
import pickle
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.engine.query import EngineQuery
from searchsvc.engine.storage.generation_store import GenerationStore
from searchsvc.engine.storage.manifest import MANIFEST, read_manifest, seal, write_manifest
from searchsvc.errors import IndexBusy, IndexDamaged, IndexMissing, StoreError
from searchsvc.models.index import GenerationCheck
from tests.engine.contract import MARKET, STORM, VOTE, names_of, publish, warnings_of
from tests.engine.limits import files_at_most

pytestmark = pytest.mark.slow

EVERYTHING = EngineQuery(None)
CALLS = [(os, "fsync"), (Path, "rename"), (Path, "replace")]


def opened(folder: Path) -> EmbeddedEngine:
    """The index as another process would open it."""
    return EmbeddedEngine(folder, "en")


@dataclass
class Fault:
    """Counts calls of one function and lets the one numbered `at` fail, before or after it did its work."""

    at: int
    late: bool
    calls: int = 0

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def faulty(*arguments: Any) -> Any:
            self.calls += 1
            if self.calls != self.at:
                return function(*arguments)
            if self.late:
                function(*arguments)
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        return faulty


def built_with(folder: Path, owner: Any, name: str, fault: Fault) -> bool:
    """Whether a build failed with a message, `fault` being in the way."""
    engine = opened(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, fault.around(getattr(owner, name)))
        try:
            publish(engine, [VOTE])
        except StoreError as error:
            return "Input/output error" in str(error)
    return False


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize(("owner", "name"), CALLS)
def test_any_failing_step_leaves_the_old_generation_and_no_trace(
    tmp_path: Path, owner: Any, name: str, late: bool
) -> None:
    serving = publish(opened(tmp_path), [STORM, MARKET])
    before = sorted(tmp_path.iterdir())
    at = 1
    while built_with(tmp_path, owner, name, fault := Fault(at, late)):
        assert sorted(tmp_path.iterdir()) == before
        assert names_of(opened(tmp_path), serving) == ["storm", "market"]
        assert warnings_of(opened(tmp_path)) == ()
        at += 1
    assert 1 < at == fault.calls + 1  # until a build in which nothing was left to fail


@pytest.mark.parametrize(("owner", "name"), CALLS)
def test_any_failing_step_of_the_first_build_leaves_no_index(tmp_path: Path, owner: Any, name: str) -> None:
    for at in range(1, 40):
        if not built_with(tmp_path, owner, name, Fault(at, late=True)):
            break
        assert [path.name for path in tmp_path.iterdir()] == ["LOCK"]
        with pytest.raises(IndexMissing):
            opened(tmp_path).snapshot().search(EVERYTHING)
    assert at > 1


def test_any_file_that_can_not_be_written_whole_leaves_the_old_generation(tmp_path: Path) -> None:
    serving = publish(opened(tmp_path), [STORM, MARKET])
    before = sorted(tmp_path.iterdir())
    for size in sorted({file.stat().st_size for file in (tmp_path / serving).iterdir()} - {0}):
        with files_at_most(size - 1), pytest.raises(StoreError, match="cannot be written"):
            publish(opened(tmp_path), [STORM, MARKET])
        assert sorted(tmp_path.iterdir()) == before
        assert names_of(opened(tmp_path), serving) == ["storm", "market"]


def test_activation_that_can_not_be_written_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    older = publish(opened(tmp_path), [STORM])
    serving = publish(opened(tmp_path), [STORM, MARKET])
    monkeypatch.setattr(os, "fsync", Fault(1, late=False).around(os.fsync))
    with pytest.raises(StoreError, match="cannot be written"):
        opened(tmp_path).activate(older)
    assert names_of(opened(tmp_path), serving) == ["storm", "market"]


def test_pruning_that_fails_says_so_and_the_new_generation_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(opened(tmp_path), [STORM])
    serving = publish(opened(tmp_path), [STORM, MARKET])
    monkeypatch.setattr(Path, "rename", Fault(1, late=False).around(Path.rename))
    with pytest.raises(StoreError, match="the newest generation serves"):
        opened(tmp_path).prune(1)
    assert names_of(opened(tmp_path), serving) == ["storm", "market"]


# Whose the folder is


def test_index_folder_is_nobody_elses_to_read(tmp_path: Path) -> None:
    publish(opened(tmp_path / "index"), [STORM])
    assert (tmp_path / "index").stat().st_mode & 0o777 == 0o700


@pytest.fixture
def of_a_stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An index whose folder belongs to another user than the one who runs this, who isn't root."""
    publish(opened(tmp_path), [STORM])
    owner = tmp_path.stat().st_uid
    if owner == 0:
        os.chown(tmp_path, 12345, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    return tmp_path


@pytest.mark.parametrize(
    "use",
    [
        pytest.param(lambda engine: engine.snapshot().search(EVERYTHING), id="search"),
        pytest.param(lambda engine: engine.generations(), id="generations"),
        pytest.param(lambda engine: engine.check(), id="check"),
        pytest.param(lambda engine: publish(engine, [VOTE]), id="build"),
    ],
)
def test_index_of_somebody_else_is_not_opened(of_a_stranger: Path, use: Callable[[EmbeddedEngine], object]) -> None:
    with pytest.raises(StoreError, match=r"belongs to user \d+, and searchsvc runs as user \d+"):
        use(opened(of_a_stranger))


def test_index_of_root_is_opened_by_anybody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    serving = publish(opened(tmp_path), [STORM])
    if tmp_path.stat().st_uid:
        pytest.skip("only root can make an index of root's")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert names_of(opened(tmp_path), serving) == ["storm"]


# Pickles


class Bomb:
    """Writes a file if it is ever unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.marker,)


def sealed_again(folder: Path) -> None:
    manifest = read_manifest(folder)
    (folder / MANIFEST).unlink()
    seal(folder, manifest)


def test_pickle_that_whoosh_would_open_is_not_opened(tmp_path: Path) -> None:
    serving = publish(opened(tmp_path / "index"), [STORM])
    folder, marker = tmp_path / "index" / serving, tmp_path / "opened"
    toc = next(folder.glob("*.toc"))
    toc.write_bytes(pickle.dumps(Bomb(marker)))
    sealed_again(folder)
    assert names_of(opened(tmp_path / "index"), serving) == ["storm"]
    assert not marker.exists()


def test_pickles_in_place_of_arrays_are_refused(tmp_path: Path) -> None:
    serving = publish(opened(tmp_path / "index"), [STORM])
    folder, marker = tmp_path / "index" / serving, tmp_path / "opened"
    for file in folder.glob("*.npy"):
        whole = file.read_bytes()
        np.save(file, np.array([Bomb(marker)], object), allow_pickle=True)
        sealed_again(folder)
        with pytest.raises(IndexDamaged):
            opened(tmp_path / "index").snapshot().search(EVERYTHING)
        file.write_bytes(whole)
    assert not marker.exists()


# Checking


def rotten(folder: Path, name: str) -> None:
    """Alter a file as a failing disk does: the times that the manifest knows stay the file's."""
    manifest, file = read_manifest(folder), folder / name
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    altered = seal(folder, manifest).files[name]
    files = manifest.files | {name: replace(altered, sha256=manifest.files[name].sha256)}
    write_manifest(folder, replace(manifest, files=files))


def test_sound_index_has_nothing_to_tell(tmp_path: Path) -> None:
    names = [publish(opened(tmp_path), [STORM]), publish(opened(tmp_path), [STORM, MARKET])]
    assert opened(tmp_path).check() == [GenerationCheck(name, ()) for name in reversed(names)]


def test_check_names_what_a_disk_altered_unnoticed_and_then_it_no_longer_serves(tmp_path: Path) -> None:
    older, newer = publish(opened(tmp_path), [STORM]), publish(opened(tmp_path), [STORM, MARKET])
    rotten(tmp_path / newer, "documents.1.blobs")
    assert opened(tmp_path).snapshot().name == newer  # its times say it is sound
    damaged = f"generation {newer}: documents.1.blobs is truncated or altered"
    assert opened(tmp_path).check() == [GenerationCheck(newer, (damaged,)), GenerationCheck(older, ())]
    assert names_of(opened(tmp_path), older) == ["storm"]
    assert warnings_of(opened(tmp_path)) == (damaged,)


def test_check_names_every_damaged_file(tmp_path: Path) -> None:
    serving = publish(opened(tmp_path), [STORM])
    (tmp_path / serving / "generation.arrays").unlink()
    (tmp_path / serving / "columns.1.arrays").write_bytes(b"")
    found = opened(tmp_path).check()[0].problems
    assert [problem.partition(": ")[2] for problem in found] == [
        "columns.1.arrays is truncated or altered",
        "generation.arrays can't be read (No such file or directory)",
    ]


@pytest.mark.parametrize("content", [b"20200101T000000Z-abcdef\n", b"20990101T000000Z-abcdef\n", b"20990101\0x\n"])
def test_current_that_names_nothing_lets_the_newest_generation_serve_loudly(tmp_path: Path, content: bytes) -> None:
    publish(opened(tmp_path), [STORM])
    newer = publish(opened(tmp_path), [STORM, MARKET])
    (tmp_path / "CURRENT").write_bytes(content)
    assert names_of(opened(tmp_path), newer) == ["storm", "market"]
    assert "CURRENT" in warnings_of(opened(tmp_path))[0]


# Several at once


def test_refused_builder_is_not_told_of_one_that_was_killed_before(tmp_path: Path) -> None:
    (tmp_path / "LOCK").write_text("process 1 on nowhere since 2020")
    with opened(tmp_path).new_generation() as generation:
        generation.add(VOTE, "")
        with pytest.raises(IndexBusy, match=f"process {os.getpid()} on"):
            publish(opened(tmp_path), [STORM])


def test_pruning_waits_for_whoever_publishes(tmp_path: Path) -> None:
    publish(opened(tmp_path), [STORM])
    serving = publish(opened(tmp_path), [STORM, MARKET])
    with ThreadPoolExecutor(1) as pool:
        with GenerationStore(tmp_path)._publication_lock():
            pruning = pool.submit(opened(tmp_path).prune, 1)
            time.sleep(0.1)
            assert not pruning.done()
        assert len(pruning.result()) == 1
    assert names_of(opened(tmp_path), serving) == ["storm", "market"]


def test_generation_that_was_deleted_meanwhile_can_not_be_activated(tmp_path: Path) -> None:
    publish(opened(tmp_path), [STORM])
    with pytest.raises(IndexDamaged, match="deleted in the meantime"):
        GenerationStore(tmp_path).activate("20200101T000000Z-abcdef")
