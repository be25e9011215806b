"""Near-duplicates: copies are found, strangers are not, and clusters are stars around a face."""

import random

import numpy as np
import pytest
from numpy.typing import NDArray

from searchsvc.analysis import WORD, analyzer
from searchsvc.ingest.near_duplicates import (
    SIZE,
    canonicals,
    count_and_sign,
    preference,
    signature,
)

RNG = random.Random(5)
VOCABULARY = [f"word{i}" for i in range(3_000)]


def text(seed: int, size: int = 200) -> list[str]:
    return random.Random(seed).choices(VOCABULARY, k=size)


def changed(words: list[str], share: float) -> list[str]:
    places = set(RNG.sample(range(len(words)), int(share * len(words))))
    return [RNG.choice(VOCABULARY) if i in places else word for i, word in enumerate(words)]


def grouped(*texts: list[str]) -> list[int]:
    return [int(i) for i in canonicals(np.stack([signature(words) for words in texts]), np.arange(len(texts)))]


def test_signature_takes_at_most_256_bytes() -> None:
    assert signature(text(1)).nbytes == 2 * SIZE <= 256


def test_signature_is_the_same_in_every_process() -> None:
    assert signature(text(1, 30))[:4].tolist() == signature(text(1, 30))[:4].tolist()


def test_equal_texts_share_a_face() -> None:
    assert grouped(text(1), text(2), text(1)) == [0, 1, 0]


def test_a_copy_with_a_tenth_of_its_words_changed_is_found() -> None:
    originals = [text(i) for i in range(200)]
    found = grouped(*originals, *(changed(words, 0.1) for words in originals))
    assert sum(found[200 + i] == i for i in range(200)) >= 190


def test_a_copy_cut_by_a_tenth_is_found() -> None:
    assert grouped(text(1), text(1)[:180]) == [0, 0]


def test_unrelated_texts_stay_apart() -> None:
    assert grouped(*(text(i) for i in range(300))) == list(range(300))


def test_short_texts_are_copies_only_if_equal() -> None:
    short = text(1, 15)
    assert grouped(short, short[:14], short) == [0, 1, 0]


def test_texts_without_words_are_copies_of_nothing() -> None:
    assert grouped([], [], text(1)) == [0, 1, 2]


def test_no_texts_have_no_faces() -> None:
    assert canonicals(np.zeros((0, SIZE), np.uint16), np.arange(0)).tolist() == []


def test_a_copy_of_a_copy_is_near_the_face_or_a_face_itself() -> None:
    first = text(1)
    chain = [first, changed(first, 0.12), changed(changed(first, 0.12), 0.5)]
    assert grouped(*chain) == [0, 0, 2]


def test_the_preferred_document_is_the_face() -> None:
    signatures = np.stack([signature(text(1)), signature(text(2)), signature(text(1))])
    assert canonicals(signatures, np.array([2, 1, 0])).tolist() == [2, 1, 2]


def days(*values: int) -> NDArray[np.int64]:
    return np.array(values, np.int64)


def test_the_first_published_is_preferred_then_the_longest_then_the_smallest_id() -> None:
    undated = np.iinfo(np.int64).max
    published = days(undated, 20, 10, undated, undated)
    words = days(500, 90, 80, 900, 900)
    assert preference(published, words, np.array([1, 2, 3, 5, 4], np.uint64)).tolist() == [2, 1, 4, 3, 0]


def test_lone_surrogates_and_huge_texts_do_no_harm() -> None:
    assert signature(["\ud800"] * 30).any()
    assert signature(VOCABULARY * 100).any()


AWKWARD = [
    "The old mill, e.g. in the U.S., wasn't sold for 1,000.50 euros. It stands, they say, by the river's bank " * 3,
    "Don’t stop: wi-fi, foo.bar, snake_case and ... 'quoted' words, again and again and again, until twenty words " * 2,
    "Straße ǅ İstanbul ﬁne Ⅳ naïve café 東京の大臣 привет мир नमस्ते co\u00adop \u2028 a\u00a0b U.S.A. x" * 3,
    "Two words",
    "... --- ,,, ''",
    "",
    "a" * 5_000 + " b" * 40,
]


@pytest.mark.parametrize("text", AWKWARD)
@pytest.mark.parametrize("language", ["en", "de", "zh"])
def test_one_tokenisation_counts_words_and_signs_as_two(text: str, language: str) -> None:
    words, signed = count_and_sign(text, language)

    assert words == len(WORD.findall(text))
    assert signed.tolist() == signature(analyzer(language).terms(text)).tolist()
