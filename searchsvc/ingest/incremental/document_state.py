"""What later builds want to know of a document that is in the index, as bytes beside it.

A memo is 64-bit numbers: the day of publication, the words of the body, the key of the source; then
the signature, padded; then the keys of the lines.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from searchsvc.array_ranges import concatenate_ranges
from searchsvc.ingest.boilerplate import LineKeys
from searchsvc.ingest.near_duplicates import (
    SIZE,
    Signature,
    Signatures,
    day_of,
)
from searchsvc.models.documents import Document

_FACTS = 3
_SIGNED = -(-SIZE * 2 // 8)  # numbers that a signature takes
_HEAD = _FACTS + _SIGNED


def document_state(document: Document, signature: Signature, source: np.uint64, lines: NDArray[np.uint64]) -> bytes:
    """The memo of a document; `source` and `lines` are keys as learning has them."""
    numbers = np.zeros(_HEAD + len(lines), np.uint64)
    numbers[:_FACTS] = day_of(document), document.words, source
    numbers[_FACTS:_HEAD].view(np.uint16)[:SIZE] = signature
    numbers[_HEAD:] = lines
    return numbers.tobytes()


@dataclass(frozen=True, slots=True)
class PreviousDocuments:
    """The memos of some documents, read: `days` int64, `words` int64, `signatures`, one a document, and their lines."""

    days: NDArray[np.int64]
    words: NDArray[np.int64]
    signatures: Signatures
    lines: LineKeys

    @classmethod
    def of(cls, data: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> "PreviousDocuments":
        """`data` holds one memo from each of `starts` to each of `ends`, in bytes."""
        numbers = data.view(np.uint64)
        begin, counts = starts // 8, (ends - starts) // 8 - _HEAD
        heads = numbers[begin[:, None] + np.arange(_HEAD)]
        return cls(
            heads[:, 0].astype(np.int64),
            heads[:, 1].astype(np.int64),
            np.ascontiguousarray(heads[:, _FACTS:]).view(np.uint16)[:, :SIZE],
            LineKeys(numbers[concatenate_ranges(begin + _HEAD, counts)], counts, heads[:, 2]),
        )
