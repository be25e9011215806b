"""Pages, filters and order by day."""

import random
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from whoosh import query as q

from searchsvc.engine.embedded.index.doc_set import masked
from searchsvc.engine.embedded.index.index_reader import IndexReader
from searchsvc.engine.embedded.search.bm25f import TrueBM25F
from searchsvc.engine.embedded.search.searcher import search
from tests.engine.embedded.building import PLAIN, build


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> IndexReader:
    rng = random.Random(1)
    days = [date(2024, 1, 1) + timedelta(days=rng.randrange(50)) for _ in range(600)]
    documents = [
        replace(PLAIN, id=str(n), body="ant " * rng.randrange(4) + "bee", published=day if n % 3 else None)
        for n, day in enumerate(days)
    ]
    return build(tmp_path_factory.mktemp("generation"), documents)


def test_pages_put_together_are_one_long_page(reader: IndexReader) -> None:
    answer = search(reader, TrueBM25F(reader), q.Term("body", "ant"))
    whole = answer.page(0, 100)[0].tolist()
    assert whole == [doc for start in range(0, 100, 7) for doc in answer.page(start, 7)[0].tolist()][:100]


def test_filter_keeps_what_it_should(reader: IndexReader) -> None:
    keep = np.arange(reader.size) % 2 == 0
    answer = search(reader, TrueBM25F(reader), q.Term("body", "bee"), masked(keep))
    assert answer.matched.count == reader.size
    assert answer.filtered.docs_array().tolist() == np.flatnonzero(keep).tolist()


@pytest.mark.parametrize(
    "tree",
    [q.TermRange("body", "aaa", "azz"), q.And([q.Term("body", "bee"), q.Regex("body", "a.t")])],
    ids=["range of terms", "regular expression"],
)
def test_what_arrays_do_not_cover_is_matched_by_whoosh(reader: IndexReader, tree: q.Query) -> None:
    answer = search(reader, TrueBM25F(reader), tree)
    ants = search(reader, TrueBM25F(reader), q.Term("body", "ant"))
    assert answer.filtered.docs_array().tolist() == ants.filtered.docs_array().tolist()
    docs, scores = answer.page(0, 20)
    assert len(docs) == 20
    assert scores.tolist() == sorted(scores.tolist(), reverse=True)
