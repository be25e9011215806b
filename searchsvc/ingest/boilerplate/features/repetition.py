"""Repetition: lines that repeat other lines of the document, and lines that share words with its prose or title."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.boilerplate.features import cue_phrases
from searchsvc.ingest.boilerplate.features.columns import Columns
from searchsvc.ingest.boilerplate.features.position import NEAR
from searchsvc.ingest.boilerplate.features.prose import Prose
from searchsvc.ingest.boilerplate.line_batch import (
    Hashes,
    Ints,
    LineBatch,
    alphabet,
    mix,
)

_DOC = np.uint64(0x9FB21C651E98DF25)
_SECOND = np.uint64(0xC2B2AE3D27D4EB4F)
_FIRST_HAN = 0x3400
_THIRD = np.uint64(0x165667B19E3779F9)


def line_keys(batch: LineBatch) -> Hashes:
    """Return (lines,) uint64 keys of each line's words. Order, case and punctuation do not matter."""
    if not len(batch.doc):
        return np.zeros(0, dtype=np.uint64)
    return mix(np.add.reduceat(batch.hash, batch.word_bounds[:-1]))


def document_keys(keys: Hashes, doc: Ints) -> Hashes:
    """Return keys that differ between documents, so that equal lines of two documents never match."""
    return (keys ^ (doc.astype(np.uint64) + np.uint64(1)) * _DOC) * _SECOND


def recurrences(keys: Hashes) -> tuple[Ints, Ints]:
    """Return the count and the first index of each key, int64 like `keys`, (keys,) uint64."""
    if not len(keys):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    order = np.argsort(keys)
    ordered = keys[order]
    heads = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    times, first = np.empty(len(keys), dtype=np.int64), np.empty(len(keys), dtype=np.int64)
    count = np.diff(heads, append=len(keys))
    times[order] = np.repeat(count, count)
    first[order] = np.repeat(np.minimum.reduceat(order, heads), count)
    return times, first


def _slots(keys: Hashes, count: Ints) -> tuple[Ints, int]:
    """Return a slot for each key in a hash table, (keys,) int64, and the size of the table.

    `keys`: (keys,) uint64, grouped by document; `count`: (docs,) int64, keys of each document. Each document has
    its own part of the table, four times its keys. So collisions never depend on other documents of the batch.
    """
    bits = np.maximum(np.ceil(np.log2(4 * count + 1)).astype(np.int64), 4)
    ends = np.cumsum(1 << bits)
    slot = ((keys * _SECOND) >> np.repeat((64 - bits).astype(np.uint64), count)).view(np.int64)
    slot += np.repeat(ends - (1 << bits), count)
    return slot, int(ends[-1])


def _sums_by_document(count: NDArray[np.generic], doc_bounds: Ints) -> Ints:
    """Return (docs,) int64 sums of (lines,) counts."""
    sums = np.zeros(len(count) + 1, dtype=np.int64)
    np.cumsum(count, out=sums[1:])
    return np.diff(sums[doc_bounds])


def copy_columns(batch: LineBatch, lines: Hashes) -> Columns:
    """Return repetition of whole lines and of shingles. `lines`: (lines,) uint64, keys of whole lines."""
    columns = Columns()
    keys = document_keys(lines, batch.doc)
    times, first = recurrences(keys)
    here = np.arange(len(keys))
    columns.add("copies", "copies", np.log1p(times - 1))
    columns.add("copies", "copied_later", (times > 1) & (first == here))
    columns.add("copies", "copied_before", (times > 1) & (first != here))
    share_before, share_after = shingles_elsewhere(batch)
    columns.add("copies", "shingles_before", share_before)
    columns.add("copies", "shingles_after", share_after)
    return columns


def shingles_elsewhere(batch: LineBatch) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the share of each line's three-word shingles in earlier and in later lines, (lines,) float64 each."""
    lines = len(batch.doc)
    count = np.maximum(batch.entries - 2, 0)
    at = np.flatnonzero(batch.line[:-2] == batch.line[2:])
    line = np.repeat(np.arange(lines, dtype=np.int32), count)
    shingles = batch.hash[:-2] + batch.hash[1:-1] * _SECOND + batch.hash[2:] * _THIRD
    slot, size = _slots(shingles[at], _sums_by_document(count, batch.doc_bounds))
    first, last = np.empty(size, dtype=np.int32), np.empty(size, dtype=np.int32)
    last[slot] = line  # NumPy keeps the last of repeated assignments.
    first[slot[::-1]] = line[::-1]
    ends = np.cumsum(count)
    total = np.maximum(count, 1)
    return _flags_by_line(first[slot] < line, ends, count) / total, _flags_by_line(
        last[slot] > line, ends, count
    ) / total


def _flags_by_line(flags: NDArray[np.bool_], ends: Ints, count: Ints) -> Ints:
    """Return (lines,) int64: flags set among the entries of each line. `ends`, `count`: of its entries."""
    sums = np.zeros(len(flags) + 1, dtype=np.int64)
    np.cumsum(flags, out=sums[1:])
    out: Ints = sums[ends] - sums[ends - count]
    return out


