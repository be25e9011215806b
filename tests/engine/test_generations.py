"""Generations on disk: damage, other schemas, the lock, killed builders, changing over."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.engine.query import EngineQuery
from searchsvc.engine.storage.manifest import MANIFEST
from searchsvc.errors import IndexBusy, IndexDamaged, SchemaChanged
from tests.engine.contract import MARKET, STORM, VOTE, names, names_of, publish, tree, warnings_of

pytestmark = pytest.mark.slow

EVERYTHING = EngineQuery(None)


def opened(folder: Path) -> EmbeddedEngine:
    """The index as another process would open it."""
    return EmbeddedEngine(folder, "en")


@dataclass
class Published:
    """An index folder with two generations; the newer one serves."""

    folder: Path
    older: str = field(init=False)
    newer: str = field(init=False)

    def __post_init__(self) -> None:
        self.older = publish(opened(self.folder), [STORM])
        self.newer = publish(opened(self.folder), [STORM, MARKET])

    @property
    def newest(self) -> Path:
        return self.folder / self.newer


@pytest.fixture
def published(tmp_path: Path) -> Published:
    return Published(tmp_path)


# Damage


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-2])  # the manifest's last byte is a mere line end


def alter(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def empty(file: Path) -> None:
    file.write_bytes(b"")


def answers_with_damage(published: Published, file: Path, damage: Callable[[Path], None]) -> tuple[list[str], bool]:
    """What is found when `file` is damaged, and whether a warning names it; then it is repaired."""
    whole = file.read_bytes()
    damage(file)
    engine = opened(published.folder)
    found = names_of(engine, published.older)
    warned = any(file.name in warning and published.newer in warning for warning in warnings_of(engine))
    file.write_bytes(whole)
    return found, warned


@pytest.mark.parametrize("damage", [cut, alter, empty, Path.unlink])
def test_damage_to_any_file_falls_back_and_names_the_file(published: Published, damage: Callable[[Path], None]) -> None:
    files = [file for file in sorted(published.newest.iterdir()) if file.stat().st_size]
    answers = {file.name: answers_with_damage(published, file, damage) for file in files}
    assert MANIFEST in answers
    assert answers == {file.name: (["storm"], True) for file in files}
    assert warnings_of(opened(published.folder)) == ()  # repaired


def test_every_byte_of_the_manifest_counts(published: Published) -> None:
    manifest = published.newest / MANIFEST
    whole = manifest.read_bytes().rstrip()
    for position in range(0, len(whole), 97):
        manifest.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        assert names_of(opened(published.folder), published.older) == ["storm"]


def test_altered_file_with_its_old_time_is_refused(published: Published) -> None:
    file = published.newest / "postings.1.arrays"
    before = file.stat()
    alter(file)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert names_of(opened(published.folder), published.older) == ["storm"]


def test_file_that_nobody_touched_is_not_read_to_check_it(
    published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("hashlib.file_digest")
    assert names_of(opened(published.folder), published.newer) == ["storm", "market"]


def test_copied_index_is_read_whole_and_serves(published: Published, tmp_path_factory: pytest.TempPathFactory) -> None:
    copied = tmp_path_factory.mktemp("elsewhere") / "index"
    shutil.copytree(published.folder, copied)
    assert names_of(opened(copied), published.newer) == ["storm", "market"]


def test_missing_generation_falls_back_to_the_one_before(published: Published) -> None:
    published.newest.rename(published.folder / "elsewhere")
    engine = opened(published.folder)
    assert names_of(engine, published.older) == ["storm"]
    assert published.newer in warnings_of(engine)[0]


def test_no_sound_generation_says_to_rebuild(published: Published) -> None:
    cut(published.newest / MANIFEST)
    cut(published.folder / published.older / MANIFEST)
    with pytest.raises(IndexDamaged, match="searchsvc rebuild"):
        opened(published.folder).snapshot().search(EVERYTHING)


def test_rebuild_repairs_a_damaged_index(published: Published) -> None:
    cut(published.newest / MANIFEST)
    engine = opened(published.folder)
    engine.snapshot().search(EVERYTHING)
    newest = publish(engine, [VOTE])
    assert names_of(engine, newest) == ["vote"]
    assert warnings_of(engine) == ()


def test_damaged_generation_can_not_be_activated(published: Published) -> None:
    alter(published.folder / published.older / MANIFEST)
    engine = opened(published.folder)
    with pytest.raises(IndexDamaged):
        engine.activate(published.older)
    assert engine.snapshot().search(EVERYTHING).generation == published.newer


def test_open_generation_goes_on_serving_when_the_next_is_damaged(published: Published) -> None:
    engine = opened(published.folder)
    engine.snapshot().search(EVERYTHING)
    newest = publish(opened(published.folder), [VOTE])
    alter(published.folder / newest / MANIFEST)
    time.sleep(EmbeddedEngine.REFRESH_SECONDS)
    assert names_of(engine, published.newer) == ["storm", "market"]
    assert newest in warnings_of(engine)[0]


@pytest.mark.parametrize("content", [b"", b"../elsewhere\n", b"\xff\xfe\n", b"20200101\n" * 20])
def test_altered_current_lets_the_newest_generation_serve_loudly(published: Published, content: bytes) -> None:
    (published.folder / "CURRENT").write_bytes(content)
    engine = opened(published.folder)
    assert engine.snapshot().status().generation.name == published.newer
    assert "CURRENT" in engine.warnings[0]


def test_lost_current_lets_the_newest_generation_serve_loudly(published: Published) -> None:
    (published.folder / "CURRENT").unlink()
    engine = opened(published.folder)
    assert engine.snapshot().status().generation.name == published.newer
    assert "CURRENT" in engine.warnings[0]


def test_open_engine_outlives_an_altered_current(published: Published) -> None:
    engine = opened(published.folder)
    engine.snapshot().search(EVERYTHING)
    (published.folder / "CURRENT").unlink()
    time.sleep(EmbeddedEngine.REFRESH_SECONDS)
    assert engine.snapshot().search(EVERYTHING).generation == published.newer


# Another schema


def test_generation_of_another_analysis_is_refused(published: Published) -> None:
    with pytest.raises(SchemaChanged, match="searchsvc rebuild"):
        EmbeddedEngine(published.folder, "de").snapshot().search(EVERYTHING)


def test_generation_of_another_analysis_can_not_be_activated(published: Published) -> None:
    german = EmbeddedEngine(published.folder, "de")
    newest = publish(german, [VOTE])
    with pytest.raises(SchemaChanged):
        german.activate(published.older)
    assert names_of(german, newest) == ["vote"]


def test_rebuild_replaces_a_generation_of_another_analysis(published: Published) -> None:
    german = EmbeddedEngine(published.folder, "de")
    assert names_of(german, publish(german, [VOTE])) == ["vote"]


# The lock and what killed builders leave

HOLDER = """
import sys
from pathlib import Path
from searchsvc.engine.embedded import EmbeddedEngine
with EmbeddedEngine(Path(sys.argv[1]), "en").new_generation() as generation:
    print("building", flush=True)
    sys.stdin.read()
    raise SystemExit
