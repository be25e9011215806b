"""Documents of the first pass are kept for the second pass, within bounds."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from searchsvc.ingest import Source, find_seeds, read_first_pass
from searchsvc.ingest.incremental import read_seed
from searchsvc.ingest.incremental.read_seed import ReadSeed
from searchsvc.ingest.readers.reader import read
from searchsvc.models.documents import RawDocument, Seed

NOTE = """---
title: Café in the harbour
author: Ada Example
date: 2024-05-06
tags: [boats, coffee]
colour: blue
---
The café opened in May.

```
make all
```
"""
FILES = {
    "a.txt": b"A title\n\nA sentence of an article that anyone may read.\n",
    "b.md": NOTE.encode(),
    "c.jsonl": b'{"title": "One", "text": "First text."}\n{"title": "Two", "text": "Second text."}\n',
    "d.html": b"<html lang=de><title>Der Hafen</title><body><p>Der Hafen liegt am Meer.</p></body></html>",
    "e.txt": b"Caf\xe9 in the harbour, and the bakery of the town\n",
}


def source(folder: Path) -> Source:
    return Source(folder, 1_000_000, "en")


def second_pass_seeds(folder: Path) -> list[Seed]:
    seeds = list(find_seeds(folder))
    found = read_first_pass(source(folder), seeds).second_pass(seeds)
    return [seed for seed in found if isinstance(seed, Seed)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


def test_kept_documents_are_the_documents_that_reading_again_gives(folder: Path) -> None:
    for seed in second_pass_seeds(folder):
        assert isinstance(seed, ReadSeed)
        plain = Seed(seed.path, seed.size, seed.modified_ns)
        assert list(seed.unpacked()) == list(read(folder, plain, 1_000_000))


def test_kept_documents_have_the_origin_of_their_seed(folder: Path) -> None:
    seeds = list(find_seeds(folder))
    moved = [replace_origin(seed) for seed in seeds if isinstance(seed, Seed)]

    for seed in read_first_pass(source(folder), seeds).second_pass(moved):
        assert isinstance(seed, ReadSeed)
        assert [raw.seed.origin for raw in seed.unpacked()][:1] == [f"old/{seed.path}"]


def replace_origin(seed: Seed) -> Seed:
    return Seed(seed.path, seed.size, seed.modified_ns, f"old/{seed.path}")


def test_a_large_seed_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_seed, "_MAX_SEED_BYTES", 500)
    (tmp_path / "large.txt").write_bytes(FILES["a.txt"] * 10)
    (tmp_path / "small.txt").write_bytes(FILES["a.txt"])

    assert [isinstance(seed, ReadSeed) for seed in second_pass_seeds(tmp_path)] == [False, True]


def test_seeds_beyond_the_memory_limit_are_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_seed, "_MAX_BYTES", 300)

    kept = [seed for seed in second_pass_seeds(folder) if isinstance(seed, ReadSeed)]

    assert 0 < len(kept) < len(FILES)
    assert sum(len(seed.documents) for seed in kept) <= 300


def test_a_seed_with_a_problem_is_read_again(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"title": "One", "text": "First text."}\n{broken\n')

    (seed,) = second_pass_seeds(tmp_path)

    assert not isinstance(seed, ReadSeed)


def test_a_path_that_is_not_unicode_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.txt")).write_bytes(FILES["a.txt"])

    (seed,) = second_pass_seeds(tmp_path)

    assert isinstance(seed, ReadSeed)
    (raw,) = seed.unpacked()
    assert isinstance(raw, RawDocument)
    assert raw.path == seed.path


def test_lone_surrogates_in_metadata_make_the_seed_be_read_again() -> None:
    packer = read_seed.SeedPacker()
    raw = RawDocument(Seed("a.txt", 0, 0), "text", "")
    packer.add(replace(raw, declared=replace(raw.declared, author="\ud800")))

    assert packer.packed() is None


def test_metadata_counts_towards_the_limit_of_a_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_seed, "_MAX_SEED_BYTES", 500)
    raw = RawDocument(Seed("a.jsonl", 0, 0), "text", "")
    packer = read_seed.SeedPacker()
    packer.add(raw)
    assert packer.packed() is not None
    packer.add(replace(raw, declared=replace(raw.declared, author="x" * 500)))

    assert packer.packed() is None
