"""Facet counts against counting one by one."""

import random
from collections import Counter

import numpy as np
import pytest

from searchsvc.engine.embedded.index.doc_set import DocSet, masked
from searchsvc.engine.embedded.index.facets import Facet

SIZE = 130


def facet(of: list[list[int]]) -> Facet:
    pairs = [(document, value) for document, values in enumerate(of) for value in values]
    table = np.array(pairs, np.int32).reshape(-1, 2)
    return Facet([f"v{number:02}" for number in range(30)], table[:, 0].copy(), table[:, 1].copy(), len(of))


@pytest.mark.parametrize("most", [0, 1, 3])
@pytest.mark.parametrize("least", [0, 1])
@pytest.mark.parametrize("limit", [1, 7, 100])
def test_counts_are_those_of_counting_one_by_one(least: int, most: int, limit: int) -> None:
    rng = random.Random(most * 10 + least)
    of = [sorted(rng.sample(range(30), rng.randint(least, max(least, most)))) for _ in range(SIZE)]
    chosen = sorted(rng.sample(range(SIZE), 50))
    flags = np.zeros(SIZE, bool)
    flags[chosen] = True
    counted = Counter(f"v{value:02}" for document in chosen for value in of[document])
    expected = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]
    for matched in (masked(flags), DocSet(SIZE, docs=np.array(chosen, np.int32))):
        found = facet(of).counts(matched, limit)
        assert [(each.value, each.count) for each in found] == expected


@pytest.mark.parametrize("count", [0, 1, 50, SIZE])
def test_a_value_that_all_documents_have_is_counted(count: int) -> None:
    documents = np.arange(SIZE, dtype=np.int32)
    matched = DocSet(SIZE, docs=documents[:count])
    found = Facet(["en"], documents, np.zeros(SIZE, np.int32), SIZE).counts(matched, 20)
    assert [(each.value, each.count) for each in found] == [("en", count)] * (count > 0)


def test_a_single_value_that_some_documents_lack_is_counted() -> None:
    documents = np.arange(0, SIZE, 2, dtype=np.int32)
    found = Facet(["en"], documents, np.zeros(len(documents), np.int32), SIZE).counts(masked(np.ones(SIZE, bool)), 20)
    assert [(each.value, each.count) for each in found] == [("en", len(documents))]
