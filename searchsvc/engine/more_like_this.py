"""Query for documents like a given document: its key terms."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from math import log

from whoosh.query import Or, Query, Term

from searchsvc.analysis import Analyzer, function_words
from searchsvc.models.documents import Document
from searchsvc.pauses import pause_if_needed
from searchsvc.query import AcrossFields
from searchsvc.schema import BM25F, FREE_TEXT

MAX_TERMS = 25  # of the query
MAX_BODY_CHARACTERS = 20_000  # so that a book costs no more than a long article
MIN_SHARED_TERMS = 2  # that a similar document must have


def more_like_this(
    document: Document,
    analyzer: Analyzer,
    doc_count: int,
    doc_frequencies: Callable[[Sequence[str]], Mapping[str, int]],
) -> Query | None:
    """Return the query tree for documents like `document`, or None if it shares no term with any.

    A term's weight is tf * idf, with the frequency saturated as in BM25; title words count as in a search. The text
    is analysed again, which costs less than storing the terms of every document. `doc_frequencies` returns, for terms,
    those that the index has, each with the number of its documents.
    """
    function_word_stems = set(analyzer.stems(sorted(function_words(analyzer.language))))
    counts: defaultdict[str, float] = defaultdict(float)
    for text, weight in ((document.title, FREE_TEXT["title"]), (document.body[:MAX_BODY_CHARACTERS], 1.0)):
        for term in analyzer.terms(text):
            counts[term] += weight
        pause_if_needed()
    # A number may mean anything.
    candidates = [term for term in counts if term not in function_word_stems and not term.isdigit()]
    weights = {
        term: counts[term] / (counts[term] + BM25F.k1) * log(doc_count / min(doc_frequency, doc_count))
        for term, doc_frequency in doc_frequencies(candidates).items()
        if doc_frequency > 1  # not only this document has the term
    }
    pause_if_needed()
    key_terms = sorted(weights, key=lambda term: (-weights[term], term))[:MAX_TERMS]
    parts = [_across(term, weights[term]) for term in key_terms if weights[term] > 0]
    return Or(parts, minmatch=min(MIN_SHARED_TERMS, len(parts))) if parts else None


def _across(term: str, weight: float) -> Query:
    return AcrossFields(
        [Term(name, term, boost=field_weight) for name, field_weight in FREE_TEXT.items()], boost=weight
    )
