"""Key terms of documents, for relevance feedback: the terms of the highest TF-IDF.

The idf of a term changes with every update. So a segment stores for each document MAX_CANDIDATES terms that are chosen
by the document alone (`build.key_term_writer`), and a search chooses the best of them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from searchsvc.array_ranges import runs

MAX_CANDIDATES = 64  # terms stored per document
MAX_KEY_TERMS = 24  # per document
COMMON_TERM_RATIO = 4  # terms in more than 1/COMMON_TERM_RATIO of the documents are too common

_COLUMNS = np.arange(max(MAX_CANDIDATES, MAX_KEY_TERMS))


@dataclass(frozen=True, slots=True)
class KeyTerms:
    """Terms of some documents, all (n,): `term_ids` int64, `weights` number, `doc_indices` int64.

    `doc_indices`: index of the term's document among the requested documents.
    """

    term_ids: NDArray[np.int64]
    weights: NDArray[np.number]
    doc_indices: NDArray[np.int64]


def best_key_terms(
    candidates: KeyTerms, doc_frequencies: NDArray[np.int64], idfs: NDArray[np.float64], doc_count: int
) -> KeyTerms:
    """Return the MAX_KEY_TERMS candidates of each document with the highest weight: saturated frequency times idf.

    `candidates`: weights are frequencies in 255ths; those of a document are neighbours. `doc_frequencies` and `idfs`
    (n,): of each candidate. Terms of a single document or of too many of the `doc_count` documents are skipped. Terms
    with the weight of the last one are all returned, so that the result does not depend on an order of terms.
    """
    is_counted = (doc_frequencies > 1) & (doc_frequencies <= doc_count // COMMON_TERM_RATIO)
    weights = candidates.weights / 255 * idfs * is_counted
    _, counts = runs(candidates.doc_indices)
    has_candidate = counts[:, np.newaxis] > _COLUMNS  # one row per document
    table = np.zeros(has_candidate.shape)
    table[has_candidate] = weights
    thresholds = np.partition(table, -MAX_KEY_TERMS, axis=1)[:, -MAX_KEY_TERMS]
    chosen = ((weights >= thresholds.repeat(counts)) & (weights > 0)).nonzero()[0]
    return KeyTerms(candidates.term_ids.take(chosen), weights.take(chosen), candidates.doc_indices.take(chosen))
