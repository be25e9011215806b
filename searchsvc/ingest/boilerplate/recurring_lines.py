"""Lines that recur on the pages of a source and in the corpus, and their weight as evidence of clutter."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.boilerplate.features.prose import Prose
from searchsvc.ingest.boilerplate.line_batch import (
    Hashes,
    Ints,
    LineBatch,
    mix,
)
from searchsvc.npy_file import read_arrays

_SOURCE = np.uint64(0x8CB92BA72F3D8DD7)

STEPS = 20  # parts of a source's pages; above half of the pages, more makes no difference
LEADS = 4  # parts of the lines below a line
BELOW = 3  # lines below a line that it may lead
_MOSTLY_LEADS = 2  # of LEADS
_LED = 1.5  # log-odds against a line below a line that leads recurring lines
_LEAST_PROSE = 60  # words above


@dataclass(frozen=True, slots=True)
class RecurringLines:
    """Number of documents with each line, in steps. Keys are of lines, and of lines within their source.

    `shares`: for a line within its source, the share of the source's pages, in units of 1 / STEPS. `leads`: for a line
    within its source, how many of the next lines recur in the source too, in units of 1 / LEADS.
    """

    keys: Hashes  # (keys,) ascending
    documents: NDArray[np.uint32]  # (keys,)
    shares: NDArray[np.uint32]  # (keys,)
    leads: NDArray[np.uint32]  # (keys,)

    def to_bytes(self) -> bytes:
        """Return the arrays as an uncompressed .npz file."""
        out = io.BytesIO()
        np.savez(
            out, keys=self.keys, documents=self.documents, shares=self.shares, leads=self.leads, version=np.array(3)
        )
        return out.getvalue()

    @staticmethod
    def from_bytes(data: bytes) -> RecurringLines:
        """Read the bytes of `to_bytes`. Raises ValueError for other data."""
        arrays = read_arrays(io.BytesIO(data))
        return RecurringLines(arrays["keys"], arrays["documents"], arrays["shares"], arrays["leads"])

    def documents_with(self, keys: Hashes) -> NDArray[np.uint32]:
        """Return the number of documents with each key, like `keys` but uint32: a lower bound, 0 for a line that does
        not recur."""
        return look_up(self.keys, self.documents, keys)

    def shares_of(self, keys: Hashes) -> NDArray[np.uint32]:
        """Return the share of the source's pages with each key, like `keys` but uint32, in units of 1 / STEPS."""
        return look_up(self.keys, self.shares, keys)

    def leads_of(self, keys: Hashes) -> NDArray[np.uint32]:
        """Return the share of recurring lines below each key, like `keys` but uint32, in units of 1 / LEADS."""
        return look_up(self.keys, self.leads, keys)

    def differing(self, other: RecurringLines) -> Hashes:
        """Return the keys of which a figure differs in `other`, (keys,) uint64, ascending."""
        keys = np.union1d(self.keys, other.keys)
        same = (
            (self.documents_with(keys) == other.documents_with(keys))
            & (self.shares_of(keys) == other.shares_of(keys))
            & (self.leads_of(keys) == other.leads_of(keys))
        )
        differing: Hashes = keys[~same]
        return differing


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Recurrence of each line of a batch, (lines,) each, in the steps of RecurringLines.

    `in_source`, `in_corpus`: documents with the line. `shares`: share of the source's pages, in units of 1 / STEPS.
    `leads`: share of recurring lines below the line in its source, in units of 1 / LEADS.
    """

    in_source: Ints
    in_corpus: Ints
    shares: Ints
    leads: Ints


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
    leads = np.where(has_source, recurring.leads_of(within), 0)
    in_corpus = recurring.documents_with(keys)
    return Recurrence(*(figures.astype(np.int64) for figures in (in_source, in_corpus, shares, leads)))


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
    led = np.where(led_lines(recurrence, batch, prose), _LED, 0.0)
    return np.where(is_original, np.maximum(np.maximum(source, corpus), led), 0.0), certain


def led_lines(recurrence: Recurrence, batch: LineBatch, prose: Prose) -> NDArray[np.bool_]:
    """Return (lines,) bool: lines below the article's first prose, and right below a line such as "More in Politics".

    Such a line is followed by recurring lines on most pages of its source, so a new line below it is clutter too.
    """
    is_lead = (recurrence.in_source >= 5) & (recurrence.leads >= _MOSTLY_LEADS)
    open_line = ~prose.is_prose & (prose.words_before >= _LEAST_PROSE)
    out = np.zeros(len(batch.doc), dtype=np.bool_)
    reached = is_lead
    for _ in range(BELOW):
        reached = np.append(False, reached[:-1] & (batch.doc[1:] == batch.doc[:-1])) & open_line
        out |= reached
    return out


def look_up(sorted_keys: Hashes, values: NDArray[np.uint32], keys: Hashes) -> NDArray[np.uint32]:
    if not len(sorted_keys):
        return np.zeros(len(keys), dtype=np.uint32)
    at = np.minimum(np.searchsorted(sorted_keys, keys), len(sorted_keys) - 1)
    return np.where(sorted_keys[at] == keys, values[at], 0).astype(np.uint32)
