"""Position of a line: in its document, relative to its prose, and relative to marked lines above and below."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.boilerplate.features import cue_phrases
from searchsvc.ingest.boilerplate.features.columns import Columns
from searchsvc.ingest.boilerplate.features.prose import Prose, best_stretch
from searchsvc.ingest.boilerplate.line_batch import CLASSES, Ints, LineBatch

Marks = dict[str, NDArray[np.bool_]]
_TERMINAL = CLASSES.index("terminal")
_FAR = 400
# Closeness by distance in lines. A marked line is not close to itself.
_STEPS = np.arange(_FAR + 1, dtype=np.float32)
NEAR = np.where(_STEPS > 0, np.exp(-_STEPS / 3), 0).astype(np.float32)
_FADE = np.exp(-_STEPS / 3)
_LOG: NDArray[np.float32] = (np.log1p(np.arange(4_000)) / 4).astype(np.float32)
_COUNTED: NDArray[np.float32] = (np.log1p(_STEPS) / 3).astype(np.float32)
# Kinds of lines after which an article rarely continues.
_CLOSING = ("comment", "related", "bio", "legal")


def lines_since(marks: NDArray[np.bool_], first: Ints) -> NDArray[np.int32]:
    """Return (marks, lines) int32: lines since the last mark above a line, 0 on the mark, _FAR without a mark.

    `marks`: (marks, lines) bool. `first`: (lines,) int64, first row of each line's document.
    """
    here = np.arange(marks.shape[1], dtype=np.int32)
    at = np.where(marks, here, np.int32(-1 - _FAR))
    np.maximum.accumulate(at, axis=1, out=at)
    distance = np.minimum(here - at, np.int32(_FAR))
    distance[at < first.astype(np.int32)] = _FAR
    return distance


def lines_until(marks: NDArray[np.bool_], last: Ints) -> NDArray[np.int32]:
    """Return (marks, lines) int32: lines until the next mark below a line, 0 on the mark, _FAR without a mark.

    `marks`: (marks, lines) bool. `last`: (lines,) int64, row after the last of each line's document.
    """
    here = np.arange(marks.shape[1], dtype=np.int32)
    at = np.where(marks, here, np.int32(marks.shape[1] + _FAR))[:, ::-1]
    np.minimum.accumulate(at, axis=1, out=at)
    at = at[:, ::-1]
    distance = np.minimum(at - here, np.int32(_FAR))
    distance[at >= last.astype(np.int32)] = _FAR
    return distance


def place_columns(batch: LineBatch, prose: Prose, marks: Marks) -> Columns:
    """Return the position of each line in its document and relative to its prose."""
    columns = Columns()
    first, last = batch.doc_bounds[batch.doc], batch.doc_bounds[batch.doc + 1]
    here = np.arange(len(batch.doc))
    lines = (last - first).astype(np.float64)
    count = batch.word_counts.astype(np.float64)
    sums = np.concatenate([[0.0], np.cumsum(count)])
    total = sums[last] - sums[first]
    top, bottom = here - first, last - 1 - here
    columns.add("place", "from_top", np.exp(top * np.float32(-1 / 8)))
    columns.add("place", "from_bottom", np.exp(bottom * np.float32(-1 / 8)))
    columns.add("place", "from_top_log", _log_lines(top))
    columns.add("place", "from_bottom_log", _log_lines(bottom))
    columns.add("place", "words_before", (sums[:-1] - sums[first]) / np.maximum(total, 1))
    columns.add("place", "prose_before", prose.words_before / np.maximum(prose.total_words, 1))
    columns.add("place", "prose_before_log", _log(prose.words_before, 6))
    columns.add("place", "prose_after_log", _log(prose.total_words - prose.words_before - prose.words, 6))
    columns.add("document", "doc_words", _log(total, 8))
    columns.add("document", "doc_lines", _log(lines, 6))
    columns.add("document", "doc_prose", prose.total_words / np.maximum(total, 1))
    columns.add("document", "doc_line_words", _log(total / np.maximum(lines, 1), 3))
    gap = np.diff(batch.number, prepend=-1)
    gap[here == first] = batch.number[here == first] + 1
    below = np.append(gap[1:], 1)
    columns.add("blank lines", "blank_above", np.minimum(gap - 1, 4) / 4)
    columns.add("blank lines", "blank_below", np.where(here == last - 1, 1, np.minimum(below - 1, 4) / 4))
    spaced = np.concatenate([[0.0], np.cumsum(gap > 1)])
    columns.add("document", "doc_spaced", (spaced[last] - spaced[first]) / np.maximum(lines, 1))
    closing = np.any([marks[kind] for kind in _CLOSING], axis=0)
    _add_run(columns, batch, (prose.start, prose.stop), "run")
    section = np.where(prose.is_prose, np.minimum(prose.words, 60), np.where(closing, -60.0, -12.0))
    _add_run(columns, batch, best_stretch(section, batch.doc, batch.doc_bounds), "section")
    talk = marks["comment"] | marks["stamp"]
    unbroken = np.where(talk, -250.0, np.where(prose.is_prose, np.minimum(prose.words, 150), -4.0))
    _add_run(columns, batch, best_stretch(unbroken, batch.doc, batch.doc_bounds), "unbroken")
    return columns


def _log(values: NDArray[np.generic], scale: float) -> NDArray[np.float32]:
    out = values.astype(np.float32)
    out += 1
    out = np.log(out, out=out)
    out /= scale
    return out


def _log_lines(lines: Ints) -> NDArray[np.float32]:
    return _LOG.take(np.minimum(lines, len(_LOG) - 1))


def _add_run(columns: Columns, batch: LineBatch, stretch: tuple[Ints, Ints], name: str) -> None:
    """Add positions relative to a stretch of lines per document, given as first and last row, (docs,) int64 each."""
    first, last = batch.doc_bounds[batch.doc], batch.doc_bounds[batch.doc + 1]
    here = np.arange(len(batch.doc))
    start, stop = stretch
    begin, end = start[batch.doc], stop[batch.doc]
    ahead, behind = np.maximum(begin - here, 0), np.maximum(here - end, 0)
    columns.add("run", f"{name}_inside", (here >= begin) & (here <= end))
    for label, distance in (("ahead", ahead), ("behind", behind)):
        columns.add("run", f"{name}_{label}", _log_lines(distance))
        columns.add("run", f"{name}_{label}_near", NEAR[np.minimum(distance, _FAR)])
    columns.add("run", f"{name}_to_end", _FADE[np.clip(end - here, 0, _FAR)])
    columns.add("run", f"{name}_share", (end - begin + 1) / np.maximum(last - first, 1))


def distance_columns(batch: LineBatch, prose: Prose, marks: Marks) -> Columns:
    """Return the distance of each line to the marked lines above and below it."""
    columns = Columns()
    first, last = batch.doc_bounds[batch.doc], batch.doc_bounds[batch.doc + 1]
    kinds = list(marks)
    rows = np.array(list(marks.values()))
    above, below = lines_since(rows, first), lines_until(rows, last)
    groups_above, groups_below = [f"after:{kind}" for kind in kinds], [f"before:{kind}" for kind in kinds]
    columns.add_rows(groups_above, [f"since_{kind}_near" for kind in kinds], NEAR.take(above))
    columns.add_rows(groups_below, [f"until_{kind}_near" for kind in kinds], NEAR.take(below))
    sums = np.concatenate([[0.0], np.cumsum(prose.words)])
    here = np.arange(len(batch.doc))
    for kind in ("comment", "related", "bio", "stamp", "template"):
        lines = above[kinds.index(kind)]
        between = sums[here] - sums[np.maximum(here - lines, 0)]
        columns.add(f"after:{kind}", f"prose_since_{kind}", np.where(lines < _FAR, _log(between, 6), -1))
        marks_above = np.concatenate([[0], np.cumsum(marks[kind])])
        columns.add(f"after:{kind}", f"seen_{kind}", _COUNTED[np.minimum(marks_above[:-1] - marks_above[first], _FAR)])
        columns.add(f"before:{kind}", f"coming_{kind}", _COUNTED[np.minimum(marks_above[last] - marks_above[1:], _FAR)])
    return columns


def window_columns(batch: LineBatch, prose: Prose, share: NDArray[np.float32]) -> Columns:
    """Return means over the neighbouring lines within the document."""
    columns = Columns()
    count = batch.word_counts
    person = share[cue_phrases.KINDS.index("person")]
    talk = np.minimum(share[cue_phrases.KINDS.index("commenter")] + share[cue_phrases.KINDS.index("time")], 1) * (
        count <= 12
    )
    values = {
        "prose": prose.is_prose,
        "words": _log(count, 4),
        "tiny": count <= 3,
        "sentence": batch.counts[_TERMINAL] > 0,
        "cue": np.minimum(share[: cue_phrases.KINDS.index("end")].sum(axis=0), 1.5),
        "person": person * prose.is_prose,
        "talk": talk,
    }
    first, last = batch.doc_bounds[batch.doc], batch.doc_bounds[batch.doc + 1]
    here = np.arange(len(batch.doc))
    spans = {
        "above": (np.maximum(here - 8, first), here),
        "below": (here + 1, np.minimum(here + 9, last)),
        "wide": (np.maximum(here - 30, first), np.minimum(here + 31, last)),
    }
    sums = np.zeros((len(values), len(here) + 1))
    np.cumsum(np.array(list(values.values()), dtype=np.float64), axis=1, out=sums[:, 1:])
    for span, (begin, end) in spans.items():
        mean = (sums.take(end, axis=1) - sums.take(begin, axis=1)) / np.maximum(end - begin, 1)
        columns.add_rows(["neighbours"] * len(values), [f"{span}_{name}" for name in values], mean)
    return columns
