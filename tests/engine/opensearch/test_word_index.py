"""Texts to terms, and words counted within bounds."""

import random
from collections import Counter
from dataclasses import replace

from searchsvc.analysis import analyzer
from searchsvc.engine.opensearch.data.word_index import WordIndex
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
        terms = WordIndex("en").terms([each])[0]
        assert terms["body"].split() == analyzer(each.language).terms(each.body)
        assert terms["title"].split() == analyzer(each.language).terms(each.title)


def test_a_word_counts_once_a_document_and_only_in_free_text() -> None:
    words = WordIndex("en")
    assert len(words.terms(LIBRARY)) == len(LIBRARY)
    counts = words.remaining()
    assert counts["night", "night"] == 4
    assert counts["reuters", "reuter"] == 2
    assert counts["world", "world"] == 2  # a section
    assert ("ete", "été") not in counts


def test_counts_are_the_same_however_often_words_are_given_away() -> None:
    documents = [made_up(number) for number in range(200)]
    bounded, all_at_once = WordIndex("en", cache_size=30), WordIndex("en")
    given: Counter[tuple[str, str]] = Counter()
    times = 0
    expected = all_at_once.terms(documents)
    for start in range(0, len(documents), 7):
        assert bounded.terms(documents[start : start + 7]) == expected[start : start + 7]
        surplus = bounded.pop_rare()
        times += bool(surplus)
        given.update(surplus)
    given.update(bounded.remaining())
    assert times > 5
    assert given == Counter(all_at_once.remaining())
