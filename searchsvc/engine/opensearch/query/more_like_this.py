"""Query for documents like a given document: its key terms."""

from collections import defaultdict
from math import log

from whoosh.query import Or, Query, Term

from searchsvc.analysis import Analyzer, function_words
from searchsvc.engine.opensearch.words.vocabulary import IndexVocabulary
from searchsvc.models.documents import Document
from searchsvc.query import AcrossFields
from searchsvc.schema import BM25F, FREE_TEXT

MAX_TERMS = 25  # of the query
MAX_BODY_CHARACTERS = 20_000  # as in the embedded engine
MIN_SHARED_TERMS = 2  # that a similar document must have


def more_like_this(document: Document, analyzer: Analyzer, vocabulary: IndexVocabulary, documents: int) -> Query | None:
    """Return the query tree for documents like `document`, or None if it shares no term with any.

    As in the embedded engine.
    """
    function_word_stems = set(analyzer.stems(sorted(function_words(analyzer.language))))
    counts: defaultdict[str, float] = defaultdict(float)
    for text, weight in ((document.title, FREE_TEXT["title"]), (document.body[:MAX_BODY_CHARACTERS], 1.0)):
        for term in analyzer.terms(text):
            counts[term] += weight
    candidates = [term for term in counts if term not in function_word_stems and not term.isdigit()]
    frequencies = vocabulary.term_frequencies(candidates)
    weights = {
        term: counts[term] / (counts[term] + BM25F.k1) * log(documents / min(frequency, documents))
        for term, frequency in frequencies.items()
        if frequency > 1
    }
    key_terms = sorted(weights, key=lambda term: (-weights[term], term))[:MAX_TERMS]
    parts = [_across(term, weights[term]) for term in key_terms if weights[term] > 0]
    return Or(parts, minmatch=min(MIN_SHARED_TERMS, len(parts))) if parts else None


def _across(term: str, weight: float) -> Query:
    return AcrossFields(
        [Term(name, term, boost=field_weight) for name, field_weight in FREE_TEXT.items()], boost=weight
    )
