"""The segments of a generation as one index: one numbering of documents, one of terms, live documents only.

Documents of a segment follow those of the segments before it; each segment starts at a multiple of 64, so that bit sets
and blocks are concatenated. Numbers of deleted documents, and the gaps before a segment, belong to no live document.
Postings may contain deleted documents: `live_only` removes them from the matches of a query.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.index.array_file import Array
from searchsvc.engine.embedded.index.doc_set import Docs, DocSet, intersection, masked, no_docs
from searchsvc.engine.embedded.index.generation_arrays import GenerationArrays
from searchsvc.engine.embedded.index.impacts import BLOCK, Impacts, bit_word_count, block_maxima, idfs, length_norms
from searchsvc.engine.embedded.index.joined_impacts import joined_impacts
from searchsvc.engine.embedded.index.key_terms import KeyTerms, best_key_terms
from searchsvc.engine.embedded.index.lexicon_changes import LexiconChanges, changed_lexicon
from searchsvc.engine.embedded.index.postings import FIELDS
from searchsvc.engine.embedded.index.reader_part import ReaderPart, first_docs
from searchsvc.engine.embedded.index.segment import CodedPostings, FieldPostings, Segment
from searchsvc.engine.embedded.index.term_dictionary import Dictionary, Lexicon, encode
from searchsvc.engine.embedded.index.union_dictionary import IdMap, UnionDictionary
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


class IndexReader:
    """What a search reads of a generation."""

    def __init__(self, segments: Sequence[Segment], generation: GenerationArrays) -> None:
        """`segments`: those of `generation`, in its order."""
        starts = first_docs([segment.size for segment in segments])
        self.generation, self.size = generation, starts.pop()
        self._starts, self._segments = starts, tuple(segments)
        self.doc_count = len(generation.order)
        self._is_single = len(segments) == 1
        first = segments[0]
        self._has_deletions = any(len(each.docs) for each in generation.deletions)
        self._is_plain = self._is_single and not self._has_deletions
        self.terms: Dictionary = first.terms
        self.words: Dictionary = first.words
        if not self._is_plain:
            self.terms = UnionDictionary.of(first.terms, generation.arrays, "terms")
            self.words = UnionDictionary.of(first.words, generation.arrays, "words")
        values, codes = joined_impacts(segments)
        self.parts = tuple(
            ReaderPart(segment, start, self.id_map("terms", segment), part_codes)
            for segment, start, part_codes in zip(segments, starts, codes, strict=True)
        )
        self.impact_values: NDArray[np.float32] = values
        self.all_docs = masked(self._live_flags())
        self.all_docs.cached_count = self.doc_count
        self._all_fields = weak_lru_cache(self._read_all_fields, _CACHED_TERMS if self._is_single else 256)
        self._parts_with = weak_lru_cache(self._find_parts_with, 1024)
        self._length_norms = weak_lru_cache(self._compute_length_norms, 16)
        self._language_masks = weak_lru_cache(self._compute_language_mask, 64)

    def id_map(self, name: str, segment: Segment) -> IdMap:
        """Return the ids of a segment's words among those of all segments; `name`: one of DICTIONARIES."""
        union = self.terms if name == "terms" else self.words
        if not isinstance(union, UnionDictionary):
            return IdMap(None, np.empty(0, np.int64))
        if segment is self._segments[0]:
            return union.first_map
        places = self.generation.to_first(name, segment.number)
        ids = union.first_map.to_union(np.maximum(places, 0))
        added = places < 0
        ids[added] = union.added_ids[-1 - places[added]]
        return IdMap(ids.astype(np.int32), union.added_ids)

    def _live_flags(self) -> NDArray[np.bool_]:
        flags = np.zeros(self.size, bool)
        for part, deletions in zip(self.parts, self.generation.deletions, strict=True):
            flags[part.docs] = True
            flags[deletions.docs + part.first_doc] = False
        return flags

    def live_only(self, matches: DocSet) -> DocSet:
        """Return the live documents of `matches`: itself if it has no deleted document."""
        if not self._has_deletions:
            return matches  # no posting has a number without a document
        live = intersection([matches, self.all_docs])
        if live.count == matches.count:
            return matches
        live.unfiltered = matches
        return live

    def place(self, doc: int) -> tuple[int, int]:
        """Return the index of a document's segment, and the document's number there."""
        index = bisect_right(self._starts, doc) - 1
        return index, doc - self._starts[index]

    def locate(self, doc: int) -> tuple[Segment, int]:
        """Return the segment of a document, and its number there."""
        index, local_doc = self.place(doc)
        return self._segments[index], local_doc

    @cached_property
    def id_ranks(self) -> NDArray[np.int32]:
        """Rank of each document in the order of ids, (size,) int32: the order of hits with equal scores.

        Document numbers would not do, as they depend on the build that added the document.
        """
        ranks = np.full(self.size, self.size, np.int32)
        ranks[self.generation.order] = np.arange(self.doc_count, dtype=np.int32)
        return ranks

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Languages of the live documents, the most frequent first."""
        names = sorted({name for segment in self._segments for name in segment.keywords["language"]})
        counts = {name.decode(): self.live_only(self.keyword("language", name.decode())).count for name in names}
        return tuple(sorted((name for name, count in counts.items() if count), key=lambda name: -counts[name]))

    @cached_property
    def published(self) -> NDArray[np.int32]:
        """Ordinal of each document's day of publication, 0 for none; (size,) int32."""
        return self._concatenated([segment.published for segment in self._segments])

    def _concatenated(self, columns: Sequence[Array]) -> Array:
        """Return one array of a value per document, 0 in gaps; (size,)."""
        if self._is_single:
            return columns[0]
        values = np.zeros(self.size, np.result_type(*columns))
        for part, column in zip(self.parts, columns, strict=True):
            values[part.docs] = column
        return values

    def language_mask(self, codes: tuple[str, ...], excluding: bool) -> NDArray[np.bool_]:
        """Return (size,) bool: live documents in one of the languages `codes`, or in none if `excluding`."""
        return self._language_masks(codes, excluding)

    def _compute_language_mask(self, codes: tuple[str, ...], excluding: bool) -> NDArray[np.bool_]:
        mask = np.full(self.size, excluding)
        for code in codes:
            mask[self.keyword("language", code).docs_array()] = not excluding
        return mask & self.all_docs.flags()[: self.size]

    def keyword(self, field: str, value: str) -> DocSet:
        """Return the documents whose unanalysed field equals `value`."""
        if self._is_single:
            return self._segments[0].keyword(field, value)
        docs = [part.segment.keyword(field, value).docs_array() + np.int32(part.first_doc) for part in self.parts]
        return DocSet(self.size, np.concatenate(docs))

    def term_id(self, term: str) -> int:
        """Return the id of a term, or -1."""
        return self.terms.find(encode(term))

    @cached_property
    def _term_changes(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Terms of deleted documents, ascending, and the number of these documents; both (terms,) int64."""
        parts = list(zip(self.parts, self.generation.deletions, strict=True))
        term_ids = np.concatenate([part.terms.to_union(deletions.terms) for part, deletions in parts])
        counts = np.concatenate([deletions.term_counts for _, deletions in parts])
        distinct, indices = np.unique(term_ids, return_inverse=True)
        sums = np.zeros(len(distinct), np.int64)
        np.add.at(sums, indices, counts)
        return distinct, sums

    def doc_frequencies(self, term_ids: NDArray[np.integer]) -> NDArray[np.int64]:
        """Return the number of live documents with each term in free text; (terms,) int64.

        `term_ids`: existing terms.
        """
        return self._doc_frequencies.take(term_ids).astype(np.int64)

    @cached_property
    def _doc_frequencies(self) -> NDArray[np.int32]:
        """Number of live documents with each term in free text; (all terms,) int32."""
        counts = np.zeros(len(self.terms), np.int32)
        for part, term_ids in zip(self.parts, self._body_terms, strict=True):
            counts[term_ids] += np.diff(part.segment.fields["body"].offsets).astype(np.int32)
        if self._has_deletions:
            changed, deleted = self._term_changes
            counts[changed] -= deleted.astype(np.int32)
        return counts

    def _deleted_docs(self, term_id: int) -> int:
        """Return the number of deleted documents with a term in free text."""
        changed, deleted = self._term_changes
        place = int(changed.searchsorted(term_id))
        return int(deleted[place]) if place < len(changed) and changed[place] == term_id else 0

    def all_fields(self, term_id: int) -> AllFieldsPostings:
        """Return the postings of a term over all free-text fields; cached."""
        return self._all_fields(term_id)

    def _read_all_fields(self, term_id: int) -> AllFieldsPostings:
        parts_with_term = [
            (part, postings)
            for part in self.parts
            if (local := part.terms.one_to_segment(term_id)) >= 0 and (postings := part.segment.all_fields(local))
        ]
        if not parts_with_term:
            no_codes = self.parts[0].segment.impacts.codes[:0]
            return AllFieldsPostings(no_docs(self.size), Impacts(no_codes, self.impact_values), None, 0)
        if self._is_single:
            return self._only_postings(parts_with_term[0][1], term_id)
        docs = np.concatenate([postings.docs + np.int32(part.first_doc) for part, postings in parts_with_term])
        codes = np.concatenate([part.global_codes(postings.codes) for part, postings in parts_with_term])
        bits = block_max = None
        if any(postings.bits is not None for _, postings in parts_with_term) and parts_with_term[0][0] is self.parts[0]:
            bits, block_max = self._bits(parts_with_term), self._block_max(parts_with_term)
        doc_set = DocSet(self.size, docs, bits)
        impacts = Impacts(codes, self.impact_values)
        return AllFieldsPostings(doc_set, impacts, block_max, len(docs) - self._deleted_docs(term_id))

    def _only_postings(self, postings: CodedPostings, term_id: int) -> AllFieldsPostings:
        doc_set = DocSet(self.size, postings.docs, postings.bits)
        doc_frequency = len(postings.docs) if self._is_plain else len(postings.docs) - self._deleted_docs(term_id)
        return AllFieldsPostings(
            doc_set, Impacts(postings.codes, self.impact_values), postings.block_max, doc_frequency
        )

    def _bits(self, parts_with_term: Sequence[tuple[ReaderPart, CodedPostings]]) -> NDArray[np.uint64]:
        bits = np.zeros(bit_word_count(self.size), np.uint64)
        for part, postings in parts_with_term:
            words = slice(part.first_doc // 64, part.first_doc // 64 + bit_word_count(part.segment.size))
            part_bits = postings.bits
            bits[words] = DocSet(part.segment.size, postings.docs).packed() if part_bits is None else part_bits
        return bits

    def _block_max(self, parts_with_term: Sequence[tuple[ReaderPart, CodedPostings]]) -> NDArray[np.uint8]:
        maxima = np.zeros(bit_word_count(self.size) * 64 // BLOCK, np.uint8)
        for part, postings in parts_with_term:
            first, blocks = part.first_doc // BLOCK, bit_word_count(part.segment.size) * 64 // BLOCK
            part_maxima = postings.block_max
            if part_maxima is None:
                values = part.segment.impacts.values.take(postings.codes)
                part_maxima = block_maxima(postings.docs, values, blocks)
            maxima[first : first + blocks] = part_maxima
        return maxima

    def all_fields_of_terms(self, term_ids: NDArray[np.integer]) -> tuple[Docs, Array, NDArray[np.int64]]:
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
            return _NONE, self._segments[0].impacts.codes[:0], _NONE.astype(np.int64)
        if len(docs) == 1:
            return docs[0], codes[0], indices[0]
        return np.concatenate(docs), np.concatenate(codes), np.concatenate(indices)

    @cached_property
    def _body_terms(self) -> list[NDArray[np.int32]]:
        """Term of each row of a segment's body, as an id of all segments; int32, ascending."""
        body_terms = [part.segment.fields["body"].terms for part in self.parts]
        if self._is_plain:
            return body_terms
        return [part.terms.to_union(terms).astype(np.int32) for part, terms in zip(self.parts, body_terms, strict=True)]

    def _rows_of(
        self, term_ids: NDArray[np.integer]
    ) -> Iterator[tuple[ReaderPart, NDArray[np.int64], NDArray[np.int64]]]:
        """Yield each segment, the indices of the terms that it has in free text, and their rows among its body's."""
        sought = term_ids.astype(np.int32, copy=False)
        for part, terms in zip(self.parts, self._body_terms, strict=True):
            rows = terms.searchsorted(sought)
            indices = (terms.take(rows, mode="clip") == sought).nonzero()[0] if len(terms) else rows[:0]
            yield part, indices, rows.take(indices)

    def parts_with(self, term_ids: tuple[int, ...]) -> list[tuple[ReaderPart, list[int]]]:
        """Return the segments that have all of some terms, with the ids of the terms there; cached."""
        return self._parts_with(term_ids)

    def _find_parts_with(self, term_ids: tuple[int, ...]) -> list[tuple[ReaderPart, list[int]]]:
        parts = ((part, list(map(part.terms.one_to_segment, term_ids))) for part in self.parts)
        return [(part, local_ids) for part, local_ids in parts if min(local_ids) >= 0]

    def field(self, field: str, term_id: int) -> FieldPostings:
        """Return the postings of a term in one field; deleted documents are included."""
        parts_with_term = [
            (part, part.segment.field(field, local))
            for part in self.parts
            if (local := part.terms.one_to_segment(term_id)) >= 0
        ]
        if not parts_with_term:
            return FieldPostings(_NONE, np.empty(0, np.uint8))
        if self._is_single:
            return parts_with_term[0][1]
        docs = np.concatenate([postings.docs + np.int32(part.first_doc) for part, postings in parts_with_term])
        return FieldPostings(docs, np.concatenate([postings.tfs for _, postings in parts_with_term]))

    def lengths(self, field: str) -> Array:
        """Return the number of tokens of a field in each document; (size,) unsigned."""
        return self._concatenated([segment.lengths(field) for segment in self._segments])

    def length_norms(self, field: str, b: float) -> NDArray[np.float32]:
        """Return the length norm of a field in each document, (size,) float32; cached."""
        return self._length_norms(field, b)

    def _compute_length_norms(self, field: str, b: float) -> NDArray[np.float32]:
        return length_norms(self.lengths(field), self.generation.mean_lengths[FIELDS.index(field)], b)

    def key_terms(self, docs: Docs) -> KeyTerms:
        """Return the key terms of `docs` (n,) int32, at least one, in any order."""
        term_ids, values, doc_indices = [], [], []
        for part in self.parts:
            indices = ((docs >= part.first_doc) & (docs < part.docs.stop)).nonzero()[0]
            if not len(indices):
                continue
            rows, levels, counts = part.segment.key_term_candidates(docs[indices] - part.first_doc)
            term_ids.append(part.terms.to_union(part.segment.fields["body"].terms.take(rows)))
            values.append(levels)
            doc_indices.append(indices.repeat(counts))
        candidates = KeyTerms(np.concatenate(term_ids), np.concatenate(values), np.concatenate(doc_indices))
        frequencies = self.doc_frequencies(candidates.term_ids)
        return best_key_terms(candidates, frequencies, idfs(self.doc_count, frequencies), self.doc_count)

    @cached_property
    def lexicon(self) -> Lexicon:
        """Words as people write them, with counts of live documents."""
        first = self._segments[0]
        if not isinstance(self.words, UnionDictionary):
            return first.lexicon
        changes = LexiconChanges.of(self.generation.arrays)
        return changed_lexicon(first.lexicon, self.words, self.id_map("terms", first), changes)

    def live_numbers(self) -> Iterator[int]:
        """Iterate over the numbers of the live documents."""
        return iter(self.all_docs.docs_array().tolist())
