"""Updates of a folder that changes while it is read, from an index that is damaged, on a disk that is full."""

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.errors import StoreError
from searchsvc.ingest.ids import document_id
from searchsvc.ingest.incremental import read_seed
from searchsvc.ingest.metadata import extract
from searchsvc.models.documents import SeedProblem
from searchsvc.models.search_request import SearchRequest
from searchsvc.running_build import RECURRING_LINES, BuildProgress
from searchsvc.service import SearchService
from tests.engine.limits import files_at_most
from tests.test_updating import Folder, assert_same, ids, service_of, silent

pytestmark = pytest.mark.slow

OLD, NEW = "A tale of lanterns\n\nThe minister saw a lantern.\n", "A tale of glaciers\n\nThe minister saw a glacier.\n"


def rebuilt(tmp_path: Path) -> SearchService:
    """The service over an index of the same seeds that was built from nothing."""
    service = service_of(tmp_path / "seeds", tmp_path / "again")
    service.rebuild(silent)
    return service


@pytest.fixture
def every_seed_is_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """No documents wait for the second pass in memory, as if all seeds were large."""
    monkeypatch.setattr(read_seed, "_MAX_BYTES", 0)


@pytest.fixture
def updated(tmp_path: Path) -> SearchService:
    """A service over three seeds and an index that was updated twice, so that its generations share files."""
    (tmp_path / "seeds").mkdir()
    service = service_of(tmp_path / "seeds", tmp_path / "index")
    for name in ("bridge", "council", "harvest"):
        text = f"The {name} of the north\n\nThe minister spoke of the {name} for an hour.\n"
        (tmp_path / "seeds" / f"{name}.txt").write_text(text)
        service.update(silent)
    return service


def test_folder_that_changes_while_it_is_read_is_whole_after_the_next_update(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "seeds", 5)
    service = service_of(tmp_path / "seeds", tmp_path / "index")
    left = 25

    def change(progress: BuildProgress) -> None:
        nonlocal left
        if progress.done % 4 == 0 and left > 0:
            left -= 1
            folder.change()

    for _ in range(3):
        folder.change()
        service.update(change)
    assert left < 20
    service.update(silent)
    assert service.update(silent).up_to_date
    new = ids(rebuilt(tmp_path))
    assert ids(service).keys() == new.keys()


