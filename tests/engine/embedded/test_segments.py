"""Generations of several segments: they answer as one segment would, share files, and are merged."""

import errno
import os
import random
import shutil
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from time import sleep

import numpy as np
import pytest
from numpy.typing import NDArray
from whoosh import query as q
from whoosh.index import open_dir

from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.engine.embedded.build.merge_policy import MAX_SEGMENTS
from searchsvc.engine.embedded.files import FORWARD_INDEX, IMPACTS, KEY_TERMS, POSTINGS
from searchsvc.engine.embedded.index.array_file import load_arrays
from searchsvc.engine.query import EngineQuery
from searchsvc.engine.storage.generation_store import GenerationStore
from searchsvc.engine.storage.manifest import read_manifest
from searchsvc.errors import IndexDamaged
from searchsvc.models.documents import FACETS, Document
from searchsvc.models.search import DateRange, Filter
from searchsvc.query import AcrossFields
from searchsvc.schema import FREE_TEXT
from tests.engine.embedded.test_building import made

pytestmark = pytest.mark.slow

DAY = date(2024, 1, 1)
SINGLE_FIELD = (q.Term, q.Phrase, q.NumericRange, q.TermRange)
WORDS = ("plain", "words", "naïve", "alliances", "running", "the", "27", "東京", "x_y", "rare7", "Straße")


def numbered(documents: Sequence[Document], first: int) -> list[Document]:
    """Documents with ids from `first` on, in several languages, some of them dated, with a rare word of their own."""
    return [
        replace(
            document,
            id=f"{number * 7919 % 65_536:016x}",
            body=f"{document.body} rare{number % 9} zz{number}word",
            language=("en", "de", "en", "ru", "zh")[number % 5],
            published=DAY + timedelta(number % 11) if number % 3 else None,
            source=f"Source {number % 4}",
        )
        for number, document in enumerate(documents, first)
    ]


def write(engine: EmbeddedEngine, documents: Iterable[Document]) -> str:
    """Publish a generation of `documents` alone; return its name."""
    with engine.new_generation() as generation:
        for document in documents:
            generation.add(document, document.body, document.id.encode())
    return generation.name


def update(engine: EmbeddedEngine, deleted: NDArray[np.bool_], documents: Iterable[Document]) -> str:
    """Publish the current generation without the `deleted` documents, and with `documents`; return its name."""
    with engine.next_generation() as generation:
        generation.delete(deleted)
        for document in documents:
            generation.add(document, document.body, document.id.encode())
    return generation.name


def segment_count(engine: EmbeddedEngine) -> int:
    return len(engine.snapshot().reader.parts)


def across(kind: type[q.Query], text: object, **options: object) -> q.Query:
    return AcrossFields([kind(name, text, boost=weight, **options) for name, weight in FREE_TEXT.items()])


def trees() -> Iterator[q.Query | None]:
    yield None
    words = [across(q.Term, word) for word in ("plain", "word", "run", "allianc", "the", "rare7", "zz61word", "strass")]
    yield from words
    yield q.Or(words)
    yield q.And(words[:2])
    yield q.And([words[0], q.Not(words[2])])
    yield q.AndMaybe(words[1], words[3])
    yield across(q.Phrase, ["plain", "word"])
    yield q.Phrase("body", ["the", "plain"], slop=3)
    yield from (across(q.Prefix, text) for text in ("r", "zz", "al", "zz61w"))
    yield across(q.Wildcard, "*ain*")
    yield across(q.FuzzyTerm, "plein", maxdist=2, prefixlength=0)
    yield across(q.FuzzyTerm, "zz60word", maxdist=1, prefixlength=2)
    yield q.Term("title", "plain")
    yield q.Term("section", "word")
    yield q.Term("language", "de")
    yield q.NumericRange("published", DAY.toordinal(), DAY.toordinal() + 5)


def searches() -> Iterator[EngineQuery]:
    for tree in trees():
        yield EngineQuery(tree, facets=FACETS, limit=7, offset=3, collapse=True)
        yield EngineQuery(tree, sort="published:desc", limit=200)
    tree = across(q.Term, "plain")
    yield EngineQuery(tree, filters=(Filter("source", ("source 1",)),), facets=FACETS, limit=200)
    yield EngineQuery(tree, filters=(Filter("source", ("Source 1",), exclude=True),), limit=200)
    yield EngineQuery(tree, published=DateRange(DAY, DAY + timedelta(3)), limit=200)
    yield EngineQuery(q.And([tree, across(q.Term, "rare7")]), fallback=q.Or([tree, across(q.Term, "rare7")]),
                      min_exact=200, parts=(tree,), limit=200)  # fmt: skip


