"""Query for documents like a given document: its key terms."""

from collections import defaultdict
from math import log

from whoosh.query import Or, Query, Term

from searchsvc.analysis import Analyzer, function_words
from searchsvc.engine.embedded.index.index_reader import IndexReader
from searchsvc.models.documents import Document
from searchsvc.query import AcrossFields
from searchsvc.schema import BM25F, FREE_TEXT

MAX_TERMS = 25  # of the query
MAX_BODY_CHARACTERS = 50_000  # so that a book costs no more than a long article
MIN_SHARED_TERMS = 2  # that a similar document must have


def more_like_this(reader: IndexReader, document: Document, analyzer: Analyzer) -> Query | None:
    """Return the query tree for documents like `document`, or None if it shares no term with any.

    A term's weight is tf * idf, with the frequency saturated as in BM25; title words count as in a search. The text
    is analysed again, which costs less than storing the terms of every document.
    """
    function_word_stems = set(analyzer.stems(sorted(function_words(analyzer.language))))
    counts: defaultdict[str, float] = defaultdict(float)
    for text, weight in ((document.title, FREE_TEXT["title"]), (document.body[:MAX_BODY_CHARACTERS], 1.0)):
        for term in analyzer.terms(text):
            counts[term] += weight
    weights = {term: _weight(reader, term, count) for term, count in counts.items() if term not in function_word_stems}
    key_terms = sorted(weights, key=lambda term: (-weights[term], term))[:MAX_TERMS]
    parts = [_across(term, weights[term]) for term in key_terms if weights[term] > 0]
    return Or(parts, minmatch=min(MIN_SHARED_TERMS, len(parts))) if parts else None


def _weight(reader: IndexReader, term: str, count: float) -> float:
    term_id = reader.term_id(term)
    doc_frequency = reader.all_fields(term_id).doc_frequency if term_id >= 0 else 0
    if doc_frequency < 2 or term.isdigit():  # only this document has the term, or a number, which may mean anything
        return 0.0
    return count / (count + BM25F.k1) * log(reader.doc_count / doc_frequency)


def _across(term: str, weight: float) -> Query:
    return AcrossFields(
        [Term(name, term, boost=field_weight) for name, field_weight in FREE_TEXT.items()], boost=weight
    )
