"""Lines that recur on the pages of a source and in the corpus, counted in one pass."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.boilerplate.batching import batches
from searchsvc.ingest.boilerplate.features.prose import Prose
from searchsvc.ingest.boilerplate.features.repetition import line_keys
from searchsvc.ingest.boilerplate.line_batch import (
    Hashes,
    Ints,
    LineBatch,
    make_line_batch,
    mix,
)
from searchsvc.npy_file import read_arrays

_MOST = 3_000_000  # recurring lines remembered; beyond that the rarest are dropped
_SOURCE = np.uint64(0x8CB92BA72F3D8DD7)
_BITS = 20  # leading bits of a key, for a table that rules out most keys

# Counts are rounded down to steps. So an additional page seldom changes a count, and an update cleans only the
# documents that hold a line whose count changed.
_IN_SOURCE = np.array([0, 2, 3, 5], np.uint32)
_IN_CORPUS = np.array([0, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48], np.uint32)
STEPS = 20  # parts of a source's pages; above half of the pages, more makes no difference
_MOST_STEPS = STEPS // 2


@dataclass(frozen=True, slots=True)
class RecurringLines:
    """Number of documents with each line, in steps. Keys are of lines, and of lines within their source.

    `shares`: for a line within its source, the share of the source's pages, in units of 1 / STEPS.
    """

    keys: Hashes  # (keys,) ascending
    documents: NDArray[np.uint32]  # (keys,)
    shares: NDArray[np.uint32]  # (keys,)

    def to_bytes(self) -> bytes:
        """Return the arrays as an uncompressed .npz file."""
        out = io.BytesIO()
        np.savez(out, keys=self.keys, documents=self.documents, shares=self.shares, version=np.array(2))
        return out.getvalue()

    @staticmethod
    def from_bytes(data: bytes) -> RecurringLines:
        """Read the bytes of `to_bytes`. Raises ValueError for other data."""
        arrays = read_arrays(io.BytesIO(data))
        return RecurringLines(arrays["keys"], arrays["documents"], arrays["shares"])

    def documents_with(self, keys: Hashes) -> NDArray[np.uint32]:
        """Return the number of documents with each key, like `keys` but uint32: a lower bound, 0 for a line that does
        not recur."""
        return _look_up(self.keys, self.documents, keys)

    def shares_of(self, keys: Hashes) -> NDArray[np.uint32]:
        """Return the share of the source's pages with each key, like `keys` but uint32, in units of 1 / STEPS."""
        return _look_up(self.keys, self.shares, keys)

    def differing(self, other: RecurringLines) -> Hashes:
        """Return the keys whose count or share differs in `other`, (keys,) uint64, ascending."""
        keys = np.union1d(self.keys, other.keys)
        same = (self.documents_with(keys) == other.documents_with(keys)) & (
            self.shares_of(keys) == other.shares_of(keys)
        )
        differing: Hashes = keys[~same]
        return differing


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Recurrence of each line of a batch, (lines,) each, in the steps of RecurringLines.

    `in_source`, `in_corpus`: documents with the line. `shares`: share of the source's pages, in units of 1 / STEPS.
    """

    in_source: Ints
    in_corpus: Ints
    shares: Ints


def source_keys(sources: Sequence[str]) -> Hashes:
    """Return a key for each source name, (sources,) uint64; 0 for an empty name."""
    parsed = [int.from_bytes(_digest(source), "little") if source else 0 for source in sources]
    return np.array(parsed, dtype=np.uint64)


def _digest(source: str) -> bytes:
    return blake2b(source.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def within_source(keys: Hashes, source: Hashes) -> Hashes:
    """Return keys of lines within their source. `keys`, `source`: (lines,) uint64."""
    return mix(keys ^ source * _SOURCE)


def recurrence(batch: LineBatch, keys: Hashes, sources: Sequence[str], recurring: RecurringLines) -> Recurrence:
    """Look up the recurrence of each line. `keys`: (lines,) uint64; `sources`: one name per document."""
    source = source_keys(sources)[batch.doc]
    has_source, within = source != 0, within_source(keys, source)
    in_source = np.where(has_source, recurring.documents_with(within), 0)
    shares = np.where(has_source, recurring.shares_of(within), 0)
    return Recurrence(
        in_source.astype(np.int64), recurring.documents_with(keys).astype(np.int64), shares.astype(np.int64)
    )


def recurrence_log_odds(
    recurrence: Recurrence, batch: LineBatch, prose: Prose
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return log-odds against each line because it recurs, (lines,) float64, and lines that are certain clutter,
    (lines,) bool.

    The log-odds are 0 for a line that does not recur.
    """
    docs = len(batch.doc_bounds) - 1
    recurs = (recurrence.in_corpus >= 2) & prose.is_prose
    mass = np.bincount(batch.doc, prose.words, docs)
    # A page whose prose occurs elsewhere too is a copy of another page, so recurrence is no evidence on it.
    is_copy = np.bincount(batch.doc, prose.words * recurs, docs) > 0.3 * np.maximum(mass, 1)
    is_original = ~is_copy[batch.doc]
    rate = recurrence.shares / STEPS
    source = np.where((recurrence.in_source >= 3) & (recurrence.shares > 0), 1.5 + 3 * np.minimum(2 * rate, 1), 0)
    corpus = np.where(
        recurrence.in_corpus >= 3, np.minimum(0.8 * np.log2(np.maximum(recurrence.in_corpus, 1) / 1.5), 4), 0
    )
    certain = is_original & (recurrence.in_source >= 5) & (recurrence.shares >= 0.3 * STEPS)
    return np.where(is_original, np.maximum(source, corpus), 0.0), certain


