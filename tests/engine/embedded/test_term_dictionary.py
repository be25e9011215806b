"""Words that are indexed as several terms in several languages, against plain Python."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchsvc.analysis import analyzer
from searchsvc.engine.embedded.build.index_builder import BuildOptions
from tests.engine.embedded.building import PLAIN, build

WORDS = ["news", "new", "running", "run", "Häuser", "haus", "elections", "élection", "東京"]
DOCUMENTS = st.lists(
    st.tuples(st.sampled_from(["en", "de", "fr", "zh"]), st.lists(st.sampled_from(WORDS), max_size=6)),
    min_size=1,
    max_size=12,
)


@settings(deadline=None, max_examples=25)
@given(written=DOCUMENTS)
def test_documents_of_mixed_languages_keep_their_order_and_terms(
    tmp_path_factory: pytest.TempPathFactory, written: list[tuple[str, list[str]]]
) -> None:
    documents = [
        replace(PLAIN, id=str(n), language=language, body=" ".join(words))
        for n, (language, words) in enumerate(written)
    ]
    segment = build(tmp_path_factory.mktemp("built"), documents)
    for number, (language, words) in enumerate(written):
        counts = Counter(analyzer("en" if language == "zh" else language).terms(" ".join(words)))
        for term, count in counts.items():
            found = segment.field("body", segment.term_id(term))
            assert found.tfs[found.docs.tolist().index(number)] == count
        assert segment.lengths("body")[number] == sum(counts.values())


def test_a_word_stands_for_each_term_it_is_indexed_as(tmp_path: Path) -> None:
    bodies = [("en", "news"), ("fr", "news"), ("en", "news today")]
    documents = [replace(PLAIN, id=str(n), language=each, body=body) for n, (each, body) in enumerate(bodies)]
    lexicon = (segment := build(tmp_path, documents)).lexicon
    number = lexicon.words.find(b"news")
    assert segment.terms[int(lexicon.term_ids[number])] == b"news"  # the one in most documents
    assert lexicon.doc_counts[number] == 3
    assert [segment.terms[n] for n in lexicon.term_ids_of(slice(number, number + 1)).tolist()] == [b"new", b"news"]


def test_runs_of_any_size_make_the_same_arrays(tmp_path: Path) -> None:
    body = "news of the elections " * 400
    documents = [
        replace(PLAIN, id=str(n), language=("en", "de", "fr")[n % 3], body=f"{body} word{n}") for n in range(30)
    ]
    (tmp_path / "one").mkdir()
    (tmp_path / "many").mkdir()
    whole, parted = (
        build(tmp_path / "one", documents).parts[0].segment.arrays,
        build(tmp_path / "many", documents, BuildOptions(memory_bytes=1)).parts[0].segment.arrays,
    )
    for name in ("words.terms", "words.doc_counts", "words.further_terms", "body.docs", "body.positions"):
        assert whole[name].tolist() == parted[name].tolist()
