"""Counts of the terms and forms of deleted documents, from their texts: postings cannot be looked up by document."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.build.inverter import form_doc_counts, form_term_ids, term_doc_counts
from searchsvc.engine.embedded.build.tokenizer import Tokens
from searchsvc.engine.embedded.index.array_file import Array
from searchsvc.engine.embedded.index.generation_arrays import Deletions
from searchsvc.engine.embedded.index.segment import Segment
from searchsvc.engine.embedded.index.term_dictionary import FORM_COUNTS

Int64Array = NDArray[np.int64]


def with_deleted(
    deletions: Deletions, segment: Segment, docs: NDArray[np.int32], batches: Iterable[Tokens]
) -> Deletions:
    """Return the deletions of a segment after deleting `docs` too, (n,) int32; `batches`: tokens of these documents."""
    deletions = replace(deletions, docs=np.union1d(deletions.docs, docs))
    for tokens in batches:
        deletions = _subtract(deletions, segment, tokens)
    return deletions


def _subtract(deletions: Deletions, segment: Segment, tokens: Tokens) -> Deletions:
    term_ids, _ = segment.terms.find_all(tokens.terms)
    word_ids, _ = segment.words.find_all(tokens.words)
    form_keys = form_array(segment.arrays["forms.words"], segment.arrays["forms.terms"])
    forms = form_keys.searchsorted(form_array(word_ids[tokens.form_words], term_ids[form_term_ids(tokens)]))
    terms, term_counts = _sums((deletions.terms, deletions.term_counts), (term_ids, term_doc_counts(tokens)))
    is_counted = term_counts > 0
    new_counts = form_doc_counts(tokens)
    sums = {
        name: _sums((deletions.forms, deletions.form_counts[name]), (forms, new_counts[name])) for name in FORM_COUNTS
    }
    return replace(
        deletions,
        terms=terms[is_counted].astype(np.int32),
        term_counts=term_counts[is_counted],
        forms=sums[FORM_COUNTS[0]][0].astype(np.int32),
        form_counts={name: counts for name, (_, counts) in sums.items()},
    )


def form_array(words: Array, terms: Array) -> Int64Array:
    """Return word << 32 | term of each form, (forms,) int64: ascending for the forms of a segment."""
    keys: Int64Array = words.astype(np.int64) << 32 | terms
    return keys


def _sums(*counted: tuple[Array, Int64Array]) -> tuple[Int64Array, Int64Array]:
    """Return the distinct ids of all pairs of ids and counts, ascending int64, and the sum of the counts of each."""
    ids, indices = np.unique(np.concatenate([ids for ids, _ in counted]).astype(np.int64), return_inverse=True)
    sums = np.zeros(len(ids), np.int64)
    np.add.at(sums, indices, np.concatenate([counts for _, counts in counted]))
    return ids, sums