def _look_up(sorted_keys: Hashes, values: NDArray[np.uint32], keys: Hashes) -> NDArray[np.uint32]:
    if not len(sorted_keys):
        return np.zeros(len(keys), dtype=np.uint32)
    at = np.minimum(np.searchsorted(sorted_keys, keys), len(sorted_keys) - 1)
    return np.where(sorted_keys[at] == keys, values[at], 0).astype(np.uint32)


@dataclass(frozen=True)
class LineKeys:
    """Distinct lines of each document, as keys.

    `keys`: uint64, ascending within a document, one document after the other. `counts`: (docs,) int64, lines of
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
        within, inside, shares = self._within_sources()
        all_keys = np.concatenate([keys[recurs], within])
        order = np.argsort(all_keys)
        stepped = np.concatenate([_stepped(documents[recurs], _IN_CORPUS), inside])[order]
        return _bounded(
            all_keys[order], stepped, np.concatenate([np.zeros_like(keys[recurs], np.uint32), shares])[order]
        )

    def _within_sources(self) -> tuple[Hashes, NDArray[np.uint32], NDArray[np.uint32]]:
        """Return keys of lines within their source, and for each its documents and its share of the source's pages."""
        sources_of = np.repeat(self.sources, self.counts)
        keys, sources_of = within_source(self.keys, sources_of)[sources_of != 0], sources_of[sources_of != 0]
        unique_keys, documents = _distinct(np.sort(keys))
        recurring_keys, documents = unique_keys[documents > 1], documents[documents > 1]
        # The source of each recurring key, from any of its lines: an argsort of all keys would take ten times as long.
        places = np.flatnonzero(_among(keys, recurring_keys))
        source_of_key = np.zeros(len(recurring_keys), np.uint64)
        source_of_key[recurring_keys.searchsorted(keys[places])] = sources_of[places]
        sources, pages = _distinct(np.sort(self.sources))
        pages_of = _look_up(sources, pages.astype(np.uint32), source_of_key)
        shares = np.minimum(documents * STEPS // pages_of, _MOST_STEPS)
        return recurring_keys, _stepped(documents, _IN_SOURCE), shares.astype(np.uint32)

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
    is_wanted[places] = _look_up(sought, np.ones(len(sought), np.uint32), keys[places]) > 0
    return is_wanted


def _distinct(ordered: Hashes) -> tuple[Hashes, Ints]:
    """Return the distinct values of sorted keys, and the count of each, int64."""
    if not len(ordered):
        return ordered, np.zeros(0, np.int64)
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    return ordered[starts], np.diff(starts, append=len(ordered))


def _stepped(counts: Ints, steps: NDArray[np.uint32]) -> NDArray[np.uint32]:
    return steps[steps.searchsorted(counts, "right") - 1]


def _bounded(keys: Hashes, documents: NDArray[np.uint32], shares: NDArray[np.uint32]) -> RecurringLines:
    """Drop the lines of the fewest documents if there are too many lines."""
    if len(keys) <= _MOST:
        return RecurringLines(keys, documents, shares)
    rare = int(np.partition(documents, len(keys) - _MOST)[len(keys) - _MOST])
    frequent = documents > min(rare, int(documents.max()) - 1)
    return RecurringLines(keys[frequent], documents[frequent], shares[frequent])


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
    order = np.lexsort((keys, doc))
    keys, doc = keys[order], doc[order]
    new = np.append(True, (keys[1:] != keys[:-1]) | (doc[1:] != doc[:-1]))[: len(keys)]
    return LineKeys(keys[new], np.bincount(doc[new], minlength=len(texts)), source_keys(sources))


def find_recurring_lines(documents: Iterable[tuple[str, str]]) -> RecurringLines:
    """Count the recurring lines of (source, text) pairs."""
    return line_keys_of(documents).recurring()
