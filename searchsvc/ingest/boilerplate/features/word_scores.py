"""Learned scores of words: whether the words of a line are typical of articles, or of clutter above, in or below them.

Words, pairs of neighbouring words, and the first and last word of a line have one score for each place in PLACES. Words
are known by their hashes only, so the tables contain no text. A line's score is the sum over its words divided by the
square root of their number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.boilerplate.features.columns import Columns
from searchsvc.ingest.boilerplate.line_batch import Hashes, Ints, LineBatch, alphabet, mix

Floats = NDArray[np.float32]

PLACES = ("article", "above", "inside", "below")
SCORE_NAMES = tuple(f"{part}_{place}" for part in ("words", "ends") for place in PLACES)
TABLES = ("words", "pairs", "first", "last")
BITS = 18  # of an index into a table
STEP = np.float32(0.03)  # score of 1 in a table
_SHIFT = np.uint64(64 - BITS)
_FIELD, _ZERO = 16, 128  # bits of a packed sum; packed score of 0
_MOST_WORDS = 128  # words and pairs of a line that count, so that a packed sum fits its field
_PAIR = np.uint64(0xA0761D6478BD642F)
_NUMBER = np.uint64(0x4CF5AD432745937F)
_LINE_START = np.uint64(0x2545F4914F6CDD1D)


@dataclass(frozen=True, slots=True)
class WordIds:
    """Indexes into the tables. T words, L lines."""

    words: Ints  # (T,)
    pairs: Ints  # (T,) of each word with the preceding word of its line
    bounds: Ints  # (L + 1,) into the words

    @property
    def first(self) -> Ints:
        """(L,) index of each line's first word."""
        return self.words[self.bounds[:-1]]

    @property
    def last(self) -> Ints:
        """(L,) index of each line's last word."""
        return self.words[self.bounds[1:] - 1]


@dataclass(frozen=True, slots=True)
class WordScores:
    """Tables of scores. A packed score has a field of 16 bits for each place, so one sum serves all places."""

    words: Hashes  # (2**BITS,) uint64, packed
    pairs: Hashes  # (2**BITS,) uint64, packed
    first: NDArray[np.int8]  # (2**BITS, places)
    last: NDArray[np.int8]  # (2**BITS, places)


def pack_scores(tables: Mapping[str, NDArray[Any]]) -> WordScores:
    """Return the tables for use. `tables`: one array by each name in TABLES, (2**BITS, places) int8."""
    return WordScores(_packed(tables["words"]), _packed(tables["pairs"]), tables["first"], tables["last"])


def _packed(table: NDArray[Any]) -> Hashes:
    out = np.zeros(len(table), dtype=np.uint64)
    for place in range(len(PLACES)):
        out |= (table[:, place].astype(np.int64) + _ZERO).astype(np.uint64) << np.uint64(_FIELD * place)
    return out


def word_ids(batch: LineBatch) -> WordIds:
    """Return the indexes of the words of a batch. Words of equal length that begin with a digit count as one word."""
    hashes = batch.hash.copy()
    at = np.flatnonzero(alphabet().kind["digit"][batch.first])
    hashes[at] = mix((batch.end[at] - batch.start[at]).astype(np.uint64) + _NUMBER)
    pairs = np.empty_like(hashes)
    pairs[1:] = hashes[:-1]
    pairs[batch.word_bounds[:-1]] = _LINE_START
    pairs *= _PAIR
    pairs += hashes
    return WordIds((hashes >> _SHIFT).astype(np.int64), (mix(pairs) >> _SHIFT).astype(np.int64), batch.word_bounds)


def line_scores(ids: WordIds, scores: WordScores) -> Floats:
    """Return the scores of all words of each line, then those of its first and last word, (2 * places, lines)
    float32."""
    out = np.empty((2 * len(PLACES), len(ids.bounds) - 1), dtype=np.float32)
    begin = ids.bounds[:-1]
    counted = np.minimum(np.diff(ids.bounds), _MOST_WORDS)
    sums = np.zeros(len(ids.words) + 1, dtype=np.uint64)
    np.cumsum(scores.words[ids.words] + scores.pairs[ids.pairs], out=sums[1:])
    packed = sums[begin + counted] - sums[begin]
    scale = STEP / np.sqrt(counted.astype(np.float32))
    for place in range(len(PLACES)):
        field = (packed >> np.uint64(_FIELD * place)) & np.uint64((1 << _FIELD) - 1)
        out[place] = (field.astype(np.float32) - 2 * _ZERO * counted) * scale
    out[len(PLACES) :] = (scores.first[ids.first].astype(np.float32) + scores.last[ids.last]).T * STEP
    return out


def word_columns(batch: LineBatch, scores: WordScores) -> Columns:
    """Return the scores of each line's words as columns."""
    columns = Columns()
    columns.add_rows(["words"] * len(SCORE_NAMES), SCORE_NAMES, line_scores(word_ids(batch), scores))
    return columns
