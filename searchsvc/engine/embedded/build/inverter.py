"""Runs: inverted, sorted postings of a batch of documents, each in a file."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.build.tokenizer import Tokens
from searchsvc.engine.embedded.index.array_file import Array, load_arrays, narrow, save_arrays
from searchsvc.engine.embedded.index.postings import FIELDS
from searchsvc.engine.embedded.index.term_dictionary import ANY_FIELD_COUNT, FREE_TEXT_COUNT, term_dictionary_arrays
from searchsvc.schema import FREE_TEXT

BODY = FIELDS.index("body")
_IS_FREE_TEXT = np.array([name in FREE_TEXT for name in FIELDS])


@dataclass(frozen=True, slots=True)
class _SortedTokens:
    """Tokens sorted by term, document, field and position; all arrays (tokens,)."""

    terms: NDArray[np.int32]
    documents: NDArray[np.int32]
    fields: NDArray[np.uint8]
    positions: NDArray[np.uint32]

    def select(self, mask: NDArray[np.bool_]) -> "_SortedTokens":
        """Return the tokens where `mask`, (tokens,) bool, is true, in the same order."""
        return _SortedTokens(self.terms[mask], self.documents[mask], self.fields[mask], self.positions[mask])


def _sort_tokens(tokens: Tokens, first_document: int) -> _SortedTokens:
    """Invert `tokens`: reading order is document, field, position, so only the term must be sorted.

    Term and reading order share one int64, as numpy sorts plain numbers many times faster than it computes a stable
    order.
    """
    counts = tokens.lengths.ravel()
    keys = tokens.term_ids.astype(np.int64) << 32
    keys |= np.arange(len(keys))
    keys.sort()
    reading_order = keys & 0xFFFFFFFF
    terms = (keys >> 32).astype(np.int32)
    del keys
    slots = np.arange(len(counts), dtype=np.int32)
    token_slots = np.repeat(slots, counts)[reading_order]
    slot_starts = np.cumsum(counts, dtype=np.int64) - counts
    positions = (reading_order - slot_starts[token_slots]).astype(np.uint32)
    documents = token_slots // np.int32(len(FIELDS))
    fields = (token_slots - documents * np.int32(len(FIELDS))).astype(np.uint8)
    return _SortedTokens(terms, documents + np.int32(first_document), fields, positions)


def _postings(tokens: _SortedTokens, is_counted: NDArray[np.bool_]) -> dict[str, Array]:
    """Return the postings of the distinct (term, document) pairs of `tokens`; see Postings.

    `is_counted` (tokens,) bool: tokens that count for frequency and position. The body's postings include documents
    that have the term only in another free-text field, with frequency 0.
    """
    if not len(tokens.terms):
        return _empty_postings()
    is_first = np.empty(len(tokens.terms), bool)
    is_first[0] = True
    np.not_equal(tokens.terms[1:], tokens.terms[:-1], out=is_first[1:])
    first_of_term = np.flatnonzero(is_first)
    is_first[1:] |= tokens.documents[1:] != tokens.documents[:-1]
    first_of_pair = np.flatnonzero(is_first)
    counted_before = np.concatenate([[0], np.cumsum(is_counted)])
    ends = np.append(first_of_pair[1:], len(is_counted))
    frequencies = counted_before[ends] - counted_before[first_of_pair]
    offsets = np.append(first_of_pair.searchsorted(first_of_term), len(first_of_pair))
    positions = tokens.positions[is_counted]
    return {
        "terms": tokens.terms[first_of_term],
        "offsets": offsets.astype(np.int64),
        "starts": counted_before[np.append(first_of_term, len(is_counted))].astype(np.int64),
        "docs": tokens.documents[first_of_pair],
        "tfs": narrow(frequencies),
        "positions": narrow(positions),
    }


def _empty_postings() -> dict[str, Array]:
    dtypes = {"terms": "i4", "docs": "i4", "tfs": "u1", "positions": "u1"}
    arrays: dict[str, Array] = {name: np.empty(0, dtype) for name, dtype in dtypes.items()}
    return arrays | {"offsets": np.zeros(1, np.int64), "starts": np.zeros(1, np.int64)}


def write_run(path: Path, tokens: Tokens, first_document: int) -> None:
    """Invert `tokens`, whose documents are numbered from `first_document`, into a file."""
    arrays: dict[str, Array] = {"lengths": tokens.lengths.ravel()}
    arrays |= {f"terms.{name}": array for name, array in term_dictionary_arrays(tokens.terms).items()}
    arrays |= {f"words.{name}": array for name, array in term_dictionary_arrays(tokens.words).items()}
    arrays |= _form_arrays(tokens)
    sorted_tokens = _sort_tokens(tokens, first_document)
    for number, name in enumerate(FIELDS):
        field_tokens = sorted_tokens.select(
            _IS_FREE_TEXT[sorted_tokens.fields] if number == BODY else sorted_tokens.fields == number
        )
        arrays |= {
            f"{name}.{part}": array for part, array in _postings(field_tokens, field_tokens.fields == number).items()
        }
    save_arrays(path, arrays)


def _form_arrays(tokens: Tokens) -> dict[str, Array]:
    """Return word and term (int32) and document counts (int64) of each form, in ascending order."""
    counts = {f"forms.{name}": doc_counts for name, doc_counts in form_doc_counts(tokens).items()}
    return {"forms.words": tokens.form_words, "forms.terms": form_term_ids(tokens)} | counts


def form_term_ids(tokens: Tokens) -> NDArray[np.int32]:
    """Return the term of each form; (forms,) int32."""
    term_ids = np.zeros(len(tokens.form_words), np.int32)
    term_ids[tokens.form_ids] = tokens.term_ids
    return term_ids


def form_doc_counts(tokens: Tokens) -> dict[str, NDArray[np.int64]]:
    """Count the documents of each form, in free text and in any field; (forms,) int64 each.

    An update needs the second count to see that the last document with a form was deleted.
    """
    # Form, document and a flag for fields outside free text share one number. Sorting brings equal pairs together,
    # free text first.
    token_docs = np.repeat(np.arange(len(tokens.lengths), dtype=np.int64), tokens.lengths.sum(axis=1))
    keys = tokens.form_ids.astype(np.int64) << 33 | token_docs << 1
    keys |= ~np.repeat(np.tile(_IS_FREE_TEXT, len(tokens.lengths)), tokens.lengths.ravel())
    keys.sort()
    distinct = keys[np.diff(keys >> 1, prepend=-1) != 0]
    in_free_text = distinct[distinct & 1 == 0]
    return {
        FREE_TEXT_COUNT: np.bincount(in_free_text >> 33, minlength=len(tokens.form_words)),
        ANY_FIELD_COUNT: np.bincount(distinct >> 33, minlength=len(tokens.form_words)),
    }


def term_doc_counts(tokens: Tokens) -> NDArray[np.int64]:
    """Count the documents with each term in free text; (terms,) int64."""
    docs = np.repeat(np.arange(len(tokens.lengths), dtype=np.int64), tokens.lengths.sum(axis=1))
    in_free_text = np.repeat(np.tile(_IS_FREE_TEXT, len(tokens.lengths)), tokens.lengths.ravel())
    keys = tokens.term_ids[in_free_text].astype(np.int64) << 32 | docs[in_free_text]
    keys.sort()
    return np.bincount(keys[np.diff(keys, prepend=-1) != 0] >> 32, minlength=len(tokens.terms))


def load_run(path: Path) -> dict[str, Array]:
    """Map the arrays of a run."""
    return load_arrays(path)