def answers(engine: EmbeddedEngine) -> Iterator[object]:
    """Everything that an engine answers, in parts; scores last, as they may differ in the last digits."""
    snapshot = engine.snapshot()
    for query in searches():
        hits = snapshot.search(query)
        yield query, hits.total, hits.partial_matches, hits.facets
        yield [(hit.document, hit.missing_parts, [each.id for each in hit.duplicates]) for hit in hits.hits]
        yield [hit.score for hit in hits.hits]
    yield snapshot.languages
    yield [snapshot.suggest(prefix, context, 9) for prefix in ("", "r", "wor", "wrds", "zz6") for context in (
        None, across(q.Term, "plain"))]  # fmt: skip
    yield [snapshot.sample(across(q.Term, word), limit) for word in ("plain", "word") for limit in (1, 4, 99)]
    vocabulary = snapshot.vocabulary
    yield vocabulary.frequencies([*WORDS, "zz61word", "zz3word"])
    yield [vocabulary.near(word, 2) for word in ("wrods", "plian", "zz61wrd", "aliances")]
    yield [vocabulary.may_be_near(word, 3) for word in ("wrods", "zz61wrd")]
    yield [vocabulary.together("plain", word) for word in WORDS], vocabulary.side_by_side("plain", "words")
    documents = sorted(snapshot.documents(), key=lambda pair: pair[0].id)
    yield documents
    yield [(hit.document.id, hit.score) for hit in snapshot.similar(documents[0][0].id, 9)]
    yield snapshot.duplicates()
    yield snapshot.status().facets


def assert_same_answers(updated: EmbeddedEngine, rebuilt: EmbeddedEngine) -> None:
    for mine, theirs in zip(answers(updated), answers(rebuilt), strict=True):
        if isinstance(mine, list) and mine and isinstance(mine[0], float):
            assert mine == pytest.approx(theirs, rel=1e-9)
        else:
            assert mine == theirs


def test_generations_after_many_updates_answer_as_rebuilt_ones(tmp_path: Path) -> None:
    rng = random.Random(3)
    engine, live = EmbeddedEngine(tmp_path / "index", "en"), numbered(made(60), 0)
    write(engine, live)
    counts = []
    for step in range(22):
        new = numbered(made(rng.randrange(1, 5), 100 + step), 60 + 5 * step)
        with engine.next_generation() as generation:
            states = generation.states()
            assert [states.data[s:e].tobytes().decode() for s, e in zip(states.starts, states.ends, strict=True)] == [
                f"{each:016x}" for each in states.ids.tolist()
            ]
            document_of = {document.id: document for document in live}
            is_deleted = np.array([rng.random() < 0.03 for _ in live])
            generation.delete(is_deleted)
            for document in new:
                generation.add(document, document.body, document.id.encode())
        kept = states.ids[~is_deleted].tolist()
        live = [document_of[f"{each:016x}"] for each in kept] + new
        engine.prune(2)
        counts.append(segment_count(engine))
        if step % 3 == 1:
            rebuilt = EmbeddedEngine(tmp_path / str(step), "en")
            write(rebuilt, live)
            assert_same_answers(engine, rebuilt)
    assert max(counts) == MAX_SEGMENTS
    assert min(counts[MAX_SEGMENTS:]) < MAX_SEGMENTS  # merged
    assert len(engine.generations()) == 2


def test_merged_segment_has_the_arrays_of_a_rebuilt_one(tmp_path: Path) -> None:
    engine, documents = EmbeddedEngine(tmp_path / "index", "en"), numbered(made(60), 0)
    write(engine, documents[:40])
    update(engine, np.arange(40) % 9 == 0, documents[40:])
    live = [each for number, each in enumerate(documents[:40]) if number % 9] + documents[40:]
    assert segment_count(engine) == 2
    merged = update(engine, np.arange(len(live)) % 3 == 0, [])
    live = [each for number, each in enumerate(live) if number % 3]
    assert segment_count(engine) == 1
    rebuilt = EmbeddedEngine(tmp_path / "again", "en")
    write(rebuilt, live)
    folder, number = tmp_path / "index" / merged, engine.snapshot().reader.generation.numbers[0]
    for file in (POSTINGS, IMPACTS, FORWARD_INDEX, KEY_TERMS):
        mine = load_arrays(folder / file.format(number))
        theirs = load_arrays(rebuilt.snapshot().folder / file.format(1))
        assert mine.keys() == theirs.keys()
        for name in mine:
            np.testing.assert_array_equal(mine[name], theirs[name], f"{file} {name}", strict=True)
    assert list(engine.snapshot().documents()) == list(rebuilt.snapshot().documents())
    assert engine.snapshot().name == merged


def test_many_segments_are_merged_into_few_and_the_unmerged_generation_is_deleted(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path / "index", "en")
    write(engine, numbered(made(60), 0))
    for step in range(MAX_SEGMENTS):
        assert segment_count(engine) == step + 1
        published = update(engine, np.zeros(60 + step, bool), numbered(made(1, step), 100 + step))
    assert segment_count(engine) == 2
    assert engine.snapshot().name == published
    assert len(engine.generations()) == MAX_SEGMENTS + 1


