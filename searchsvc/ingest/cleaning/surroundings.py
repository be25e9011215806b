"""Where a line stands: in the document, by the longest run of prose, since and until section marks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.cleaning import cues
from searchsvc.ingest.cleaning.blocks import CLASSES, Batch, Ints

if TYPE_CHECKING:
    from searchsvc.ingest.cleaning.features import Sheet

Marks = dict[str, NDArray[np.bool_]]
_TERMINAL = CLASSES.index("terminal")
_COMMA = CLASSES.index("comma")
_FAR = 400
# Closeness by lines of distance; a mark is not close to itself.
_STEPS = np.arange(_FAR + 1, dtype=np.float32)
_NEAR = np.where(_STEPS > 0, np.exp(-_STEPS / 3), 0).astype(np.float32)
_WIDE = np.where((_STEPS > 0) & (_STEPS < _FAR), np.exp(-_STEPS / 30), 0).astype(np.float32)
# Sections after which an article rarely goes on.
_CLOSING = ("comment", "related", "bio", "legal")


@dataclass(frozen=True, slots=True)
class Prose:
    """Lines that read as sentences. All of shape (L,)."""

    flag: NDArray[np.bool_]
    mass: NDArray[np.float64]  # words, 0 unless prose
    before: NDArray[np.float64]  # prose words of the document before the line
    total: NDArray[np.float64]  # prose words of its document


def prose(words: Batch) -> Prose:
    count = words.words
    flag = (count >= 10) & (words.counts[_TERMINAL] >= 1) | (count >= 25) & (words.counts[_COMMA] * 8 < count)
    mass = np.where(flag, count, 0).astype(np.float64)
    sums = np.concatenate([[0.0], np.cumsum(mass)])
    first, last = words.doc_bounds[words.doc], words.doc_bounds[words.doc + 1]
    return Prose(flag, mass, sums[:-1] - sums[first], sums[last] - sums[first])


def since(mark: NDArray[np.bool_], first: Ints) -> Ints:
    """Lines since the last mark above a line (0 on the mark), far when there is none in the document."""
    here = np.arange(len(mark))
    at = np.maximum.accumulate(np.where(mark, here, -1))
    return np.minimum(np.where(at >= first, here - at, _FAR), _FAR)


def until(mark: NDArray[np.bool_], last: Ints) -> Ints:
    here = np.arange(len(mark))
    at = np.minimum.accumulate(np.where(mark, here, len(mark) + 1)[::-1])[::-1]
    return np.minimum(np.where(at < last, at - here, _FAR), _FAR)


def place(sheet: Sheet, words: Batch, text: Prose, marks: Marks) -> None:
    first, last = words.doc_bounds[words.doc], words.doc_bounds[words.doc + 1]
    here = np.arange(len(words.doc))
    lines = (last - first).astype(np.float64)
    count = words.words.astype(np.float64)
    sums = np.concatenate([[0.0], np.cumsum(count)])
    total = sums[last] - sums[first]
    sheet.add("place", "from_top", np.exp(-(here - first) / 8))
    sheet.add("place", "from_bottom", np.exp(-(last - 1 - here) / 8))
    sheet.add("place", "from_top_log", np.log1p(here - first) / 4)
    sheet.add("place", "from_bottom_log", np.log1p(last - 1 - here) / 4)
    sheet.add("place", "words_before", (sums[:-1] - sums[first]) / np.maximum(total, 1))
    sheet.add("place", "prose_before", text.before / np.maximum(text.total, 1))
    sheet.add("place", "prose_before_log", np.log1p(text.before) / 6)
    sheet.add("place", "prose_after_log", np.log1p(text.total - text.before - text.mass) / 6)
    sheet.add("document", "doc_words", np.log1p(total) / 8)
    sheet.add("document", "doc_lines", np.log1p(lines) / 6)
    sheet.add("document", "doc_prose", text.total / np.maximum(total, 1))
    sheet.add("document", "doc_line_words", np.log1p(total / np.maximum(lines, 1)) / 3)
    gap = np.diff(words.number, prepend=-1)
    gap[here == first] = words.number[here == first] + 1
    below = np.append(gap[1:], 1)
    sheet.add("blank lines", "blank_above", np.minimum(gap - 1, 4) / 4)
    sheet.add("blank lines", "blank_below", np.where(here == last - 1, 1, np.minimum(below - 1, 4) / 4))
    spaced = np.concatenate([[0.0], np.cumsum(gap > 1)])
    sheet.add("document", "doc_spaced", (spaced[last] - spaced[first]) / np.maximum(lines, 1))
    closing = np.any([marks[kind] for kind in _CLOSING], axis=0)
    _run(sheet, words, np.where(text.flag, np.minimum(text.mass, 120), -6.0), "run")
    _run(sheet, words, np.where(text.flag, np.minimum(text.mass, 60), np.where(closing, -60.0, -12.0)), "section")
    talk = marks["comment"] | marks["stamp"]
    _run(sheet, words, np.where(talk, -250.0, np.where(text.flag, np.minimum(text.mass, 150), -4.0)), "unbroken")


def _run(sheet: Sheet, words: Batch, gain: NDArray[np.float64], name: str) -> None:
    """Place relative to the stretch of lines with the greatest sum of gains (Kadane, over all documents at once)."""
    first, last = words.doc_bounds[words.doc], words.doc_bounds[words.doc + 1]
    here = np.arange(len(words.doc))
    start, stop = best_stretch(gain, words.doc, words.doc_bounds)
    begin, end = start[words.doc], stop[words.doc]
    ahead, behind = np.maximum(begin - here, 0), np.maximum(here - end, 0)
    sheet.add("run", f"{name}_inside", (here >= begin) & (here <= end))
    for label, distance in (("ahead", ahead), ("behind", behind)):
        sheet.add("run", f"{name}_{label}", np.log1p(distance) / 4)
        sheet.add("run", f"{name}_{label}_near", np.where(distance > 0, np.exp(-distance / 3), 0))
    sheet.add("run", f"{name}_to_end", np.exp(-np.maximum(end - here, 0) / 3))
    sheet.add("run", f"{name}_share", (end - begin + 1) / np.maximum(last - first, 1))


def best_stretch(gain: NDArray[np.float64], doc: Ints, doc_bounds: Ints) -> tuple[Ints, Ints]:
    """First and last line of each document's best stretch; an empty document has an empty one."""
    docs = len(doc_bounds) - 1
    start, stop = np.zeros(docs, dtype=np.int64), np.full(docs, -1, dtype=np.int64)
    if not len(gain):
        return start, stop
    # Lowering each document by more than all sums before keeps one running minimum for all of them.
    sums = np.concatenate([[0.0], np.cumsum(gain)])
    fall = 2 * np.abs(gain).sum() + 1
    floor = np.minimum.accumulate(sums[:-1] - doc * fall)
    low = floor + doc * fall
    best = sums[1:] - low
    full = np.flatnonzero(np.diff(doc_bounds))
    heads = doc_bounds[:-1][full]
    peak = np.maximum.reduceat(best, heads)
    here = np.arange(len(gain))
    owner = np.searchsorted(full, doc)
    top = np.where(best >= peak[owner] - 1e-6, here, len(gain))
    stop[full] = np.minimum.reduceat(top, heads)
    opener = np.maximum.accumulate(np.where(np.diff(floor, prepend=np.inf) < 0, here, 0))
    start[full] = opener[stop[full]]
    return start, stop


