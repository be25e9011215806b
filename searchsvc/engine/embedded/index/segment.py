"""Segment: the arrays of a generation, opened for searching."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.files import FORWARD_INDEX, IMPACTS, KEY_TERMS, POSTINGS
from searchsvc.engine.embedded.index.array_file import Array, load_arrays
from searchsvc.engine.embedded.index.doc_set import Docs, DocSet, all_docs, no_docs
from searchsvc.engine.embedded.index.forward_index import ForwardIndex
from searchsvc.engine.embedded.index.impacts import Impacts, bit_word_count, block_count, length_norms
from searchsvc.engine.embedded.index.key_terms import KeyTerms, read_key_terms
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
class AllFieldsPostings:
    """Postings of one term over all free-text fields.

    `impacts`: one per document of `doc_set`. `block_max` (blocks,) uint8 if the term is common, else None.
    """

    doc_set: DocSet
    impacts: Impacts
    block_max: NDArray[np.uint8] | None


class Segment:
    """Arrays that a search reads. Opening copies nothing from the memory maps."""

    def __init__(self, folder: Path) -> None:
        arrays, impact_arrays = load_arrays(folder / POSTINGS), load_arrays(folder / IMPACTS)
        self.arrays = arrays
        self.terms = TermDictionary(arrays, "terms")
        self.lexicon = Lexicon.of(arrays)
        self.fields = {name: Postings.of(arrays, name) for name in FIELDS}
        self.forward_index = ForwardIndex(folder / FORWARD_INDEX, arrays)
        self.columns = {"published": arrays["published"]}
        self.size = len(arrays["body.lengths"])
        self.all_docs = all_docs(self.size)
        self.impacts = Impacts(impact_arrays["codes"], impact_arrays["values"])
        self.keywords = {name: TermDictionary(arrays, f"{name}s") for name in KEYWORDS}
        self._dense_term_ids: NDArray[np.int32] = impact_arrays["dense"]
        self._bits = impact_arrays["bits"].reshape(len(self._dense_term_ids), bit_word_count(self.size))
        self._block_max = impact_arrays["block_max"].reshape(len(self._dense_term_ids), block_count(self.size))
        self._key_terms = load_arrays(folder / KEY_TERMS)
        self._length_norms = weak_lru_cache(self._compute_length_norms, 16)
        self._all_fields = weak_lru_cache(self._read_all_fields, 4096)
        self._spans = weak_lru_cache(self._find_spans, 4096)
        self._language_masks = weak_lru_cache(self._compute_language_mask, 64)

    @cached_property
    def id_ranks(self) -> NDArray[np.int32]:
        """Rank of each document in the order of ids, (documents,) int32: the order of hits with equal scores.

        Document numbers would not do, as they depend on the build that added the document.
        """
        ranks = np.empty(self.size, np.int32)
        ranks[self.arrays["id.docs"]] = np.arange(self.size, dtype=np.int32)
        return ranks

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Languages of the documents, the most frequent first."""
        counts = np.diff(self.arrays["language.offsets"])
        names = [name.decode() for name in self.keywords["language"]]
        return tuple(names[index] for index in np.argsort(-counts, kind="stable").tolist())

    def language_mask(self, codes: tuple[str, ...], excluding: bool) -> NDArray[np.bool_]:
        """Return (documents,) bool: documents in one of the languages `codes`, or in none if `excluding`."""
        return self._language_masks(codes, excluding)

    def _compute_language_mask(self, codes: tuple[str, ...], excluding: bool) -> NDArray[np.bool_]:
        mask = np.full(self.size, excluding)
        for code in codes:
            mask[self.keyword("language", code).docs_array()] = not excluding
        return mask

    def term_id(self, term: str) -> int:
        """Return the id of a term, or -1."""
        return self.terms.find(encode(term))

    def lengths(self, field: str) -> Array:
        """Return the number of tokens of a field in each document; (documents,) unsigned."""
        return self.arrays[f"{field}.lengths"]

    def length_norms(self, field: str, b: float) -> NDArray[np.float32]:
        """Return the length norm of a field in each document, (documents,) float32; cached."""
        return self._length_norms(field, b)

    def _compute_length_norms(self, field: str, b: float) -> NDArray[np.float32]:
        return length_norms(self.lengths(field), b)

    def all_fields(self, term_id: int) -> AllFieldsPostings:
        """Return the postings of a term over all free-text fields; cached."""
        return self._all_fields(term_id)

    def _read_all_fields(self, term_id: int) -> AllFieldsPostings:
        body = self.fields["body"]
        row = body.row(term_id)
        if row < 0:
            return AllFieldsPostings(no_docs(self.size), self.impacts.part(slice(0)), None)
        span = body.span(row)
        dense_index = int(self._dense_term_ids.searchsorted(np.int32(term_id)))
        is_dense = dense_index < len(self._dense_term_ids) and self._dense_term_ids[dense_index] == term_id
        doc_set = DocSet(self.size, body.docs[span], self._bits[dense_index] if is_dense else None)
        return AllFieldsPostings(doc_set, self.impacts.part(span), self._block_max[dense_index] if is_dense else None)

    def all_fields_of_terms(self, term_ids: NDArray[np.int32]) -> tuple[Docs, NDArray[np.float32], NDArray[np.int64]]:
        """Return the all-fields postings of several terms, concatenated term by term.

        `term_ids` (terms,) int32, all of them in the index. Returns documents (n,) int32, impacts (n,) float32, and
        the number of documents per term (terms,) int64.
        """
        body = self.fields["body"]
        rows = body.terms.searchsorted(term_ids)
        starts, ends = body.offsets.take(rows).astype(np.int64), body.offsets.take(rows + 1).astype(np.int64)
        spans = list(map(slice, starts.tolist(), ends.tolist()))
        codes = np.concatenate([self.impacts.codes[span] for span in spans])
        return np.concatenate([body.docs[span] for span in spans]), self.impacts.values.take(codes), ends - starts

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

    def key_terms(self, docs: Docs) -> KeyTerms:
        """Return the key terms of `docs` (n,) int32, in any order."""
        return read_key_terms(self._key_terms, docs)

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
