"""The words of several segments under one numbering, against one dictionary of all words."""

import random
from collections.abc import Sequence

import numpy as np
import pytest

from searchsvc.engine.embedded.index.term_dictionary import TermDictionary, encode, term_dictionary_arrays
from searchsvc.engine.embedded.index.union_dictionary import IdMap, UnionDictionary

PREFIXES = ("", "a", "ab", "é", "zz", "caaaaaaaab")
DEAD = 7  # every seventh word occurs in deleted documents only


def dictionary(words: Sequence[bytes]) -> TermDictionary:
    return TermDictionary({f"x.{key}": array for key, array in term_dictionary_arrays(words).items()}, "x")


@pytest.fixture(scope="module")
def words() -> list[str]:
    rng = random.Random(4)
    made = {"".join(rng.choices("abcé東", k=rng.randrange(1, 7))) for _ in range(900)}
    long = {f"caaaaaaaa{letters}" for letters in ("", "a", "b", "bb", "bbbbbbbbbbbbbbbbbbbbbb")}
    return sorted(made | long, key=encode)


@pytest.fixture(scope="module")
def alone(words: list[str]) -> TermDictionary:
    return dictionary(list(map(encode, words)))


@pytest.fixture(scope="module")
def union(words: list[str]) -> UnionDictionary:
    """Two of three words in the first segment, the others added; some are dead."""
    encoded = list(map(encode, words))
    first, added = ([word for n, word in enumerate(encoded) if (n % 3 == 1) is chosen] for chosen in (False, True))
    points = dictionary(first).find_all(added)[1].astype(np.int32)
    dead = np.arange(0, len(words), DEAD, dtype=np.int32)
    return UnionDictionary(dictionary(first), dictionary(added), points, dead)


def live(ids: Sequence[int]) -> list[int]:
    return [number for number in ids if number % DEAD]


def test_ids_are_places_in_the_sorted_words(words: list[str], union: UnionDictionary) -> None:
    assert [union[number].decode() for number in range(len(union))] == words
    assert [union.find(encode(word)) for word in words] == [n if n % DEAD else -1 for n in range(len(words))]
    assert union.find(b"absent") == -1


def test_ranges_patterns_and_spellings_are_those_of_one_dictionary(
    words: list[str], alone: TermDictionary, union: UnionDictionary
) -> None:
    every = np.arange(len(words))
    for prefix in PREFIXES:
        assert union.prefixed(encode(prefix)) == alone.prefixed(encode(prefix))
        expected = live(alone.with_similar_prefix(prefix or "b", every).tolist())
        assert union.with_similar_prefix(prefix or "b", every).tolist() == expected
    for pattern in ("a*", "*b", "?b*", "c*a", "zz*"):
        assert union.matching(pattern) == live(alone.matching(pattern))
    for word in (*words[::90], "zzz"):
        for distance, equal in ((1, 0), (2, 1)):
            expected_edits = [each for each in alone.spelled_like(word, distance, equal) if each[0] % DEAD]
            assert union.spelled_like(word, distance, equal) == expected_edits
        assert union.any_spelled_like(word, 2, every[5:9]) == alone.any_spelled_like(word, 2, every[5:9])


def test_all_words_are_found_in_one_search(words: list[str], alone: TermDictionary) -> None:
    sought = [encode(word) for word in (*words, "", "absent", "caaaaaaaabbbbbbb", "東東東東東東東東東東")]
    ids, places = alone.find_all(sought)
    assert ids.tolist() == [alone.find(word) for word in sought]
    encoded = [encode(word) for word in words]
    assert places.tolist() == [sum(each < word for each in encoded) for word in sought]
    assert [each.tolist() for each in alone.find_all([])] == [[], []]
    assert [each.tolist() for each in dictionary([]).find_all([b"a"])] == [[-1], [0]]


@pytest.mark.parametrize(
    ("id_map", "in_union"),
    [
        pytest.param(IdMap(None, np.array([1, 2, 6])), [0, 3, 4, 5, 7], id="first segment"),
        pytest.param(IdMap(None, np.array([], np.int64)), [0, 1, 2, 3, 4], id="only segment"),
        pytest.param(IdMap(np.array([1, 3, 4, 6, 7], np.int32), np.array([1, 2, 6])), [1, 3, 4, 6, 7], id="other"),
    ],
)
def test_ids_are_mapped_both_ways(id_map: IdMap, in_union: list[int]) -> None:
    assert id_map.to_union(np.arange(5)).tolist() == in_union
    expected = [in_union.index(each) if each in in_union else -1 for each in range(8 if max(in_union) > 4 else 5)]
    assert id_map.to_segment(np.arange(len(expected))).tolist() == expected
    assert [id_map.one_to_segment(each) for each in range(len(expected))] == expected
    assert id_map.one_to_segment(-1) == -1
