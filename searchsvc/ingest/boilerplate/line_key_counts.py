"""Line keys of documents, counted to the lines that recur on the pages of a source and in the corpus."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.boilerplate.batching import batches
from searchsvc.ingest.boilerplate.features.repetition import document_keys, line_keys, recurrences
from searchsvc.ingest.boilerplate.line_batch import Hashes, Ints, make_line_batch
from searchsvc.ingest.boilerplate.recurring_lines import (
    BELOW,
    LEADS,
    STEPS,
    RecurringLines,
    look_up,
    source_keys,
    within_source,
)

_MOST = 3_000_000  # recurring lines remembered; beyond that the rarest are dropped
_BITS = 20  # leading bits of a key, for a table that rules out most keys

# Counts are rounded down to steps. So an additional page seldom changes a count, and an update cleans only the
# documents that hold a line whose count changed.
_IN_SOURCE = np.array([0, 2, 3, 5], np.uint32)
_IN_CORPUS = np.array([0, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48], np.uint32)
_MOST_STEPS = STEPS // 2


@dataclass(frozen=True)
class LineKeys:
    """Distinct lines of each document, as keys.

    `keys`: uint64, in the order of the lines, one document after the other. `counts`: (docs,) int64, lines of
    each document. `sources`: (docs,) uint64, keys of sources.
    """

    keys: Hashes
    counts: Ints
    sources: Hashes

    def __add__(self, other: LineKeys) -> LineKeys:
        """Concatenate the documents of both."""
        return LineKeys.joined([self, other])

    @staticmethod
    def joined(parts: Sequence[LineKeys]) -> LineKeys:
        """Concatenate the documents of all parts."""
        parts = [NO_LINE_KEYS, *parts]
        return LineKeys(
            *(np.concatenate([getattr(part, name) for part in parts]) for name in ("keys", "counts", "sources"))
        )

    def of(self, chosen: NDArray[np.bool_]) -> LineKeys:
        """Return the chosen documents. `chosen`: (docs,) bool."""
        return LineKeys(self.keys[np.repeat(chosen, self.counts)], self.counts[chosen], self.sources[chosen])

    def of_document(self, row: int) -> Hashes:
        """Return the keys of one document, (lines,) uint64."""
        end = int(self._ends[row])
        return self.keys[end - int(self.counts[row]) : end]

    @cached_property
    def _ends(self) -> Ints:
        return self.counts.cumsum()

    def recurring(self) -> RecurringLines:
        """Count the lines that recur in several documents."""
        keys, documents = _distinct(np.sort(self.keys))
        recurs = documents > 1
        within = self._within_sources()
        all_keys = np.concatenate([keys[recurs], within.keys])
        order = np.argsort(all_keys)
        none = np.zeros(int(recurs.sum()), np.uint32)
        return _bounded(
            RecurringLines(
                all_keys[order],
                np.concatenate([_stepped(documents[recurs], _IN_CORPUS), within.documents])[order],
                np.concatenate([none, within.shares])[order],
                np.concatenate([none, within.leads])[order],
            )
        )

    def _within_sources(self) -> RecurringLines:
        """Return the lines that recur within their source."""
        sources_of, docs = np.repeat(self.sources, self.counts), np.repeat(np.arange(len(self.counts)), self.counts)
        has_source = sources_of != 0
        keys, docs = within_source(self.keys, sources_of)[has_source], docs[has_source]
        sources_of = sources_of[has_source]
        unique_keys, documents = _distinct(np.sort(keys))
        recurring_keys, documents = unique_keys[documents > 1], documents[documents > 1]
        # The source of each recurring key, from any of its lines: an argsort of all keys would take ten times as long.
        recurs = _among(keys, recurring_keys)
        places = np.flatnonzero(recurs)
        source_of_key = np.zeros(len(recurring_keys), np.uint64)
        source_of_key[recurring_keys.searchsorted(keys[places])] = sources_of[places]
        sources, pages = _distinct(np.sort(self.sources))
        pages_of = look_up(sources, pages.astype(np.uint32), source_of_key)
        shares = np.minimum(documents * STEPS // pages_of, _MOST_STEPS)
        rank = recurring_keys.searchsorted(keys[places])
        leads = _leads(recurs, docs, places, (rank, len(recurring_keys)))
        return RecurringLines(recurring_keys, _stepped(documents, _IN_SOURCE), shares.astype(np.uint32), leads)

    def within(self) -> Hashes:
        """Return the keys of all lines within their source, uint64, in the order of `keys`."""
        return within_source(self.keys, np.repeat(self.sources, self.counts))

    def holding(self, keys: Hashes) -> NDArray[np.bool_]:
        """Return (docs,) bool: documents with one of `keys`, (keys,) uint64, ascending, of either kind as in
        RecurringLines."""
        is_match = _among(self.keys, keys) | _among(self.within(), keys)
        counts = np.append(0, is_match.cumsum())
        holds: NDArray[np.bool_] = counts[self._ends] > counts[self._ends - self.counts]
        return holds


def _among(keys: Hashes, sought: Hashes) -> NDArray[np.bool_]:
    """Return whether each of `keys` is in `sought` (ascending, few). A table of leading bits rules out most keys."""
    heads = np.zeros(1 << _BITS, np.bool_)
    heads[sought >> np.uint64(64 - _BITS)] = True
    is_wanted: NDArray[np.bool_] = heads[keys >> np.uint64(64 - _BITS)]
    places = np.flatnonzero(is_wanted)
    is_wanted[places] = look_up(sought, np.ones(len(sought), np.uint32), keys[places]) > 0
    return is_wanted


def _distinct(ordered: Hashes) -> tuple[Hashes, Ints]:
    """Return the distinct values of sorted keys, and the count of each, int64."""
    if not len(ordered):
        return ordered, np.zeros(0, np.int64)
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    return ordered[starts], np.diff(starts, append=len(ordered))


def _stepped(counts: Ints, steps: NDArray[np.uint32]) -> NDArray[np.uint32]:
    return steps[steps.searchsorted(counts, "right") - 1]


def _leads(recurs: NDArray[np.bool_], docs: Ints, places: Ints, ranks: tuple[Ints, int]) -> NDArray[np.uint32]:
    """Return the share of recurring lines among the next lines of each key, (keys,) uint32, in units of 1 / LEADS.

    `recurs`, `docs`: (lines,), of the lines of all documents. `places`: lines of the keys, int64. `ranks`: key of each
    place, and the number of keys.
    """
    rank, count = ranks
    below, recurring = np.zeros(count), np.zeros(count)
    for step in range(1, BELOW + 1):
        at = places[: np.searchsorted(places, len(docs) - step)]
        has_next = docs[at + step] == docs[at]
        below += np.bincount(rank[: len(at)], has_next, count)
        recurring += np.bincount(rank[: len(at)], has_next & recurs[at + step], count)
    return (LEADS * recurring // np.maximum(below, 1)).astype(np.uint32)


def _bounded(lines: RecurringLines) -> RecurringLines:
    """Drop the lines of the fewest documents if there are too many lines."""
    keys, documents = lines.keys, lines.documents
    if len(keys) <= _MOST:
        return lines
    rare = int(np.partition(documents, len(keys) - _MOST)[len(keys) - _MOST])
    frequent = documents > min(rare, int(documents.max()) - 1)
    return RecurringLines(keys[frequent], documents[frequent], lines.shares[frequent], lines.leads[frequent])


_NO_KEYS: Hashes = np.zeros(0, dtype=np.uint64)
NO_LINE_KEYS = LineKeys(_NO_KEYS, np.zeros(0, np.int64), _NO_KEYS)
NO_RECURRING_LINES = NO_LINE_KEYS.recurring()


def line_keys_of(documents: Iterable[tuple[str, str]]) -> LineKeys:
    """Return the line keys of (source, text) pairs, one document each."""
    return LineKeys.joined(
        [
            _lines([source for source, _ in group], [text for _, text in group])
            for group in batches(documents, size=lambda document: len(document[1]))
        ]
    )


def _lines(sources: Sequence[str], texts: Sequence[str]) -> LineKeys:
    batch = make_line_batch(texts)
    keys, doc = line_keys(batch), batch.doc
    first = recurrences(document_keys(keys, doc))[1]
    new = first == np.arange(len(keys))
    return LineKeys(keys[new], np.bincount(doc[new], minlength=len(texts)), source_keys(sources))


def find_recurring_lines(documents: Iterable[tuple[str, str]]) -> RecurringLines:
    """Count the recurring lines of (source, text) pairs."""
    return line_keys_of(documents).recurring()
