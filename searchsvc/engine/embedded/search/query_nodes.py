"""Query nodes: match and score documents in arrays.

The members of a node are independent of each other:

    matches               the matching documents, exactly
    scores(d)             (n,) float64 scores of documents d (n,) int32, ascending, all of them matches
    scores_or_zero(d)     the same for any documents: 0 for documents that do not match
    add_to(s)             adds its scores to (padded documents,) float32 sums: fast, but rounded
    dense_scores()        (padded documents,) float32: these sums for the node alone
    approximate_scores()  the same, in the order of the scores except for rounding
    cost                  number of postings read for them
    has_dense_scores      whether they have been computed already

Nodes that combine other nodes are in `compound_nodes`.
"""

from abc import ABC, abstractmethod
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from searchsvc.array_ranges import sorted_unique
from searchsvc.engine.embedded.index.doc_set import Docs, DocSet, pack
from searchsvc.engine.embedded.index.impacts import DENSE, bit_word_count

Scores = NDArray[np.float64]
DenseScores = NDArray[np.float32]


def zero_scores(size: int) -> DenseScores:
    """Return float32 zeros for `size` documents, padded to a multiple of 64."""
    return np.zeros(bit_word_count(size) * 64, np.float32)


class QueryNode(ABC):
    """Node of an evaluation tree. Lives for one query and caches its matches."""

    size: int  # documents in the index
    cost: int
    has_dense_scores = False
    _matches: DocSet | None = None

    @property
    def matches(self) -> DocSet:
        if self._matches is None:
            self._matches = self._match()
        return self._matches

    def _match(self) -> DocSet:
        raise NotImplementedError

    @abstractmethod
    def scores(self, docs: Docs) -> Scores:
        """Return the scores of matching documents; (n,) int32, ascending, to (n,) float64."""

    @abstractmethod
    def add_to(self, sums: DenseScores) -> None:
        """Add the scores of all documents to `sums`, (padded documents,) float32."""

    def scores_or_zero(self, docs: Docs) -> Scores:
        """Return the scores of any documents, 0 where they do not match; (n,) int32 to (n,) float64."""
        inside = self.matches.contains(docs)
        scores = np.zeros(len(docs))
        scores[inside] = self.scores(docs[inside])
        return scores

    def dense_scores(self) -> DenseScores:
        """Return the scores of all documents, (padded documents,) float32: 0 where the node does not match."""
        sums = zero_scores(self.size)
        self.add_to(sums)
        return sums

    def approximate_scores(self) -> DenseScores:
        """Return scores for choosing candidates: 0 where the node does not match, and monotonic in the score."""
        return self.dense_scores()


class ScoreValues(Protocol):
    """An array of values, or values decoded on access (Impacts)."""

    def __len__(self) -> int: ...

    def __getitem__(self, span: slice, /) -> NDArray[Any]: ...

    def take(self, indices: NDArray[np.int64], /, *, mode: Literal["raise", "clip"]) -> NDArray[Any]: ...


class TermNode(QueryNode):
    """A term, or any node with its own value in each document.

    `values` (matches,) float32 or float64, all positive; a score is `weight` times a value. `block_max` (blocks,)
    uint8 for common terms: highest value per block in 255ths, rounded up.
    """

    def __init__(
        self, matches: DocSet, values: ScoreValues, weight: float, block_max: NDArray[np.uint8] | None = None
    ) -> None:
        self._matches, self.size, self.cost = matches, matches.size, len(values)
        self.docs, self.values, self.weight, self.block_max = (
            matches.docs_array(),
            values,
            np.float64(weight),
            block_max,
        )

    def scores(self, docs: Docs) -> Scores:
        values = self.values[:] if docs is self.docs else self.values.take(self.matches.indices(docs), mode="raise")
        scores: Scores = values * self.weight
        return scores

    def scores_or_zero(self, docs: Docs) -> Scores:
        term_docs = self.docs
        if len(term_docs) < len(docs):
            return self._look_up_term_docs(docs)
        indices = term_docs.searchsorted(docs)
        is_match = term_docs.take(indices, mode="clip") == docs
        scores: Scores = self.values.take(indices, mode="clip") * self.weight
        scores *= is_match
        return scores

    def _look_up_term_docs(self, docs: Docs) -> Scores:
        """As `scores_or_zero`, by looking up the few documents of the term among many `docs`."""
        indices = docs.searchsorted(self.docs)
        is_match = docs.take(indices, mode="clip") == self.docs
        scores = np.zeros(len(docs))
        scores[indices[is_match]] = self.values[:][is_match] * self.weight
        return scores

    def add_to(self, sums: DenseScores) -> None:
        # np.add.at takes longer with int32 indices, by more than their conversion takes.
        np.add.at(sums, self.docs.astype(np.intp), np.multiply(self.values[:], self.weight, dtype=np.float32))


class SynonymNode(QueryNode):
    """Several terms scored as one: their frequencies in a document are added, then saturated.

    `docs` (n,) int32, in any order, may repeat; `frequencies` (n,) float32, all positive. A score is `weight` times
    f / (k1 + f), in float64, where different sums stay different.
    """

    def __init__(self, size: int, docs: Docs, frequencies: NDArray[np.float32], k1: float) -> None:
        self.size, self.cost, self.weight, self._k1 = size, len(docs), 1.0, k1
        self._frequencies = zero_scores(size)
        np.add.at(self._frequencies, docs, frequencies)
        if len(docs) * DENSE <= size:
            self._matches = DocSet(size, docs=sorted_unique(docs))
        else:
            self._matches = DocSet(size, bits=pack(self._frequencies != 0))

    def scores(self, docs: Docs) -> Scores:
        frequencies = self._frequencies.take(docs).astype(np.float64)
        return frequencies * self.weight / (frequencies + self._k1)

    scores_or_zero = scores

    def add_to(self, sums: DenseScores) -> None:
        docs = self.matches.docs_array()
        sums[docs] += self.scores(docs).astype(np.float32)

    def approximate_scores(self) -> DenseScores:
        return self._frequencies if self.weight > 0 else self.dense_scores()


class ConstantNode(QueryNode):
    """Documents with one constant score."""

    def __init__(self, matches: DocSet, score: float) -> None:
        self._matches, self.size, self.cost, self.score = matches, matches.size, 0, score

    def scores(self, docs: Docs) -> Scores:
        return np.full(len(docs), self.score)

    def add_to(self, sums: DenseScores) -> None:
        if self.score:
            sums += self.matches.flags() * np.float32(self.score)
