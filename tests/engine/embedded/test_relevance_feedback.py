"""What the first results teach, against the formula over plain lists, and what it never does."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from whoosh import query as q

from searchsvc.engine.embedded.build import key_term_writer
from searchsvc.engine.embedded.files import KEY_TERMS
from searchsvc.engine.embedded.index.array_file import load_arrays
from searchsvc.engine.embedded.index.doc_set import DocSet
from searchsvc.engine.embedded.index.impacts import idf
from searchsvc.engine.embedded.index.index_reader import IndexReader
from searchsvc.engine.embedded.index.key_terms import MAX_CANDIDATES, MAX_KEY_TERMS, KeyTerms
from searchsvc.engine.embedded.search import relevance_feedback
from searchsvc.engine.embedded.search.bm25f import TrueBM25F
from searchsvc.engine.embedded.search.query_nodes import QueryNode
from searchsvc.engine.embedded.search.searcher import search
from searchsvc.engine.embedded.search.top_k import top_k
from searchsvc.models.documents import Document
from searchsvc.query import AcrossFields
from searchsvc.schema import FREE_TEXT
from tests.engine.embedded.building import PLAIN, build

WORDS = [f"{a}{b}{c}x" for a in "bcdfgk" for b in "aeiou" for c in "lmnrtzabekopu"]  # 390
QUERY = ("bonx", "calx", "gunx")


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    rng = random.Random(8)
    weights = [60 / (n + 20) for n in range(len(WORDS))]
    return [
        replace(PLAIN, id=str(n), body=" ".join(rng.choices(WORDS, weights, k=rng.randrange(1, 160))))
        for n in range(400)
    ]


@pytest.fixture(scope="module")
def reader(documents: list[Document], tmp_path_factory: pytest.TempPathFactory) -> IndexReader:
    return build(tmp_path_factory.mktemp("generation"), documents)


def across(*words: str) -> q.Query:
    return q.Or([AcrossFields([q.Term(f, word, boost=w) for f, w in FREE_TEXT.items()]) for word in words])


def expanded_query(
    reader: IndexReader, node: QueryNode, matches: DocSet, wanted: int = relevance_feedback.FEEDBACK_DOCS
) -> QueryNode:
    best = top_k(node, matches, max(relevance_feedback.FEEDBACK_DOCS, wanted), reader.id_ranks)
    return relevance_feedback.expand_query(reader, node, matches, best)


def weight(reader: IndexReader, term: int, doc: int) -> float:
    free = reader.free_text.postings(term)
    docs = free.doc_set.docs_array().tolist()
    if doc not in docs or not 1 < len(docs) <= reader.size // 4:
        return 0.0
    return idf(reader.size, len(docs)) * float(free.impacts[docs.index(doc)])


def saturated(tokens: list[str], word: str) -> float:
    """Saturated frequency of a word of a body, without the length of the body."""
    frequency = tokens.count(word) + 0.35 * (word in tokens[:20])
    return frequency / (1.5 + frequency)


def candidates(tokens: list[str]) -> list[str]:
    """The terms that are stored for a document, its words: long ones that it has often, or at its beginning."""

    def level(word: str) -> int:
        return round(255 * saturated(tokens, word) * min(len(word), 9) / 9)

    return sorted(set(tokens), key=lambda word: (-level(word), word))[:MAX_CANDIDATES]


def key_term_weight(reader: IndexReader, tokens: list[str], word: str) -> float:
    count = reader.free_text.postings(reader.term_id(word)).doc_set.count
    level = round(255 * saturated(tokens, word)) / 255
    return level * idf(reader.size, count) if 1 < count <= reader.size // 4 else 0.0


@pytest.mark.parametrize("block", [1, 200, 5_000, 1_000_000])
def test_key_terms_do_not_depend_on_the_documents_sorted_at_once(
    block: int, documents: list[Document], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("all", "blocks"):
        (tmp_path / name).mkdir()
    build(tmp_path / "all", documents)
    monkeypatch.setattr(key_term_writer, "_BLOCK", block)
    monkeypatch.setattr(key_term_writer, "_CHUNK", 1_000)
    build(tmp_path / "blocks", documents)
    files = [next((tmp_path / name).rglob(KEY_TERMS.format(1))) for name in ("all", "blocks")]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_a_block_of_short_documents_has_no_more_than_fit_a_key(tmp_path: Path) -> None:
    bodies = ["alpha", *["snow"] * 65_534, "omega", "alpha omega"]
    build(tmp_path, (replace(PLAIN, id=str(number), body=body) for number, body in enumerate(bodies)))
    arrays = load_arrays(tmp_path / KEY_TERMS.format(1))
    assert arrays["rows"].tolist() == [0, *[2] * 65_534, 1, 0, 1]
    assert np.diff(arrays["offsets"][-4:].astype(np.int64)).tolist() == [1, 1, 2]


def test_key_terms_are_the_candidates_with_the_highest_weight(documents: list[Document], reader: IndexReader) -> None:
    for doc in (0, 7, 399):
        tokens = documents[doc].body.split()
        key_terms = reader.key_terms(np.array([doc], np.int32))
        weights = {word: key_term_weight(reader, tokens, word) for word in candidates(tokens)}
        expected = sorted((each for each in weights.values() if each), reverse=True)[:MAX_KEY_TERMS]
        found = sorted(key_terms.weights.tolist(), reverse=True)
        assert found[:MAX_KEY_TERMS] == pytest.approx(expected)
        assert found[MAX_KEY_TERMS:] == pytest.approx(found[MAX_KEY_TERMS - 1 : -1]), "only ties with the last"
        words = [reader.terms[term].decode() for term in key_terms.term_ids.tolist()]
        assert [weights[word] for word in words] == pytest.approx(key_terms.weights.tolist())


def test_bonus_is_the_formula(reader: IndexReader) -> None:
    node = search(reader, TrueBM25F(reader), across(*QUERY)).node
    docs, scores = (each.tolist() for each in top_k(node, node.matches, relevance_feedback.FEEDBACK_DOCS))
    stored_terms = {doc: reader.key_terms(np.array([doc], np.int32)) for doc in docs}
    values: dict[int, float] = {}
    for doc, score in zip(docs, scores, strict=True):
        for term, level in zip(stored_terms[doc].term_ids.tolist(), stored_terms[doc].weights.tolist(), strict=True):
            if sum(term in each.term_ids.tolist() for each in stored_terms.values()) > 1:
                values[term] = values.get(term, 0.0) + level * score / sum(scores)
    chosen = sorted(values, key=lambda term: (-values[term], term))[: relevance_feedback.FEEDBACK_TERMS]

    def sum_over(doc: int) -> float:
        return sum(values[term] * weight(reader, term, doc) / told_by(reader, term) for term in chosen)

    mean = sum(sum_over(doc) * score / sum(scores) for doc, score in zip(docs, scores, strict=True))
    query = sum(idf(reader.size, reader.free_text.postings(reader.term_id(word)).doc_set.count) for word in QUERY)
    scale = min(
        sum(score * score for score in scores) / sum(scores) / mean,
        relevance_feedback.MAX_BONUS_SHARE * query / sum(values[term] for term in chosen),
    )
    length = sum(int(reader.lengths("body")[doc]) for doc in docs) / len(docs)
    strength = (
        relevance_feedback.FEEDBACK.strength
        * scores[-1]
        / scores[0]
        * min(1.0, length / relevance_feedback.FULL_LENGTH)
    )
    widened = expanded_query(reader, node, node.matches)
    every = node.matches.docs_array()
    greatest = max(map(sum_over, range(reader.size)))
    expected = [
        score + strength * scale * (greatest if doc == docs[0] else sum_over(doc))
        for doc, score in zip(every.tolist(), node.scores(every).tolist(), strict=True)
    ]
    assert widened.scores(every).tolist() == pytest.approx(expected)


def told_by(reader: IndexReader, term: int) -> float:
    return idf(reader.size, reader.free_text.postings(term).doc_set.count)


def test_what_matches_stays_what_it_was(reader: IndexReader) -> None:
    node = search(reader, TrueBM25F(reader), across(*QUERY)).node
    assert (
        expanded_query(reader, node, node.matches).matches.docs_array().tolist() == node.matches.docs_array().tolist()
    )


def test_best_result_stays_first(reader: IndexReader) -> None:
    moved = 0
    for word in WORDS[:80]:
        node = search(reader, TrueBM25F(reader), across(word)).node
        expanded = expanded_query(reader, node, node.matches)
        plain, with_bonus = (top_k(each, node.matches, 10)[0].tolist() for each in (node, expanded))
        assert with_bonus[0] == plain[0]
        moved += with_bonus != plain
    assert moved > 20


def test_results_far_below_the_first_add_no_terms(tmp_path: Path) -> None:
    best = replace(PLAIN, id="0", title="bonx calx", body="bonx calx gunx")
    weak = [replace(PLAIN, id=str(n), body=" ".join(["bonx", "gunx", *WORDS[:150]])) for n in range(1, 30)]
    others = [replace(PLAIN, id=f"other{n}", body="fanx") for n in range(400)]
    reader = build(tmp_path, [best, *weak, *others])
    node = search(reader, TrueBM25F(reader), across("bonx", "calx")).node
    _, scores = top_k(node, node.matches, relevance_feedback.FEEDBACK_DOCS)
    assert scores[-1] < relevance_feedback.FEEDBACK.min_agreement * scores[0]
    assert expanded_query(reader, node, node.matches) is node


def test_nothing_is_learnt_from_a_single_result(reader: IndexReader) -> None:
    node = search(reader, TrueBM25F(reader), q.And([across("bonx"), q.Term("id", "3")])).node
    assert expanded_query(reader, node, node.matches) is node


def test_a_term_of_one_result_only_adds_nothing(tmp_path: Path) -> None:
    # "bonx" is in more than a quarter of the documents, so it is no key term; "calx" and "gunx" are.
    shared = [replace(PLAIN, id=str(n), body=" ".join(["bonx", "calx" if n < 5 else "fanx"] * 50)) for n in range(9)]
    alone = replace(PLAIN, id="alone", body=" ".join(["bonx", "gunx"] * 50))
    later = replace(PLAIN, id="later", body=" ".join(["bonx", "gunx"] + ["dux"] * 900))
    others = [replace(PLAIN, id=f"other{n}", body="fanx bolx") for n in range(20)]
    reader = build(tmp_path, [*shared, alone, later, *others])
    node = search(reader, TrueBM25F(reader), across("bonx")).node
    widened = expanded_query(reader, node, node.matches)
    docs = np.arange(11, dtype=np.int32)
    bonus = (widened.scores(docs) - node.scores(docs)).tolist()
    assert bonus[0] > 0
    assert bonus[-1] == pytest.approx(0)


@pytest.mark.parametrize("seed", range(20))
def test_order_of_term_ids_and_of_segments_chooses_no_term(seed: int) -> None:
    rng, shares = np.random.default_rng(seed), np.array([0.5, 0.3, 0.2])
    term_ids, doc_indices = np.arange(60, dtype=np.int64).repeat(3), np.tile(np.arange(3), 60)
    weights = rng.integers(1, 4, 180) / 10  # many sums are equal
    other_ids, other_order = rng.permutation(60), rng.permutation(180)
    chosen = relevance_feedback._shared_terms(KeyTerms(term_ids, weights, doc_indices), shares)
    others = relevance_feedback._shared_terms(
        KeyTerms(other_ids[term_ids][other_order], weights[other_order], doc_indices[other_order]), shares
    )
    assert len(chosen[0]) >= relevance_feedback.FEEDBACK_TERMS
    assert dict(zip(other_ids[chosen[0]].tolist(), chosen[1], strict=True)) == dict(
        zip(others[0].tolist(), others[1], strict=True)
    )


def test_only_words_looked_for_in_all_fields_have_a_subject(reader: IndexReader) -> None:
    scorer = TrueBM25F(reader)
    assert search(reader, scorer, q.And([across("bonx"), q.Term("language", "en")])).has_free_text
    assert not search(reader, scorer, q.Term("author", "bonx")).has_free_text
    assert not search(reader, scorer, None).has_free_text


@pytest.mark.parametrize("wanted", [1, 5, 10, 40, 300])
@pytest.mark.parametrize("words", [QUERY, QUERY[:1], WORDS[:30]])
def test_best_of_what_is_widened_are_those_of_scoring_everything(
    reader: IndexReader, words: tuple[str, ...], wanted: int
) -> None:
    answer = search(reader, TrueBM25F(reader), across(*words))
    widened = expanded_query(reader, answer.node, answer.matched, wanted)
    some = DocSet(reader.size, docs=answer.matched.docs_array()[::3])
    for found in (answer.matched, some):
        docs = found.docs_array()
        scores = widened.scores(docs)
        expected = docs[np.lexsort((docs, -scores))][:wanted].tolist()
        assert top_k(widened, found, wanted)[0].tolist() == expected


def test_rough_sums_of_what_is_widened_are_its_scores(reader: IndexReader) -> None:
    node = search(reader, TrueBM25F(reader), across(*QUERY)).node
    widened = expanded_query(reader, node, node.matches)
    every = node.matches.docs_array()
    sums = widened.dense_scores()
    assert sums[every].tolist() == pytest.approx(widened.scores(every).tolist(), rel=1e-5)
    assert np.count_nonzero(sums) == len(every)
