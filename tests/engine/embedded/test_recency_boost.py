"""Newer documents first where an operator wants it, and only there."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from whoosh import query as q

from searchsvc.engine.embedded.index.index_reader import IndexReader
from searchsvc.engine.embedded.search import top_k
from searchsvc.engine.embedded.search.bm25f import TrueBM25F
from searchsvc.engine.embedded.search.recency_boost import RecencyBoost
from searchsvc.engine.embedded.search.searcher import search
from tests.engine.embedded.building import PLAIN, build

AGES = [None, 0, 30, 300, -5]  # days; the last is dated ahead


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> IndexReader:
    today = date.today()
    documents = [
        replace(PLAIN, id=str(n), body="ant bee", published=None if age is None else today - timedelta(days=age))
        for n, age in enumerate(AGES)
    ]
    return build(tmp_path_factory.mktemp("generation"), documents)


def test_what_is_new_counts_twice_and_half_of_that_is_lost_in_so_many_days(reader: IndexReader) -> None:
    node = search(reader, TrueBM25F(reader), q.Term("body", "ant")).node
    aged = RecencyBoost(reader, 30).boosted(node)
    every = node.matches.docs_array()
    factors = aged.scores(every) / node.scores(every)
    assert factors.tolist() == pytest.approx([1, 2, 1.5, 1 + 2**-10, 2])
    assert top_k.top_k(aged, aged.matches, 5)[0].tolist() == [1, 4, 2, 3, 0]
    assert aged.dense_scores()[:5].tolist() == pytest.approx(aged.scores(every).tolist())


def test_freshness_is_off_unless_set(reader: IndexReader) -> None:
    node = search(reader, TrueBM25F(reader), q.Term("body", "ant")).node
    assert RecencyBoost(reader, 0).boosted(node) is node
