"""Array evaluation against exhaustive stock Whoosh, over random trees and corpora."""

import shutil
import tempfile
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from whoosh import index, scoring
from whoosh import query as q

from searchsvc.engine.embedded.build.index_builder import BuildOptions
from searchsvc.engine.embedded.build.tokenizer import texts_of
from searchsvc.engine.embedded.index.index_reader import IndexReader
from searchsvc.engine.embedded.index.postings import FIELDS
from searchsvc.engine.embedded.search.query_compiler import CompileContext, compile_query
from searchsvc.engine.embedded.search.top_k import top_k
from searchsvc.engine.embedded.whoosh_compat.codec import write_toc
from searchsvc.engine.embedded.whoosh_compat.whoosh_bm25f import WhooshBM25F
from searchsvc.engine.embedded.whoosh_compat.whoosh_schema import whoosh_schema
from searchsvc.models.documents import Document
from tests.engine.embedded.building import build

pytestmark = pytest.mark.slow

LANGUAGE = "xx"  # no stemmer, so that words and terms are the same and prefixes agree
WORDS = ["an", "ant", "bee", "bees", "cat", "cats", "dog", "eel", "elk", "été", "fox", "gnu", "日本", "3.5"]
FIELD = st.sampled_from(["title", "body", "headings", "author"])
WORD = st.sampled_from([*WORDS, "absent"])
DAY = date(2024, 1, 1)

# Whoosh's own index rounds lengths above 10 tokens; ours does not, so no field is longer here.
texts = st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join)
headings = st.lists(st.lists(st.sampled_from(WORDS), max_size=5).map(" ".join), max_size=2)
documents = st.lists(
    st.builds(
        lambda title, body, heads, author, day: Document(
            id="", slug="", path="", content_hash="", title=title, body=body, headings=tuple(heads), language=LANGUAGE,
            author=author or None, published=DAY + timedelta(days=day) if day else None,
        ),
        texts, texts, headings, texts, st.integers(0, 40),
    ),
    min_size=1, max_size=40,
)  # fmt: skip


def terms() -> st.SearchStrategy[q.Query]:
    boost = st.sampled_from([1.0, 1.0, 0.5, 3.0])
    return st.one_of(
        st.builds(q.Term, FIELD, WORD, boost=boost),
        st.builds(q.Term, FIELD, WORD, boost=boost),
        st.builds(q.Phrase, FIELD, st.lists(WORD, min_size=2, max_size=3), slop=st.integers(1, 3), boost=boost),
    )


def trees() -> st.SearchStrategy[q.Query]:
    def grown(inner: st.SearchStrategy[q.Query]) -> st.SearchStrategy[q.Query]:
        several = st.lists(inner, min_size=2, max_size=4)
        return st.one_of(
            st.builds(q.And, several),
            st.builds(q.Or, several, boost=st.sampled_from([1.0, 2.0])),
            st.builds(lambda a, b: q.And([a, q.Not(b)]), inner, inner),
            st.builds(lambda b: q.And([q.Every(), q.Not(b)]), inner),
        )

    # Stock Require returns documents that its condition does not match, and AndMaybe below an
    # And loses its bonus (AndMaybeMatcher.skip_to), so neither is an oracle there.
    anywhere = st.recursive(terms(), grown, max_leaves=6)
    return st.one_of(anywhere, st.builds(q.AndMaybe, anywhere, anywhere))


class Corpus:
    """One corpus as our arrays (in several runs), opened by stock Whoosh, and as Whoosh's own index."""

    def __init__(self, made: list[Document], segments: int) -> None:
        self.folder = Path(tempfile.mkdtemp())
        numbered = [
            Document(**{name: getattr(d, name) for name in Document.__slots__} | {"id": f"d{n:03}"})
            for n, d in enumerate(made)
        ]
        (self.folder / "ours").mkdir()
        self.reader = build(self.folder / "ours", numbered, BuildOptions(language=LANGUAGE))
        write_toc(self.folder / "ours", whoosh_schema(LANGUAGE))
        self.through_codec = index.open_dir(self.folder / "ours").searcher(weighting=scoring.BM25F())
        self.stock = self._stock(numbered, segments).searcher(weighting=scoring.BM25F())

    def _stock(self, made: list[Document], segments: int) -> index.Index:
        (self.folder / "stock").mkdir()
        stock = index.create_in(self.folder / "stock", whoosh_schema(LANGUAGE))
        for share in np.array_split(np.arange(len(made)), segments):
            writer = stock.writer()
            for n in share:
                fields = {name: text for name, text in zip(FIELDS, texts_of(made[n]), strict=True) if text}
                day = made[n].published
                writer.add_document(
                    id=made[n].id, language="en", **fields, **({"published": day.toordinal()} if day else {})
                )
            writer.commit(merge=False)
        return stock

    def close(self) -> None:
        self.through_codec.close()
        self.stock.close()
        shutil.rmtree(self.folder)


