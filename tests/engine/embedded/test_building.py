"""What the builder writes: the terms of the analyzer, however the work is cut up."""

import filecmp
import random
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from searchsvc.analysis import analyzer
from searchsvc.engine.embedded.build.index_builder import BuildOptions
from searchsvc.engine.embedded.build.tokenizer import texts_of
from searchsvc.engine.embedded.files import FORWARD_INDEX, IMPACTS, KEY_TERMS, POSTINGS
from searchsvc.engine.embedded.index import forward_index
from searchsvc.engine.embedded.index.array_file import load_arrays
from searchsvc.engine.embedded.index.postings import FIELDS
from searchsvc.engine.embedded.index.segment import Segment, positions_of
from searchsvc.errors import IndexDamaged
from searchsvc.models.documents import Document
from tests.engine.embedded.building import ENGLISH, PLAIN, build

STRANGE = [
    "The",
    "NATO-Russia",
    "Council’s",
    "27",
    "members'",
    "re-elected",
    "naïve",
    "cafés,",
    "don't",
    "they?",
    "U.S.",
    "e.g.",
    "3.5",
    "1,000",
    "_",
    "x_y",
    "'a'",
    "a.",
    "'tis",
    "running",
    "alliances",
    "ＷＯＲＬＤ",
    "İstanbul",
    "Straße",
    "Крым",
    "ещё",
    "ἀρχή",
    "東京都",
    "हिन्दी",
    "co\xadop",
    ".5",
    "5.",
    "1,a",
    "a,1",
    "u.s",
    "u.s.a.",
    "I.B.M.s",
    "__",
    "x'y'",
    "''x",
    ",x.",
    "日",
    "ｶﾀｶﾅ",
    "mixed東京mixed",
    "\u2028",
    "\x1cafter",
    "\xa0nbsp",
    "tab\tnew\nline",
    "a\u200bb",
]


def made(count: int, seed: int = 1) -> list[Document]:
    rng = random.Random(seed)

    def text(longest: int) -> str:
        return " ".join(rng.choices([*STRANGE, "plain", "words", "Plain.", "(words)"], k=rng.randrange(longest)))

    return [
        Document(
            id=f"d{n}", slug="", path="", content_hash="", title=text(6), body=text(60), headings=(text(4), text(3)),
            author=text(3) or None, topics=(text(2),), section=text(2) or None,
        )
        for n in range(count)
    ]  # fmt: skip


def built(folder: Path, documents: list[Document], options: BuildOptions = ENGLISH) -> Path:
    folder.mkdir()
    build(folder, documents, options)
    return folder


def test_every_posting_is_what_the_analyzer_gives(tmp_path: Path) -> None:
    documents = made(60)
    segment = Segment(built(tmp_path / "a", documents))
    for field in FIELDS:
        expected: dict[tuple[str, int], list[int]] = defaultdict(list)
        for number, document in enumerate(documents):
            tokens = list(analyzer("en").tokens(texts_of(document)[FIELDS.index(field)]))
            assert segment.lengths(field)[number] == len(tokens)
            for token in tokens:
                expected[token.term, number].append(token.position)
        found = {
            (segment.terms[int(term)].decode(), int(doc)): positions_of(segment, field, int(term), int(doc))
            for term in segment.fields[field].terms
            for doc in segment.field(field, int(term)).docs
        }
        assert found == expected


@pytest.mark.slow
def test_many_runs_and_two_processes_give_the_same_files_as_one_run(tmp_path: Path) -> None:
    documents = [replace(d, body=d.body * 20) for d in made(400)]
    whole = built(tmp_path / "whole", documents)
    runs = built(tmp_path / "runs", documents, BuildOptions(memory_bytes=1))
    jobs = built(tmp_path / "jobs", documents, BuildOptions(memory_bytes=1, jobs=2))
    for name in (file.format(1) for file in (POSTINGS, IMPACTS, FORWARD_INDEX, KEY_TERMS)):
        assert filecmp.cmp(whole / name, runs / name, shallow=False)
        assert filecmp.cmp(whole / name, jobs / name, shallow=False)


@pytest.mark.parametrize("chunk", [1, 7, 1_000])
def test_token_sequences_do_not_depend_on_the_postings_at_once(
    chunk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = built(tmp_path / "whole", made(60))
    monkeypatch.setattr(forward_index, "_CHUNK", chunk)
    parts = built(tmp_path / "parts", made(60))
    assert filecmp.cmp(whole / FORWARD_INDEX.format(1), parts / FORWARD_INDEX.format(1), shallow=False)


def test_failed_build_leaves_no_runs(tmp_path: Path) -> None:
    with pytest.raises(AttributeError):
        build(tmp_path, [*made(3), None], BuildOptions(memory_bytes=1))  # type: ignore[list-item]
    assert list(tmp_path.iterdir()) == []


def test_cut_file_is_refused(tmp_path: Path) -> None:
    folder = built(tmp_path / "a", made(20))
    content = (folder / POSTINGS.format(1)).read_bytes()
    (folder / POSTINGS.format(1)).write_bytes(content[: len(content) // 2])
    with pytest.raises(IndexDamaged, match="truncated"):
        load_arrays(folder / POSTINGS.format(1))


def test_no_documents_make_an_empty_generation(tmp_path: Path) -> None:
    segment = Segment(built(tmp_path / "a", []))
    assert segment.size == 0
    assert segment.term_id("x") == -1


def test_lexicon_leads_from_words_to_terms(tmp_path: Path) -> None:
    documents = [replace(made(1)[0], body="Government governments governed. Governing", title="", headings=())]
    segment = Segment(built(tmp_path / "a", documents))
    words = segment.lexicon.words
    found = {
        words[n].decode(): segment.terms[int(segment.lexicon.term_ids[n])].decode() for n in words.prefixed(b"gov")
    }
    assert found == {"governed": "govern", "governing": "govern", "government": "govern", "governments": "govern"}
    assert np.all(segment.lexicon.doc_counts[list(words.prefixed(b"gov"))] == 1)


def test_word_that_stands_in_a_document_more_often_than_16_bits_count(tmp_path: Path) -> None:
    reader = build(tmp_path, [replace(PLAIN, id="0" * 16, title="One", body="often " * 65_536)])
    assert reader.field("body", reader.term_id("often")).tfs.tolist() == [65_536]
    assert 0 < float(reader.free_text.postings(reader.term_id("often")).impacts[slice(0, 1)][0]) < 1
