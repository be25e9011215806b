"""Lines with a date or time of day, and lines of one template: headings of comments and of lists."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.boilerplate.features import cue_phrases
from searchsvc.ingest.boilerplate.features.columns import Columns
from searchsvc.ingest.boilerplate.features.repetition import recurrences
from searchsvc.ingest.boilerplate.line_batch import LineBatch, alphabet, mix

_NUMBER = np.uint64(0x27D4EB2F165667C5)
_DOC = np.uint64(0x9FB21C651E98DF25)
_LONGEST = 16


def stamp_lines(batch: LineBatch, share: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return (lines,) bool: short lines with a number and a month, weekday, "ago" or a clock time."""
    digit = alphabet().kind["digit"][batch.first]
    at = np.flatnonzero(digit[:-1] & digit[1:])
    at = at[(batch.start[at + 1] == batch.end[at] + 1) & (batch.codes[batch.end[at]] == ord(":"))]
    timed = share[cue_phrases.KINDS.index("time")] > 0
    timed[batch.line[at]] = True
    numbered = np.zeros(len(batch.doc), dtype=np.bool_)
    numbered[batch.line[digit]] = True
    out: NDArray[np.bool_] = timed & numbered & (batch.word_counts <= _LONGEST)
    return out


def template_columns(batch: LineBatch, stamp: NDArray[np.bool_]) -> tuple[Columns, NDArray[np.bool_]]:
    """Return columns for short lines whose small words and numbers recur in the document, and (lines,) bool of such
    lines.

    Capitalised words do not count, so lines that differ only in names share a template.
    """
    columns = Columns()
    table, first = alphabet(), batch.first
    part = batch.hash * ~table.kind["upper"][first]
    part[table.kind["digit"][first]] = _NUMBER
    sums = np.add.reduceat(part, batch.word_bounds[:-1]) if len(batch.doc) else part
    short = np.flatnonzero((sums != 0) & (batch.word_counts <= _LONGEST))
    owner = batch.doc[short].astype(np.uint64) + np.uint64(1)
    times = np.ones(len(batch.doc))
    times[short] = recurrences(mix(sums[short] ^ owner * _DOC))[0]
    columns.add("template", "template", np.log1p(times - 1) / 2)
    columns.add("stamp", "stamp", stamp)
    return columns, times > 1
