"""Excerpts of long bodies, around the matches of a query: the work per hit is bounded, however long its text."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

import msgspec
import numpy as np
from numpy.typing import NDArray
from whoosh.query import Query

from searchsvc.analysis import analysed_as
from searchsvc.engine.query import EngineQuery
from searchsvc.models.search import BodyExcerpts, EngineHit, Excerpt
from searchsvc.models.search_request import MAX_CROP
from searchsvc.query import HighlightTerm, distinct_highlight_terms

LONG_BODY = 32_768  # code points; a longer body is shown to the highlighter in excerpts
CHUNK = 2_048  # code points; an excerpt has up to three chunks, and a snippet fits into one
assert CHUNK >= MAX_CROP
MAX_POSITIONS = 4_096  # matches of one term that are considered, the first ones
MAX_TERMS = 24  # of a query that choose the excerpts of a document, the first ones with a match
_SEARCHED_BACK = 256  # code points before the end of a chunk in which a gap between words is looked up
_SHORT = 4  # letters
_GAPS = (" ", "\n", "。", "，", "、", "．")

Chunks = NDArray[np.int64]


def chunk_starts(text: str) -> list[int]:
    """Return the start of each chunk of `text` in code points, and the length of the text.

    Chunks begin after a space or line end, if there is one near, so that they cut no word.
    """
    starts = [0]
    while len(text) - starts[-1] > CHUNK:
        end = starts[-1] + CHUNK
        starts.append(max(text.rfind(gap, end - _SEARCHED_BACK, end) for gap in _GAPS) + 1 or end)
    return [*starts, len(text)]


def best_chunks(chunks_by_term: Sequence[Chunks], count: int, most: int) -> list[int]:
    """Return up to `most` chunks to show, best first: each has most of the terms that the chunks before it lack.

    `chunks_by_term`: for each term, the chunks with a match, (matches,) int64, of `count` chunks. Terms count too if
    they are in the following chunk, since an excerpt has both. Of equal chunks the first wins.
    """
    own = np.zeros((len(chunks_by_term), count), bool)
    for has_term, chunks in zip(own, chunks_by_term, strict=True):
        has_term[chunks] = True
    near = own.copy()
    near[:, :-1] |= own[:, 1:]
    chosen: list[int] = []
    while len(own) and len(chosen) < most:
        scores = near.sum(axis=0) * (len(own) + 1) + own.sum(axis=0)
        best = int(scores.argmax())
        if not scores[best]:
            break
        chosen.append(best)
        lacking = ~near[:, best]
        own, near = own[lacking], near[lacking]
    return chosen


def excerpt_ranges(chosen: Sequence[int], chunks: int) -> Iterator[range]:
    """Yield ranges of chunks to show, ascending and without overlaps; the beginning if nothing is chosen.

    Each chosen chunk has one chunk before it and one after it. `chunks`: number of chunks of the body.
    """
    first, end = -1, -1
    for chunk in sorted(chosen) or [0]:
        if first >= 0 and chunk - 1 > end:
            yield range(first, end)
            first = -1
        first, end = max(chunk - 1, 0) if first < 0 else first, min(chunk + 2, chunks)
    yield range(first, end)


class TermsPerLanguage(dict[str, Sequence[HighlightTerm]]):
    """Highlight terms of query trees by the language of a document, found on first use.

    `configured`: language of documents in a language without a stemmer.
    """

    def __init__(self, trees: Iterable[Query | None], configured: str) -> None:
        self._trees, self._configured = tuple(trees), configured

    def __missing__(self, language: str) -> Sequence[HighlightTerm]:
        terms = self[language] = distinct_highlight_terms(self._trees, analysed_as(language, self._configured))
        return terms


def in_excerpts(hit: EngineHit, query: EngineQuery, terms: Iterable[HighlightTerm]) -> EngineHit:
    """Return a hit with the whole document as a hit with the beginning of a long body, and its excerpts.

    Without positions from an index, beginnings of words show where the terms may be.
    """
    body = hit.document.body
    if len(body) <= LONG_BODY:
        return hit
    starts = chunk_starts(body)
    chosen = _likely_chunks(body, terms, starts, query.max_excerpts)
    parts = (
        Excerpt(starts[each.start], body[starts[each.start] : starts[each.stop]])
        for each in excerpt_ranges(chosen, len(starts) - 1)
    )
    excerpts = BodyExcerpts(tuple(parts), len(body))
    document = replace(hit.document, body=body[: query.body_length], removed=())
    return msgspec.structs.replace(hit, document=document, excerpts=excerpts)


def likely_offset(body: str, terms: Iterable[HighlightTerm]) -> int:
    """Return the start of the best chunk of a long body, as `in_excerpts` chooses it; 0 for a short body."""
    if len(body) <= LONG_BODY:
        return 0
    starts = chunk_starts(body)
    chosen = _likely_chunks(body, terms, starts, 1)
    return starts[chosen[0]] if chosen else 0


def _likely_chunks(body: str, terms: Iterable[HighlightTerm], starts: Sequence[int], most: int) -> list[int]:
    lowered = body.lower()
    by_term = (_chunks_with(term, lowered, starts) for term in terms if term.field == "body")
    return best_chunks(list(islice(filter(len, by_term), MAX_TERMS)), len(starts) - 1, most)


def _chunks_with(term: HighlightTerm, lowered: str, starts: Sequence[int]) -> Chunks:
    """The chunks of a text in lower case where the first word of a term may be; the last letter of a stem differs."""
    word = term.terms[0]
    beginning = word if term.prefix or len(word) < _SHORT else word[:-1]
    places = (match.start() for match in islice(re.finditer(re.escape(beginning), lowered), MAX_POSITIONS))
    chunks = np.searchsorted(starts, np.fromiter(places, np.int64), "right") - 1
    return np.minimum(chunks, len(starts) - 2)  # lower case may be longer
