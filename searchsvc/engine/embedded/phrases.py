"""Where words stand one after the other, found by intersecting positions as numbers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.docsets import Docs, DocSet, intersection
from searchsvc.engine.embedded.segment import Segment
from searchsvc.engine.embedded.sequences import OWN, Places

Keys = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PhraseList:
    """Documents (int32, ascending) that hold a phrase, and how often each does (int64)."""

    docs: Docs
    counts: NDArray[np.int64]


_NONE = PhraseList(np.empty(0, np.int32), np.empty(0, np.int64))


def phrase(segment: Segment, field: str, numbers: list[int], slop: int) -> PhraseList:
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
        return PhraseList(docs, np.ones(len(docs), np.int64))
    first = np.append(True, docs[1:] != docs[:-1]).nonzero()[0]
    return PhraseList(docs.take(first), np.append(first[1:], len(docs)) - first)


def _side_by_side(segment: Segment, field: str, numbers: list[int], spans: list[slice]) -> Docs:
    """The document of each place where the terms stand side by side, ascending.

    The rarest one is looked up. Beside each of its places stands the byte of another term, or
    not; where that byte is shared by several terms, the few places left are proved by positions.
    """
    sequence, letters = segment.sequences.fields[field], segment.sequences.letters
    sizes = [span.stop - span.start for span in spans]
    rarest = sizes.index(min(sizes))
    places = _occurrences(segment, field, spans[rarest]) - rarest  # where the phrase would begin
    shared = {}
    for index, number in enumerate(numbers):
        if index != rarest:
            letter = letters[number]
            places = places.compress(sequence.letters.take(places + index, mode="clip") == letter)
            if letter >= OWN:
                shared[index] = spans[index]
    docs = sequence.documents(places + rarest)
    if not len(docs):
        return docs
    begins = sequence.starts.take(docs)
    inside = (places >= begins) & (places + len(numbers) <= sequence.starts.take(docs + 1))
    for index, span in shared.items():
        inside &= _stands_at(segment, field, span, docs, places - begins + index)
    return docs.compress(inside)


def _occurrences(segment: Segment, field: str, span: slice) -> Places:
    """Where the term with the postings at `span` stands in the field's sequence, ascending."""
    postings, starts = segment.fields[field], segment.sequences.fields[field].starts
    first = postings.position_start(span.start)
    places = np.repeat(starts.take(postings.docs[span]), postings.tfs[span])
    places += postings.positions[first : first + len(places)]
    return places


def _stands_at(segment: Segment, field: str, span: slice, docs: Docs, positions: Places) -> NDArray[np.bool_]:
    """For each of `docs` whether the term with the postings at `span` stands at the position beside it."""
    postings = segment.fields[field]
    places = postings.docs[span].searchsorted(docs) + span.start
    np.minimum(places, span.stop - 1, out=places)
    counts = postings.tfs.take(places)
    before = counts.cumsum(dtype=np.int64) - counts
    own = np.repeat(postings.position_starts(places) - before, counts)
    own += np.arange(len(own))
    there = postings.positions.take(own) == np.repeat(positions, counts)
    found = np.zeros(len(docs), bool)
    found[np.repeat(np.arange(len(docs)), counts)[there]] = True
    found &= postings.docs.take(places) == docs
    return found


def _in_order(segment: Segment, field: str, numbers: list[int], slop: int) -> Docs:
    """As _side_by_side, with gaps: the document of each place where the phrase ends."""
    postings, spans = segment.fields[field], {number: segment.spans(number)[field] for number in numbers}
    found = {
        number: segment.free(number).found if field == "body" else DocSet(segment.size, postings.docs[span])
        for number, span in spans.items()
    }
    common = intersection(list(found.values())).listed()
    keys = {
        number: _keys(segment, field, found[number].places(common) + span.start, common)
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
    places = np.repeat(postings.position_starts(chosen) - before + counts, counts)
    places += np.arange(len(places))
    keys: Keys = np.repeat(docs.astype(np.int64) << 32, counts)
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


def positions_of(segment: Segment, field: str, number: int, doc: int) -> list[int]:
    """Where one term stands in one document, which has it."""
    postings = segment.fields[field]
    span = postings.span(postings.row(number))
    place = span.start + int(postings.docs[span].searchsorted(np.int32(doc)))
    start = postings.position_start(place)
    return postings.positions[start : start + int(postings.tfs[place])].tolist()  # type: ignore[no-any-return]
