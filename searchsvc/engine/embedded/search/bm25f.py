"""Scorers: BM25F of terms, phrases and sets of terms."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from searchsvc.array_ranges import sorted_unique
from searchsvc.engine.embedded.index.doc_set import Docs, DocSet
from searchsvc.engine.embedded.index.impacts import idf
from searchsvc.engine.embedded.index.index_reader import IndexReader
from searchsvc.engine.embedded.index.weak_lru_cache import weak_lru_cache
from searchsvc.engine.embedded.search.phrases import phrase_postings_of_all
from searchsvc.engine.embedded.search.query_nodes import QueryNode, SynonymNode, TermNode
from searchsvc.schema import BM25F, FREE_TEXT, Bm25f

FieldWeights = Mapping[str, float]  # weight of each field


class LanguageVariant(NamedTuple):
    """One word, or a phrase, as one language analyses it.

    `term_ids`: one per word. Applies to documents in one of the languages `codes`, or in none of them if
    `excluding`.
    """

    term_ids: tuple[int, ...]
    codes: tuple[str, ...]
    excluding: bool

    def mask(self, reader: IndexReader, docs: Docs) -> NDArray[np.bool_]:
        """Return whether the variant applies to each of `docs`; (n,) int32 to (n,) bool."""
        return reader.language_mask(self.codes, self.excluding).take(docs)


class Scorer(Protocol):
    """Makes scored nodes; `fields` maps each field to search to its weight."""

    exclusion: float  # score of a document for not matching an excluded node

    def term(self, fields: FieldWeights, term_id: int, boost: float) -> QueryNode:
        """Return the node of one term; -1 is the id of an unknown term."""

    def terms(self, fields: FieldWeights, term_ids: NDArray[np.int32], boost: float) -> QueryNode:
        """Return the node of any of several terms, from a prefix, a pattern or a spelling.

        `term_ids` (terms,) int32, ascending.
        """

    def phrase(self, fields: FieldWeights, term_ids: list[int], slop: int, boost: float) -> QueryNode:
        """Return the node of a phrase."""

    def variants(self, fields: FieldWeights, alternatives: tuple[LanguageVariant, ...], boost: float) -> QueryNode:
        """Return the node of one word or phrase in several languages. A document has one language."""


class TrueBM25F:
    """The default scorer: a single saturation over the weighted fields; see `index.impacts` for the formula.

    Alternative terms are scored as a single term: their frequencies are added, and the document frequency counts
    documents with any of them. A phrase is scored likewise, with the sum of its words' idf.
    """

    exclusion = 0.0

    def __init__(self, reader: IndexReader, parameters: Bm25f = BM25F) -> None:
        self._reader = reader
        self._k1, self._b = parameters.k1, parameters.b
        self._all_fields = weak_lru_cache(self._all_fields_node, 4096)  # term nodes are immutable
        self._word = weak_lru_cache(self._word_variants, 64)  # copies of postings: 8 bytes each

    def term(self, fields: FieldWeights, term_id: int, boost: float) -> TermNode:
        if fields == FREE_TEXT:
            return self._all_fields(term_id, boost)
        parts = [self._frequencies(name, weight, term_id) for name, weight in fields.items()]
        return self._saturate(*self._sum_fields(parts), boost)

    def terms(self, fields: FieldWeights, term_ids: NDArray[np.int32], boost: float) -> QueryNode:
        """Return the node of any of several terms; `term_ids` (terms,) int32, ascending."""
        if len(term_ids) == 1:
            return self.term(fields, int(term_ids[0]), boost)
        if fields == FREE_TEXT:
            docs, codes, _ = self._reader.free_text.postings_of_terms(term_ids)
            frequencies = self._frequency_of_code.take(codes)
        else:
            postings = [self._frequencies(name, weight, int(n)) for name, weight in fields.items() for n in term_ids]
            docs = np.concatenate([part[0] for part in postings])
            frequencies = np.concatenate([part[1] for part in postings]).astype(np.float32)
        node = SynonymNode(self._reader.size, docs, frequencies, self._k1)
        node.weight = boost * self._idf(self._reader.live_only(node.matches).count)
        return node

    def phrase(self, fields: FieldWeights, term_ids: list[int], slop: int, boost: float) -> TermNode:
        parts = []
        for name, weight in fields.items():
            docs, counts = phrase_postings_of_all(self._reader, name, term_ids, slop)
            if len(docs):
                parts.append((docs, weight * counts * self._reader.length_norms(name, self._b).take(docs)))
        docs, frequencies = self._sum_fields(parts)
        idf_sum = sum(self._idf(self._doc_frequency(fields, number)) for number in term_ids)
        return TermNode(DocSet(self._reader.size, docs), frequencies / (self._k1 + frequencies), boost * idf_sum)

    def variants(self, fields: FieldWeights, alternatives: tuple[LanguageVariant, ...], boost: float) -> QueryNode:
        """Score the variants as one term. Its document frequency counts each variant in its language."""
        if fields == FREE_TEXT and len(alternatives[0].term_ids) == 1:
            return self._word(alternatives, boost)
        return self._combine_variants(fields, alternatives, boost)

    def _word_variants(self, alternatives: tuple[LanguageVariant, ...], boost: float) -> QueryNode:
        return self._combine_variants(FREE_TEXT, alternatives, boost)

    def _combine_variants(
        self, fields: FieldWeights, alternatives: tuple[LanguageVariant, ...], boost: float
    ) -> QueryNode:
        nodes = [self._variant_node(fields, each.term_ids, boost) for each in alternatives]
        masks = [each.mask(self._reader, node.docs) for each, node in zip(alternatives, nodes, strict=True)]
        matching = [(node, mask) for node, mask in zip(nodes, masks, strict=True) if mask.any()]
        if len(matching) == 1 and matching[0][1].all():
            return matching[0][0]  # all matches are in one language
        docs = np.concatenate([node.docs[mask] for node, mask in zip(nodes, masks, strict=True)])
        values = np.concatenate([node.values[:][mask] for node, mask in zip(nodes, masks, strict=True)])
        order = np.argsort(docs, kind="stable")
        idf_sum = sum(
            self._idf(self._variant_frequency(fields, alternatives, word_index))
            for word_index in range(len(alternatives[0].term_ids))
        )
        return TermNode(DocSet(self._reader.size, docs[order]), values[order], boost * idf_sum)

    def _variant_node(self, fields: FieldWeights, term_ids: tuple[int, ...], boost: float) -> TermNode:
        return (
            self.phrase(fields, list(term_ids), 1, boost)
            if len(term_ids) > 1
            else self.term(fields, term_ids[0], boost)
        )

    def _variant_frequency(
        self, fields: FieldWeights, alternatives: tuple[LanguageVariant, ...], word_index: int
    ) -> int:
        """Return the number of documents with the word at `word_index`, each as its language has it."""
        docs_of_variants = [self.term(fields, each.term_ids[word_index], 1.0).docs for each in alternatives]
        masks = (each.mask(self._reader, docs) for each, docs in zip(alternatives, docs_of_variants, strict=True))
        return sum(map(np.count_nonzero, masks))

    def _all_fields_node(self, term_id: int, boost: float) -> TermNode:
        postings = self._reader.free_text.postings(term_id)
        return TermNode(
            postings.doc_set, postings.impacts, boost * self._idf(postings.doc_frequency), postings.block_max
        )

    def _idf(self, doc_frequency: int) -> float:
        return idf(self._reader.doc_count, doc_frequency)

    def _doc_frequency(self, fields: FieldWeights, term_id: int) -> int:
        if len(fields) > 1:
            return self._reader.free_text.postings(term_id).doc_frequency
        return sum(self._live_count(self._reader.field(name, term_id).docs) for name in fields)

    def _live_count(self, docs: Docs) -> int:
        return self._reader.live_only(DocSet(self._reader.size, docs)).count

    @cached_property
    def _frequency_of_code(self) -> NDArray[np.float32]:
        """The weighted frequency behind each impact code, (codes,) float32: inverse of the saturation."""
        values = self._reader.impact_values
        return np.float32(self._k1) * values / (1 - values)

    def _frequencies(self, field: str, weight: float, term_id: int) -> tuple[Docs, NDArray[Any]]:
        postings = self._reader.field(field, term_id)
        return postings.docs, weight * postings.tfs * self._reader.length_norms(field, self._b)[postings.docs]

    def _sum_fields(self, parts: list[tuple[Docs, NDArray[Any]]]) -> tuple[Docs, NDArray[Any]]:
        """Return the distinct documents of all parts, ascending, with the sums of their frequencies."""
        parts = [part for part in parts if len(part[0])]
        if not parts:
            return np.empty(0, np.int32), np.empty(0)
        return parts[0] if len(parts) == 1 else self._sum_parts(parts)

    def _sum_parts(self, parts: list[tuple[Docs, NDArray[Any]]]) -> tuple[Docs, NDArray[Any]]:
        docs = sorted_unique(np.concatenate([part[0] for part in parts]))
        sums = np.zeros(len(docs))
        for part_docs, frequencies in parts:
            sums[docs.searchsorted(part_docs)] += frequencies
        return docs, sums

    def _saturate(self, docs: Docs, frequencies: NDArray[Any], boost: float) -> TermNode:
        values = frequencies / (self._k1 + frequencies)
        return TermNode(DocSet(self._reader.size, docs), values, boost * self._idf(self._live_count(docs)))
