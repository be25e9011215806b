"""A query for more like a document: its most telling terms."""

from collections import defaultdict
from math import log

from whoosh.query import Or, Query, Term

from searchsvc.analysis import Analyzer, function_words
from searchsvc.engine.embedded.index.segment import Segment
from searchsvc.models.documents import Document
from searchsvc.query import AcrossFields
from searchsvc.schema import BM25F, FREE_TEXT

MAX_TERMS = 25  # terms looked for
READ = 50_000  # characters of a body, so that a book costs no more than a long article
SHARED = 2  # of the terms, that another document must have


def more_like_this(segment: Segment, document: Document, analyzer: Analyzer) -> Query | None:
    """The tree that finds documents like `document`; None if it has nothing that others have.

    A term's weight is tf * idf, the frequency saturated as BM25 does; a title's words count as
    they do in a search. Its text is analysed anew, which takes less than keeping the terms of
    every document would.
    """
    common = set(analyzer.stems(sorted(function_words(analyzer.language))))
    counts: defaultdict[str, float] = defaultdict(float)
    for text, weight in ((document.title, FREE_TEXT["title"]), (document.body[:READ], 1.0)):
        for term in analyzer.terms(text):
            counts[term] += weight
    weights = {term: _weight(segment, term, count) for term, count in counts.items() if term not in common}
    telling = sorted(weights, key=lambda term: (-weights[term], term))[:MAX_TERMS]
    parts = [_across(term, weights[term]) for term in telling if weights[term] > 0]
    return Or(parts, minmatch=min(SHARED, len(parts))) if parts else None


def _weight(segment: Segment, term: str, count: float) -> float:
    number = segment.term_id(term)
    documents = segment.all_fields(number).doc_set.count if number >= 0 else 0
    if documents < 2 or term.isdigit():  # none but this document, or a number that may mean anything
        return 0.0
    return count / (count + BM25F.k1) * log(segment.size / documents)


def _across(term: str, weight: float) -> Query:
    return AcrossFields([Term(name, term, boost=each) for name, each in FREE_TEXT.items()], boost=weight)