def topic_columns(batch: LineBatch, prose: Prose, share: NDArray[np.float32]) -> tuple[Columns, Ints]:
    """Return similarity to the prose and to the title, and the row of each document's title, (docs,) int64, -1 for
    none.

    Only words of more than three letters and Chinese characters count, without stop words.
    """
    columns = Columns()
    lines = len(batch.doc)
    significant = (batch.end - batch.start > 3) | alphabet().kind["ideogram"][batch.first] & (batch.first >= _FIRST_HAN)
    at = np.flatnonzero(significant & ~cue_phrases.shipped().stop[batch.bucket])
    line = batch.line[at]
    count = np.bincount(line, minlength=lines)
    ends = np.cumsum(count)
    slot, size = _slots(batch.hash[at], _sums_by_document(count, batch.doc_bounds))
    in_prose = np.repeat(prose.is_prose, count)
    prose_slot, prose_line = slot[in_prose], line[in_prose]
    in_others = _in_other_lines((slot, line), (prose_slot, prose_line), size)
    shared = _flags_by_line(in_others, ends, count) / np.maximum(count, 1)
    columns.add("topic", "topic_share", shared)
    columns.add("topic", "topic_none", (count > 0) & (shared == 0))
    columns.add("topic", "significant", np.minimum(count, 8) / 8)
    doc = batch.doc
    in_stretch = prose.is_prose & (np.arange(lines) >= prose.start[doc]) & (np.arange(lines) <= prose.stop[doc])
    stretch = np.repeat(in_stretch, count)
    of_stretch = _in_other_lines((slot, line), (slot[stretch], line[stretch]), size)
    columns.add("topic", "stretch_share", _flags_by_line(of_stretch, ends, count) / np.maximum(count, 1))
    title = title_lines(batch, prose, share, shared)
    titled = np.zeros(size, dtype=np.bool_)
    in_title = np.repeat(title[batch.doc] == np.arange(lines), count)
    titled[slot[in_title]] = True
    hits = _flags_by_line(titled[slot], ends, count)
    length = np.bincount(batch.doc[line[in_title]], minlength=len(title))[batch.doc]
    columns.add("title", "in_title", hits / np.maximum(count, 1))
    columns.add("title", "of_title", np.minimum(hits / np.maximum(length, 1), 1))
    below = np.where(title[batch.doc] >= 0, np.arange(lines) - title[batch.doc], len(NEAR))
    columns.add("title", "is_title", below == 0)
    columns.add("title", "above_title", below < 0)
    columns.add("title", "below_title", NEAR[np.clip(below, 0, len(NEAR) - 1)])
    return columns, title


def _in_other_lines(words: tuple[Ints, Ints], chosen: tuple[Ints, Ints], size: int) -> NDArray[np.bool_]:
    """Return (words,) bool: words that another line among `chosen` holds too.

    `words`, `chosen`: slots below `size` and lines of words, (words,) int64 each, in order of lines.
    """
    slot, line = words
    chosen_slot, chosen_line = chosen
    first, last = np.full(size, -1, dtype=np.int32), np.full(size, -1, dtype=np.int32)
    first[chosen_slot[::-1]] = chosen_line[::-1]
    last[chosen_slot] = chosen_line
    head = first[slot]
    out: NDArray[np.bool_] = (head >= 0) & ((head != line) | (last[slot] != line))
    return out


def title_lines(batch: LineBatch, prose: Prose, share: NDArray[np.float32], shared: NDArray[np.float64]) -> Ints:
    """Return the row of the most likely title of each document, (docs,) int64, -1 for none.

    `share`: (kinds, lines) float32, words covered by cue phrases. `shared`: (lines,) float64, words shared with the
    prose.
    """
    here = np.arange(len(batch.doc))
    count = batch.word_counts
    ahead = prose.start[batch.doc] - here
    fit = (ahead >= 0) & (count >= 3) & (count <= 25) & ~prose.is_prose
    cue = np.minimum(share[: cue_phrases.KINDS.index("end")].sum(axis=0), 1.0)
    score = shared * np.minimum(count, 8) / 8 - cue + 0.8 * np.exp(-np.maximum(ahead, 0) / 12)
    score = np.where(fit, score, -9.0)
    out = np.full(len(batch.doc_bounds) - 1, -1, dtype=np.int64)
    full = np.flatnonzero(np.diff(batch.doc_bounds))
    if not len(full):
        return out
    best = np.maximum.reduceat(score, batch.doc_bounds[:-1][full])
    top = np.where((score == np.repeat(best, np.diff(batch.doc_bounds)[full])) & fit, here, len(here))
    best_line = np.minimum.reduceat(top, batch.doc_bounds[:-1][full])
    out[full] = np.where(best_line < len(here), best_line, -1)
    return out
