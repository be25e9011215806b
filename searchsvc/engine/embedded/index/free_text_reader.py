"""Free text of a generation: postings of each term over all free-text fields, and its document frequency.

Postings may contain deleted documents. A document frequency counts live documents only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.index.array_file import Array
from searchsvc.engine.embedded.index.doc_set import Docs, DocSet, no_docs
from searchsvc.engine.embedded.index.generation_arrays import GenerationArrays
from searchsvc.engine.embedded.index.impacts import BLOCK, Impacts, bit_word_count, block_maxima
from searchsvc.engine.embedded.index.reader_part import ReaderPart
from searchsvc.engine.embedded.index.segment import CodedPostings
from searchsvc.engine.embedded.index.weak_lru_cache import weak_lru_cache

_CACHED_TERMS = 4096
_NONE: NDArray[np.int32] = np.empty(0, np.int32)


@dataclass(frozen=True, slots=True)
class AllFieldsPostings:
    """Postings of one term over all free-text fields; deleted documents are included.

    `impacts`: one per document of `doc_set`. `block_max` (blocks,) uint8 if the term is common, else None.
    `doc_frequency`: live documents with the term.
    """

    doc_set: DocSet
    impacts: Impacts
    block_max: NDArray[np.uint8] | None
    doc_frequency: int


class FreeTextReader:
    """Read the free-text fields of all segments of a generation as one field."""

    def __init__(
        self,
        parts: Sequence[ReaderPart],
        impact_values: NDArray[np.float32],
        term_count: int,
        generation: GenerationArrays,
    ) -> None:
        """`impact_values`: of all segments, see `joined_impacts`. `term_count`: number of terms of all segments."""
        self._parts, self._impact_values, self._term_count = parts, impact_values, term_count
        self._size = parts[-1].docs.stop
        self._deletions, self._has_deletions = generation.deletions, generation.has_deletions
        self._is_single = len(parts) == 1
        self._is_plain = self._is_single and not self._has_deletions
        self._postings = weak_lru_cache(self._read_postings, _CACHED_TERMS if self._is_single else 256)

    def doc_frequencies(self, term_ids: NDArray[np.integer]) -> NDArray[np.int64]:
        """Return the number of live documents with each term in free text; (terms,) int64.

        `term_ids`: existing terms.
        """
        return self._doc_frequencies.take(term_ids).astype(np.int64)

    @cached_property
    def _doc_frequencies(self) -> NDArray[np.int32]:
        """Number of live documents with each term in free text; (all terms,) int32."""
        counts = np.zeros(self._term_count, np.int32)
        for part, term_ids in zip(self._parts, self._body_terms, strict=True):
            counts[term_ids] += np.diff(part.segment.fields["body"].offsets).astype(np.int32)
        if self._has_deletions:
            changed, deleted = self._term_changes
            counts[changed] -= deleted.astype(np.int32)
        return counts

    @cached_property
    def _term_changes(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Terms of deleted documents, ascending, and the number of these documents; both (terms,) int64."""
        parts = list(zip(self._parts, self._deletions, strict=True))
        term_ids = np.concatenate([part.terms.to_union(deletions.terms) for part, deletions in parts])
        counts = np.concatenate([deletions.term_counts for _, deletions in parts])
        distinct, indices = np.unique(term_ids, return_inverse=True)
        sums = np.zeros(len(distinct), np.int64)
        np.add.at(sums, indices, counts)
        return distinct, sums

    def _deleted_docs(self, term_id: int) -> int:
        """Return the number of deleted documents with a term in free text."""
        changed, deleted = self._term_changes
        place = int(changed.searchsorted(term_id))
        return int(deleted[place]) if place < len(changed) and changed[place] == term_id else 0

    def postings(self, term_id: int) -> AllFieldsPostings:
        """Return the postings of a term over all free-text fields; cached."""
        return self._postings(term_id)

    def _read_postings(self, term_id: int) -> AllFieldsPostings:
        parts_with_term = [
            (part, postings)
            for part in self._parts
            if (local := part.terms.one_to_segment(term_id)) >= 0 and (postings := part.segment.all_fields(local))
        ]
        if not parts_with_term:
            no_codes = self._parts[0].segment.impacts.codes[:0]
            return AllFieldsPostings(no_docs(self._size), Impacts(no_codes, self._impact_values), None, 0)
        if self._is_single:
            return self._only_postings(parts_with_term[0][1], term_id)
        docs = np.concatenate([postings.docs + np.int32(part.first_doc) for part, postings in parts_with_term])
        codes = np.concatenate([part.global_codes(postings.codes) for part, postings in parts_with_term])
        bits = block_max = None
        is_in_first = parts_with_term[0][0] is self._parts[0]
        if is_in_first and any(postings.bits is not None for _, postings in parts_with_term):
            bits, block_max = self._bits(parts_with_term), self._block_max(parts_with_term)
        doc_set = DocSet(self._size, docs, bits)
        impacts = Impacts(codes, self._impact_values)
        return AllFieldsPostings(doc_set, impacts, block_max, len(docs) - self._deleted_docs(term_id))

    def _only_postings(self, postings: CodedPostings, term_id: int) -> AllFieldsPostings:
        doc_set = DocSet(self._size, postings.docs, postings.bits)
        doc_frequency = len(postings.docs) if self._is_plain else len(postings.docs) - self._deleted_docs(term_id)
        return AllFieldsPostings(
            doc_set, Impacts(postings.codes, self._impact_values), postings.block_max, doc_frequency
        )

    def _bits(self, parts_with_term: Sequence[tuple[ReaderPart, CodedPostings]]) -> NDArray[np.uint64]:
        bits = np.zeros(bit_word_count(self._size), np.uint64)
        for part, postings in parts_with_term:
            words = slice(part.first_doc // 64, part.first_doc // 64 + bit_word_count(part.segment.size))
            part_bits = postings.bits
            bits[words] = DocSet(part.segment.size, postings.docs).packed() if part_bits is None else part_bits
        return bits

    def _block_max(self, parts_with_term: Sequence[tuple[ReaderPart, CodedPostings]]) -> NDArray[np.uint8]:
        maxima = np.zeros(bit_word_count(self._size) * 64 // BLOCK, np.uint8)
        for part, postings in parts_with_term:
            first, blocks = part.first_doc // BLOCK, bit_word_count(part.segment.size) * 64 // BLOCK
            part_maxima = postings.block_max
            if part_maxima is None:
                values = part.segment.impacts.values.take(postings.codes)
                part_maxima = block_maxima(postings.docs, values, blocks)
            maxima[first : first + blocks] = part_maxima
        return maxima

    def postings_of_terms(self, term_ids: NDArray[np.integer]) -> tuple[Docs, Array, NDArray[np.int64]]:
        """Return the postings of several terms over all free-text fields, concatenated term by term.

        `term_ids` (terms,), all of them in the index. Returns documents (n,) int32, codes of `impact_values` (n,)
        unsigned, and for each posting the index of its term (n,) int64. Deleted documents are included.
        """
        docs, codes, indices = [], [], []
        for part, part_indices, rows in self._rows_of(term_ids):
            if len(rows):
                part_docs, part_codes, counts = part.segment.all_fields_of_rows(rows)
                docs.append(part_docs + np.int32(part.first_doc) if part.first_doc else part_docs)
                codes.append(part.global_codes(part_codes))
                indices.append(part_indices.repeat(counts))
        if not docs:
            return _NONE, self._parts[0].segment.impacts.codes[:0], _NONE.astype(np.int64)
        if len(docs) == 1:
            return docs[0], codes[0], indices[0]
        return np.concatenate(docs), np.concatenate(codes), np.concatenate(indices)

    @cached_property
    def _body_terms(self) -> list[NDArray[np.int32]]:
        """Term of each row of a segment's body, as an id of all segments; int32, ascending."""
        body_terms = [part.segment.fields["body"].terms for part in self._parts]
        if self._is_plain:
            return body_terms
        return [
            part.terms.to_union(terms).astype(np.int32) for part, terms in zip(self._parts, body_terms, strict=True)
        ]

    def _rows_of(
        self, term_ids: NDArray[np.integer]
    ) -> Iterator[tuple[ReaderPart, NDArray[np.int64], NDArray[np.int64]]]:
        """Yield each segment, the indices of the terms that it has in free text, and their rows among its body's."""
        sought = term_ids.astype(np.int32, copy=False)
        for part, terms in zip(self._parts, self._body_terms, strict=True):
            rows = terms.searchsorted(sought)
            indices = (terms.take(rows, mode="clip") == sought).nonzero()[0] if len(terms) else rows[:0]
            yield part, indices, rows.take(indices)
