"""Generations that go on from the one before: the same arrays, byte for byte, as built from nothing."""

import errno
import os
import random
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from time import sleep

import numpy as np
import pytest

from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.engine.embedded.files import (
    CANONICALS,
    FACET,
    FACET_VALUES,
    FORWARD_INDEX,
    ID_ORDER,
    ID_RANKS,
    IDS,
    IMPACTS,
    KEY_TERMS,
    POSTINGS,
)
from searchsvc.engine.embedded.index.array_file import load_arrays
from searchsvc.engine.embedded.index.forward_index import UNSHARED_CODES
from searchsvc.engine.embedded.index.segment import Segment
from searchsvc.engine.embedded.index.stored_fields import MAX_VOLUMES
from searchsvc.engine.storage.generation_store import GenerationStore
from searchsvc.engine.storage.manifest import read_manifest
from searchsvc.errors import IndexDamaged
from searchsvc.models.documents import Document
from tests.engine.embedded.test_building import made

pytestmark = pytest.mark.slow

COLUMNS = (IDS, ID_ORDER, ID_RANKS, CANONICALS, FACET_VALUES, FACET.format("topics"), FACET.format("author"))


def numbered(documents: Sequence[Document], first: int) -> list[Document]:
    """Documents with ids that go on from `first`, in several languages, one of them without stems of its own."""
    return [
        replace(document, id=f"{number:016x}", language=("en", "de", "en", "ru", "zh")[number % 5])
        for number, document in enumerate(documents, first)
    ]


def rebuilt(folder: Path, documents: Sequence[Document]) -> Path:
    engine = EmbeddedEngine(folder, "en")
    with engine.new_generation() as generation:
        for document in documents:
            generation.add(document, document.body)
    return folder / generation.name


def assert_same_arrays(one: Path, other: Path) -> None:
    for file in (POSTINGS, IMPACTS, FORWARD_INDEX, KEY_TERMS):
        mine, theirs = load_arrays(one / file), load_arrays(other / file)
        assert mine.keys() == theirs.keys()
        for name in mine:
            np.testing.assert_array_equal(mine[name], theirs[name], f"{file} {name}", strict=True)
    for file in COLUMNS:
        assert (one / file).read_bytes() == (other / file).read_bytes()


def test_each_generation_has_the_arrays_of_one_built_from_nothing(tmp_path: Path) -> None:
    rng = random.Random(3)
    engine, live = EmbeddedEngine(tmp_path / "index", "en"), numbered(made(60), 0)
    with engine.new_generation() as generation:
        for document in live:
            generation.add(document, document.body, document.id.encode())
    for step in range(14):
        new = numbered(made(rng.randrange(5), 100 + step), 100 * (step + 1))
        with engine.next_generation() as generation:
            memos = generation.states()
            assert [memos.data[s:e].tobytes().decode() for s, e in zip(memos.starts, memos.ends, strict=True)] == [
                document.id for document in live
            ]
            gone = np.array([rng.random() < 0.1 for _ in live])
            generation.delete(gone)
            for document in new:
                generation.add(document, document.body, document.id.encode())
        engine.prune(2)
        live = [document for document, is_gone in zip(live, gone, strict=True) if not is_gone] + new
        assert list(engine.snapshot().documents()) == [(document, document.body) for document in live]
        assert_same_arrays(tmp_path / "index" / generation.name, rebuilt(tmp_path / str(step), live))
        volumes = {path.name for path in (tmp_path / "index" / generation.name).glob("documents.*.blobs")}
        assert len(volumes) <= MAX_VOLUMES + 1


def test_small_volumes_are_merged_when_there_are_many(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path / "index", "en")
    with engine.new_generation() as generation:
        for document in numbered(made(60), 0):
            generation.add(document, document.body)
    for step in range(MAX_VOLUMES + 4):
        (document,) = numbered(made(1, step), 100 + step)
        with engine.next_generation() as generation:
            generation.delete(np.zeros(60 + step, bool))
            generation.add(document, document.body)
        engine.prune(1)
        volumes = list((tmp_path / "index" / generation.name).glob("documents.*.blobs"))
        assert len(volumes) <= MAX_VOLUMES + 1
    assert len(list(engine.snapshot().documents())) == 60 + MAX_VOLUMES + 4


def test_many_new_documents_are_analysed_in_shares(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path / "index", "en", memory=1)
    old, new = numbered(made(20), 0), numbered(made(900, 2), 20)
    with engine.new_generation() as generation:
        for document in old:
            generation.add(document, document.body)
    with engine.next_generation() as generation:
        generation.delete(np.arange(20) == 7)
        for document in new:
            generation.add(document, document.body)
        assert len(list((tmp_path / "index").glob(".building-*/runs/*"))) > 1
    live = [document for document in old if document.id != f"{7:016x}"] + new
    assert_same_arrays(tmp_path / "index" / generation.name, rebuilt(tmp_path / "again", live))