def test_failed_merge_leaves_the_update(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine, live = EmbeddedEngine(tmp_path / "index", "en"), numbered(made(12), 0)
    write(engine, live)

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("searchsvc.engine.embedded.generation_writer.write_merged_segment", fail)
    published = update(engine, np.arange(12) < 4, [])
    assert engine.snapshot().name == published
    assert sorted(document.id for document, _ in engine.snapshot().documents()) == sorted(each.id for each in live[4:])
    assert not list((tmp_path / "index").glob(".*"))


def test_impacts_are_shared_until_a_mean_length_changes(tmp_path: Path) -> None:
    engine, live = EmbeddedEngine(tmp_path / "index", "en"), numbered(made(60), 0)
    write(engine, live)
    means = engine.snapshot().reader.generation.mean_lengths
    new = numbered(made(1), 60)
    same = update(engine, np.zeros(60, bool), new)
    assert engine.snapshot().reader.generation.mean_lengths == means
    assert (tmp_path / "index" / same / IMPACTS.format(1)).stat().st_nlink == 2
    long = [replace(each, body=each.body * 90) for each in numbered(made(3), 61)]
    longer = update(engine, np.zeros(61, bool), long)
    assert engine.snapshot().reader.generation.mean_lengths > means
    assert (tmp_path / "index" / longer / IMPACTS.format(1)).stat().st_nlink == 1
    assert (tmp_path / "index" / longer / POSTINGS.format(1)).stat().st_nlink == 3
    rebuilt = EmbeddedEngine(tmp_path / "again", "en")
    write(rebuilt, [*live, *new, *long])
    assert_same_answers(engine, rebuilt)


def test_stock_whoosh_searches_several_segments_without_deleted_documents(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path, "en")
    write(engine, numbered(made(60), 0))
    for step in range(4):
        count = engine.snapshot().status().generation.documents
        name = update(engine, np.arange(count) % 31 == 7, numbered(made(7, step), 100 + 7 * step))
    assert segment_count(engine) == 5
    index = open_dir(str(tmp_path / name))
    assert index.doc_count() == engine.snapshot().status().generation.documents
    with index.searcher() as searcher:
        for tree in (each for each in (*trees(), q.TermRange("body", "a", "q")) if isinstance(each, SINGLE_FIELD)):
            stock = sorted(hit["id"] for hit in searcher.search(tree, limit=None))
            found = engine.snapshot().search(EngineQuery(tree, limit=500)).hits
            assert stock == sorted(hit.document.id for hit in found)


def test_shared_files_are_not_read_whole_while_links_are_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = EmbeddedEngine(tmp_path, "en")
    write(engine, numbered(made(9), 0))
    name = update(engine, np.arange(9) == 3, [])
    monkeypatch.setattr("searchsvc.engine.storage.manifest._sha256", lambda path: pytest.fail(f"{path} is read"))
    monkeypatch.setattr("searchsvc.engine.storage.manifest._LINK_SECONDS", 0.5)
    store = GenerationStore(tmp_path)
    with ThreadPoolExecutor(1) as pool, store.preserving_stamps():
        (tmp_path / "other").hardlink_to(tmp_path / name / "documents.1.blobs")
        opened = pool.submit(lambda: EmbeddedEngine(tmp_path, "en").snapshot().status())
        sleep(0.1)  # by then it has seen that the file was touched
    assert opened.result().generation.documents == 8


def test_shared_files_are_links_and_need_not_be_read_whole_after_pruning(tmp_path: Path) -> None:
    engine, live = EmbeddedEngine(tmp_path, "en"), numbered(made(30), 0)
    write(engine, live)
    for _ in range(2):
        name = update(engine, np.zeros(30, bool), [])
    shared = tmp_path / name / "postings.1.arrays"
    assert shared.stat().st_nlink == 3
    engine.prune(2)
    assert shared.stat().st_nlink == 2
    for info in engine.generations():
        for file, sealed in read_manifest(tmp_path / info.name).files.items():
            status = (tmp_path / info.name / file).stat()
            assert sealed.stamp == (status.st_ino, status.st_mtime_ns, status.st_ctime_ns)
    assert list(EmbeddedEngine(tmp_path, "en").snapshot().documents()) == [
        (document, document.body) for document in live
    ]


def test_shared_file_that_is_altered_while_links_change_is_refused_after(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path, "en")
    shared = tmp_path / write(engine, numbered(made(30), 0)) / "documents.1.blobs"
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
    write(engine, live)

    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    update(engine, np.zeros(30, bool), [])
    assert list(EmbeddedEngine(tmp_path, "en").snapshot().documents()) == [
        (document, document.body) for document in live
    ]
    monkeypatch.setattr(shutil, "copyfile", lambda _, target: Path(target).write_bytes(b"half"))
    with pytest.raises(IndexDamaged, match=r"copied|not an array file"):
        update(engine, np.zeros(30, bool), [])
    assert engine.snapshot().status().generation.documents == 30
