"""True BM25F against the formula in plain Python, and every way of ranking against every other."""

import random
from dataclasses import replace
from math import log

import numpy as np
import pytest
from whoosh import query as q

from searchsvc.engine.embedded.build.tokenizer import texts_of
from searchsvc.engine.embedded.index.doc_set import intersection, masked
from searchsvc.engine.embedded.index.index_reader import IndexReader
from searchsvc.engine.embedded.index.postings import FIELDS
from searchsvc.engine.embedded.index.term_dictionary import TermDictionary, term_dictionary_arrays
from searchsvc.engine.embedded.search import top_k
from searchsvc.engine.embedded.search.bm25f import TrueBM25F
from searchsvc.engine.embedded.search.query_compiler import CompileContext, compile_query
from searchsvc.models.documents import Document
from searchsvc.query import AcrossFields
from searchsvc.schema import FREE_TEXT
from tests.engine.embedded.building import PLAIN, build

pytestmark = pytest.mark.slow

WORDS = ["ant", "bee", "cat", "dog", "eel", "fox", "gnu", "hen", "ibi", "jay"]


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    rng = random.Random(5)

    def text(longest: int) -> str:
        return " ".join(rng.choices(WORDS, weights=[40, 20, 10, 5, 4, 3, 2, 1, 1, 1], k=rng.randrange(longest)))

    return [
        replace(PLAIN, id=str(n), title=text(3), body=text(40), headings=(text(2),), author=text(2) or None)
        for n in range(5000)
    ]


@pytest.fixture(scope="module")
def reader(documents: list[Document], tmp_path_factory: pytest.TempPathFactory) -> IndexReader:
    folder = tmp_path_factory.mktemp("generation")
    return build(folder, documents)


def across(word: str) -> q.Query:
    return AcrossFields([q.Term(name, word, boost=weight) for name, weight in FREE_TEXT.items()])


def plain_bm25f(documents: list[Document], words: list[str], k1: float = 1.5, b: float = 0.6) -> list[float]:
    split = {name: [texts_of(d)[FIELDS.index(name)].split() for d in documents] for name in FREE_TEXT}
    mean = {f: rounded(sum(map(len, t)) / sum(1 for each in t if each)) for f, t in split.items() if any(t)}
    scores = [0.0] * len(documents)
    for word in words:
        having = sum(any(word in split[f][n] for f in FREE_TEXT) for n in range(len(documents)))
        idf = log(1 + (len(documents) - having + 0.5) / (having + 0.5))
        for n in range(len(documents)):
            tf = sum(
                weight * raised(f, split[f][n], word) / (1 - b + b * len(split[f][n]) / mean[f])
                for f, weight in FREE_TEXT.items()
                if split[f][n]
            )
            scores[n] += idf * tf / (k1 + tf)
    return scores


def rounded(mean: float) -> float:
    """The nearest power of the fourth root of 2."""
    return float(min((2 ** (step / 4) for step in range(80)), key=lambda power: abs(log(power / mean))))


def raised(field: str, tokens: list[str], word: str, lead: int = 20, lead_weight: float = 0.35) -> float:
    return tokens.count(word) + (lead_weight * (word in tokens[:lead]) if field == "body" else 0)


def search(reader: IndexReader, tree: q.Query, wanted: int) -> tuple[list[int], list[float], int]:
    node = compile_query(tree, CompileContext(reader, TrueBM25F(reader), {}))
    docs, scores = top_k.top_k(node, node.matches, wanted)
    return docs.tolist(), scores.tolist(), node.matches.count


@pytest.mark.parametrize("words", [["ant"], ["jay"], ["ant", "bee"], ["cat", "jay", "ant", "ant"]])
def test_true_bm25f_is_the_formula(documents: list[Document], reader: IndexReader, words: list[str]) -> None:
    expected = plain_bm25f(documents, words)
    docs, scores, total = search(reader, q.Or([across(word) for word in words]), 50)
    assert total == sum(score > 0 for score in expected)
    assert scores == pytest.approx(sorted(expected, reverse=True)[:50], rel=1e-6)
    assert scores == pytest.approx([expected[doc] for doc in docs], rel=1e-6)


TREES = {
    "term": across("ant"),
    "any": q.Or([across("ant"), across("bee"), across("cat")]),
    "repeated": q.Or([across("ant"), across("ant"), across("dog")]),
    "all": q.And([across("ant"), across("bee")]),
    "nested": q.Or([q.And([across("ant"), across("bee")]), q.And([across("cat"), q.Not(across("ant"))])]),
    "maybe": q.AndMaybe(across("ant"), q.And([across("bee"), across("cat")])),
    "require": q.Require(across("ant"), across("bee")),
    "minimum": q.Or([across("ant"), across("bee"), across("cat")], minmatch=2),
    "one field": q.Term("title", "ant"),
    "phrase": AcrossFields([q.Phrase(f, ["ant", "bee"], boost=w) for f, w in FREE_TEXT.items()]),
    "prefix": AcrossFields([q.Prefix(f, "a", boost=w) for f, w in FREE_TEXT.items()]),
    "every": q.Every(),
}


@pytest.mark.parametrize("tree", TREES.values(), ids=TREES.keys())
@pytest.mark.parametrize("wanted", [1, 10, 200, 1500])
@pytest.mark.parametrize("share", [1.0, 0.5, 0.01])
def test_ranking_is_as_if_every_document_were_scored(
    reader: IndexReader, tree: q.Query, wanted: int, share: float
) -> None:
    node = compile_query(tree, CompileContext(reader, TrueBM25F(reader), {}))
    mask = masked(np.random.default_rng(1).random(reader.size) < share)
    found = node.matches if share == 1.0 else intersection([node.matches, mask])
    docs = found.docs_array()
    scores = node.scores(docs)
    order = np.lexsort((docs, -scores))[:wanted]
    best = top_k.top_k(node, found, wanted)
    assert best[0].tolist() == docs[order].tolist()
    assert best[1].tolist() == pytest.approx(scores[order].tolist(), rel=1e-12)


def test_spelling_equals_a_plain_table() -> None:
    rng = random.Random(3)
    words = sorted({"".join(rng.choices("abcé", k=rng.randrange(1, 8))) for _ in range(800)}, key=str.encode)
    arrays = {f"x.{k}": v for k, v in term_dictionary_arrays([w.encode() for w in words]).items()}
    dictionary = TermDictionary(arrays, "x")
    for asked in [*words[:40], "abcabcabc", "zzz"]:
        for distance in (1, 2):
            expected = [(n, d) for n, w in enumerate(words) if (d := edits(asked, w)) <= distance]
            assert dictionary.spelled_like(asked, distance) == expected


def edits(a: str, b: str) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row, old = [i], row
        for j, y in enumerate(b, 1):
            row.append(min(old[j] + 1, row[-1] + 1, old[j - 1] + (x != y)))
    return row[-1]