def test_bytes_of_texts_are_taken_over_while_the_commonest_terms_are_the_same(tmp_path: Path) -> None:
    common = " ".join(f"c{number}" for number in range(UNSHARED_CODES))
    plain = made(8)[0]
    documents = numbered([replace(plain, body=f"{common} a{n} b{n} {common} a{n}") for n in range(8)], 0)
    engine = EmbeddedEngine(tmp_path / "index", "en")
    with engine.new_generation() as generation:
        for document in documents[:5]:
            generation.add(document, document.body)
    before = Segment(tmp_path / "index" / generation.name).forward_index
    with engine.next_generation() as generation:
        generation.delete(np.array([False, True, False, False, True]))
        for document in documents[5:]:
            generation.add(document, document.body)
    live = [documents[number] for number in (0, 2, 3, 5, 6, 7)]
    assert before.coded_terms == Segment(tmp_path / "index" / generation.name).forward_index.coded_terms
    assert len(set(before.term_codes.tolist())) > UNSHARED_CODES
    assert_same_arrays(tmp_path / "index" / generation.name, rebuilt(tmp_path / "again", live))


def test_shared_files_are_not_read_whole_while_links_are_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = EmbeddedEngine(tmp_path, "en")
    with engine.new_generation() as generation:
        generation.add(numbered(made(1), 0)[0], "")
    with engine.next_generation() as generation:
        generation.delete(np.zeros(1, bool))
    monkeypatch.setattr("searchsvc.engine.storage.manifest._sha256", lambda path: pytest.fail(f"{path} is read"))
    monkeypatch.setattr("searchsvc.engine.storage.manifest._LINK_SECONDS", 0.5)
    store = GenerationStore(tmp_path)
    with ThreadPoolExecutor(1) as pool, store.preserving_stamps():
        (tmp_path / "other").hardlink_to(tmp_path / generation.name / "documents.1.blobs")
        opened = pool.submit(lambda: EmbeddedEngine(tmp_path, "en").snapshot().status())
        sleep(0.1)  # by then it has seen that the file was touched
    assert opened.result().generation.documents == 1


def test_shared_files_are_links_and_need_not_be_read_whole_after_pruning(tmp_path: Path) -> None:
    engine, live = EmbeddedEngine(tmp_path, "en"), numbered(made(30), 0)
    with engine.new_generation() as first:
        for document in live:
            first.add(document, document.body)
    for _ in range(2):
        with engine.next_generation() as generation:
            generation.delete(np.zeros(30, bool))
    shared = tmp_path / generation.name / "documents.1.blobs"
    assert shared.stat().st_nlink == 3
    engine.prune(2)
    assert shared.stat().st_nlink == 2
    for info in engine.generations():
        for name, sealed in read_manifest(tmp_path / info.name).files.items():
            found = (tmp_path / info.name / name).stat()
            assert sealed.stamp == (found.st_ino, found.st_mtime_ns, found.st_ctime_ns)
    assert list(EmbeddedEngine(tmp_path, "en").snapshot().documents()) == [
        (document, document.body) for document in live
    ]


def test_shared_file_that_is_altered_while_links_change_is_refused_after(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path, "en")
    with engine.new_generation() as first:
        for document in numbered(made(30), 0):
            first.add(document, document.body)
    shared = tmp_path / first.name / "documents.1.blobs"
    with GenerationStore(tmp_path).preserving_stamps():
        (tmp_path / "link").hardlink_to(shared)
        whole = shared.read_bytes()
        shared.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(IndexDamaged, match=shared.name):
        EmbeddedEngine(tmp_path, "en").snapshot().status()


def test_file_system_without_links_gets_copies_that_are_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, live = EmbeddedEngine(tmp_path, "en"), numbered(made(30), 0)
    with engine.new_generation() as first:
        for document in live:
            first.add(document, document.body)

    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    with engine.next_generation() as generation:
        generation.delete(np.zeros(30, bool))
    assert list(EmbeddedEngine(tmp_path, "en").snapshot().documents()) == [
        (document, document.body) for document in live
    ]
    monkeypatch.setattr(shutil, "copyfile", lambda _, target: Path(target).write_bytes(b"half"))
    with pytest.raises(IndexDamaged, match="copied"), engine.next_generation() as generation:
        generation.delete(np.zeros(30, bool))
    assert engine.snapshot().status().generation.documents == 30
