"""Token sequences of all documents, one byte per token, for matching phrases.

The occurrences of a phrase's rarest word are looked up in the postings; the bytes next to them decide whether the
other words follow. The most frequent terms (UNSHARED_CODES) have a byte of their own. All other terms share the
remaining bytes, and their positions confirm a match; about one token in 250 is a false match.

The byte of a term depends only on its letters and on the set of most frequent terms. While that set is unchanged,
an update copies the sequences of the documents that stay.
"""

from collections.abc import Mapping
from collections.abc import Sequence as Sequence_
from dataclasses import dataclass
from functools import cached_property
from hashlib import shake_128
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.index.array_file import Array, ArraySpec, ArrayWriter, chunk_rows, load_arrays
from searchsvc.engine.embedded.index.doc_set import Docs
from searchsvc.engine.embedded.index.postings import FIELDS, Postings
from searchsvc.engine.embedded.index.term_dictionary import TermDictionary

UNSHARED_CODES = 127
_SHARED_CODES = 256 - UNSHARED_CODES
_CHUNK = 1_000_000  # postings at a time, about 60 bytes each
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
    """Token sequences of a generation, by field.

    `term_codes` (terms,) uint8: byte of each term of the dictionary.
    """

    def __init__(self, path: Path, postings: Mapping[str, Array]) -> None:
        arrays = load_arrays(path)
        self._terms = TermDictionary(postings, "terms")
        self.term_codes: NDArray[np.uint8] = arrays["terms"]
        self.fields = {name: TokenSequence(arrays[name], postings[f"{name}.lengths"]) for name in FIELDS}

    @property
    def coded_terms(self) -> list[bytes]:
        """The terms with a byte of their own, in order."""
        return [self._terms[number] for number in np.flatnonzero(self.term_codes < UNSHARED_CODES).tolist()]


@dataclass(frozen=True, slots=True)
class ReusedSequences:
    """Sequences of a previous generation to reuse, and the run of new documents.

    `live` (documents of the previous generation,) bool. `first_doc`: number of the run's first document.
    """

    previous: ForwardIndex
    live: NDArray[np.bool_]
    run: Mapping[str, Array]
    first_doc: int

    def sequence(self, name: str, coded_terms: Sequence_[bytes]) -> NDArray[np.uint8]:
        """Return the sequence of a field, (tokens,) uint8: live documents, then new ones."""
        term_codes = _term_codes(self.run, coded_terms)
        lengths = self.run["lengths"].reshape(-1, len(FIELDS))[:, FIELDS.index(name)]
        new_codes = _code_sequence(self.run, name, term_codes, sequence_starts(lengths), self.first_doc)
        return np.concatenate([*self._live_parts(self.previous.fields[name]), new_codes])

    def _live_parts(self, field: TokenSequence) -> list[NDArray[np.uint8]]:
        deleted_docs = np.flatnonzero(~self.live)
        starts = np.append(0, field.starts[deleted_docs + 1])
        ends = np.append(field.starts[deleted_docs], len(field.codes))
        return [field.codes[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]


def sequence_starts(lengths: Array) -> TokenOffsets:
    """Return the start of each document, then the total length; (documents + 1,) int64."""
    starts = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts


class _PostingArrays(NamedTuple):
    """Postings of a run or of a generation; see Postings."""

    terms: NDArray[np.int32]
    offsets: Array
    docs: NDArray[np.int32]
    tfs: Array
    positions: Array


def write_forward_index(arrays: Mapping[str, Array], path: Path, reused: ReusedSequences | None = None) -> None:
    """Write the file of a ForwardIndex for the postings in `arrays`.

    Holds the sequence of one field in memory at a time, one byte per token.
    """
    coded_terms = _most_frequent_terms(arrays)
    term_codes = _term_codes(arrays, coded_terms)
    compatible = reused if reused and reused.previous.coded_terms == coded_terms else None
    token_counts = {name: len(arrays[f"{name}.positions"]) for name in FIELDS}
    specs = [
        ArraySpec("terms", "|u1", len(term_codes)),
        *(ArraySpec(name, "|u1", n) for name, n in token_counts.items()),
    ]
    with ArrayWriter(path, specs) as writer:
        writer.write("terms", term_codes)
        for name in FIELDS:
            starts = sequence_starts(arrays[f"{name}.lengths"])
            writer.write(
                name,
                compatible.sequence(name, coded_terms)
                if compatible
                else _code_sequence(arrays, name, term_codes, starts),
            )


def _most_frequent_terms(arrays: Mapping[str, Array]) -> list[bytes]:
    """Return the terms that get a byte of their own, in order."""
    body, terms = Postings.of(arrays, "body"), TermDictionary(arrays, "terms")
    rows = np.argsort(-np.diff(body.offsets.astype(np.int64)), kind="stable")[:UNSHARED_CODES]
    return [terms[number] for number in np.sort(body.terms[rows]).tolist()]


def _term_codes(arrays: Mapping[str, Array], coded_terms: Sequence_[bytes]) -> NDArray[np.uint8]:
    """Return the byte of each term, (terms,) uint8: the sum of its letters, unless it is in `coded_terms`."""
    terms = TermDictionary(arrays, "terms")
    offsets = arrays["terms.offsets"][:-1].astype(np.int64)
    sums = (
        np.add.reduceat(_LETTER_WEIGHTS.take(arrays["terms.blob"]), offsets) if len(offsets) else np.empty(0, np.uint32)
    )
    codes = (UNSHARED_CODES + sums % _SHARED_CODES).astype(np.uint8)
    term_ids = [terms.find(term) for term in coded_terms]
    is_present = np.array(term_ids, np.int64) >= 0
    codes[np.array(term_ids, np.int64)[is_present]] = np.arange(len(coded_terms))[is_present]
    return codes


def _code_sequence(
    arrays: Mapping[str, Array], name: str, term_codes: NDArray[np.uint8], doc_starts: TokenOffsets, first_doc: int = 0
) -> NDArray[np.uint8]:
    """Return the sequence of one field, (tokens,) uint8.

    `doc_starts` (documents + 1,) int64; `first_doc`: number of the first document.
    """
    field = _PostingArrays(*(arrays[f"{name}.{part}"] for part in _PostingArrays._fields))
    codes, positions_read = np.empty(len(field.positions), np.uint8), 0
    for rows in chunk_rows(field.offsets.astype(np.int64), _CHUNK):
        span = slice(int(field.offsets[rows.start]), int(field.offsets[rows.stop]))
        counts, tfs = np.diff(field.offsets[rows.start : rows.stop + 1]), field.tfs[span]
        offsets = np.repeat(doc_starts.take(field.docs[span] - first_doc), tfs)
        offsets += field.positions[positions_read : positions_read + len(offsets)]
        positions_read += len(offsets)
        codes[offsets] = np.repeat(np.repeat(term_codes.take(field.terms[rows.start : rows.stop]), counts), tfs)
    return codes
