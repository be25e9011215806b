"""Where words stand one after the other, found by intersecting positions as numbers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.docsets import Docs, DocSet, intersection
from searchsvc.engine.embedded.segment import Segment

Keys = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PhraseList:
    """Documents (int32, ascending) that hold a phrase, and how often each does (int64)."""

    docs: Docs
    counts: NDArray[np.int64]


_NONE = PhraseList(np.empty(0, np.int32), np.empty(0, np.int64))


@dataclass(frozen=True, slots=True)
class _Word:
    """One word's postings in the field: where they begin in the field's arrays, and its documents."""

    start: int
    found: DocSet


def together(segment: Segment, numbers: list[int]) -> DocSet:
    """Documents that have all the terms, each in some field of free text."""
    return intersection([segment.free(number).found for number in dict.fromkeys(numbers)])


def phrase(segment: Segment, field: str, numbers: list[int], slop: int, within: DocSet | None = None) -> PhraseList:
    """Where the terms `numbers` stand in order, each at most `slop` positions after the one before.

    This is what Whoosh's Phrase means: slop 1 is side by side. `within`, if the field is one of
    free text, is what `together` gives: many fields then share that work.
    """
    if within is not None and not within.count:
        return _NONE
    words: dict[int, _Word] = {}
    for number in numbers:
        row = segment.fields[field].row(number)
        if row < 0:
            return _NONE
        words[number] = _word(segment, field, number, row)
    common = within if field == "body" and within else intersection([word.found for word in words.values()])
    if not common.count:
        return _NONE
    places = {number: _positions(segment, field, word, common) for number, word in words.items()}
    ends = places[numbers[0]]
    for number in numbers[1:]:
        ends = _after(ends, places[number], slop)
    docs = (ends >> 32).astype(np.int32)
    if not len(docs):
        return _NONE
    if len(docs) == 1:
        return PhraseList(docs, np.ones(1, np.int64))
    first = np.flatnonzero(np.append(True, docs[1:] != docs[:-1]))
    return PhraseList(docs[first], np.append(first[1:], len(docs)) - first)


def _word(segment: Segment, field: str, number: int, row: int) -> _Word:
    postings = segment.fields[field]
    span = postings.span(row)
    found = segment.free(number).found if field == "body" else DocSet(segment.size, postings.docs[span])
    return _Word(span.start, found)


def _positions(segment: Segment, field: str, word: _Word, common: DocSet) -> Keys:
    """The positions of a word in the `common` documents, as document << 32 | position, ascending."""
    postings = segment.fields[field]
    docs = common.listed()
    chosen = word.found.places(docs) + word.start
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
    if slop == 1 and len(ends) < len(keys):
        wanted = ends + 1
        there: Keys = wanted[keys.take(keys.searchsorted(wanted), mode="clip") == wanted]
        return there
    # The nearest end before each key; `before` is -1 where there is none, and wraps to the
    # last end, which is no less than the key and so not within reach.
    nearest = ends.take(ends.searchsorted(keys) - 1)
    distance = keys - nearest
    return keys[(distance >= 1) & (distance <= slop)]


def positions_of(segment: Segment, field: str, number: int, doc: int) -> list[int]:
    """Where one term stands in one document, which has it."""
    postings = segment.fields[field]
    span = postings.span(postings.row(number))
    place = np.array([span.start + int(postings.docs[span].searchsorted(np.int32(doc)))])
    start = int(postings.position_starts(place)[0])
    return postings.positions[start : start + int(postings.tfs[place[0]])].tolist()  # type: ignore[no-any-return]
