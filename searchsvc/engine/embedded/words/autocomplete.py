"""Completions of a partial word, the most frequent first."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from searchsvc.analysis import FUNCTION_WORDS
from searchsvc.engine.embedded.index.doc_set import DocSet
from searchsvc.engine.embedded.index.index_reader import IndexReader
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


def complete(reader: IndexReader, prefix: str, within: DocSet | None, limit: int) -> list[CompletedWord]:
    """Return up to `limit` words that start with `prefix`, or with nearly that if there are none.

    Each word represents all its forms, of which it is the most frequent. Only documents in `within` count, if
    given. Words with the same stem as `prefix` are left out.
    """
    words = reader.lexicon.words
    word_ids = words.prefixed(encode(prefix))
    prefix_id = words.find(encode(prefix))
    prefix_term = int(reader.lexicon.term_ids[prefix_id]) if prefix_id >= 0 else -1
    completions = _most_frequent_stems(
        reader,
        _most_frequent(reader, np.arange(word_ids.start, word_ids.stop), MAX_CANDIDATES_IN_CONTEXT),
        prefix_term,
        within,
        limit,
    )
    if not completions and prefix_id < 0 and len(prefix) >= MIN_FUZZY_LENGTH:
        completions = _most_frequent_stems(reader, _fuzzy_matches(reader, prefix), prefix_term, within, limit)
    return completions


def _most_frequent_stems(
    reader: IndexReader, word_ids: NDArray[np.int64], excluded_term: int, within: DocSet | None, limit: int
) -> list[CompletedWord]:
    """Return a word per stem, by number of documents, most first, without the stem `excluded_term`.

    `word_ids` (n,) int64, the most frequent first.
    """
    words, term_ids = reader.lexicon.words, reader.lexicon.term_ids[word_ids]
    first_indices = np.sort(np.unique(term_ids, return_index=True)[1])
    first_indices = first_indices[term_ids[first_indices] != excluded_term]
    candidates = [n for n in word_ids[first_indices].tolist() if words[n].decode() not in FUNCTION_WORDS]
    completions: list[CompletedWord] = []
    for batch in (candidates[:MAX_CANDIDATES], candidates[MAX_CANDIDATES:]):
        if len(completions) < limit and batch:
            counts = _doc_counts(reader, reader.lexicon.term_ids[batch], within)
            completions += [CompletedWord(n, count) for n, count in zip(batch, counts.tolist(), strict=True) if count]
    return sorted(completions, key=lambda each: -each.documents)[:limit]


def _doc_counts(reader: IndexReader, term_ids: NDArray[np.int32], within: DocSet | None) -> NDArray[np.int64]:
    """Return the number of documents of each term, (terms,) int64, within `within` if given.

    Counts are 0 for terms beyond MAX_POSTINGS postings.
    """
    if within is None:
        return reader.free_text.doc_frequencies(term_ids)
    counts = np.zeros(len(term_ids), np.int64)
    is_readable = reader.free_text.doc_frequencies(term_ids).cumsum() <= MAX_POSTINGS
    docs, _, indices = reader.free_text.postings_of_terms(term_ids[is_readable])
    inside = within.flags().take(docs)
    counts[is_readable] = np.bincount(indices[inside], minlength=int(is_readable.sum()))
    return counts


def _most_frequent(reader: IndexReader, word_ids: NDArray[np.int64], limit: int) -> NDArray[np.int64]:
    """Return the `limit` words in most documents, most first, ties in alphabetical order; (n,) int64 ids."""
    word_ids = word_ids[reader.lexicon.term_ids[word_ids] >= 0]  # not of deleted documents only
    counts = reader.lexicon.doc_counts[word_ids].astype(np.int64)
    if len(word_ids) > limit:
        top = np.sort(np.argpartition(-counts, limit)[:limit])
        word_ids, counts = word_ids[top], counts[top]
    return word_ids[np.argsort(-counts, kind="stable")]


def _fuzzy_matches(reader: IndexReader, prefix: str) -> NDArray[np.int64]:
    """Return words whose beginning is within one edit of `prefix`; of the first two letters, swaps only."""
    words = reader.lexicon.words
    ranges = [words.prefixed(encode(letter)) for letter in dict.fromkeys(prefix[:2])]
    candidates = _most_frequent(
        reader, np.concatenate([np.arange(each.start, each.stop) for each in ranges]), MAX_FUZZY_CANDIDATES
    )
    transposed = [words.prefixed(each) for each in transpositions(prefix)]
    matches = [
        words.with_similar_prefix(prefix, candidates),
        *(np.arange(each.start, each.stop) for each in transposed),
    ]
    return _most_frequent(reader, np.unique(np.concatenate(matches)), MAX_CANDIDATES_IN_CONTEXT)
