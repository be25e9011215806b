"""Phrases over more words than there are bytes, against a plain search through the texts."""

import random
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from searchsvc.engine.embedded.build.index_builder import BuildOptions
from searchsvc.engine.embedded.index.forward_index import UNSHARED_CODES
from searchsvc.engine.embedded.index.index_reader import IndexReader
from searchsvc.engine.embedded.search.phrases import phrase_postings_of_all
from tests.engine.embedded.building import PLAIN, build

pytestmark = pytest.mark.slow

LANGUAGE = "xx"  # no stemmer, so that words and terms are the same
WORDS = [f"w{n:03}" for n in range(700)]
Texts = list[list[str]]


@pytest.fixture(scope="module")
def texts() -> Texts:
    dice = random.Random(4)
    weights = [1 / (rank + 5) for rank in range(len(WORDS))]
    pairs = [dice.sample(WORDS, 3) for _ in range(60)]

    def text() -> list[str]:
        words = dice.choices(WORDS, weights, k=dice.randrange(60))
        for triple in dice.sample(pairs, 4):
            at = dice.randrange(len(words) + 1)
            words[at:at] = triple * dice.randrange(1, 3)
        return words

    return [text() for _ in range(300)]


@pytest.fixture(scope="module")
def reader(texts: Texts, tmp_path_factory: pytest.TempPathFactory) -> IndexReader:
    documents = [replace(PLAIN, id=str(n), body=" ".join(words)) for n, words in enumerate(texts)]
    return build(tmp_path_factory.mktemp("generation"), documents, BuildOptions(language=LANGUAGE))


def plainly(texts: Texts, words: list[str], slop: int) -> dict[int, int]:
    """How many places in each text end a run of `words`, each at most `slop` after the one before."""

    def ends(text: list[str]) -> int:
        reached = {at for at, word in enumerate(text) if word == words[0]}
        for wanted in words[1:]:
            steps = range(1, slop + 1)
            reached = {
                at for at, word in enumerate(text) if word == wanted and any(at - step in reached for step in steps)
            }
        return len(reached)

    return {number: count for number, text in enumerate(texts) if (count := ends(text))}


def found(reader: IndexReader, words: list[str], slop: int) -> dict[int, int]:
    docs, counts = phrase_postings_of_all(reader, "body", [reader.term_id(word) for word in words], slop)
    return dict(zip(docs.tolist(), counts.tolist(), strict=True))


@pytest.mark.parametrize("length", [1, 2, 3, 5])
@pytest.mark.parametrize("slop", [1, 2])
def test_phrases_are_found_where_their_words_stand(reader: IndexReader, texts: Texts, length: int, slop: int) -> None:
    dice = random.Random(length)
    for _ in range(60):
        text = dice.choice([text for text in texts if len(text) > length])
        start = dice.randrange(len(text) - length)
        words = text[start : start + length]
        assert found(reader, words, slop) == plainly(texts, words, slop)


def test_words_that_share_a_byte_are_told_apart(reader: IndexReader, texts: Texts) -> None:
    letters = reader.parts[0].segment.forward_index.term_codes
    shared = [word for word in WORDS if letters[reader.term_id(word)] >= UNSHARED_CODES]
    assert len(shared) > 256
    side_by_side = Counter((number, *pair) for number, text in enumerate(texts) for pair in pairwise(text))
    seen = {
        (number, first, second): count
        for first in WORDS[:6]
        for second in shared
        for number, count in found(reader, [first, second], 1).items()
    }
    assert seen == {key: n for key, n in side_by_side.items() if key[1] in WORDS[:6] and key[2] in shared}


def test_phrase_does_not_reach_from_one_document_into_the_next(tmp_path: Path) -> None:
    documents = [replace(PLAIN, id=str(n), body=body) for n, body in enumerate(["b a", "b a b", "a", "b"])]
    small = build(tmp_path, documents, BuildOptions(language=LANGUAGE))
    assert found(small, ["a", "b"], 1) == {1: 1}
    assert found(small, ["a", "b", "a"], 1) == {}


def test_repeated_word_is_a_phrase_of_its_own(tmp_path: Path) -> None:
    documents = [replace(PLAIN, id=str(n), body=body) for n, body in enumerate(["a b a", "a a a b", "a", "b a a"])]
    small = build(tmp_path, documents, BuildOptions(language=LANGUAGE))
    assert found(small, ["a", "a"], 1) == {1: 2, 3: 1}
