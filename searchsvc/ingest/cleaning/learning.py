"""Lines that recur over the pages of a source and over the corpus, learnt in one pass with bounded memory."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.cleaning.batches import batches
from searchsvc.ingest.cleaning.blocks import Batch, Hashes, Ints, batch, mix
from searchsvc.ingest.cleaning.copies import line_keys
from searchsvc.ingest.cleaning.surroundings import Prose

_BLOOM_BITS = 29  # 64 MB: for 150 million lines one first sighting in six passes for a second, which does no harm
_MOST = 3_000_000  # recurring lines remembered; past that the rarest are forgotten
_SOURCE = np.uint64(0x8CB92BA72F3D8DD7)
_PROBE = np.uint64(0x2545F4914F6CDD1D)


@dataclass(frozen=True, slots=True)
class Learnt:
    """How many documents hold a line: keys sorted, two kinds of key (the line, the line within its source)."""

    keys: Hashes  # (K,)
    documents: NDArray[np.uint32]  # (K,)
    sources: Hashes  # (S,) sorted
    pages: NDArray[np.uint32]  # (S,) documents of each source

    def to_bytes(self) -> bytes:
        out = io.BytesIO()
        np.savez_compressed(
            out, keys=self.keys, documents=self.documents, sources=self.sources, pages=self.pages, version=np.array(1)
        )
        return out.getvalue()

    @staticmethod
    def from_bytes(data: bytes) -> Learnt:
        """Raises ValueError when the bytes are no learnt lines."""
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return Learnt(arrays["keys"], arrays["documents"], arrays["sources"], arrays["pages"])

    def __or__(self, other: Learnt) -> Learnt:
        """Both corpora together; a line seen once in each is not counted."""
        keys, documents = _add(self.keys, self.documents, other.keys, other.documents)
        sources, pages = _add(self.sources, self.pages, other.sources, other.pages)
        return Learnt(keys, documents, sources, pages)

    def seen(self, keys: Hashes) -> NDArray[np.uint32]:
        """Documents known to hold each key, 0 for a line that did not recur."""
        return _look_up(self.keys, self.documents, keys)

    def pages_of(self, source_keys: Hashes) -> NDArray[np.uint32]:
        return _look_up(self.sources, self.pages, source_keys)


@dataclass(frozen=True, slots=True)
class Recurrence:
    """For each line of a batch: documents of its source, and of the corpus, that hold it; pages of the source."""

    in_source: Ints
    in_corpus: Ints
    pages: Ints


def source_keys(sources: Sequence[str]) -> Hashes:
    """A key for each source name; no name is no source, key 0."""
    parsed = [int.from_bytes(_digest(source), "little") if source else 0 for source in sources]
    return np.array(parsed, dtype=np.uint64)


def _digest(source: str) -> bytes:
    return blake2b(source.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def within_source(keys: Hashes, source: Hashes) -> Hashes:
    return mix(keys ^ source * _SOURCE)


def recurrence(words: Batch, keys: Hashes, sources: Sequence[str], learnt: Learnt) -> Recurrence:
    source = source_keys(sources)[words.doc]
    known = source != 0
    in_source = np.where(known, learnt.seen(within_source(keys, source)), 0)
    pages = np.where(known, learnt.pages_of(source), 0)
    return Recurrence(in_source.astype(np.int64), learnt.seen(keys).astype(np.int64), pages.astype(np.int64))


def debris_evidence(seen: Recurrence, words: Batch, text: Prose) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Log-odds against each line because it recurs (0 when it does not), and whether that alone is certain."""
    docs = len(words.doc_bounds) - 1
    again = (seen.in_corpus >= 2) & text.flag
    mass = np.bincount(words.doc, text.mass, docs)
    # A page whose prose stands elsewhere too is a copy of a page: recurrence says nothing about its lines.
    copy = np.bincount(words.doc, text.mass * again, docs) > 0.3 * np.maximum(mass, 1)
    own = ~copy[words.doc]
    rate = seen.in_source / np.maximum(seen.pages, 1)
    source = np.where((seen.in_source >= 3) & (rate > 0.05), 1.5 + 3 * np.minimum(2 * rate, 1), 0)
    corpus = np.where(seen.in_corpus >= 3, np.minimum(0.8 * np.log2(np.maximum(seen.in_corpus, 1) / 1.5), 4), 0)
    certain = own & (seen.in_source >= 5) & (rate >= 0.3)
    return np.where(own, np.maximum(source, corpus), 0.0), certain


