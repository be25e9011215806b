"""Positions of a query's terms in the body of one document, from the postings."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from searchsvc.analysis import is_ideograph
from searchsvc.engine.embedded.index.segment import Segment
from searchsvc.engine.embedded.index.term_dictionary import encode
from searchsvc.engine.excerpts import MAX_POSITIONS
from searchsvc.query import HighlightTerm

_MAX_PREFIX_POSTINGS = 200_000  # of all words with a prefix; a prefix with more is at the beginning of a long text too
_MAX_PREFIX_WORDS = 256  # of one document

Positions = NDArray[np.int64]
_NOWHERE: Positions = np.empty(0, np.int64)


def match_positions(segment: Segment, doc: int, terms: Iterable[HighlightTerm]) -> Iterator[Positions]:
    """Yield the token positions of each term's first matches in the body of `doc`; int64, ascending.

    The position of a phrase is that of its first word. Positions of a frequent prefix are left out.
    """
    return (_of_term(segment, doc, term) for term in terms if term.field == "body")


def _of_term(segment: Segment, doc: int, term: HighlightTerm) -> Positions:
    if term.prefix or is_ideograph(term.terms[0]):
        return _of_prefix(segment, doc, term.terms[0])
    positions = _of_word(segment, doc, term.terms[0])
    for index, word in enumerate(term.terms[1:], 1):
        positions = positions[np.isin(positions + index, _of_word(segment, doc, word), assume_unique=True)]
    return positions[:MAX_POSITIONS]


def _of_word(segment: Segment, doc: int, term: str) -> Positions:
    postings = segment.fields["body"]
    row = postings.row(segment.term_id(term))
    if row < 0:
        return _NOWHERE
    span = postings.span(row)
    index = span.start + int(postings.docs[span].searchsorted(np.int32(doc)))
    if index == span.stop or postings.docs[index] != doc:
        return _NOWHERE
    start = postings.position_start(index)
    return postings.positions[start : start + int(postings.tfs[index])].astype(np.int64)


def _of_prefix(segment: Segment, doc: int, prefix: str) -> Positions:
    postings, words = segment.fields["body"], segment.terms.prefixed(encode(prefix))
    rows = postings.row_range(words.start, words.stop)
    start, end = int(postings.offsets[rows.start]), int(postings.offsets[rows.stop])
    if end - start > _MAX_PREFIX_POSTINGS:
        return _NOWHERE
    indices = np.flatnonzero(postings.docs[start:end] == doc)[:_MAX_PREFIX_WORDS] + start
    first = (postings.positions[postings.position_start(index)] for index in indices.tolist() if postings.tfs[index])
    return np.sort(np.fromiter(first, np.int64))