def between_readings(service: SearchService, monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Let something happen when an update has read what changed for the first time."""
    begin = EmbeddedEngine.next_generation

    def begun(engine: EmbeddedEngine) -> Any:
        happens()
        return begin(engine)

    with monkeypatch.context() as patched:
        patched.setattr(EmbeddedEngine, "next_generation", begun)
        service.update(silent)


def test_seed_that_changes_between_its_two_readings_and_back_is_indexed_as_it_is(
    updated: SearchService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = tmp_path / "seeds" / "tale.txt"
    seed.write_text(OLD)
    os.utime(seed, (1, 1))  # long ago, so that its time tells
    between_readings(updated, monkeypatch, lambda: seed.write_text(NEW))
    seed.write_text(OLD)
    updated.update(silent)
    assert ids(updated, "lantern").keys() == {"tale.txt"}
    assert not ids(updated, "glacier")


@pytest.mark.usefixtures("every_seed_is_read_twice")
def test_seed_that_is_away_for_its_second_reading_is_indexed_by_the_next_update(
    updated: SearchService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed, away = tmp_path / "seeds" / "tale.txt", tmp_path / "away"
    seed.write_text(OLD)
    os.utime(seed, (1, 1))
    between_readings(updated, monkeypatch, lambda: seed.rename(away))
    assert not ids(updated, "lantern")
    away.rename(seed)
    updated.update(silent)
    assert ids(updated, "lantern").keys() == {"tale.txt"}
    assert updated.update(silent).up_to_date


def altered(file: Path) -> None:
    whole = file.read_bytes()
    at = len(whole) // 2
    file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] if whole else b"\0")


def cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def damaged(updated: SearchService, tmp_path: Path, kinds: Sequence[Callable[[Path], None]], every: int = 1) -> None:
    """Damage file after file of what serves, and update each time."""
    expected, at = shown(rebuilt(tmp_path)), 0
    while at < len(files := sorted((tmp_path / "index" / updated.status().generation.name).iterdir())):
        kinds[at // every % len(kinds)](files[at])
        service_of(tmp_path / "seeds", tmp_path / "index").update(silent)
        updated = service_of(tmp_path / "seeds", tmp_path / "index")
        assert shown(updated) == expected
        assert updated.status().warnings == ()
        at += every


def shown(service: SearchService) -> list[object]:
    found = service.search(SearchRequest("minister harv* councl"))
    return [found.total, found.facets, [(hit.score, hit.document, hit.snippets) for hit in found.hits]]


def test_whatever_file_is_damaged_an_update_answers_as_a_rebuild(updated: SearchService, tmp_path: Path) -> None:
    damaged(updated, tmp_path, (altered, cut, Path.unlink), every=4)


@pytest.mark.torture
@pytest.mark.parametrize("damage", [altered, cut, Path.unlink])
def test_however_any_file_is_damaged_an_update_answers_as_a_rebuild(
    updated: SearchService, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    damaged(updated, tmp_path, (damage,))


def test_damage_to_a_file_that_generations_share_is_found_in_each_and_built_anew(
    updated: SearchService, tmp_path: Path
) -> None:
    serving = updated.status().generation.name
    altered(tmp_path / "index" / serving / "documents.1.blobs")
    again = service_of(tmp_path / "seeds", tmp_path / "index")
    checked = again.check()
    assert checked.serving is None
    assert all("documents.1.blobs" in " ".join(each.problems) for each in checked.generations)
    with pytest.raises(StoreError):
        again.rollback()
    report = again.update(silent)
    assert (report.documents, report.reused) == (3, 0)
    assert_same(again, rebuilt(tmp_path))


def test_update_that_can_not_write_a_file_whole_leaves_what_was(updated: SearchService, tmp_path: Path) -> None:
    index, before = tmp_path / "index", ids(updated)
    left = sorted(index.iterdir())
    (tmp_path / "seeds" / "tale.txt").write_text(OLD)
    sizes = {file.stat().st_size for file in (index / updated.status().generation.name).iterdir()}
    for size in sorted(sizes - {0})[::3]:
        with files_at_most(size // 2), pytest.raises(StoreError, match="cannot be written"):
            service_of(tmp_path / "seeds", index).update(silent)
        assert sorted(index.iterdir()) == left
        assert ids(service_of(tmp_path / "seeds", index)) == before
    updated.update(silent)
    assert len(ids(updated)) == 4


def swap_for_link(folder: Path, target: Path) -> None:
    folder.rename(target.with_name("moved"))
    folder.symlink_to(target)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A folder outside the seed folder, with a file of the same name as a seed."""
    for folder, text in (("seeds/a", OLD), ("outside", NEW)):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "tale.txt").write_text(text)
    (tmp_path / "seeds" / "bridge.txt").write_text("The bridge\n\nThe minister spoke of the bridge.\n")
    return tmp_path / "outside"


SWAPPED = SeedProblem("a/tale.txt", "in a folder that became a link; links are not followed")


def test_folder_that_becomes_a_link_during_a_rebuild_is_not_followed(secret: Path, tmp_path: Path) -> None:
    service = service_of(tmp_path / "seeds", tmp_path / "index")
    learning: list[BuildProgress] = []

    def swap(progress: BuildProgress) -> None:
        if not learning:
            swap_for_link(tmp_path / "seeds" / "a", secret)
        learning.append(progress)

    assert service.rebuild(swap).problems == (SWAPPED,)
    assert ids(service).keys() == {"bridge.txt"}