def _look_up(known: Hashes, values: NDArray[np.uint32], keys: Hashes) -> NDArray[np.uint32]:
    if not len(known):
        return np.zeros(len(keys), dtype=np.uint32)
    at = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return np.where(known[at] == keys, values[at], 0).astype(np.uint32)


def _add(
    keys: Hashes, values: NDArray[np.uint32], more: Hashes, more_values: NDArray[np.uint32]
) -> tuple[Hashes, NDArray[np.uint32]]:
    both = np.concatenate([keys, more])
    order = np.argsort(both, kind="stable")
    both, weight = both[order], np.concatenate([values, more_values])[order]
    starts = np.flatnonzero(np.diff(both, prepend=~both[:1]) != 0)
    if not len(both):
        return both, weight.astype(np.uint32)
    return both[starts], np.add.reduceat(weight.astype(np.uint64), starts).astype(np.uint32)


def _empty_keys() -> Hashes:
    return np.zeros(0, dtype=np.uint64)


def _empty_counts() -> NDArray[np.uint32]:
    return np.zeros(0, dtype=np.uint32)


@dataclass(slots=True)
class Learner:
    """Counts lines as documents come; holds a line only from its second document on."""

    _bloom: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(1 << (_BLOOM_BITS - 3), dtype=np.uint8))
    _keys: Hashes = field(default_factory=_empty_keys)
    _documents: NDArray[np.uint32] = field(default_factory=_empty_counts)
    _sources: Hashes = field(default_factory=_empty_keys)
    _pages: NDArray[np.uint32] = field(default_factory=_empty_counts)
    _fresh: list[tuple[Hashes, NDArray[np.uint32], NDArray[np.uint32]]] = field(default_factory=list)

    def add(self, sources: Sequence[str], texts: Sequence[str]) -> None:
        words, source = batch(texts), source_keys(sources)
        names, pages = np.unique(source[source != 0], return_counts=True)
        self._sources, self._pages = _add(self._sources, self._pages, names, pages.astype(np.uint32))
        lines = line_keys(words)
        own = source[words.doc]
        keys = np.concatenate([lines, within_source(lines, own)[own != 0]])
        doc = np.concatenate([words.doc, words.doc[own != 0]]).astype(np.uint64)
        _, first = np.unique(mix(keys ^ (doc + np.uint64(1)) * _PROBE), return_index=True)
        found, count = np.unique(keys[first], return_counts=True)
        before = self._sighted(found)
        again = before | (count > 1)
        self._fresh.append((found[again], count[again].astype(np.uint32), (~before[again]).astype(np.uint32)))
        if sum(len(keys) for keys, _, _ in self._fresh) > 1_000_000:
            self._settle()

    def _sighted(self, keys: Hashes) -> NDArray[np.bool_]:
        known = np.ones(len(keys), dtype=np.bool_)
        for probe in (keys, keys * _PROBE):
            bit = probe >> np.uint64(64 - _BLOOM_BITS)
            at, mask = (bit >> np.uint64(3)).astype(np.int64), np.uint8(1) << (bit & np.uint64(7)).astype(np.uint8)
            known &= self._bloom[at] & mask != 0
            np.bitwise_or.at(self._bloom, at, mask)
        return known

    def _settle(self) -> None:
        if not self._fresh:
            return
        keys, count, first = (np.concatenate(column) for column in zip(*self._fresh, strict=True))
        self._fresh.clear()
        merged, more = _add(_empty_keys(), _empty_counts(), keys, count)
        _, opened = _add(_empty_keys(), _empty_counts(), keys, first)
        # The filter alone knows of the document that held a line first, unless both came in one batch.
        unknown = _look_up(self._keys, self._documents, merged) == 0
        more = more + (unknown & (opened == 0)).astype(np.uint32)
        self._keys, self._documents = _add(self._keys, self._documents, merged, more)
        if len(self._keys) > _MOST:
            rare = np.partition(self._documents, len(self._documents) - _MOST // 2)[len(self._documents) - _MOST // 2]
            kept = self._documents > min(int(rare), int(self._documents.max()) - 1)
            self._keys, self._documents = self._keys[kept], self._documents[kept]

    def learnt(self) -> Learnt:
        self._settle()
        return Learnt(self._keys, self._documents, self._sources, self._pages)


NOTHING_LEARNT = Learnt(_empty_keys(), _empty_counts(), _empty_keys(), _empty_counts())


def learn(documents: Iterable[tuple[str, str]]) -> Learnt:
    """Count the lines of (source, text) pairs."""
    learner = Learner()
    for group in batches(documents, size=lambda document: len(document[1])):
        learner.add([source for source, _ in group], [text for _, text in group])
    return learner.learnt()
