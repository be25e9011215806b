"""Impacts: the contribution of each posting to a BM25F score, computed when the index is built.

The formula (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, equations 3.18
to 3.20), for a term t over the fields f of free text with weights w:

    tf~(t, d)  = sum over f of  w_f * tf'(t, d, f) / (1 - b + b * length(d, f) / mean length(f))
    impact     = tf~ / (k1 + tf~)
    score      = sum over t of  idf(t) * impact,   idf = ln(1 + (N - df + 0.5) / (df + 0.5))

The mean length of a field is over the documents that have the field, as few have headings. It is rounded
(`mean_length`), so that impacts of a segment stay valid while other segments are added. tf' is the frequency. In the
body it is raised once by `lead_weight` if the term occurs among the first `lead` tokens; raising it once only keeps
the number of distinct impacts small.
"""

from dataclasses import dataclass
from math import log1p, log2
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.index.array_file import Array

BLOCK = 16  # documents per block of a block maximum
DENSE = 32  # a term in more than 1/DENSE of the documents also has a bit set and block maxima
MIN_DENSE_DOCS = 4  # documents; otherwise every word of a tiny index would be dense
_MEAN_STEPS = 4  # steps of mean lengths per doubling; a mean is off by 9 % at most


def idf(doc_count: int, doc_frequency: int) -> float:
    """Return the inverse document frequency of a term in `doc_frequency` of `doc_count` documents; above 0."""
    return log1p((doc_count - doc_frequency + 0.5) / (doc_frequency + 0.5))


def idfs(doc_count: int, doc_frequencies: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return `idf` of each of several terms; (terms,) int64 to (terms,) float64."""
    inverse: NDArray[np.float64] = np.log1p((doc_count - doc_frequencies + 0.5) / (doc_frequencies + 0.5))
    return inverse


def block_maxima(docs: NDArray[np.int32], impacts: NDArray[np.float32], blocks: int) -> NDArray[np.uint8]:
    """Return the highest impact of each block in 255ths, rounded up; (blocks,) uint8.

    `docs` (n,) int32, ascending; `impacts` (n,) float32.
    """
    block = docs // BLOCK
    block_starts = np.flatnonzero(np.diff(block, prepend=-1))
    maxima = np.zeros(blocks, np.uint8)
    maxima[block[block_starts]] = np.minimum(np.maximum.reduceat(impacts, block_starts) * 255 + 1, 255).astype(np.uint8)
    return maxima


def mean_length(tokens: int, documents: int) -> float:
    """Return the mean length of a field with `tokens` tokens in `documents` documents, rounded to a power of 2 ** 0.25.

    1.0 for a field without tokens.
    """
    return 2.0 ** (round(log2(tokens / documents) * _MEAN_STEPS) / _MEAN_STEPS) if tokens else 1.0


def length_norms(lengths: Array, mean: float, b: float) -> NDArray[np.float32]:
    """Return 1 / (1 - b + b * length / mean length) for each document; (documents,) float32.

    `lengths` (documents,) unsigned: tokens of one field. `mean`: see `mean_length`.
    """
    return (1.0 / (1.0 - b + (b / mean) * lengths.astype(np.float64))).astype(np.float32)


def bit_word_count(documents: int) -> int:
    """Return the number of 64-bit words of a bit set over all documents."""
    return -(-documents // 64)


def block_count(documents: int) -> int:
    """Return the number of blocks of documents. Blocks cover whole 64-bit words, so all are full."""
    return bit_word_count(documents) * 64 // BLOCK


@dataclass(frozen=True, slots=True)
class Impacts:
    """Impacts of postings, decoded on access.

    `codes` (postings,) unsigned: index of each impact in `values`, float32.
    """

    codes: Array
    values: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, span: slice) -> NDArray[np.float32]:
        return self.values.take(self.codes[span])

    def take(self, indices: NDArray[np.int64], /, *, mode: Literal["raise", "clip"]) -> NDArray[np.float32]:
        """Return the impacts at `indices` (n,) int64 as (n,) float32."""
        impacts: NDArray[np.float32] = self.values.take(self.codes.take(indices, mode=mode))
        return impacts

    def part(self, span: slice) -> "Impacts":
        """Return the impacts of a slice of the postings, still encoded."""
        return Impacts(self.codes[span], self.values)
