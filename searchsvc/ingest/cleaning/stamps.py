"""Lines that carry a date or a time of day, and lines built alike: the headings of readers' comments and of lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.cleaning import cues
from searchsvc.ingest.cleaning.blocks import Batch, alphabet, line_sums, mix

if TYPE_CHECKING:
    from searchsvc.ingest.cleaning.features import Sheet

_NUMBER = np.uint64(0x27D4EB2F165667C5)
_DOC = np.uint64(0x9FB21C651E98DF25)
_LONGEST = 16


def stamp_lines(words: Batch, share: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Short lines with a number and a month, weekday, "ago" or a clock time."""
    digit = alphabet().kind["digit"][words.codes[words.start]]
    joined = np.append(words.start[1:] == words.end[:-1] + 1, False)[: len(digit)]
    clock = digit & joined & np.append(digit[1:], False)[: len(digit)]
    clock &= words.codes[np.minimum(words.end, len(words.codes) - 1)] == ord(":")
    timed = (share[cues.KINDS.index("time")] > 0) | (line_sums(words, clock) > 0)
    out: NDArray[np.bool_] = timed & (line_sums(words, digit) > 0) & (words.words <= _LONGEST)
    return out


def template_lines(sheet: Sheet, words: Batch, stamp: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Short lines whose small words and numbers recur in the document, whatever names stand between them."""
    table = alphabet()
    first = words.codes[words.start]
    digit, upper = table.kind["digit"][first], table.kind["upper"][first]
    part = np.where(digit, _NUMBER, np.where(upper, np.uint64(0), mix(words.hash)))
    telling = (line_sums(words, part != 0) > 0) & (words.words <= _LONGEST)
    if not len(words.doc):
        return telling
    keys = mix(np.add.reduceat(part, words.word_bounds[:-1]) ^ (words.doc.astype(np.uint64) + np.uint64(1)) * _DOC)
    _, inverse, count = np.unique(keys, return_inverse=True, return_counts=True)
    times = np.where(telling, count[inverse], 1)
    sheet.add("template", "template", np.log1p(times - 1) / 2)
    sheet.add("stamp", "stamp", stamp)
    return times > 1