def distances(sheet: Sheet, words: Batch, text: Prose, marks: Marks) -> None:
    first, last = words.doc_bounds[words.doc], words.doc_bounds[words.doc + 1]
    for kind, mark in marks.items():
        above, below = since(mark, first), until(mark, last)
        sheet.add(f"after:{kind}", f"since_{kind}_near", _NEAR[above])
        sheet.add(f"after:{kind}", f"since_{kind}_far", _WIDE[above])
        sheet.add(f"before:{kind}", f"until_{kind}_near", _NEAR[below])
        sheet.add(f"before:{kind}", f"until_{kind}_far", _WIDE[below])
    sums = np.concatenate([[0.0], np.cumsum(text.mass)])
    here = np.arange(len(words.doc))
    for kind in ("comment", "related", "bio", "stamp", "template"):
        above = since(marks[kind], first)
        between = sums[here] - sums[np.maximum(here - above, 0)]
        sheet.add(f"after:{kind}", f"prose_since_{kind}", np.where(above < _FAR, np.log1p(between) / 6, -1))
        seen = np.concatenate([[0], np.cumsum(marks[kind])])
        sheet.add(f"after:{kind}", f"seen_{kind}", np.log1p(seen[:-1] - seen[first]) / 3)
        sheet.add(f"before:{kind}", f"coming_{kind}", np.log1p(seen[last] - seen[1:]) / 3)


def windows(sheet: Sheet, words: Batch, text: Prose, share: NDArray[np.float32]) -> None:
    """Means over the lines near by, within the document."""
    count = words.words
    person = share[cues.KINDS.index("person")]
    talk = np.minimum(share[cues.KINDS.index("commenter")] + share[cues.KINDS.index("time")], 1) * (count <= 12)
    values = {
        "prose": text.flag,
        "words": np.log1p(count) / 4,
        "tiny": count <= 3,
        "sentence": words.counts[_TERMINAL] > 0,
        "cue": np.minimum(share[: cues.KINDS.index("end")].sum(axis=0), 1.5),
        "person": person * text.flag,
        "talk": talk,
    }
    first, last = words.doc_bounds[words.doc], words.doc_bounds[words.doc + 1]
    here = np.arange(len(words.doc))
    spans = {
        "above": (np.maximum(here - 8, first), here),
        "below": (here + 1, np.minimum(here + 9, last)),
        "wide": (np.maximum(here - 30, first), np.minimum(here + 31, last)),
    }
    for name, value in values.items():
        sums = np.concatenate([[0.0], np.cumsum(value, dtype=np.float64)])
        for span, (begin, end) in spans.items():
            sheet.add("neighbours", f"{span}_{name}", (sums[end] - sums[begin]) / np.maximum(end - begin, 1))
