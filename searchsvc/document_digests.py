"""Digests of the documents of a generation, to count the changes of the next build."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class DocumentChanges:
    """Numbers of documents by their change since the previous generation."""

    added: int = 0
    changed: int = 0
    deleted: int = 0
    unchanged: int = 0


@dataclass(frozen=True)
class DocumentDigests:
    """Documents of a generation. `ids`: (docs,) uint64, distinct. `digests`: (docs,) uint64, of their contents."""

    ids: Ids
    digests: NDArray[np.uint64]

    def to_bytes(self) -> bytes:
        """Return the ids and then the digests."""
        return self.ids.tobytes() + self.digests.tobytes()

    @staticmethod
    def from_bytes(data: bytes) -> "DocumentDigests":
        """Read the bytes of `to_bytes`. Raises ValueError for other data."""
        ids, digests = np.frombuffer(data, np.uint64).reshape(2, -1)
        return DocumentDigests(ids, digests)

    @staticmethod
    def joined(parts: Sequence["DocumentDigests"]) -> "DocumentDigests":
        """Concatenate the documents of all parts."""
        return DocumentDigests(
            np.concatenate([part.ids for part in parts]), np.concatenate([part.digests for part in parts])
        )

    def of(self, ids: Ids) -> "DocumentDigests":
        """Return the part that belongs to some documents, (docs,) uint64, distinct."""
        chosen = np.isin(self.ids, ids, assume_unique=True)
        return DocumentDigests(self.ids[chosen], self.digests[chosen])

    def changes_since(self, previous: "DocumentDigests") -> DocumentChanges:
        """Count the changes between two generations."""
        _, places, previous_places = np.intersect1d(self.ids, previous.ids, assume_unique=True, return_indices=True)
        unchanged = int(np.count_nonzero(self.digests[places] == previous.digests[previous_places]))
        common = len(places)
        return DocumentChanges(len(self.ids) - common, common - unchanged, len(previous.ids) - common, unchanged)


_NONE = np.zeros(0, np.uint64)
NO_DOCUMENT_DIGESTS = DocumentDigests(_NONE, _NONE)


class DocumentDigestsWriter:
    """Collects the digests of the documents of a build."""

    def __init__(self) -> None:
        self._reused = NO_DOCUMENT_DIGESTS
        self._ids, self._digests = array("Q"), array("Q")

    def reuse(self, reused: DocumentDigests) -> None:
        """Add documents of the previous generation. Call once."""
        self._reused = reused

    def add(self, document_id: str, content_hash: str) -> None:
        """Add a document. `document_id`: hexadecimal digits; `content_hash`: any text, the same for equal content."""
        self._ids.append(int(document_id, 16))
        digest = blake2b(content_hash.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        self._digests.append(int.from_bytes(digest, "little"))

    def document_digests(self) -> DocumentDigests:
        """Return the digests of all documents."""
        added = DocumentDigests(np.array(self._ids, np.uint64), np.array(self._digests, np.uint64))
        return DocumentDigests.joined([self._reused, added])
