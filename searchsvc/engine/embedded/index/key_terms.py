"""Key terms of documents, for relevance feedback: the terms of the highest TF-IDF.

The idf of a term changes with every update. So a segment stores for each document MAX_CANDIDATES terms that are chosen
by the document alone (`build.key_term_writer`), and a search chooses the best of them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAX_CANDIDATES = 64  # terms stored per document
MAX_KEY_TERMS = 24  # per document
COMMON_TERM_RATIO = 4  # terms in more than 1/COMMON_TERM_RATIO of the documents are too common


@dataclass(frozen=True, slots=True)
class KeyTerms:
    """Terms of some documents, all (n,): `term_ids` int64, `weights` float, `doc_indices` int64.

    `doc_indices`: index of the term's document among the requested documents.
    """

    term_ids: NDArray[np.int64]
    weights: NDArray[np.floating]
    doc_indices: NDArray[np.int64]


def best_key_terms(
    candidates: KeyTerms, doc_frequencies: NDArray[np.int64], idfs: NDArray[np.float64], doc_count: int
) -> KeyTerms:
    """Return the MAX_KEY_TERMS candidates of each document with the highest weight, that is impact times idf.

    `candidates`: weights are impacts. `doc_frequencies` and `idfs` (n,): of each candidate. Terms of a single document
    or of too many of the `doc_count` documents are skipped.
    """
    is_counted = (doc_frequencies > 1) & (doc_frequencies <= doc_count // COMMON_TERM_RATIO)
    weights = np.where(is_counted, candidates.weights * idfs, 0.0)
    order = np.lexsort((candidates.term_ids, -weights, candidates.doc_indices))
    doc_indices = candidates.doc_indices[order]
    places = np.arange(len(order)) - doc_indices.searchsorted(doc_indices)
    order = order[(places < MAX_KEY_TERMS) & (weights[order] > 0)]
    return KeyTerms(candidates.term_ids[order], weights[order], candidates.doc_indices[order])
