"""Phrase matching: positions of adjacent terms, intersected as arrays."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.index.doc_set import Docs, DocSet, intersection
from searchsvc.engine.embedded.index.forward_index import UNSHARED_CODES, TokenOffsets
from searchsvc.engine.embedded.index.index_reader import IndexReader
from searchsvc.engine.embedded.index.segment import Segment

PositionKeys = NDArray[np.int64]


class PhrasePostings(NamedTuple):
    """Documents that contain a phrase, (n,) int32, ascending; occurrences in each, (n,) int64."""

    docs: Docs
    counts: NDArray[np.int64]


_NO_POSTINGS = PhrasePostings(np.empty(0, np.int32), np.empty(0, np.int64))
_SINGLE_COUNT = np.ones(1, np.int64)
_MAX_COMPARED = 64  # postings; a small segment has no document with all words of most phrases
_MAX_ONE_BY_ONE = 4  # below this many documents, a loop is faster


def phrase_postings_of_all(reader: IndexReader, field: str, term_ids: list[int], slop: int) -> PhrasePostings:
    """Return the postings of a phrase in all segments; `term_ids` and documents are those of `reader`.

    Deleted documents are included. See `phrase_postings`.
    """
    postings_of_parts = []
    for part, local_ids in reader.parts_with(tuple(term_ids)):
        postings = phrase_postings(part.segment, field, local_ids, slop)
        if len(postings.docs):
            postings_of_parts.append(PhrasePostings(postings.docs + np.int32(part.first_doc), postings.counts))
    if len(postings_of_parts) < 2:
        return postings_of_parts[0] if postings_of_parts else _NO_POSTINGS
    docs, counts = zip(*postings_of_parts, strict=True)
    return PhrasePostings(np.concatenate(docs), np.concatenate(counts))


def phrase_postings(segment: Segment, field: str, term_ids: list[int], slop: int) -> PhrasePostings:
    """Return the postings of a phrase: its terms in order, with at most `slop` positions from term to term.

    The semantics of Whoosh's Phrase: slop 1 means adjacent.
    """
    spans = []
    for number in term_ids:
        span = segment.spans(number).get(field)
        if span is None:
            return _NO_POSTINGS
        spans.append(span)
    if _are_disjoint(segment.fields[field].docs, spans):
        return _NO_POSTINGS
    docs = _adjacent(segment, field, term_ids, spans) if slop == 1 else _within_slop(segment, field, term_ids, slop)
    if len(docs) < 2:
        return PhrasePostings(docs, _SINGLE_COUNT[: len(docs)])
    doc_starts = np.append(True, docs[1:] != docs[:-1]).nonzero()[0]
    return PhrasePostings(docs.take(doc_starts), np.append(doc_starts[1:], len(docs)) - doc_starts)


def _are_disjoint(docs: Docs, spans: list[slice]) -> bool:
    """Return whether short lists of postings have no document in common; False for long ones."""
    if any(span.stop - span.start > _MAX_COMPARED for span in spans):
        return False
    first, *others = (docs[span].tolist() for span in spans)
    return not set(first).intersection(*others)


def _adjacent(segment: Segment, field: str, term_ids: list[int], spans: list[slice]) -> Docs:
    """Return the document of each occurrence of the phrase; (occurrences,) int32, ascending.

    The occurrences of the rarest term are looked up. The bytes at the neighbouring tokens rule out most of them.
    Where a byte is shared by several terms, positions confirm the few that remain.
    """
    sequence, term_codes = segment.forward_index.fields[field], segment.forward_index.term_codes
    sizes = [span.stop - span.start for span in spans]
    rarest = sizes.index(min(sizes))
    starts = _token_offsets(segment, field, spans[rarest]) - rarest  # start of the phrase
    ambiguous = {}
    for index, term_id in enumerate(term_ids):
        if index != rarest:
            code = term_codes[term_id]
            starts = starts.compress(sequence.codes.take(starts + index, mode="clip") == code)
            if not len(starts):
                return _NO_POSTINGS.docs
            if code >= UNSHARED_CODES:
                ambiguous[index] = spans[index]
    docs = sequence.documents(starts + rarest)
    doc_starts = sequence.starts.take(docs)
    confirmed = (starts >= doc_starts) & (starts + len(term_ids) <= sequence.starts.take(docs + 1))
    for index, span in ambiguous.items():
        confirmed &= _occurs_at(segment, field, span, docs, starts - doc_starts + index)
    return docs.compress(confirmed)


def _token_offsets(segment: Segment, field: str, span: slice) -> TokenOffsets:
    """Return the occurrences of a term in the field's sequence; (n,) int64 token offsets, ascending."""
    postings, starts = segment.fields[field], segment.forward_index.fields[field].starts
    first = postings.position_start(span.start)
    offsets = starts.take(postings.docs[span]).repeat(postings.tfs[span])
    offsets += postings.positions[first : first + len(offsets)]
    return offsets


