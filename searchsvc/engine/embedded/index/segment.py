"""Segment: the arrays of some documents of a generation, opened for searching. They never change."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.files import FORWARD_INDEX, IMPACTS, KEY_TERMS, POSTINGS
from searchsvc.engine.embedded.index.array_file import Array, load_arrays
from searchsvc.engine.embedded.index.doc_set import Docs, DocSet, no_docs
from searchsvc.engine.embedded.index.forward_index import ForwardIndex
from searchsvc.engine.embedded.index.impacts import Impacts, bit_word_count, block_count
from searchsvc.engine.embedded.index.postings import FIELDS, Postings
from searchsvc.engine.embedded.index.term_dictionary import Lexicon, TermDictionary, encode
from searchsvc.engine.embedded.index.weak_lru_cache import weak_lru_cache

KEYWORDS = ("id", "language")


@dataclass(frozen=True, slots=True)
class FieldPostings:
    """Postings of one term in one field: `docs` (n,) int32, ascending; `tfs` (n,) unsigned, none of them 0."""

    docs: Docs
    tfs: Array


@dataclass(frozen=True, slots=True)
class CodedPostings:
    """Postings of one term of a segment over all free-text fields.

    `docs` (n,) int32, ascending; `codes` (n,) unsigned: see Impacts. `bits` (words,) uint64 and `block_max` (blocks,)
    uint8 if the term is common in the segment, else None.
    """

    docs: Docs
    codes: Array
    bits: NDArray[np.uint64] | None
    block_max: NDArray[np.uint8] | None


class Segment:
    """Arrays of the segment `number`. Ids of terms and documents count within the segment.

    Opening copies nothing from the memory maps.
    """

    def __init__(self, folder: Path, number: int = 1) -> None:
        arrays = load_arrays(folder / POSTINGS.format(number))
        impact_arrays = load_arrays(folder / IMPACTS.format(number))
        self.number, self.arrays = number, arrays
        self.terms = TermDictionary(arrays, "terms")
        self.words = TermDictionary(arrays, "words")
        self.lexicon = Lexicon.of(arrays, self.words)
        self.fields = {name: Postings.of(arrays, name) for name in FIELDS}
        self.forward_index = ForwardIndex(folder / FORWARD_INDEX.format(number), arrays)
        self.published: NDArray[np.int32] = arrays["published"]
        self.size = len(arrays["body.lengths"])
        self.impacts = Impacts(impact_arrays["codes"], impact_arrays["values"])
        self.mean_lengths: tuple[float, ...] = tuple(impact_arrays["mean_lengths"].tolist())
        self.keywords = {name: TermDictionary(arrays, f"{name}s") for name in KEYWORDS}
        self.key_terms = load_arrays(folder / KEY_TERMS.format(number))
        self._dense_term_ids: NDArray[np.int32] = impact_arrays["dense"]
        self._bits = impact_arrays["bits"].reshape(len(self._dense_term_ids), bit_word_count(self.size))
        self._block_max = impact_arrays["block_max"].reshape(len(self._dense_term_ids), block_count(self.size))
        self._spans = weak_lru_cache(self._find_spans, 4096)

    def term_id(self, term: str) -> int:
        """Return the id of a term, or -1."""
        return self.terms.find(encode(term))

    def lengths(self, field: str) -> Array:
        """Return the number of tokens of a field in each document; (documents,) unsigned."""
        return self.arrays[f"{field}.lengths"]

    def all_fields(self, term_id: int) -> CodedPostings | None:
        """Return the postings of a term over all free-text fields, None if there are none."""
        body = self.fields["body"]
        row = body.row(term_id)
        if row < 0:
            return None
        span = body.span(row)
        dense_index = int(self._dense_term_ids.searchsorted(np.int32(term_id)))
        is_dense = dense_index < len(self._dense_term_ids) and self._dense_term_ids[dense_index] == term_id
        bits, block_max = (self._bits[dense_index], self._block_max[dense_index]) if is_dense else (None, None)
        return CodedPostings(body.docs[span], self.impacts.codes[span], bits, block_max)

    def all_fields_of_rows(self, rows: NDArray[np.int64]) -> tuple[Docs, Array, NDArray[np.int64]]:
        """Return the postings of several terms over all free-text fields, concatenated term by term.

        `rows` (terms,) int64, at least one: rows of the terms among those of the body. Returns documents (n,) int32,
        codes (n,) unsigned, and the number of documents per term (terms,) int64. Terms that are neighbours in the
        dictionary are read as one slice.
        """
        body, codes = self.fields["body"], self.impacts.codes
        starts, ends = body.offsets.take(rows).astype(np.int64), body.offsets.take(rows + 1).astype(np.int64)
        gaps = (starts[1:] != ends[:-1]).nonzero()[0]
        span_starts = [int(starts[0]), *starts.take(gaps + 1).tolist()]
        spans = list(map(slice, span_starts, [*ends.take(gaps).tolist(), int(ends[-1])]))
        return (
            np.concatenate([body.docs[span] for span in spans]),
            np.concatenate([codes[span] for span in spans]),
            ends - starts,
        )

    def field(self, field: str, term_id: int) -> FieldPostings:
        """Return the postings of a term in one field."""
        postings = self.fields[field]
        row = postings.row(term_id)
        if row < 0:
            return FieldPostings(np.empty(0, np.int32), np.empty(0, np.uint8))
        span = postings.span(row)
        docs, tfs = postings.docs[span], postings.tfs[span]
        is_present = tfs != 0
        return FieldPostings(docs, tfs) if is_present.all() else FieldPostings(docs[is_present], tfs[is_present])

    def spans(self, term_id: int) -> dict[str, slice]:
        """Return the slice of a term's postings in each field that has the term; cached."""
        return self._spans(term_id)

    def _find_spans(self, term_id: int) -> dict[str, slice]:
        rows = {name: postings.row(term_id) for name, postings in self.fields.items()}
        return {name: self.fields[name].span(row) for name, row in rows.items() if row >= 0}

    def key_term_candidates(self, docs: Docs) -> tuple[NDArray[np.int64], NDArray[np.uint8], list[int]]:
        """Return the possible key terms of `docs` (n,) int32, at least one, document by document.

        Returns their rows in the body's postings (terms,) int64, their saturated frequencies in 255ths (terms,) uint8,
        and the number of terms per document.
        """
        offsets, rows, levels = (self.key_terms[name] for name in ("offsets", "rows", "levels"))
        spans = list(map(slice, offsets.take(docs).tolist(), offsets.take(docs + 1).tolist()))
        return (
            np.concatenate([rows[span] for span in spans]).astype(np.int64),
            np.concatenate([levels[span] for span in spans]),
            [span.stop - span.start for span in spans],
        )

    def keyword(self, field: str, value: str) -> DocSet:
        """Return the documents whose unanalysed field equals `value`."""
        value_id = self.keywords[field].find(encode(value))
        if value_id < 0:
            return no_docs(self.size)
        offsets = self.arrays[f"{field}.offsets"]
        return DocSet(self.size, self.arrays[f"{field}.docs"][offsets[value_id] : offsets[value_id + 1]])


def positions_of(segment: Segment, field: str, term_id: int, doc: int) -> list[int]:
    """Return the positions of a term in a document that has the term."""
    postings = segment.fields[field]
    span = postings.span(postings.row(term_id))
    return postings.positions_at(span.start + int(postings.docs[span].searchsorted(np.int32(doc))))
