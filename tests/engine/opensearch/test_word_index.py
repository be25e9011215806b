"""Texts to terms, and words counted within bounds."""

import random
from collections import Counter
from dataclasses import replace

import pytest

from searchsvc.analysis import analyzer
from searchsvc.engine.embedded.build.tokenizer import Tokenizer
from searchsvc.engine.opensearch.data.batch_analysis import BatchAnalysis, DocumentBatch, analysed_batch
from searchsvc.engine.opensearch.data.documents import StoredSource
from searchsvc.engine.opensearch.data.word_index import WordCounts, analysed
from searchsvc.models.documents import Document
from tests.engine.contract import LIBRARY, PORT, STORM, document

DICE = random.Random(3)
WORDS = [
    "the",
    "storm",
    "Storm",
    "storms",
    "storm.",
    "don't",
    "NATO-Russia",
    "東京都",
    "\ud800x",
    *map(str, range(200)),
]


def made_up(number: int) -> Document:
    made = document(number, " ".join(DICE.choices(WORDS, k=3)), " ".join(DICE.choices(WORDS, k=30)))
    return replace(made, section=DICE.choice(["World", "Sport"]), language=DICE.choice(["en", "fr", "xx"]))


def test_terms_are_those_of_the_language_of_the_document() -> None:
    for each in (STORM, PORT):
        (terms,), _ = analysed([each], Tokenizer("en"))
        assert terms["body"].split() == analyzer(each.language).terms(each.body)
        assert terms["title"].split() == analyzer(each.language).terms(each.title)


def test_a_word_counts_once_a_document_and_only_in_free_text() -> None:
    terms, counts = analysed(LIBRARY, Tokenizer("en"))
    assert len(terms) == len(LIBRARY)
    assert counts["night", "night"] == 4
    assert counts["reuters", "reuter"] == 2
    assert counts["world", "world"] == 2  # a section
    assert ("ete", "été") not in counts


def test_counts_are_the_same_however_often_rare_words_are_removed() -> None:
    documents = [made_up(number) for number in range(200)]
    tokenizer, bounded = Tokenizer("en"), WordCounts(most=30)
    expected, all_counts = analysed(documents, tokenizer)
    sent: Counter[tuple[str, str]] = Counter()
    times = 0
    for start in range(0, len(documents), 7):
        terms, counts = analysed(documents[start : start + 7], tokenizer)
        assert terms == expected[start : start + 7]
        bounded.add(counts)
        rare = bounded.pop_rare()
        times += bool(rare)
        sent.update(rare)
    sent.update(bounded.remaining())
    assert times > 5
    assert sent == Counter(all_counts)


@pytest.mark.parametrize("jobs", [1, 3])
def test_processes_analyse_batches_in_order(jobs: int) -> None:
    documents = [each for each in map(made_up, range(60)) if "\ud800" not in each.title + each.body]
    stored = [(each, StoredSource(f"original {each.id}", b"state")) for each in documents]
    batches = [DocumentBatch(stored[start : start + 7], start) for start in range(0, len(stored), 7)]
    analysis = BatchAnalysis(jobs, "en")
    try:
        results = [result for batch in batches for result in analysis.analyse(batch)] + list(analysis.remaining())
    finally:
        analysis.close()
    assert results == [analysed_batch(batch, Tokenizer("en")) for batch in batches]
    assert [line.name for result in results for line in result.lines] == [each.id for each in documents]
