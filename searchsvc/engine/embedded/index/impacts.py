"""What each posting is worth to BM25F, computed once at build so that a search only adds up.

The formula (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond",
2009, equations 3.18 to 3.20), for a term t over the fields f of free text with weights w:

    tf~(t, d)  = sum over f of  w_f * tf'(t, d, f) / (1 - b + b * length(d, f) / mean length(f))
    impact     = tf~ / (k1 + tf~)
    score      = sum over t of  idf(t) * impact,   idf = ln(1 + (N - df + 0.5) / (df + 0.5))

The mean length of a field is over the documents that have it: few have headings. tf' is the
frequency; in the body it is raised by `lead_weight` if the term stands among the first `lead` tokens,
once: that keeps different impacts few.
"""

from dataclasses import dataclass
from math import log1p
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.index.array_file import (
    Array,
)

BLOCK = 16  # documents that share one bound
DENSE = 32  # a term in more than one document of so many is also stored as a bit set, with bounds
FEWEST = 4  # documents of such a term; else every word of a corpus of one would be common


def idf(documents: int, frequency: int) -> float:
    """How telling a term is that stands in `frequency` of `documents`; above 0."""
    return log1p((documents - frequency + 0.5) / (frequency + 0.5))


def length_norms(lengths: Array, b: float) -> NDArray[np.float32]:
    """For each document 1 / (1 - b + b * length / mean length), float32."""
    filled = np.count_nonzero(lengths)
    mean = float(lengths.sum(dtype=np.int64)) / filled if filled else 1.0
    return (1.0 / (1.0 - b + (b / mean) * lengths.astype(np.float64))).astype(np.float32)


def words_of_bits(documents: int) -> int:
    """How many 64-bit words a bit set over all documents takes."""
    return -(-documents // 64)


def blocks_of(documents: int) -> int:
    """How many blocks the documents make; whole 64-bit words of documents, so never a part."""
    return words_of_bits(documents) * 64 // BLOCK


@dataclass(frozen=True, slots=True)
class Impacts:
    """Impacts as stored, looked up where they are wanted: `codes` unsigned, each a place in `values` float32."""

    codes: Array
    values: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, wanted: slice) -> NDArray[np.float32]:
        return self.values.take(self.codes[wanted])

    def take(self, places: NDArray[np.int64], /, *, mode: Literal["raise", "clip"]) -> NDArray[np.float32]:
        taken: NDArray[np.float32] = self.values.take(self.codes.take(places, mode=mode))
        return taken

    def part(self, span: slice) -> "Impacts":
        return Impacts(self.codes[span], self.values)
