"""Training of the scores of words: one logistic regression per place, with AdaGrad (Duchi et al. 2011), in numpy."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from searchsvc.array_ranges import concatenate_ranges, runs
from searchsvc.ingest.boilerplate.features.word_scores import (
    BITS,
    PLACES,
    STEP,
    TABLES,
    WordIds,
    line_scores,
    pack_scores,
)

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
PARTS = 5  # parts of the hosts; the scores that a page trains with come from the other parts
_SIZE = 1 << BITS
_LEAST_HOSTS = {"words": 4, "pairs": 12, "first": 4, "last": 4}  # a rarer word has no score
_EPOCHS, _DOCS, _RATE, _DROP, _SHRINK = 4, 60, 0.15, 0.3, 1e-3
_LONGEST = 40  # words of a line that count in its weight


@dataclass(frozen=True, slots=True)
class WordTable:
    """Words of the lines of all pages, with the targets of training. D pages, L lines."""

    ids: WordIds
    starts: Ints  # (D + 1,) first line of each page
    host: Ints  # (D,) number of the page's host
    part: Ints  # (D,) part of the hosts
    original: NDArray[np.bool_]  # (D,) page as it was found, not made of others
    target: Floats  # (L, places)
    weight: Floats  # (L,) share of the line in its page


def joined_ids(parts: Sequence[WordIds]) -> WordIds:
    """Return the indexes of several batches as those of one."""
    counts = np.concatenate([np.diff(part.bounds) for part in parts])
    return WordIds(
        np.concatenate([part.words for part in parts]),
        np.concatenate([part.pairs for part in parts]),
        np.concatenate([[0], np.cumsum(counts)]),
    )


def word_table(
    ids: WordIds, doc: Ints, cover: Floats, tokens: Floats, hosts: Sequence[str], original: NDArray[np.bool_]
) -> WordTable:
    """Return the table. `doc`, `cover`, `tokens`: (lines,), as in Table; `hosts`, `original`: per page."""
    docs = len(hosts)
    starts = np.searchsorted(doc, np.arange(docs + 1))
    content, here = cover > 0.5, np.arange(len(doc))
    first, last = np.full(docs, len(doc)), np.full(docs, -1)
    np.minimum.at(first, doc[content], here[content])
    np.maximum.at(last, doc[content], here[content])
    above, below = here < first[doc], here > last[doc]
    target = np.stack([cover, ~content & above, ~content & ~above & ~below, ~content & below], axis=1)
    weight = np.sqrt(np.minimum(tokens, _LONGEST) + 1)
    weight /= np.bincount(doc, weight, docs)[doc]
    part = np.array([zlib.crc32(b"words " + host.encode()) % PARTS for host in hosts])
    return WordTable(
        ids, starts, np.unique(hosts, return_inverse=True)[1], part, original,
        target.astype(np.float32), weight.astype(np.float32),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Lines:
    """Some lines of a table. T words, L lines."""

    rows: Ints  # (L,)
    ids: WordIds
    line: Ints  # (T,) line of each word, from 0
    scale: Floats  # (L, 1)


def _lines(table: WordTable, docs: Ints) -> _Lines:
    rows = concatenate_ranges(table.starts[docs], np.diff(table.starts)[docs])
    count = np.diff(table.ids.bounds)[rows]
    bounds = np.concatenate([[0], np.cumsum(count)])
    line = np.repeat(np.arange(len(rows)), count)
    at = concatenate_ranges(table.ids.bounds[rows], count)
    ids = WordIds(table.ids.words[at], table.ids.pairs[at], bounds)
    return _Lines(rows, ids, line, (1 / np.sqrt(count))[:, None].astype(np.float32))


def _common(table: WordTable, lines: _Lines) -> dict[str, NDArray[np.bool_]]:
    """Return, for each table, whether an index occurs at enough hosts, (2**BITS,) bool."""
    doc = np.searchsorted(table.starts, lines.rows, side="right") - 1
    host = table.host[doc]
    out = {}
    for name, (index, of_host) in {
        "words": (lines.ids.words, host[lines.line]),
        "pairs": (lines.ids.pairs, host[lines.line]),
        "first": (lines.ids.first, host),
        "last": (lines.ids.last, host),
    }.items():
        pairs = np.unique(index << np.int64(20) | of_host)
        out[name] = np.bincount(pairs >> np.int64(20), minlength=_SIZE) >= _LEAST_HOSTS[name]
    return out


def train(table: WordTable, docs: Ints) -> dict[str, NDArray[np.int8]]:
    """Return the tables trained on the original pages among `docs`, by name, (2**BITS, places) int8 each.

    `docs`: (docs,) int64.
    """
    docs = docs[table.original[docs] & (np.diff(table.starts)[docs] > 0)]
    random = np.random.default_rng(0)
    common = _common(table, _lines(table, docs))
    scores = {name: np.zeros((_SIZE, len(PLACES)), dtype=np.float32) for name in TABLES}
    squares = {name: np.full((_SIZE, len(PLACES)), 1e-3, dtype=np.float32) for name in TABLES}
    bias = np.zeros(len(PLACES), dtype=np.float32)
    for _ in range(_EPOCHS):
        order = random.permutation(docs)
        for group in np.array_split(order, max(1, len(order) // _DOCS)):
            lines = _lines(table, group)
            kept = ((random.random(len(lines.line)) >= _DROP) / (1 - _DROP)).astype(np.float32)[:, None]
            of_words = (scores["words"][lines.ids.words] + scores["pairs"][lines.ids.pairs]) * kept
            score = np.add.reduceat(of_words, lines.ids.bounds[:-1], axis=0) * lines.scale
            score += bias + scores["first"][lines.ids.first] + scores["last"][lines.ids.last]
            chance = 1 / (1 + np.exp(-np.clip(score, -20, 20)))
            share = 100 * table.weight[lines.rows][:, None]
            error = ((chance - table.target[lines.rows]) * share).astype(np.float32)
            of_word = ((error * lines.scale)[lines.line] * kept).astype(np.float32)
            for name, index, gradient in (
                ("words", lines.ids.words, of_word), ("pairs", lines.ids.pairs, of_word),
                ("first", lines.ids.first, error), ("last", lines.ids.last, error),
            ):  # fmt: skip
                _step(scores[name], squares[name], index, gradient, common[name])
            bias -= 0.01 * error.mean(axis=0)
    return {name: np.clip(np.rint(values / STEP), -127, 127).astype(np.int8) for name, values in scores.items()}


def _step(scores: Floats, squares: Floats, index: Ints, gradient: Floats, common: NDArray[np.bool_]) -> None:
    """Update one table by AdaGrad, in place. `index`: (entries,); `gradient`: (entries, places)."""
    order = np.argsort(index, kind="stable")
    ordered = index[order]
    heads, _ = runs(ordered)
    at = ordered[heads]
    sums = np.add.reduceat(gradient[order], heads, axis=0) * common[at][:, None]
    squares[at] += sums * sums
    scores[at] -= np.float32(_RATE) * sums / np.sqrt(squares[at])
    scores *= np.float32(1 - _SHRINK)


def cross_fitted(table: WordTable, docs: Ints) -> tuple[Floats, dict[str, NDArray[np.int8]]]:
    """Return the scores of all lines, (lines, 2 * places) float32, and the tables trained on all of `docs`.

    A page among `docs` has the scores of tables that were trained without its part of the hosts. So the network sees
    scores as good as those of a page that it never met. The frame of a stitched page is an exception: the tables may
    have been trained on its host.
    """
    out = np.zeros((len(table.target), 2 * len(PLACES)), dtype=np.float32)
    tables = train(table, docs)
    _fill(out, table, np.setdiff1d(np.arange(len(table.host)), docs), tables)
    for part in range(PARTS):
        chosen = table.part[docs] == part
        if chosen.any() and not chosen.all():
            _fill(out, table, docs[chosen], train(table, docs[~chosen]))
    return out, tables


def _fill(out: Floats, table: WordTable, docs: Ints, tables: dict[str, NDArray[np.int8]]) -> None:
    scores = pack_scores(tables)
    for group in np.array_split(docs, max(1, len(docs) // 400)):
        if len(group):
            lines = _lines(table, group)
            out[lines.rows] = line_scores(lines.ids, scores).T
