"""Near-duplicates: clusters of documents around a canonical document, by their signatures."""

from array import array
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from searchsvc.array_ranges import is_in
from searchsvc.ingest.duplicate_links import POSSIBLE, DuplicateLinks, SignedDocuments, affected_links, all_links
from searchsvc.ingest.shared_runs import NearDuplicateChecks, Runs
from searchsvc.ingest.signatures import SIZE, Signature, Signatures
from searchsvc.ingest.stored_bytes import StoredBytes
from searchsvc.models.documents import Document

# Equal values of signatures of texts that share half of their runs, with an error below 1 in 1,000,000. Texts with
# fewer than POSSIBLE share less, with an error below 1 in 2,000. In between, the runs are compared.
_CERTAIN = 92
_MOST_TRIED = 8  # canonicals that a text is compared with; bounds the cost of many texts from one template
_UNDATED = np.iinfo(np.int64).max

Clusters = NDArray[np.uint64]  # (pairs, 2): id of a near-duplicate, and of its canonical document
_NO_SIGNATURES: Signatures = np.empty((0, SIZE), np.uint16)
_NO_DOCUMENTS = SignedDocuments(np.zeros(0, np.uint64), np.zeros(0, np.int64), np.zeros(0, np.int64), _NO_SIGNATURES)


def canonicals(links: DuplicateLinks, signatures: Signatures, are_near: Callable[[int, int], bool]) -> dict[int, int]:
    """Return the row of the canonical document of each near-duplicate, by row.

    `signatures`: (docs, SIZE) uint16. `are_near`: decides on two rows whose signatures leave doubt. Every document of a
    cluster is similar to the canonical itself, so clusters are stars, not chains.
    """
    canonical: dict[int, int] = {}
    tried: set[int] = set()  # canonicals that were compared with `last`
    last = -1
    for earlier, later, equal in links.each():
        if later != last:
            last, tried = later, set()
        candidate = canonical.get(earlier, earlier)
        if later in canonical or candidate in tried or len(tried) >= _MOST_TRIED:
            continue
        tried.add(candidate)
        if candidate != earlier:
            equal = int(np.count_nonzero(signatures[candidate] == signatures[later]))
        if equal >= _CERTAIN or (equal >= POSSIBLE and are_near(candidate, later)):
            canonical[later] = candidate
    return canonical


def day_of(document: Document) -> int:
    """Return the ordinal of the publication date, or the largest int64 for an undated document."""
    return document.published.toordinal() if document.published else _UNDATED


class DuplicateFinder:
    """Collects documents with their signatures, then clusters near-duplicates.

    An update clusters only the documents that its changes affect.
    """

    def __init__(self) -> None:
        self._ids = array("Q")
        self._days, self._words = array("q"), array("q")
        self._reused, self._before = _NO_SIGNATURES, _NO_DOCUMENTS
        self._previous: Clusters = np.zeros((0, 2), np.uint64)
        self._added = StoredBytes()  # signatures of new documents, 252 bytes each
        self.checks = NearDuplicateChecks()

    def reuse(self, previous: SignedDocuments, live: NDArray[np.bool_], clusters: bytes) -> None:
        """Add the unchanged documents of the previous generation, before any other. Call once.

        `previous`: all its documents. `live`: (docs,) bool, those that are unchanged. `clusters`: as bytes.
        """
        reused, self._before = previous.of(live), previous.of(~live)
        for column, more in ((self._ids, reused.ids), (self._days, reused.days), (self._words, reused.words)):
            column.frombytes(more.tobytes())
        self._reused, self._previous = reused.signatures, np.frombuffer(clusters, np.uint64).reshape(-1, 2)

    def add(self, document: Document, signature: Signature, runs: Runs) -> None:
        """Add one document."""
        self._ids.append(int(document.id, 16))
        self.checks.add(self._ids[-1], runs)
        self._days.append(day_of(document))
        self._words.append(document.words)
        self._added.add(signature.tobytes())

    def clusters(self) -> Clusters:
        """Return the id of each near-duplicate, and the id of its canonical document."""
        ids = np.array(self._ids, np.uint64)
        now = SignedDocuments(ids, np.array(self._days, np.int64), np.array(self._words, np.int64), self._signatures())
        is_changed = np.arange(len(ids)) >= len(self._reused)
        affected = affected_links(now, is_changed, self._before) if len(self._reused) else None
        is_affected, links = affected or (np.ones(len(ids), np.bool_), all_links(now))
        canonical = canonicals(
            links, now.signatures, lambda one, other: self.checks.are_near(self._ids[one], self._ids[other])
        )
        unaffected = self._previous[is_in(self._previous[:, 0], np.sort(ids[~is_affected]))]
        return np.concatenate([unaffected, ids[np.array(list(canonical.items()), np.int64).reshape(-1, 2)]])

    def _signatures(self) -> Signatures:
        """Return the signatures of all documents, (docs, SIZE) uint16."""
        added = self._added.data.view(np.uint16).reshape(-1, SIZE)
        return np.concatenate([self._reused, added]) if len(self._reused) else added
