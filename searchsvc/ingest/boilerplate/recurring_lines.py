"""Lines that recur over the pages of a source and over the corpus, learnt in one pass."""

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

_MOST = 3_000_000  # recurring lines remembered; past that the rarest are forgotten
_SOURCE = np.uint64(0x8CB92BA72F3D8DD7)
_BITS = 20  # of a key: by so many those that are looked for among all lines are sorted out first

# What is learnt goes in steps. So one more page seldom changes what is known of a line, and only the
# documents whose lines are known otherwise need be cleaned anew.
_IN_SOURCE = np.array([0, 2, 3, 5], np.uint32)
_IN_CORPUS = np.array([0, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48], np.uint32)
STEPS = 20  # of the share of a source's pages; above half of them, more makes no difference
_MOST_STEPS = STEPS // 2


@dataclass(frozen=True, slots=True)
class RecurringLines:
    """In how many documents a line stands, in steps: keys sorted, of two kinds (the line, the line within its source).

    `shares`: of a line within its source, on how many STEPS-ths of the source's pages it stands.
    """

    keys: Hashes  # (K,)
    documents: NDArray[np.uint32]  # (K,)
    shares: NDArray[np.uint32]  # (K,)

    def to_bytes(self) -> bytes:
        out = io.BytesIO()
        np.savez(out, keys=self.keys, documents=self.documents, shares=self.shares, version=np.array(2))
        return out.getvalue()

    @staticmethod
    def from_bytes(data: bytes) -> RecurringLines:
        """Raises ValueError when the bytes are no learnt lines."""
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return RecurringLines(arrays["keys"], arrays["documents"], arrays["shares"])

    def documents_with(self, keys: Hashes) -> NDArray[np.uint32]:
        """At least how many documents hold each key, 0 for a line that did not recur."""
        return _look_up(self.keys, self.documents, keys)

    def shares_of(self, keys: Hashes) -> NDArray[np.uint32]:
        return _look_up(self.keys, self.shares, keys)

    def differing(self, other: RecurringLines) -> Hashes:
        """The keys of which `other` says something else."""
        keys = np.union1d(self.keys, other.keys)
        same = (self.documents_with(keys) == other.documents_with(keys)) & (
            self.shares_of(keys) == other.shares_of(keys)
        )
        differing: Hashes = keys[~same]
        return differing


@dataclass(frozen=True, slots=True)
class Recurrence:
    """For each line of a batch: documents of its source, and of the corpus, that hold it, and the
    share of its source's pages; in steps, as in Learnt."""

    in_source: Ints
    in_corpus: Ints
    shares: Ints


def source_keys(sources: Sequence[str]) -> Hashes:
    """A key for each source name; no name is no source, key 0."""
    parsed = [int.from_bytes(_digest(source), "little") if source else 0 for source in sources]
    return np.array(parsed, dtype=np.uint64)


