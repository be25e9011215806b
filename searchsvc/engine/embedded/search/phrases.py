"""Where words stand one after the other, found by intersecting positions as numbers."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.index.doc_set import Docs, DocSet, intersection
from searchsvc.engine.embedded.index.forward_index import OWN, Places
from searchsvc.engine.embedded.index.segment import Segment

Keys = NDArray[np.int64]


class PhrasePostings(NamedTuple):
    """Documents (int32, ascending) that hold a phrase, and how often each does (int64)."""

    docs: Docs
    counts: NDArray[np.int64]


_NONE = PhrasePostings(np.empty(0, np.int32), np.empty(0, np.int64))
_ONCE = np.ones(1, np.int64)
_FEW = 4  # so many places are proved faster one by one


def phrase(segment: Segment, field: str, numbers: list[int], slop: int) -> PhrasePostings:
    """Where the terms `numbers` stand in order, each at most `slop` positions after the one before.

    This is what Whoosh's Phrase means: slop 1 is side by side.
    """
    spans = []
    for number in numbers:
        span = segment.spans(number).get(field)
        if span is None:
            return _NONE
        spans.append(span)
    docs = _side_by_side(segment, field, numbers, spans) if slop == 1 else _in_order(segment, field, numbers, slop)
    if len(docs) < 2:
        return PhrasePostings(docs, _ONCE[: len(docs)])
    first = np.append(True, docs[1:] != docs[:-1]).nonzero()[0]
    return PhrasePostings(docs.take(first), np.append(first[1:], len(docs)) - first)


def _side_by_side(segment: Segment, field: str, numbers: list[int], spans: list[slice]) -> Docs:
    """The document of each place where the terms stand side by side, ascending.

    The rarest one is looked up. Beside each of its places stands the byte of another term, or
    not; where that byte is shared by several terms, the few places left are proved by positions.
    """
    sequence, letters = segment.forward_index.fields[field], segment.forward_index.letters
    sizes = [span.stop - span.start for span in spans]
    rarest = sizes.index(min(sizes))
    places = _occurrences(segment, field, spans[rarest]) - rarest  # where the phrase would begin
    shared = {}
    for index, number in enumerate(numbers):
        if index != rarest:
            letter = letters[number]
            places = places.compress(sequence.letters.take(places + index, mode="clip") == letter)
            if not len(places):
                return _NONE.docs
            if letter >= OWN:
                shared[index] = spans[index]
    docs = sequence.documents(places + rarest)
    begins = sequence.starts.take(docs)
    proved = (places >= begins) & (places + len(numbers) <= sequence.starts.take(docs + 1))
    for index, span in shared.items():
        proved &= _stands_at(segment, field, span, docs, places - begins + index)
    return docs.compress(proved)


def _occurrences(segment: Segment, field: str, span: slice) -> Places:
    """Where the term with the postings at `span` stands in the field's sequence, ascending."""
    postings, starts = segment.fields[field], segment.forward_index.fields[field].starts
    first = postings.position_start(span.start)
    places = starts.take(postings.docs[span]).repeat(postings.tfs[span])
    places += postings.positions[first : first + len(places)]
    return places


def _stands_at(segment: Segment, field: str, span: slice, docs: Docs, positions: Places) -> NDArray[np.bool_]:
    """For each of `docs` whether the term with the postings at `span` stands at the position beside it."""
    postings = segment.fields[field]
    places = postings.docs[span].searchsorted(docs) + span.start
    np.minimum(places, span.stop - 1, out=places)
    if len(docs) <= _FEW:
        having = zip(places.tolist(), docs.tolist(), positions.tolist(), strict=True)
        return np.array([postings.docs[p] == doc and at in postings.positions_at(p) for p, doc, at in having])
    counts = postings.tfs.take(places)
    before = counts.cumsum(dtype=np.int64) - counts
    own = (postings.position_starts(places) - before).repeat(counts)
    own += np.arange(len(own))
    there = postings.positions.take(own) == positions.repeat(counts)
    found = np.zeros(len(docs), bool)
    found[np.arange(len(docs)).repeat(counts)[there]] = True
    found &= postings.docs.take(places) == docs
    return found


def _in_order(segment: Segment, field: str, numbers: list[int], slop: int) -> Docs:
    """As _side_by_side, with gaps: the document of each place where the phrase ends."""
    postings, spans = segment.fields[field], {number: segment.spans(number)[field] for number in numbers}
    found = {
        number: segment.all_fields(number).doc_set if field == "body" else DocSet(segment.size, postings.docs[span])
        for number, span in spans.items()
    }
    common = intersection(list(found.values())).docs_array()
    keys = {
        number: _keys(segment, field, found[number].indices(common) + span.start, common)
        for number, span in spans.items()
    }
    ends = keys[numbers[0]]
    for number in numbers[1:]:
        ends = _after(ends, keys[number], slop)
    return (ends >> 32).astype(np.int32)


def _keys(segment: Segment, field: str, chosen: NDArray[np.int64], docs: Docs) -> Keys:
    """The positions in the postings `chosen`, of `docs`, as document << 32 | position, ascending."""
    postings = segment.fields[field]
    counts = postings.tfs.take(chosen)
    before = counts.cumsum(dtype=np.int64)
    places = (postings.position_starts(chosen) - before + counts).repeat(counts)
    places += np.arange(len(places))
    keys: Keys = (docs.astype(np.int64) << 32).repeat(counts)
    keys |= postings.positions.take(places).astype(np.int64)
    return keys


def _after(ends: Keys, keys: Keys, slop: int) -> Keys:
    """Those of `keys` that come at most `slop` after one of `ends` in the same document."""
    if not len(ends) or not len(keys):
        return keys[:0]
    # The nearest end before each key; `before` is -1 where there is none, and wraps to the
    # last end, which is no less than the key and so not within reach.
    nearest = ends.take(ends.searchsorted(keys) - 1)
    distance = keys - nearest
    return keys[(distance >= 1) & (distance <= slop)]