"""
BUILDER = """
import sys
from pathlib import Path
from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.models.documents import Document
engine = EmbeddedEngine(Path(sys.argv[1]), "en")
documents = [Document(f"{n:016x}", "slug", "path", "hash", f"Title {n}", f"words of text {n} " * 30) for n in range(40)]
print("building", flush=True)
while True:
    with engine.new_generation() as generation:
        for document in documents:
            generation.add(document, "original")
    engine.prune(2)
"""


@dataclass
class Process:
    """Another Python process with an index folder as its argument; `wait` until it says something."""

    program: str
    folder: Path

    def __enter__(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-c", self.program, str(self.folder)]
        self.started = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.started.stdout
        assert self.started.stdout.readline() == b"building\n"
        return self.started

    def __exit__(self, *_: object) -> None:
        self.started.kill()
        self.started.communicate()


def test_second_builder_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    with Process(HOLDER, tmp_path) as holder, pytest.raises(IndexBusy, match=f"process {holder.pid} on .* since 2"):
        publish(opened(tmp_path), [STORM])


def test_lock_of_a_killed_builder_is_free(tmp_path: Path) -> None:
    with Process(HOLDER, tmp_path) as holder:
        holder.kill()
        holder.wait()
        assert names_of(opened(tmp_path), publish(opened(tmp_path), [STORM])) == ["storm"]


def test_leftovers_of_a_killed_builder_are_swept_by_the_next(published: Published) -> None:
    before = sorted(published.folder.iterdir())
    with Process(HOLDER, published.folder) as holder:
        holder.kill()
        holder.wait()
    assert sorted(published.folder.iterdir()) != before
    newest = publish(opened(published.folder), [STORM])
    assert sorted(published.folder.iterdir()) == sorted([*before, published.folder / newest])


def test_failed_build_leaves_no_file(published: Published) -> None:
    before = sorted(published.folder.iterdir())
    with pytest.raises(ZeroDivisionError), opened(published.folder).new_generation() as generation:
        generation.add(VOTE, "")
        raise ZeroDivisionError
    assert sorted(published.folder.iterdir()) == before


def test_refused_builder_touches_nothing_of_the_one_at_work(published: Published) -> None:
    with opened(published.folder).new_generation() as generation:
        generation.add(VOTE, "")
        with pytest.raises(IndexBusy):
            publish(opened(published.folder), [STORM])
    assert names_of(opened(published.folder), generation.name) == ["vote"]


@pytest.mark.parametrize("milliseconds", [3, 23, 53, 97, 163, 211])
def test_builder_killed_at_any_moment_leaves_a_sound_generation(tmp_path: Path, milliseconds: int) -> None:
    first = publish(opened(tmp_path), [STORM])
    with Process(BUILDER, tmp_path) as builder:
        time.sleep(milliseconds / 1000)
        os.kill(builder.pid, signal.SIGKILL)
        builder.wait()
    engine = opened(tmp_path)
    serving = engine.snapshot().search(EVERYTHING)
    assert (serving.generation, serving.total) == (first, 1) or serving.total == 40
    assert warnings_of(engine) == ()
    assert names_of(engine, publish(engine, [VOTE])) == ["vote"]
    assert not list(tmp_path.glob(".*"))


# Changing over


def test_server_notices_a_new_generation_within_a_second(published: Published) -> None:
    server = opened(published.folder)
    server.snapshot().search(EVERYTHING)
    newest = publish(opened(published.folder), [VOTE])
    time.sleep(0.9)
    assert names_of(server, newest) == ["vote"]


def test_own_builds_are_served_at_once(published: Published) -> None:
    engine = opened(published.folder)
    engine.snapshot().search(EVERYTHING)
    assert names_of(engine, publish(engine, [VOTE])) == ["vote"]


def search_until(ended: threading.Event, server: EmbeddedEngine, threads: int) -> set[str]:
    """Search all the time, each round in new threads; the generations that answered."""
    answered: set[str] = set()
    while not ended.is_set():
        with ThreadPoolExecutor(threads) as pool:
            for found in pool.map(server.snapshot().search, [EngineQuery(tree("boats"))] * 20 * threads):
                assert names(found) == ["storm"]
                answered.add(found.generation)
    return answered


@pytest.mark.parametrize("keep", [2, 1])
def test_every_search_is_answered_through_twenty_publications(published: Published, keep: int) -> None:
    builder, ended = opened(published.folder), threading.Event()
    with ThreadPoolExecutor(1) as pool:
        searching = pool.submit(search_until, ended, opened(published.folder), 4)
        try:
            for _ in range(20):
                publish(builder, [STORM])
                builder.prune(keep)
        finally:
            ended.set()
        assert len(searching.result()) > 1