def exhaustive(searcher, tree: q.Query) -> list[tuple[int, float]]:  # type: ignore[no-untyped-def]
    found = searcher.search(tree, limit=None)
    return sorted(((hit.docnum, hit.score) for hit in found), key=lambda hit: (-round(hit[1], 9), hit[0]))


def ours(reader: IndexReader, tree: q.Query, wanted: int) -> tuple[int, list[tuple[int, float]]]:
    node = compile_query(tree, CompileContext(reader, WhooshBM25F(reader), {}))
    docs, scores = top_k(node, node.matches, wanted)
    return node.matches.count, list(zip(docs.tolist(), scores.tolist(), strict=True))


def assert_same(corpus: Corpus, tree: q.Query) -> None:
    expected = exhaustive(corpus.through_codec, tree)
    total, hits = ours(corpus.reader, tree, 1000)
    assert total == len(expected)
    assert {doc for doc, _ in hits} == {doc for doc, _ in expected}
    by_doc = dict(expected)
    assert [score for _, score in hits] == pytest.approx([by_doc[doc] for doc, _ in hits], rel=1e-9)
    assert [score for _, score in hits] == pytest.approx([score for _, score in expected], rel=1e-9)
    assert ours(corpus.reader, tree, 3)[1] == hits[:3]


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(made=documents, segments=st.integers(1, 3), asked=st.lists(trees(), min_size=5, max_size=15))
def test_order_totals_and_scores_equal_exhaustive_whoosh(made, segments, asked) -> None:  # type: ignore[no-untyped-def]
    corpus = Corpus(made, segments)
    try:
        for tree in asked:
            assert_same(corpus, tree)
            stock = dict(exhaustive(corpus.stock, tree))
            assert stock == pytest.approx(dict(exhaustive(corpus.through_codec, tree)), rel=1e-9)
    finally:
        corpus.close()


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(made=documents, data=st.data())
def test_prefixes_patterns_spellings_and_ranges_find_what_stock_whoosh_finds(made, data) -> None:  # type: ignore[no-untyped-def]
    corpus = Corpus(made, 1)  # several segments crash FuzzyTerm in Whoosh (MultiCursor)
    try:
        for _ in range(10):
            field = data.draw(FIELD)
            tree = data.draw(
                st.one_of(
                    st.builds(q.Prefix, st.just(field), st.sampled_from(["a", "an", "be", "c", "é", "z"])),
                    st.builds(q.Wildcard, st.just(field), st.sampled_from(["*at*", "?el", "b*s", "*t", "c?ts"])),
                    st.builds(
                        q.FuzzyTerm, st.just(field), WORD, maxdist=st.integers(1, 2), prefixlength=st.integers(0, 1)
                    ),
                    st.builds(
                        lambda a, b, x, y: q.NumericRange("published", a, b, startexcl=x, endexcl=y),
                        st.integers(DAY.toordinal(), DAY.toordinal() + 20),
                        st.integers(DAY.toordinal() + 21, DAY.toordinal() + 45),
                        st.booleans(), st.booleans(),
                    ),
                )
            )  # fmt: skip
            expected = {doc for doc, _ in exhaustive(corpus.stock, tree)}
            assert {doc for doc, _ in exhaustive(corpus.through_codec, tree)} == expected
            assert {doc for doc, _ in ours(corpus.reader, tree, 1000)[1]} == expected
    finally:
        corpus.close()
