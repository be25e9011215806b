"""What a build keeps of its seeds, and what the next one makes of it."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import searchsvc
from searchsvc.ingest.discovery.discovery import ListedSeeds
from searchsvc.ingest.discovery.partial_listing import PartialListing
from searchsvc.ingest.incremental import build_fingerprint
from searchsvc.ingest.incremental.changes import (
    changed,
    compare_folder,
    compare_places,
    uncertain_paths,
    with_origins,
)
from searchsvc.ingest.incremental.seed_manifest import NO_SEED_MANIFEST, SeedManifest, SeedManifestWriter, problems_in
from searchsvc.ingest.source import FoundSeeds, Source
from searchsvc.models.documents import Seed, SeedProblem

SOURCE = Source(Path("seeds"), 1_000, "en")
LONG_AGO, NOW = 1_000, 10**18
ODD = "odd \udcff\n.txt"  # a name that is no text
BAD = SeedProblem("bad.txt", "is empty")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "seeds").mkdir()
    monkeypatch.chdir(tmp_path)


def expect(writer: SeedManifestWriter, seed: Seed, digest: str) -> None:
    """Let a writer expect a seed that is there."""
    path = SOURCE.folder / seed.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * seed.size)
    os.utime(path, ns=(seed.modified_ns, seed.modified_ns))
    writer.expect(seed, digest, had_documents=True)


def manifest_of(seeds: Sequence[Seed], **digests: str) -> SeedManifest:
    """A manifest of seeds, each with one document, whose id is its size."""
    writer = SeedManifestWriter(SOURCE, NOW)
    for seed in seeds:
        expect(writer, seed, digests.get(seed.path[0], "held"))
        writer.document(seed.path, f"{seed.size:016x}")
    return writer.seed_manifest()


def test_manifest_comes_back_as_it_was() -> None:
    writer = SeedManifestWriter(SOURCE, NOW)
    expect(writer, Seed("bad.txt", 5, LONG_AGO), "nothing")
    expect(writer, Seed(ODD, 6, LONG_AGO, "before \udcff"), "text")
    writer.document(ODD, "ffffffffffffffff")
    writer.document(ODD, "00000000000000a1")
    for problem in (BAD, SeedProblem(".hidden", "hidden", skipped=True)):
        writer.problem(problem)
    manifest = writer.seed_manifest()
    again = SeedManifest.from_bytes(manifest.to_bytes())
    assert (again.build_fingerprint, list(again.paths)) == (manifest.build_fingerprint, ["bad.txt", ODD])
    assert again.documents(np.array([1])).tolist() == [(1 << 64) - 1, 0xA1]
    assert again.holding(np.array([0xA1], np.uint64)).tolist() == [1]
    assert again.origin(1) == "before \udcff"
    assert (
        list(problems_in(again)) == list(problems_in(manifest)) == [SeedProblem(".hidden", "hidden", skipped=True), BAD]
    )


def test_manifest_of_nothing_comes_back() -> None:
    assert list(SeedManifest.from_bytes(NO_SEED_MANIFEST.to_bytes()).paths) == []


@pytest.mark.parametrize("data", [b"", b"\x93\x01", NO_SEED_MANIFEST.to_bytes()[:-2]])
def test_what_is_no_manifest_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="seed manifest"):
        SeedManifest.from_bytes(data)


def test_seeds_with_size_and_time_of_before_are_sure_and_missing_ones_gone() -> None:
    before = [Seed(name, size, LONG_AGO) for size, name in enumerate(["a", "b", "c", "d"], 1)]
    others = [Seed("b", 2, LONG_AGO + 1), Seed("c", 30, LONG_AGO), Seed("e", 5, LONG_AGO)]
    found: FoundSeeds = [before[0], *others, BAD]
    beside = compare_folder(manifest_of(before), found)
    assert [seed.path for seed in beside.read] == ["b", "c", "e"]
    assert beside.deleted.tolist() == [3]
    digests = {"b": "held", "c": "another", "e": "new"}
    assert [seed.path for seed in changed(manifest_of(before), beside.read, digests)] == ["c", "e"]


def test_only_places_that_are_listed_are_compared() -> None:
    before = manifest_of([Seed(path, 1, LONG_AGO) for path in ("a/x", "a/y", "ab", "b/c/z", "d")])
    found: ListedSeeds = [Seed("a/y", 1, LONG_AGO), Seed("b", 1, LONG_AGO), Seed("d", 2, LONG_AGO + 1)]
    here = compare_places(before, PartialListing(frozenset({"a", "b", "d", "e"}), found))
    assert [seed.path for seed in here.read] == ["b", "d"]
    assert here.deleted.tolist() == [0, 3]
    assert sorted(here.rows.tolist()) == [1, 2, 4]
    assert here.at(np.array([2, 4])) == [Seed("ab", 1, LONG_AGO), Seed("d", 2, LONG_AGO + 1)]
    rows, sizes, times = here.excluding(np.array([2]))
    assert sorted(zip(rows.tolist(), sizes.tolist(), times.tolist(), strict=True)) == [
        (1, 1, LONG_AGO),
        (4, 2, LONG_AGO + 1),
    ]
    assert compare_places(before, PartialListing(frozenset({""}), [])).deleted.tolist() == [0, 1, 2, 3, 4]


def test_seed_that_was_not_indexed_is_never_sure() -> None:
    seeds = [Seed("bad.txt", 5, LONG_AGO), Seed("good.txt", 5, LONG_AGO)]
    writer = SeedManifestWriter(SOURCE, NOW)
    for seed in seeds:
        expect(writer, seed, "held")
    writer.problem(BAD)
    writer.problem(SeedProblem("good.txt", "a guess", indexed=True))
    manifest = writer.seed_manifest()
    assert compare_folder(manifest, seeds).read == seeds[:1]
    assert uncertain_paths(manifest) == ["bad.txt"]


def test_seed_changed_just_before_is_not_trusted_to_keep_its_time() -> None:
    fresh, old = Seed("fresh", 1, NOW - 1), Seed("old", 1, LONG_AGO)
    assert compare_folder(manifest_of([fresh, old]), [fresh, old]).read == [fresh]
    assert uncertain_paths(manifest_of([fresh, old])) == ["fresh"]
    writer = SeedManifestWriter(SOURCE, NOW)
    writer.reuse(manifest_of([old]), np.array([0]), np.array([1]), np.array([NOW - 1]))
    assert writer.seed_manifest().times.tolist() == [0]


def test_what_is_taken_over_keeps_its_documents_problems_and_origin() -> None:
    writer = SeedManifestWriter(SOURCE, NOW)
    seeds = [Seed("a", 1, LONG_AGO), Seed("b", 2, LONG_AGO, "moved"), Seed("bad.txt", 3, LONG_AGO)]
    for seed in seeds:
        expect(writer, seed, "held")
        writer.document(seed.path, f"{seed.size:016x}")
    writer.problem(SeedProblem("bad.txt", "a guess", indexed=True))
    after = SeedManifestWriter(SOURCE, NOW)
    after.reuse(writer.seed_manifest(), np.array([1, 2]), np.array([2, 3]), np.array([LONG_AGO] * 2))
    expect(after, Seed("new", 4, LONG_AGO), "other")
    after.document("new", "00000000000000ff")
    manifest = after.seed_manifest()
    assert list(manifest.paths) == ["b", "bad.txt", "new"]
    assert manifest.ids.tolist() == [2, 3, 0xFF]
    assert [manifest.origin(row) for row in range(3)] == ["moved", "bad.txt", "new"]
    assert list(problems_in(manifest)) == [SeedProblem("bad.txt", "a guess", indexed=True)]


def test_moved_seed_keeps_the_path_of_its_ids_and_a_new_one_there_gets_another() -> None:
    before = manifest_of([Seed("a", 1, LONG_AGO), Seed("b", 2, LONG_AGO)], a="story", b="report")
    found = [Seed("b", 2, LONG_AGO), Seed("c", 1, LONG_AGO)]
    moved = with_origins(found, before, compare_folder(before, found).deleted, {"c": "story", "b": "report"})
    assert [(seed.path, seed.origin) for seed in moved] == [("b", ""), ("c", "a")]
    after = manifest_of(moved, b="report", c="story")
    back = with_origins([Seed("a", 9, LONG_AGO)], after, np.array([], np.int64), {"a": "something else"})
    assert [(seed.path, seed.origin) for seed in back] == [("a", "a//2")]


def test_seed_over_the_limit_of_cpu_time_has_its_digest_though_it_has_no_documents() -> None:
    writer = SeedManifestWriter(SOURCE, NOW)
    for path in ("slow.txt", "gone.txt"):
        expect(writer, Seed(path, 5, LONG_AGO), "held")
    writer.problem(SeedProblem("slow.txt", "took more than 30 s of CPU time"))
    assert writer.seed_manifest().digests.tolist() == [b"held", b""]


def test_every_module_that_ingest_imports_is_in_the_fingerprint_or_irrelevant_to_documents() -> None:
    irrelevant = {"array_ranges", "deferred", "errors", "extras", "limited_workers", "npy_file", "removal_counts"}
    package = Path(searchsvc.__file__).parent
    imported = {
        name
        for path in (package / "ingest").rglob("*.py")
        for name in re.findall(r"^ *from searchsvc\.([\w.]+) import", path.read_text("utf-8"), re.M)
        if name.split(".")[0] != "ingest"
    }
    hashed = {
        path.relative_to(package).with_suffix("").as_posix().replace("/", ".") for path in build_fingerprint._OUTSIDE
    }
    assert imported - irrelevant == hashed
