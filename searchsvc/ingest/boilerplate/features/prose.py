"""Prose: lines that read as sentences, and the longest run of them in each document."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.boilerplate.line_batch import CLASSES, Ints, LineBatch

_TERMINAL = CLASSES.index("terminal")
_COMMA = CLASSES.index("comma")
_LONGEST_SENTENCE = 120  # words; a longer line without a full stop is a ticker or a menu


@dataclass(frozen=True, slots=True)
class Prose:
    """Lines that read as sentences. Arrays have one entry per line unless noted."""

    is_prose: NDArray[np.bool_]
    words: NDArray[np.float64]  # words of the line, 0 unless prose
    words_before: NDArray[np.float64]  # words of prose above the line in its document
    total_words: NDArray[np.float64]  # words of prose in the line's document
    start: Ints  # (docs,) first and last row of the longest run of prose
    stop: Ints


def find_prose(batch: LineBatch) -> Prose:
    """Return the prose of a batch: lines of ten words with a full stop, or of 25 to 120 words with few commas."""
    count = batch.word_counts
    stops, commas = batch.counts[_TERMINAL], batch.counts[_COMMA]
    flag = (count >= 10) & (stops * _LONGEST_SENTENCE >= count) | (count >= 25) & (count < _LONGEST_SENTENCE) & (
        commas * 8 < count
    )
    mass = np.where(flag, count, 0).astype(np.float64)
    sums = np.concatenate([[0.0], np.cumsum(mass)])
    first, last = batch.doc_bounds[batch.doc], batch.doc_bounds[batch.doc + 1]
    start, stop = best_stretch(np.where(flag, np.minimum(mass, 120), -6.0), batch.doc, batch.doc_bounds)
    return Prose(flag, mass, sums[:-1] - sums[first], sums[last] - sums[first], start, stop)


def best_stretch(gain: NDArray[np.float64], doc: Ints, doc_bounds: Ints) -> tuple[Ints, Ints]:
    """Return first and last row, (docs,) int64 each, of each document's stretch with the greatest sum of gains.

    `gain`: (lines,) float64. An empty document has the stretch 0 to -1. Kadane's algorithm over all documents at
    once.
    """
    docs = len(doc_bounds) - 1
    start, stop = np.zeros(docs, dtype=np.int64), np.full(docs, -1, dtype=np.int64)
    if not len(gain):
        return start, stop
    # Lowering each document by more than the sum of all gains lets one running minimum serve all documents.
    sums = np.concatenate([[0.0], np.cumsum(gain)])
    fall = 2 * np.abs(gain).sum() + 1
    floor = np.minimum.accumulate(sums[:-1] - doc * fall)
    low = floor + doc * fall
    best = sums[1:] - low
    full = np.flatnonzero(np.diff(doc_bounds))
    heads = doc_bounds[:-1][full]
    peak = np.maximum.reduceat(best, heads)
    here = np.arange(len(gain))
    top = np.where(best >= np.repeat(peak, np.diff(doc_bounds)[full]) - 1e-6, here, len(gain))
    stop[full] = np.minimum.reduceat(top, heads)
    opener = np.maximum.accumulate(np.where(np.diff(floor, prepend=np.inf) < 0, here, 0))
    start[full] = opener[stop[full]]
    return start, stop
