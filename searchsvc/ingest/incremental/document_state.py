"""Document state: data of an indexed document for later updates, as bytes.

Format: 64-bit numbers. Day of publication, words of the body, key of the source; then the signature, padded; then
the facts of the site; then the keys of the lines.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from searchsvc.array_ranges import concatenate_ranges
from searchsvc.ingest.boilerplate import LineKeys
from searchsvc.ingest.duplicate_links import SignedDocuments
from searchsvc.ingest.near_duplicates import day_of
from searchsvc.ingest.signatures import SIZE, Signature, Signatures
from searchsvc.ingest.site_names import WIDTH, SiteFacts
from searchsvc.models.documents import Document

_FACTS = 3
_SIGNED = -(-SIZE * 2 // 8)  # 64-bit numbers of a signature
_SITES = _FACTS + _SIGNED
_HEAD = _SITES + WIDTH


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """Facts of a document from the first pass.

    `site`: (WIDTH,) uint64, a row of SiteFacts. `source`, `lines`: keys as in LineKeys, `lines` (lines,) uint64.
    """

    site: NDArray[np.uint64]
    source: np.uint64
    lines: NDArray[np.uint64]


NO_FACTS = DocumentFacts(np.zeros(WIDTH, np.uint64), np.uint64(0), np.zeros(0, np.uint64))


def document_state(document: Document, signature: Signature, facts: DocumentFacts) -> bytes:
    """Return the state of a document."""
    numbers = np.zeros(_HEAD + len(facts.lines), np.uint64)
    numbers[:_FACTS] = day_of(document), document.words, facts.source
    numbers[_FACTS:_SITES].view(np.uint16)[:SIZE] = signature
    numbers[_SITES:_HEAD] = facts.site
    numbers[_HEAD:] = facts.lines
    return numbers.tobytes()


@dataclass(frozen=True, slots=True)
class PreviousDocuments:
    """States of documents of the previous generation.

    `days`, `words`: (docs,) int64. `signatures`: (docs, SIZE) uint16. `sites` lacks the names of sources.
    """

    days: NDArray[np.int64]
    words: NDArray[np.int64]
    signatures: Signatures
    lines: LineKeys
    sites: SiteFacts

    def signed(self, ids: NDArray[np.uint64]) -> SignedDocuments:
        """Return the documents for clustering. `ids`: (docs,) uint64, of the documents."""
        return SignedDocuments(ids, self.days, self.words, self.signatures)

    @classmethod
    def of(cls, data: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> "PreviousDocuments":
        """Decode states. `data`: uint8; `starts`, `ends`: (docs,) int64, positions in `data` in bytes."""
        numbers = data.view(np.uint64)
        begin, counts = starts // 8, (ends - starts) // 8 - _HEAD
        facts, signed, sites = (
            _windows(numbers, begin + start, stop - start)
            for start, stop in ((0, _FACTS), (_FACTS, _SITES), (_SITES, _HEAD))
        )
        return cls(
            facts[:, 0].astype(np.int64),
            facts[:, 1].astype(np.int64),
            signed.view(np.uint16)[:, :SIZE],
            LineKeys(numbers[concatenate_ranges(begin + _HEAD, counts)], counts, facts[:, 2]),
            SiteFacts(sites, {}),
        )


def _windows(numbers: NDArray[np.uint64], starts: NDArray[np.int64], width: int) -> NDArray[np.uint64]:
    """Return `width` numbers from each start on, (starts, width) uint64; without the memory of an index for each."""
    return sliding_window_view(numbers, width)[starts] if len(starts) else np.empty((0, width), np.uint64)
