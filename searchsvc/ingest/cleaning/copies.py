"""Lines that say again what another line says, and lines that share the article's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.cleaning import cues
from searchsvc.ingest.cleaning.blocks import Batch, Hashes, Ints, mix
from searchsvc.ingest.cleaning.surroundings import Prose, best_stretch

if TYPE_CHECKING:
    from searchsvc.ingest.cleaning.features import Sheet

_DOC = np.uint64(0x9FB21C651E98DF25)
_SECOND = np.uint64(0xC2B2AE3D27D4EB4F)
_THIRD = np.uint64(0x165667B19E3779F9)


def line_keys(words: Batch) -> Hashes:
    """A 64-bit key of each line's words in any order; equal for lines that differ in punctuation or case."""
    if not len(words.doc):
        return np.zeros(0, dtype=np.uint64)
    return mix(np.add.reduceat(mix(words.hash), words.word_bounds[:-1]))


def _of_doc(keys: Hashes, doc: Ints) -> Hashes:
    """The keys as their documents own them, so that documents of a batch do not meet."""
    return (keys ^ (doc.astype(np.uint64) + np.uint64(1)) * _DOC) * _SECOND


def _slots(keys: Hashes, doc: Ints, docs: int) -> tuple[Ints, int]:
    """A place for each key in a table, and the table's size.

    Each document has a stretch of its own, four times its keys: what shares a place never depends on the batch.
    """
    count = np.bincount(doc, minlength=docs)
    bits = np.maximum(np.ceil(np.log2(4 * count + 1)).astype(np.int64), 4)
    ends = np.cumsum(1 << bits)
    base, shift = ends - (1 << bits), (64 - bits).astype(np.uint64)
    return base[doc] + ((keys * _SECOND) >> shift[doc]).astype(np.int64), int(ends[-1])


def copies(sheet: Sheet, words: Batch, lines: Hashes) -> None:
    keys = _of_doc(lines, words.doc)
    _, first, inverse, count = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
    times = count[inverse]
    here = np.arange(len(keys))
    sheet.add("copies", "copies", np.log1p(times - 1))
    sheet.add("copies", "copied_later", (times > 1) & (first[inverse] == here))
    sheet.add("copies", "copied_before", (times > 1) & (first[inverse] != here))
    before, after = shingles_elsewhere(words)
    sheet.add("copies", "shingles_before", before)
    sheet.add("copies", "shingles_after", after)


def shingles_elsewhere(words: Batch) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Share of each line's three-word shingles that an earlier and a later line of the document holds."""
    lines = len(words.doc)
    at = np.flatnonzero(words.line[:-2] == words.line[2:]) if len(words.line) > 2 else np.zeros(0, dtype=np.int64)
    line = words.line[at]
    keys = words.hash[at] + words.hash[at + 1] * _SECOND + words.hash[at + 2] * _THIRD
    slot, size = _slots(keys, words.doc[line], len(words.total_lines))
    first, last = np.zeros(size, dtype=np.int32), np.zeros(size, dtype=np.int32)
    line = line.astype(np.int32)
    last[slot] = line  # numpy keeps the last of repeated assignments
    first[slot[::-1]] = line[::-1]
    total = np.maximum(np.bincount(line, minlength=lines), 1)
    before = np.bincount(line[first[slot] < line], minlength=lines) / total
    after = np.bincount(line[last[slot] > line], minlength=lines) / total
    return before, after


def topic(sheet: Sheet, words: Batch, text: Prose, share: NDArray[np.float32]) -> Ints:
    """How many of a line's telling words other prose of the document uses, and likeness to the title.

    Returns the line taken for the title of each document.
    """
    lines = len(words.doc)
    telling = (words.end - words.start > 3) & ~cues.shipped().stop[words.hash >> np.uint64(48)]
    at = np.flatnonzero(telling)
    line = words.line[at]
    slot, size = _slots(words.hash[at], words.doc[line], len(words.total_lines))
    own = text.flag[line]
    used = np.bincount(slot[own], minlength=size)
    last = np.zeros(size, dtype=np.int32)
    last[slot] = line
    first = np.zeros(size, dtype=np.int32)
    first[slot[own][::-1]] = line[own][::-1]
    last[slot[own]] = line[own]
    elsewhere = (used[slot] > 0) & ((first[slot] != line) | (last[slot] != line))
    count = np.bincount(line, minlength=lines)
    shared = np.bincount(line[elsewhere], minlength=lines) / np.maximum(count, 1)
    sheet.add("topic", "topic_share", shared)
    sheet.add("topic", "topic_none", (count > 0) & (shared == 0))
    sheet.add("topic", "telling", np.minimum(count, 8) / 8)
    title = title_lines(words, text, share, shared)
    titled = np.zeros(size, dtype=np.bool_)
    in_title = title[words.doc[line]] == line
    titled[slot[in_title]] = True
    hits = np.bincount(line[titled[slot]], minlength=lines)
    length = np.bincount(words.doc[line[in_title]], minlength=len(title))[words.doc]
    sheet.add("title", "in_title", hits / np.maximum(count, 1))
    sheet.add("title", "of_title", np.minimum(hits / np.maximum(length, 1), 1))
    here = np.arange(lines)
    sheet.add("title", "is_title", here == title[words.doc])
    sheet.add("title", "above_title", np.where(here < title[words.doc], 1.0, 0.0))
    sheet.add("title", "below_title", np.where(here > title[words.doc], np.exp((title[words.doc] - here) / 3.0), 0.0))
    return title


def title_lines(words: Batch, text: Prose, share: NDArray[np.float32], shared: NDArray[np.float64]) -> Ints:
    """The line of each document most likely its title, -1 when none will do."""
    here = np.arange(len(words.doc))
    count = words.words
    start, _ = best_stretch(np.where(text.flag, np.minimum(text.mass, 120), -6.0), words.doc, words.doc_bounds)
    ahead = start[words.doc] - here
    fit = (ahead >= 0) & (count >= 3) & (count <= 25) & ~text.flag
    cue = np.minimum(share[: cues.KINDS.index("end")].sum(axis=0), 1.0)
    score = shared * np.minimum(count, 8) / 8 - cue + 0.8 * np.exp(-np.maximum(ahead, 0) / 12)
    score = np.where(fit, score, -9.0)
    out = np.full(len(words.doc_bounds) - 1, -1, dtype=np.int64)
    full = np.flatnonzero(np.diff(words.doc_bounds))
    if not len(full):
        return out
    best = np.maximum.reduceat(score, words.doc_bounds[:-1][full])
    owner = np.searchsorted(full, words.doc)
    top = np.where((score == best[owner]) & fit, here, len(here))
    found = np.minimum.reduceat(top, words.doc_bounds[:-1][full])
    out[full] = np.where(found < len(here), found, -1)
    return out