@pytest.mark.usefixtures("every_seed_is_read_twice")
def test_folder_that_becomes_a_link_during_an_update_is_not_followed(
    secret: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = service_of(tmp_path / "seeds", tmp_path / "index")
    service.rebuild(silent)
    (tmp_path / "seeds" / "a" / "tale.txt").write_text(OLD + OLD)
    between_readings(service, monkeypatch, lambda: swap_for_link(tmp_path / "seeds" / "a", secret))
    assert list(service.problems()) == [SWAPPED]
    assert ids(service).keys() == {"bridge.txt"}


@pytest.fixture
def colliding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give equal ids to paths with the same first letter. Finding real paths takes days of computing."""
    monkeypatch.setattr(extract, "document_id", lambda path, part="": document_id(path[:1], part))


def story(name: str) -> str:
    return f"The {name} of the north\n\nThe minister spoke of the {name} for an hour.\nRead more from this desk\n"


def write(seeds: Path, *names: str) -> None:
    seeds.mkdir(exist_ok=True)
    for name in names:
        (seeds / f"{name}.txt").write_text(story(name))
        os.utime(seeds / f"{name}.txt", (1, 1))


@pytest.mark.usefixtures("colliding")
@pytest.mark.parametrize(
    ("before", "added", "removed"),
    [
        pytest.param(["a1", "b"], ["a2"], [], id="the later of two is added"),
        pytest.param(["a2", "b"], ["a1"], [], id="the earlier of two is added"),
        pytest.param(["b"], ["a1", "a2"], [], id="both are added"),
        pytest.param(["a1", "a2", "b"], [], ["a1"], id="the earlier of two is deleted"),
        pytest.param(["a1", "a2", "b"], [], ["a2"], id="the later of two is deleted"),
        pytest.param(["a1", "a2", "b"], ["c"], [], id="a third file is added"),
    ],
)
def test_colliding_ids_are_the_same_after_an_update_as_after_a_rebuild(
    tmp_path: Path, before: list[str], added: list[str], removed: list[str]
) -> None:
    seeds = tmp_path / "seeds"
    write(seeds, *before)
    service = service_of(seeds, tmp_path / "index")
    service.rebuild(silent)
    write(seeds, *added)
    for name in removed:
        (seeds / f"{name}.txt").unlink()
    service.update(silent)
    assert_same(service, rebuilt(tmp_path))
    assert service.update(silent).up_to_date


def test_lines_with_the_same_id_are_the_same_after_an_update_as_after_a_rebuild(tmp_path: Path) -> None:
    """A line without a document does not count as recurring either."""
    seeds = tmp_path / "seeds"
    write(seeds, "a", "b")
    line = json.dumps({"id": 1, "text": story("d")})
    (seeds / "d.jsonl").write_text(f"{line}\n{line}\n")
    service = service_of(seeds, tmp_path / "index")
    service.rebuild(silent)
    (seeds / "c.txt").write_text("A tale of lanterns\n\nThe mayor saw a lantern on Friday.\n")
    assert service.update(silent).reused
    assert_same(service, rebuilt(tmp_path))
    mine, theirs = (each.snapshot().engine.user_data(RECURRING_LINES) for each in (service, rebuilt(tmp_path)))
    assert mine == theirs


def test_update_with_nothing_to_do_removes_leftovers_of_a_killed_build(updated: SearchService, tmp_path: Path) -> None:
    files = sorted((tmp_path / "index").iterdir())
    (tmp_path / "index" / ".building-20260102T030405Z-1a2b3c").mkdir()
    (tmp_path / "index" / ".building-20260102T030405Z-1a2b3c" / "postings.1.arrays").write_bytes(b"half")
    (tmp_path / "index" / ".CURRENT-1a2b3c").write_text("20260102T030405Z-1a2b3c")
    assert updated.update(silent).up_to_date
    assert sorted((tmp_path / "index").iterdir()) == files


def test_update_with_nothing_to_do_leaves_a_running_build_alone(updated: SearchService, tmp_path: Path) -> None:
    with EmbeddedEngine(tmp_path / "index", "en").new_generation() as generation:
        assert updated.update(silent).up_to_date
        assert (tmp_path / "index" / f".building-{generation.name}").is_dir()
        generation.add(next(iter(updated.snapshot().engine.documents()))[0], "")
