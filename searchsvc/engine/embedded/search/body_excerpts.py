"""Excerpts of stored bodies around the matches of a query."""

from collections.abc import Iterable
from itertools import islice

import numpy as np

from searchsvc.engine.embedded.index.segment import Segment
from searchsvc.engine.embedded.index.stored_document import StoredDocument
from searchsvc.engine.embedded.search.match_positions import match_positions
from searchsvc.engine.excerpts import MAX_TERMS, best_chunks, excerpt_ranges
from searchsvc.models.search import BodyExcerpts, Excerpt
from searchsvc.query import HighlightTerm


def chunks_with_matches(
    segment: Segment, doc: int, stored: StoredDocument, terms: Iterable[HighlightTerm], most: int
) -> list[int]:
    """Return up to `most` chunks of a long body to show for `terms`, best first."""
    tokens = stored.chunks[2]
    last = len(tokens) - 2
    by_term = islice(filter(len, match_positions(segment, doc, terms)), MAX_TERMS)
    chunks = [np.minimum(tokens.searchsorted(positions, "right") - 1, last) for positions in by_term]
    return best_chunks(chunks, last + 1, most)


def body_excerpts(
    segment: Segment, doc: int, stored: StoredDocument, terms: Iterable[HighlightTerm], most: int
) -> BodyExcerpts | None:
    """Return up to `most` excerpts of a document's body around `terms`; None if the body is short."""
    if not stored.has_long_body:
        return None
    starts = stored.chunks[0].tolist()
    chosen = chunks_with_matches(segment, doc, stored, terms, most)
    ranges = excerpt_ranges(chosen, len(starts) - 1)
    return BodyExcerpts(tuple(Excerpt(starts[each.start], stored.text(each)) for each in ranges), starts[-1])
