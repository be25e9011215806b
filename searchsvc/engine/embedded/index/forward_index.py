"""Token sequences of all documents, one byte per token, for matching phrases.

The occurrences of a phrase's rarest word are looked up in the postings; the bytes next to them decide whether the
other words follow. The most frequent terms (UNSHARED_CODES) have a byte of their own. All other terms share the
remaining bytes, and their positions confirm a match; about one token in 250 is a false match.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import shake_128
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.index.array_file import Array, ArraySpec, ArrayWriter, load_arrays
from searchsvc.engine.embedded.index.doc_set import Docs
from searchsvc.engine.embedded.index.postings import FIELDS, Postings

UNSHARED_CODES = 127
_SHARED_CODES = 256 - UNSHARED_CODES
_CHUNK = 250_000  # postings at a time; a frequent term takes 100 bytes for each
_LETTER_WEIGHTS = np.frombuffer(
    shake_128(b"searchsvc sequences").digest(4 * 256), "<u4"
)  # per byte value; part of the file format

TokenOffsets = NDArray[np.int64]


@dataclass(frozen=True)
class TokenSequence:
    """Token sequence of one field of all documents, concatenated.

    `codes` (tokens,) uint8: byte of each token's term. `lengths` (documents,) unsigned: tokens per document.
    """

    codes: NDArray[np.uint8]
    lengths: Array

    @cached_property
    def starts(self) -> TokenOffsets:
        """Start of each document in `codes`, then the total length; (documents + 1,) int64."""
        return sequence_starts(self.lengths)

    def documents(self, offsets: TokenOffsets) -> Docs:
        """Return the document of each token offset; (n,) int64 to (n,) int32."""
        return (self.starts.searchsorted(offsets, "right") - 1).astype(np.int32)


class ForwardIndex:
    """Token sequences of a segment, by field.

    `term_codes` (terms,) uint8: byte of each term of the dictionary.
    """

    def __init__(self, path: Path, postings: Mapping[str, Array]) -> None:
        arrays = load_arrays(path)
        self.term_codes: NDArray[np.uint8] = arrays["terms"]
        self.fields = {name: TokenSequence(arrays[name], postings[f"{name}.lengths"]) for name in FIELDS}


def sequence_starts(lengths: Array) -> TokenOffsets:
    """Return the start of each document, then the total length; (documents + 1,) int64."""
    starts = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts


def write_forward_index(arrays: Mapping[str, Array], path: Path) -> None:
    """Write the file of a ForwardIndex for the postings in `arrays`.

    Holds the sequence of one field in memory at a time, one byte per token. Postings are read _CHUNK at a time.
    """
    term_codes = _term_codes(arrays)
    token_counts = {name: len(arrays[f"{name}.positions"]) for name in FIELDS}
    specs = [
        ArraySpec("terms", "|u1", len(term_codes)),
        *(ArraySpec(name, "|u1", n) for name, n in token_counts.items()),
    ]
    with ArrayWriter(path, specs) as writer:
        writer.write("terms", term_codes)
        for name in FIELDS:
            starts = sequence_starts(arrays[f"{name}.lengths"])
            writer.write(name, _code_sequence(arrays, name, term_codes, starts))


def _most_frequent_terms(arrays: Mapping[str, Array]) -> NDArray[np.int32]:
    """Return the ids of the terms that get a byte of their own, ascending; (UNSHARED_CODES at most,) int32."""
    body = Postings.of(arrays, "body")
    rows = np.argsort(-np.diff(body.offsets.astype(np.int64)), kind="stable")[:UNSHARED_CODES]
    return np.sort(body.terms[rows])


def _term_codes(arrays: Mapping[str, Array]) -> NDArray[np.uint8]:
    """Return the byte of each term, (terms,) uint8: the sum of its letters, unless it is one of the most frequent."""
    offsets = arrays["terms.offsets"][:-1].astype(np.int64)
    sums = (
        np.add.reduceat(_LETTER_WEIGHTS.take(arrays["terms.blob"]), offsets) if len(offsets) else np.empty(0, np.uint32)
    )
    codes = (UNSHARED_CODES + sums % _SHARED_CODES).astype(np.uint8)
    frequent_terms = _most_frequent_terms(arrays)
    codes[frequent_terms] = np.arange(len(frequent_terms))
    return codes


def _code_sequence(
    arrays: Mapping[str, Array], name: str, term_codes: NDArray[np.uint8], doc_starts: TokenOffsets
) -> NDArray[np.uint8]:
    """Return the sequence of one field, (tokens,) uint8.

    `doc_starts` (documents + 1,) int64.
    """
    field = Postings.of(arrays, name)
    codes, positions_read = np.empty(len(field.positions), np.uint8), 0
    row_offsets = field.offsets.astype(np.int64)
    for start in range(0, len(field.docs), _CHUNK):  # a term may have a posting in each document, so rows are split
        span = slice(start, min(start + _CHUNK, len(field.docs)))
        rows = slice(int(row_offsets.searchsorted(start, "right")) - 1, int(row_offsets.searchsorted(span.stop)))
        counts = np.diff(row_offsets[rows.start : rows.stop + 1].clip(span.start, span.stop))
        tfs = field.tfs[span]
        offsets = np.repeat(doc_starts.take(field.docs[span]), tfs)
        offsets += field.positions[positions_read : positions_read + len(offsets)]
        positions_read += len(offsets)
        codes[offsets] = np.repeat(np.repeat(term_codes.take(field.terms[rows]), counts), tfs)
    return codes
