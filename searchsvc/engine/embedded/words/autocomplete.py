"""Completions of a partial word, the most frequent first."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from searchsvc.analysis import FUNCTION_WORDS
from searchsvc.engine.embedded.index.doc_set import DocSet
from searchsvc.engine.embedded.index.segment import Segment
from searchsvc.engine.embedded.index.term_dictionary import encode
from searchsvc.engine.embedded.words.edit_distance import transpositions

MAX_CANDIDATES = 64  # most frequent words counted first
MAX_CANDIDATES_IN_CONTEXT = 1024  # counted at most, where the context leaves few words
MAX_POSTINGS = 2_000_000  # read for the counts; 5 ms
MIN_FUZZY_LENGTH = 4  # letters, from which one may be wrong
MAX_FUZZY_CANDIDATES = 4096  # most frequent words with the same first letter, compared for fuzzy matches


@dataclass(frozen=True, slots=True)
class CompletedWord:
    """A word of the lexicon, and the number of documents with any of its forms."""

    word_id: int
    documents: int


def complete(segment: Segment, prefix: str, within: DocSet | None, limit: int) -> list[CompletedWord]:
    """Return up to `limit` words that start with `prefix`, or with nearly that if there are none.

    Each word represents all its forms, of which it is the most frequent. Only documents in `within` count, if
    given. Words with the same stem as `prefix` are left out.
    """
    words = segment.lexicon.words
    word_ids = words.prefixed(encode(prefix))
    prefix_id = words.find(encode(prefix))
    prefix_term = int(segment.lexicon.term_ids[prefix_id]) if prefix_id >= 0 else -1
    completions = _most_frequent_stems(
        segment,
        _most_frequent(segment, np.arange(word_ids.start, word_ids.stop), MAX_CANDIDATES_IN_CONTEXT),
        prefix_term,
        within,
        limit,
    )
    if not completions and prefix_id < 0 and len(prefix) >= MIN_FUZZY_LENGTH:
        completions = _most_frequent_stems(segment, _fuzzy_matches(segment, prefix), prefix_term, within, limit)
    return completions


def _most_frequent_stems(
    segment: Segment, word_ids: NDArray[np.int64], excluded_term: int, within: DocSet | None, limit: int
) -> list[CompletedWord]:
    """Return a word per stem, by number of documents, most first, without the stem `excluded_term`.

    `word_ids` (n,) int64, the most frequent first.
    """
    words, term_ids = segment.lexicon.words, segment.lexicon.term_ids[word_ids]
    first_indices = np.sort(np.unique(term_ids, return_index=True)[1])
    first_indices = first_indices[term_ids[first_indices] != excluded_term]
    candidates = [n for n in word_ids[first_indices].tolist() if words[n].decode() not in FUNCTION_WORDS]
    completions: list[CompletedWord] = []
    for batch in (candidates[:MAX_CANDIDATES], candidates[MAX_CANDIDATES:]):
        if len(completions) < limit and batch:
            counts = _doc_counts(segment, segment.lexicon.term_ids[batch], within)
            completions += [CompletedWord(n, count) for n, count in zip(batch, counts.tolist(), strict=True) if count]
    return sorted(completions, key=lambda each: -each.documents)[:limit]


def _doc_counts(segment: Segment, term_ids: NDArray[np.int32], within: DocSet | None) -> NDArray[np.int64]:
    """Return the number of documents of each term, (terms,) int64, within `within` if given.

    Counts are 0 for terms beyond MAX_POSTINGS postings.
    """
    body = segment.fields["body"]
    rows = body.terms.searchsorted(term_ids)
    is_present = body.terms.take(rows, mode="clip") == term_ids
    counts = np.zeros(len(term_ids), np.int64)
    rows = rows[is_present]
    starts, ends = body.offsets[rows].astype(np.int64), body.offsets[rows + 1].astype(np.int64)
    sizes = ends - starts
    if within is not None:
        readable = np.flatnonzero(sizes.cumsum() <= MAX_POSTINGS)
        spans = [body.docs[a:b] for a, b in zip(starts[readable].tolist(), ends[readable].tolist(), strict=True)]
        inside = within.flags()[np.concatenate(spans)] if spans else np.empty(0, bool)
        cumulative = np.append(0, inside.cumsum())
        boundaries = np.append(0, sizes[readable].cumsum())
        sizes[:] = 0
        sizes[readable] = np.diff(cumulative[boundaries])
    counts[is_present] = sizes
    return counts


def _most_frequent(segment: Segment, word_ids: NDArray[np.int64], limit: int) -> NDArray[np.int64]:
    """Return the `limit` words in most documents, most first, ties in alphabetical order; (n,) int64 ids."""
    counts = segment.lexicon.doc_counts[word_ids].astype(np.int64)
    if len(word_ids) > limit:
        top = np.sort(np.argpartition(-counts, limit)[:limit])
        word_ids, counts = word_ids[top], counts[top]
    return word_ids[np.argsort(-counts, kind="stable")]


def _fuzzy_matches(segment: Segment, prefix: str) -> NDArray[np.int64]:
    """Return words whose beginning is within one edit of `prefix`; of the first two letters, swaps only."""
    words = segment.lexicon.words
    ranges = [words.prefixed(encode(letter)) for letter in dict.fromkeys(prefix[:2])]
    candidates = _most_frequent(
        segment, np.concatenate([np.arange(each.start, each.stop) for each in ranges]), MAX_FUZZY_CANDIDATES
    )
    transposed = [words.prefixed(each) for each in transpositions(prefix)]
    matches = [
        words.with_similar_prefix(prefix, candidates),
        *(np.arange(each.start, each.stop) for each in transposed),
    ]
    return _most_frequent(segment, np.unique(np.concatenate(matches)), MAX_CANDIDATES_IN_CONTEXT)
