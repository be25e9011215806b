"""Possible key terms of each document of a segment, chosen by the document alone; see `index.key_terms`."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.array_ranges import concatenate_ranges
from searchsvc.engine.embedded.build.posting_frequencies import PostingFrequencies
from searchsvc.engine.embedded.files import SCRATCH_KEY_TERMS
from searchsvc.engine.embedded.index.array_file import (
    Array,
    ArraySpec,
    ArrayWriter,
    chunk_rows,
    load_arrays,
    narrow,
)
from searchsvc.engine.embedded.index.key_terms import MAX_CANDIDATES
from searchsvc.engine.embedded.index.postings import Postings
from searchsvc.schema import FREE_TEXT, Bm25f

_LONG_TERM = 9  # characters, from which length says nothing about rarity
_LEVELS = 255
_CHUNK = 2_000_000  # postings at a time
_BLOCK = 1 << 22  # postings whose keys are sorted at once
_DOC_BITS = 16  # of a document within its block
_LEAST = _BLOCK >> _DOC_BITS  # postings that a document counts for at least, so that its number fits those bits

Int64Array = NDArray[np.int64]
Keys = NDArray[np.uint64]


def write_key_terms(arrays: Mapping[str, Array], path: Path, parameters: Bm25f) -> None:
    """Write the possible key terms of all documents into the file `path`.

    `rows` uint32: rows of the terms in the body's postings, document by document, ascending within each; `levels`
    uint8: saturated frequencies of the terms in 255ths, lengths of texts aside; `offsets` (documents + 1,) unsigned. A
    document's terms are chosen by that frequency times their length in characters, as long terms are rare.
    """
    body = Postings.of(arrays, "body")
    counts = _doc_counts(body, len(arrays["body.lengths"]))
    blocks = list(chunk_rows(np.append(0, counts.clip(min=_LEAST).cumsum()), _BLOCK))
    starts, candidates = np.append(0, counts.cumsum()), np.minimum(counts, MAX_CANDIDATES)
    offsets = np.append(0, candidates.cumsum())
    scratch = path.with_name(SCRATCH_KEY_TERMS)
    _write_keys(arrays, scratch, parameters, [block.start for block in blocks], starts)
    all_keys: Keys = load_arrays(scratch)["keys"]
    specs = [ArraySpec("rows", "<u4", int(offsets[-1])), ArraySpec("levels", "|u1", int(offsets[-1]))]
    with ArrayWriter(path, [*specs, ArraySpec("offsets", narrow(offsets).dtype.str, len(offsets))]) as writer:
        writer.write("offsets", offsets)
        for block in blocks:
            keys = all_keys[starts[block.start] : starts[block.stop]]
            docs = slice(block.start, block.stop)
            best = _best(keys, starts[docs] - starts[block.start], candidates[docs])
            writer.write("rows", best >> np.uint64(8) & np.uint64(0xFFFFFFFF), int(offsets[block.start]))
            writer.write("levels", best & np.uint64(_LEVELS), int(offsets[block.start]))
    scratch.unlink()


def _doc_counts(body: Postings, documents: int) -> Int64Array:
    """Return the number of postings of each document, (documents,) int64."""
    counts = np.zeros(documents, np.int64)
    for start in range(0, len(body.docs), _CHUNK):
        counts += np.bincount(body.docs[start : start + _CHUNK], minlength=documents)
    return counts


def _write_keys(
    arrays: Mapping[str, Array], path: Path, parameters: Bm25f, block_starts: Sequence[int], starts: Int64Array
) -> None:
    """Write a key for each posting into the file `path`, block of documents by block, ordered by term within each.

    A key is a uint64, sorted as such: the document within its block (16 bits), the difference of its weight to 1 in
    255ths (8 bits), the row of the term (32 bits), and the level (8 bits). `starts` (documents + 1,) int64: keys before
    each document's. A file takes the place of eight bytes of memory for each posting.
    """
    body, documents = Postings.of(arrays, "body"), len(starts) - 1
    norms = {name: np.ones(documents, np.float32) for name in FREE_TEXT}
    frequencies = PostingFrequencies(arrays, body, parameters, norms)
    rarities = _term_lengths(arrays).clip(max=_LONG_TERM).astype(np.float32) / _LONG_TERM
    first_docs = np.array(block_starts, np.int32)
    written = starts[first_docs]
    with ArrayWriter(path, [ArraySpec("keys", "<u8", len(body.docs))]) as writer:
        for rows in chunk_rows(body.offsets.astype(np.int64), _CHUNK):
            docs = body.docs[int(body.offsets[rows.start]) : int(body.offsets[rows.stop])]
            counts = np.diff(body.offsets[rows.start : rows.stop + 1])
            impacts = frequencies.impacts(rows)
            weights = impacts * np.repeat(rarities[body.terms[rows.start : rows.stop]], counts)
            blocks = (first_docs.searchsorted(docs, "right") - 1).astype(np.uint16)
            keys = (docs - first_docs[blocks]).astype(np.uint64) << np.uint64(48)
            keys |= (np.uint64(_LEVELS) - np.rint(weights * _LEVELS).astype(np.uint64)) << np.uint64(40)
            keys |= np.repeat(np.arange(rows.start, rows.stop, dtype=np.uint64) << np.uint64(8), counts)
            keys |= np.rint(impacts * _LEVELS).astype(np.uint64)
            keys = keys[blocks.argsort(kind="stable")]  # a radix sort
            ends = np.bincount(blocks, minlength=len(first_docs)).cumsum()
            for block, part in enumerate(np.split(keys, ends[:-1])):
                writer.write("keys", part, int(written[block]))
                written[block] += len(part)


def _best(keys: Keys, starts: Int64Array, counts: Int64Array) -> Keys:
    """Return the keys of the highest weights, by document and row, without documents and weights.

    `starts` and `counts` (documents,) int64: of each document in `keys`, where its keys start, and how many to return.
    """
    best = np.sort(keys)[concatenate_ranges(starts, counts)]
    best &= ~np.uint64(_LEVELS << 40)
    best.sort()
    return best & np.uint64((1 << 40) - 1)


def _term_lengths(arrays: Mapping[str, Array]) -> Int64Array:
    """Return the number of characters of each term, (terms,) int64."""
    offsets = arrays["terms.offsets"][:-1].astype(np.int64)
    begins_character = (arrays["terms.blob"] & 0xC0) != 0x80  # UTF-8; the line feed after a term counts too
    return np.add.reduceat(begins_character, offsets, dtype=np.int64) - 1 if len(offsets) else np.empty(0, np.int64)
