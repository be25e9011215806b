"""The segments of a generation as one index: one numbering of documents, one of terms, live documents only.

Documents of a segment follow those of the segments before it; each segment starts at a multiple of 64, so that bit sets
and blocks are concatenated. Numbers of deleted documents, and the gaps before a segment, belong to no live document.
Postings may contain deleted documents: `live_only` removes them from the matches of a query.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.index.array_file import Array
from searchsvc.engine.embedded.index.doc_set import Docs, DocSet, intersection, masked
from searchsvc.engine.embedded.index.free_text_reader import FreeTextReader
from searchsvc.engine.embedded.index.generation_arrays import GenerationArrays
from searchsvc.engine.embedded.index.impacts import idfs, length_norms
from searchsvc.engine.embedded.index.joined_impacts import joined_impacts
from searchsvc.engine.embedded.index.key_terms import COMMON_TERM_RATIO, KeyTerms, best_key_terms
from searchsvc.engine.embedded.index.lexicon_changes import LexiconChanges, changed_lexicon
from searchsvc.engine.embedded.index.postings import FIELDS
from searchsvc.engine.embedded.index.reader_part import ReaderPart, first_docs
from searchsvc.engine.embedded.index.segment import FieldPostings, Segment
from searchsvc.engine.embedded.index.term_dictionary import Dictionary, Lexicon, encode
from searchsvc.engine.embedded.index.union_dictionary import IdMap, UnionDictionary
from searchsvc.engine.embedded.index.weak_lru_cache import weak_lru_cache

_NONE: NDArray[np.int32] = np.empty(0, np.int32)


class IndexReader:
    """Read the segments of a generation as one index."""

    def __init__(self, segments: Sequence[Segment], generation: GenerationArrays) -> None:
        """`segments`: those of `generation`, in its order."""
        starts = first_docs([segment.size for segment in segments])
        self.generation, self.size = generation, starts.pop()
        self._starts, self._segments = starts, tuple(segments)
        self.doc_count = len(generation.order)
        self._is_single = len(segments) == 1
        self._has_deletions = generation.has_deletions
        first = segments[0]
        self.terms: Dictionary = first.terms
        self.words: Dictionary = first.words
        if not self._is_single or self._has_deletions:
            self.terms = UnionDictionary.of(first.terms, generation.arrays, "terms")
            self.words = UnionDictionary.of(first.words, generation.arrays, "words")
        values, codes = joined_impacts(segments)
        self.parts = tuple(
            ReaderPart(segment, start, self.id_map("terms", segment), part_codes)
            for segment, start, part_codes in zip(segments, starts, codes, strict=True)
        )
        self.impact_values: NDArray[np.float32] = values
        self.free_text = FreeTextReader(self.parts, values, len(self.terms), generation)
        self.all_docs = masked(self._live_flags())
        self.all_docs.cached_count = self.doc_count
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

    @cached_property
    def deleted_docs(self) -> Docs:
        """Numbers of the deleted documents, (n,) int32, ascending."""
        parts = zip(self.parts, self.generation.deletions, strict=True)
        return np.concatenate([deletions.docs + np.int32(part.first_doc) for part, deletions in parts])

    def _live_flags(self) -> NDArray[np.bool_]:
        flags = np.zeros(self.size, bool)
        for part in self.parts:
            flags[part.docs] = True
        flags[self.deleted_docs] = False
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

    def term_frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """Return those of `terms` that the index has, each with the number of live documents that have it."""
        term_ids = np.array([self.term_id(term) for term in terms], np.int64)
        indices = (term_ids >= 0).nonzero()[0]
        counts = self.free_text.doc_frequencies(term_ids.take(indices)).tolist()
        return dict(zip([terms[at] for at in indices.tolist()], counts, strict=True))

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
        frequencies = self.free_text.doc_frequencies(candidates.term_ids)
        # A more common term, which is no key term, gets the last entry.
        return best_key_terms(candidates, frequencies, self._idfs.take(frequencies, mode="clip"), self.doc_count)

    @cached_property
    def _idfs(self) -> NDArray[np.float64]:
        """The idf of key terms by document frequency; (frequencies,) float64.

        A lookup takes a tenth of the time of a logarithm.
        """
        return idfs(self.doc_count, np.arange(self.doc_count // COMMON_TERM_RATIO + 1))

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
