"""A run: the inverted postings of a share of the documents, sorted, in a file of its own."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.build.tokenizer import Tokens
from searchsvc.engine.embedded.index.array_file import (
    Array,
    load_arrays,
    narrow,
    save_arrays,
)
from searchsvc.engine.embedded.index.postings import FIELDS
from searchsvc.engine.embedded.index.term_dictionary import ALL_FIELDS, EVERYWHERE, term_dictionary_arrays
from searchsvc.schema import FREE_TEXT

BODY = FIELDS.index("body")
_FREE = np.array([name in FREE_TEXT for name in FIELDS])


@dataclass(frozen=True, slots=True)
class _Sorted:
    """Tokens in the order of term, document, field, position; all arrays have one entry a token."""

    terms: NDArray[np.int32]
    documents: NDArray[np.int32]
    fields: NDArray[np.uint8]
    positions: NDArray[np.uint32]

    def of(self, chosen: NDArray[np.bool_]) -> "_Sorted":
        return _Sorted(self.terms[chosen], self.documents[chosen], self.fields[chosen], self.positions[chosen])


def _sorted(tokens: Tokens, first_document: int) -> _Sorted:
    """Inversion: reading order is document, field, position, so term before place is all it takes.

    Term and place share one 64-bit number, because numpy sorts plain numbers many times faster
    than it computes a stable order.
    """
    counts = tokens.lengths.ravel()
    keys = tokens.terms.astype(np.int64) << 32
    keys |= np.arange(len(keys))
    keys.sort()
    places = keys & 0xFFFFFFFF
    terms = (keys >> 32).astype(np.int32)
    del keys
    segments = np.arange(len(counts), dtype=np.int32)
    segment = np.repeat(segments, counts)[places]
    begins = np.cumsum(counts, dtype=np.int64) - counts
    positions = (places - begins[segment]).astype(np.uint32)
    documents = segment // np.int32(len(FIELDS))
    fields = (segment - documents * np.int32(len(FIELDS))).astype(np.uint8)
    return _Sorted(terms, documents + np.int32(first_document), fields, positions)


def _postings(tokens: _Sorted, counted: NDArray[np.bool_]) -> dict[str, Array]:
    """Postings of the distinct (term, document) pairs of `tokens`; see postings.Postings.

    `counted` tells which tokens count for frequency and position: in the body's postings a
    document that has the term only in another field of free text stands with frequency 0.
    """
    if not len(tokens.terms):
        return _no_postings()
    new = np.empty(len(tokens.terms), bool)
    new[0] = True
    np.not_equal(tokens.terms[1:], tokens.terms[:-1], out=new[1:])
    first_of_term = np.flatnonzero(new)
    new[1:] |= tokens.documents[1:] != tokens.documents[:-1]
    first_of_pair = np.flatnonzero(new)
    before = np.concatenate([[0], np.cumsum(counted)])
    ends = np.append(first_of_pair[1:], len(counted))
    frequencies = before[ends] - before[first_of_pair]
    offsets = np.append(first_of_pair.searchsorted(first_of_term), len(first_of_pair))
    positions = tokens.positions[counted]
    return {
        "terms": tokens.terms[first_of_term],
        "offsets": offsets.astype(np.int64),
        "starts": before[np.append(first_of_term, len(counted))].astype(np.int64),
        "docs": tokens.documents[first_of_pair],
        "tfs": narrow(frequencies),
        "positions": narrow(positions),
    }


def _no_postings() -> dict[str, Array]:
    none = {"terms": "i4", "docs": "i4", "tfs": "u1", "positions": "u1"}
    arrays: dict[str, Array] = {name: np.empty(0, dtype) for name, dtype in none.items()}
    return arrays | {"offsets": np.zeros(1, np.int64), "starts": np.zeros(1, np.int64)}


def write_run(path: Path, tokens: Tokens, first_document: int) -> None:
    """Invert `tokens`, whose documents are numbered from `first_document` on, into a file."""
    arrays: dict[str, Array] = {"lengths": tokens.lengths.ravel()}
    arrays |= {f"terms.{name}": array for name, array in term_dictionary_arrays(tokens.vocabulary).items()}
    arrays |= {f"words.{name}": array for name, array in term_dictionary_arrays(tokens.words).items()}
    arrays |= _lexicon(tokens)
    ordered = _sorted(tokens, first_document)
    for number, name in enumerate(FIELDS):
        own = ordered.of(_FREE[ordered.fields] if number == BODY else ordered.fields == number)
        arrays |= {f"{name}.{part}": array for part, array in _postings(own, own.fields == number).items()}
    save_arrays(path, arrays)


def _lexicon(tokens: Tokens) -> dict[str, Array]:
    """For each form, in ascending order, its word and its term (int32), and how many documents have it."""
    counted = {f"forms.{name}": counts for name, counts in forms_counted(tokens).items()}
    return {"forms.words": tokens.forms, "forms.terms": terms_of_forms(tokens)} | counted


def terms_of_forms(tokens: Tokens) -> NDArray[np.int32]:
    terms = np.zeros(len(tokens.forms), np.int32)
    terms[tokens.surfaces] = tokens.terms
    return terms


def forms_counted(tokens: Tokens) -> dict[str, NDArray[np.int64]]:
    """In how many documents each form stands, int64: in their free text, and in any field.

    The second tells an update whether a form is gone from the index with the last document that had it.
    """
    # Form, document and whether outside free text share one number: sorted, equals meet, those in free text first.
    owners = np.repeat(np.arange(len(tokens.lengths), dtype=np.int64), tokens.lengths.sum(axis=1))
    keys = tokens.surfaces.astype(np.int64) << 33 | owners << 1
    keys |= ~np.repeat(np.tile(_FREE, len(tokens.lengths)), tokens.lengths.ravel())
    keys.sort()
    firsts = keys[np.diff(keys >> 1, prepend=-1) != 0]
    free = firsts[firsts & 1 == 0]
    return {
        ALL_FIELDS: np.bincount(free >> 33, minlength=len(tokens.forms)),
        EVERYWHERE: np.bincount(firsts >> 33, minlength=len(tokens.forms)),
    }


def load_run(path: Path) -> dict[str, Array]:
    """The arrays of a run, mapped."""
    return load_arrays(path)
