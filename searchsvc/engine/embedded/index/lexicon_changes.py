"""The lexicon of a generation: that of its first segment, changed by other segments and by deleted documents."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.index.array_file import Array
from searchsvc.engine.embedded.index.term_dictionary import Lexicon
from searchsvc.engine.embedded.index.union_dictionary import IdMap, UnionDictionary

Int32Array = NDArray[np.int32]
Int64Array = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LexiconChanges:
    """Words that the first segment alone does not describe, by their id in the generation.

    `words` (words,) int32, ascending. `terms` (words,) int32: the term of each, -1 for words of deleted documents
    only. `doc_counts` (words,) int64. `further_terms` (pairs, 2) int32: see Lexicon.
    """

    words: Int32Array
    terms: Int32Array
    doc_counts: Int64Array
    further_terms: Int32Array

    def arrays(self) -> dict[str, Array]:
        """Return the arrays of `of`."""
        return {
            "lexicon.words": self.words,
            "lexicon.terms": self.terms,
            "lexicon.doc_counts": self.doc_counts,
            "lexicon.further_terms": self.further_terms.ravel(),
        }

    @staticmethod
    def of(arrays: Mapping[str, Array]) -> "LexiconChanges":
        """Read the changes from the arrays of a generation."""
        return LexiconChanges(
            arrays["lexicon.words"],
            arrays["lexicon.terms"],
            arrays["lexicon.doc_counts"],
            arrays["lexicon.further_terms"].reshape(-1, 2),
        )


def changed_lexicon(first: Lexicon, words: UnionDictionary, terms: IdMap, changes: LexiconChanges) -> Lexicon:
    """Return the lexicon of all segments. `first`: of the first segment; `terms`: its terms among all terms."""
    term_ids, doc_counts = np.empty(len(words), np.int32), np.empty(len(words), np.int64)
    places = words.first_map.to_union(np.arange(len(first.words)))
    term_ids[places], doc_counts[places] = terms.to_union(first.term_ids), first.doc_counts
    term_ids[changes.words], doc_counts[changes.words] = changes.terms, changes.doc_counts
    pairs = np.column_stack(
        [words.first_map.to_union(first.further_terms[:, 0]), terms.to_union(first.further_terms[:, 1])]
    )
    pairs = np.concatenate([pairs[~np.isin(pairs[:, 0], changes.words)], changes.further_terms])
    further_terms = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))].astype(np.int32)
    return Lexicon(words, term_ids, doc_counts, further_terms)
