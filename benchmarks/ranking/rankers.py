"""Ways to rank a collection: searchsvc as it serves, parts of it taken away, and stock Whoosh."""

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from whoosh.analysis import StemmingAnalyzer
from whoosh.fields import ID, TEXT, Schema
from whoosh.index import create_in
from whoosh.query import Or, Query, Term

from benchmarks.ranking.collections import Collection
from searchsvc.analysis import FUNCTION_WORDS, analyzer, fold
from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.engine.embedded.build.impact_writer import write_impacts
from searchsvc.engine.embedded.build.key_term_writer import write_key_terms
from searchsvc.engine.embedded.files import FORWARD_INDEX, GENERATION, IMPACTS, KEY_TERMS, POSTINGS
from searchsvc.engine.embedded.index.array_file import load_arrays
from searchsvc.engine.embedded.search.bm25f import TrueBM25F
from searchsvc.engine.embedded.search.relevance_feedback import FEEDBACK_DOCS, expand_query
from searchsvc.engine.embedded.search.searcher import search
from searchsvc.engine.embedded.search.top_k import top_k
from searchsvc.engine.embedded.snapshot import open_index
from searchsvc.evaluation import (
    DEPTH,
    Evaluation,
    Ranked,
    evaluate,
)
from searchsvc.models.search_request import MAX_QUERY
from searchsvc.query import LITERAL, AcrossFields, parse_query
from searchsvc.schema import FREE_TEXT, Bm25f
from searchsvc.service import SearchService
from searchsvc.settings import Settings

Rank = Callable[[str], list[str]]  # words to names, the best first


@dataclass(frozen=True, slots=True)
class Variant:
    """Any word suffices. `leads`: lead window; `reads`: variants, sentences and phrases of the parsed query;
    `learns`: relevance feedback."""

    name: str
    leads: bool
    reads: bool
    learns: bool


VARIANTS = (
    Variant("any word: BM25F", leads=False, reads=False, learns=False),
    Variant("any word: and the lead", leads=True, reads=False, learns=False),
    Variant("any word: and parsed", leads=True, reads=True, learns=False),
    Variant("any word: and feedback", leads=True, reads=True, learns=True),
)


def evaluations(collection: Collection, work: Path, *, whoosh: bool) -> Iterator[tuple[str, Evaluation]]:
    """Every way's name and measures; indexes are built in `work`, which exists."""
    engine = EmbeddedEngine(work / "index", "en")
    with engine.new_generation() as generation:
        for document in collection.documents:
            generation.add(document, "")
    yield "searchsvc", SearchService(engine, Settings(index=work / "index")).evaluate(collection.judged)
    built = work / "index" / generation.name
    for variant in VARIANTS:
        yield variant.name, _evaluated(collection, _ours(collection, variant, built, work))
    if whoosh:
        yield "stock Whoosh", _evaluated(collection, _whoosh(collection, work))


def _evaluated(collection: Collection, rank: Rank) -> Evaluation:
    ranked = []
    for query in collection.judged:
        started = time.perf_counter()
        found = rank(query.text)
        ranked.append(Ranked(tuple(found), (time.perf_counter() - started) * 1000))
    return evaluate(collection.judged, ranked)


def _ours(collection: Collection, variant: Variant, built: Path, work: Path) -> Rank:
    folder = work / "scored"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    postings, impacts, key_terms = (name.format(1) for name in (POSTINGS, IMPACTS, KEY_TERMS))
    for name in (postings, impacts, key_terms, FORWARD_INDEX.format(1), GENERATION):
        shutil.copy(built / name, folder)
    if not variant.leads:
        arrays, parameters = load_arrays(folder / postings), Bm25f(lead_weight=0.0)
        write_impacts(arrays, folder / impacts, parameters, open_index(built).generation.mean_lengths)
        write_key_terms(arrays, folder / key_terms, parameters)
    reader = open_index(folder)
    scorer = TrueBM25F(reader)

    def rank(text: str) -> list[str]:
        answer = search(reader, scorer, parsed(text) if variant.reads else any_word(text))
        node = answer.node
        if variant.learns:
            node = expand_query(reader, node, answer.matched, answer.best(FEEDBACK_DOCS))
        return [
            collection.documents[doc].path for doc in top_k(node, answer.filtered, DEPTH, reader.id_ranks)[0].tolist()
        ]

    return rank


def parsed(text: str) -> Query | None:
    """Return the tree of `text` in which any word suffices; signs are text."""
    query = parse_query(text[:MAX_QUERY], analyzer("en"), date.today(), LITERAL)
    return query.any_tree or query.tree


def any_word(text: str) -> Query:
    """Return the tree of the words of `text`, without function words."""
    analysed = analyzer("en")
    tokens = list(analysed.tokens(text))
    telling = [token for token in tokens if fold(text[token.start : token.end]) not in FUNCTION_WORDS]
    terms = [token.term for token in telling or tokens]
    return Or([AcrossFields([Term(name, term, boost=weight) for name, weight in FREE_TEXT.items()]) for term in terms])


def _whoosh(collection: Collection, work: Path) -> Rank:
    """Whoosh as it comes: its stemming analyzer and its BM25F over title and body, any of the words."""
    analysed = StemmingAnalyzer()
    folder = work / "whoosh"
    folder.mkdir()
    index = create_in(folder, Schema(id=ID(stored=True), title=TEXT(analyzer=analysed), body=TEXT(analyzer=analysed)))
    writer = index.writer(limitmb=256)
    for document in collection.documents:
        writer.add_document(id=document.path, title=document.title, body=document.body)
    writer.commit()
    searcher = index.searcher()

    def rank(text: str) -> list[str]:
        words = [token.text for token in analysed(text)]
        tree = Or([Term(name, word) for word in words for name in ("title", "body")])
        return [hit["id"] for hit in searcher.search(tree, limit=DEPTH)]

    return rank