def _digest(source: str) -> bytes:
    return blake2b(source.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def within_source(keys: Hashes, source: Hashes) -> Hashes:
    return mix(keys ^ source * _SOURCE)


def recurrence(batch: LineBatch, keys: Hashes, sources: Sequence[str], recurring: RecurringLines) -> Recurrence:
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
    """Log-odds against each line because it recurs (0 when it does not), and whether that alone is certain."""
    docs = len(batch.doc_bounds) - 1
    recurs = (recurrence.in_corpus >= 2) & prose.is_prose
    mass = np.bincount(batch.doc, prose.words, docs)
    # A page whose prose stands elsewhere too is a copy of a page: recurrence says nothing about its lines.
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
    """Which lines stand in which documents.

    `keys` uint64: the distinct lines of one document after the other; `counts` int64 (documents,): how
    many of them each has; `sources` uint64 (documents,): the keys of their sources.
    """

    keys: Hashes
    counts: Ints
    sources: Hashes

    def __add__(self, other: LineKeys) -> LineKeys:
        """First the documents of this, then those of the other."""
        return LineKeys(
            np.concatenate([self.keys, other.keys]),
            np.concatenate([self.counts, other.counts]),
            np.concatenate([self.sources, other.sources]),
        )

    def of(self, chosen: NDArray[np.bool_]) -> LineKeys:
        """Those of the `chosen` documents (documents,)."""
        return LineKeys(self.keys[np.repeat(chosen, self.counts)], self.counts[chosen], self.sources[chosen])

    def of_document(self, row: int) -> Hashes:
        """The keys of one document."""
        end = int(self._ends[row])
        return self.keys[end - int(self.counts[row]) : end]

    @cached_property
    def _ends(self) -> Ints:
        return self.counts.cumsum()

    def recurring(self) -> RecurringLines:
        """What recurs in them."""
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
        """Keys of lines within their sources, in how many documents each stands, and its share of the pages."""
        sources_of = np.repeat(self.sources, self.counts)
        keys, sources_of = within_source(self.keys, sources_of)[sources_of != 0], sources_of[sources_of != 0]
        order = np.argsort(keys)
        unique_keys, documents = _distinct(keys[order])
        first = order[documents.cumsum() - documents]  # a document of the source that holds the line
        sources, pages = _distinct(np.sort(self.sources))
        recurs = documents > 1
        pages_of = _look_up(sources, pages.astype(np.uint32), sources_of[first[recurs]])
        shares = np.minimum(documents[recurs] * STEPS // pages_of, _MOST_STEPS)
        return unique_keys[recurs], _stepped(documents[recurs], _IN_SOURCE), shares.astype(np.uint32)

    def within(self) -> Hashes:
        """Beside `keys`, those of the lines within their sources."""
        return within_source(self.keys, np.repeat(self.sources, self.counts))

    def holding(self, keys: Hashes) -> NDArray[np.bool_]:
        """(documents,) bool: those that hold one of `keys`, as Learnt has them."""
        is_match = _among(self.keys, keys) | _among(self.within(), keys)
        counts = np.append(0, is_match.cumsum())
        holds: NDArray[np.bool_] = counts[self._ends] > counts[self._ends - self.counts]
        return holds


def _among(keys: Hashes, sought: Hashes) -> NDArray[np.bool_]:
    """Which of `keys` are `sought` (sorted, few): most are told from them by their first bits."""
    heads = np.zeros(1 << _BITS, np.bool_)
    heads[sought >> np.uint64(64 - _BITS)] = True
    is_wanted: NDArray[np.bool_] = heads[keys >> np.uint64(64 - _BITS)]
    places = np.flatnonzero(is_wanted)
    is_wanted[places] = _look_up(sought, np.ones(len(sought), np.uint32), keys[places]) > 0
    return is_wanted


def _distinct(ordered: Hashes) -> tuple[Hashes, Ints]:
    """The different ones of sorted keys, and how often each is there."""
    if not len(ordered):
        return ordered, np.zeros(0, np.int64)
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    return ordered[starts], np.diff(starts, append=len(ordered))


def _stepped(counts: Ints, steps: NDArray[np.uint32]) -> NDArray[np.uint32]:
    return steps[steps.searchsorted(counts, "right") - 1]


def _bounded(keys: Hashes, documents: NDArray[np.uint32], shares: NDArray[np.uint32]) -> RecurringLines:
    """The lines in most documents, if there are too many."""
    if len(keys) <= _MOST:
        return RecurringLines(keys, documents, shares)
    rare = int(np.partition(documents, len(keys) - _MOST)[len(keys) - _MOST])
    frequent = documents > min(rare, int(documents.max()) - 1)
    return RecurringLines(keys[frequent], documents[frequent], shares[frequent])


_NO_KEYS: Hashes = np.zeros(0, dtype=np.uint64)
NO_LINE_KEYS = LineKeys(_NO_KEYS, np.zeros(0, np.int64), _NO_KEYS)
NO_RECURRING_LINES = NO_LINE_KEYS.recurring()


def line_keys_of(documents: Iterable[tuple[str, str]]) -> LineKeys:
    """The lines of (source, text) pairs."""
    parts = [NO_LINE_KEYS]
    for group in batches(documents, size=lambda document: len(document[1])):
        parts.append(_lines([source for source, _ in group], [text for _, text in group]))
    return LineKeys(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("keys", "counts", "sources"))
    )


def _lines(sources: Sequence[str], texts: Sequence[str]) -> LineKeys:
    batch = make_line_batch(texts)
    keys, doc = line_keys(batch), batch.doc
    order = np.lexsort((keys, doc))
    keys, doc = keys[order], doc[order]
    new = np.append(True, (keys[1:] != keys[:-1]) | (doc[1:] != doc[:-1]))[: len(keys)]
    return LineKeys(keys[new], np.bincount(doc[new], minlength=len(texts)), source_keys(sources))


def find_recurring_lines(documents: Iterable[tuple[str, str]]) -> RecurringLines:
    """What recurs in the lines of (source, text) pairs."""
    return line_keys_of(documents).recurring()
