"""A query for more like a document: its most telling terms."""

from collections import defaultdict
from math import log

from whoosh.query import Or, Query, Term

from searchsvc.analysis import Analyzer, function_words
from searchsvc.engine.opensearch.words.vocabulary import IndexVocabulary
from searchsvc.models.documents import Document
from searchsvc.query import AcrossFields
from searchsvc.schema import BM25F, FREE_TEXT

MAX_TERMS = 25  # terms looked for
READ = 50_000  # characters of a body
SHARED = 2  # of the terms, that another document must have


def more_like_this(document: Document, analyzer: Analyzer, vocabulary: IndexVocabulary, documents: int) -> Query | None:
    """As embedded.similar.like: the tree that finds documents like `document`, None if it shares nothing."""
    common = set(analyzer.stems(sorted(function_words(analyzer.language))))
    counts: defaultdict[str, float] = defaultdict(float)
    for text, weight in ((document.title, FREE_TEXT["title"]), (document.body[:READ], 1.0)):
        for term in analyzer.terms(text):
            counts[term] += weight
    asked = [term for term in counts if term not in common and not term.isdigit()]
    frequencies = vocabulary.term_frequencies(asked)
    weights = {
        term: counts[term] / (counts[term] + BM25F.k1) * log(documents / min(frequency, documents))
        for term, frequency in frequencies.items()
        if frequency > 1
    }
    telling = sorted(weights, key=lambda term: (-weights[term], term))[:MAX_TERMS]
    parts = [_across(term, weights[term]) for term in telling if weights[term] > 0]
    return Or(parts, minmatch=min(SHARED, len(parts))) if parts else None


def _across(term: str, weight: float) -> Query:
    return AcrossFields([Term(name, term, boost=each) for name, each in FREE_TEXT.items()], boost=weight)