def _occurs_at(segment: Segment, field: str, span: slice, docs: Docs, positions: TokenOffsets) -> NDArray[np.bool_]:
    """Return whether the term with postings `span` occurs in each of `docs` at the given position.

    `docs` (n,) int32; `positions` (n,) int64. Returns (n,) bool.
    """
    postings = segment.fields[field]
    indices = postings.docs[span].searchsorted(docs) + span.start
    np.minimum(indices, span.stop - 1, out=indices)
    if len(docs) <= _MAX_ONE_BY_ONE:
        candidates = zip(indices.tolist(), docs.tolist(), positions.tolist(), strict=True)
        return np.array([postings.docs[p] == doc and at in postings.positions_at(p) for p, doc, at in candidates])
    counts = postings.tfs.take(indices)
    counts_before = counts.cumsum(dtype=np.int64) - counts
    position_indices = (postings.position_starts(indices) - counts_before).repeat(counts)
    position_indices += np.arange(len(position_indices))
    is_equal = postings.positions.take(position_indices) == positions.repeat(counts)
    matches = np.zeros(len(docs), bool)
    matches[np.arange(len(docs)).repeat(counts)[is_equal]] = True
    matches &= postings.docs.take(indices) == docs
    return matches


def _within_slop(segment: Segment, field: str, term_ids: list[int], slop: int) -> Docs:
    """Return the document of each occurrence of the phrase, as `_adjacent`, with gaps."""
    postings, spans = segment.fields[field], {term_id: segment.spans(term_id)[field] for term_id in term_ids}
    doc_sets = {number: _doc_set(segment, field, number, postings.docs[span]) for number, span in spans.items()}
    common_docs = intersection(list(doc_sets.values())).docs_array()
    keys = {
        number: _position_keys(segment, field, doc_sets[number].indices(common_docs) + span.start, common_docs)
        for number, span in spans.items()
    }
    ends = keys[term_ids[0]]
    for number in term_ids[1:]:
        ends = _following(ends, keys[number], slop)
    return (ends >> 32).astype(np.int32)


def _doc_set(segment: Segment, field: str, term_id: int, docs: Docs) -> DocSet:
    postings = segment.all_fields(term_id) if field == "body" else None
    return DocSet(segment.size, docs, postings.bits if postings else None)


def _position_keys(segment: Segment, field: str, indices: NDArray[np.int64], docs: Docs) -> PositionKeys:
    """Return the positions of the postings at `indices` as document << 32 | position; int64, ascending.

    `docs`: the documents of these postings.
    """
    postings = segment.fields[field]
    counts = postings.tfs.take(indices)
    counts_through = counts.cumsum(dtype=np.int64)
    position_indices = (postings.position_starts(indices) - counts_through + counts).repeat(counts)
    position_indices += np.arange(len(position_indices))
    keys: PositionKeys = (docs.astype(np.int64) << 32).repeat(counts)
    keys |= postings.positions.take(position_indices).astype(np.int64)
    return keys


def _following(ends: PositionKeys, keys: PositionKeys, slop: int) -> PositionKeys:
    """Return the `keys` at most `slop` after one of `ends` in the same document."""
    if not len(ends) or not len(keys):
        return keys[:0]
    # The nearest end before each key. Where there is none, index -1 wraps to the last end, which is not less than the
    # key and so out of reach.
    nearest = ends.take(ends.searchsorted(keys) - 1)
    distance = keys - nearest
    return keys[(distance >= 1) & (distance <= slop)]
