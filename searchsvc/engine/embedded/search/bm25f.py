"""Scorers: what a term, a phrase or a set of terms is worth in each document."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from searchsvc.array_ranges import sorted_unique
from searchsvc.engine.embedded.index.doc_set import (
    Docs,
    DocSet,
)
from searchsvc.engine.embedded.index.impacts import idf
from searchsvc.engine.embedded.index.segment import Segment
from searchsvc.engine.embedded.index.weak_lru_cache import weak_lru_cache
from searchsvc.engine.embedded.search.phrases import phrase
from searchsvc.engine.embedded.search.query_nodes import (
    QueryNode,
    SynonymNode,
    TermNode,
)
from searchsvc.schema import BM25F, FREE_TEXT, Bm25f

FieldWeights = Mapping[str, float]  # field to what a match in it counts


class LanguageVariant(NamedTuple):
    """Terms side by side (one is a word) that are looked for in documents of some languages: those in one
    of `codes`, or if `excluding` in none of them."""

    term_ids: tuple[int, ...]
    codes: tuple[str, ...]
    excluding: bool

    def mask(self, segment: Segment, docs: Docs) -> NDArray[np.bool_]:
        """For each of `docs` whether it is in one of the languages."""
        return segment.in_languages(self.codes, self.excluding).take(docs)


class Scorer(Protocol):
    """Makes scored nodes; `fields` gives each field looked in and its weight."""

    exclusion: float  # what a document scores for not having what it must not have

    def term(self, fields: FieldWeights, number: int, boost: float) -> QueryNode:
        """One term of the dictionary, -1 if it is in none."""

    def terms(self, fields: FieldWeights, numbers: NDArray[np.int32], boost: float) -> QueryNode:
        """Any of several terms: a prefix, a pattern or a spelling. `numbers` ascend."""

    def phrase(self, fields: FieldWeights, numbers: list[int], slop: int, boost: float) -> QueryNode:
        """Terms one after the other."""

    def variants(self, fields: FieldWeights, alternatives: tuple[LanguageVariant, ...], boost: float) -> QueryNode:
        """One word or phrase as each of several languages has it; no document is in two of them."""


class TrueBM25F:
    """The scorer that serves: one saturation over the weighted fields; formula in scores.py.

    Several terms in place of one count as one term: their frequencies add up, and what tells
    is how many documents have any. So does a phrase, with the idf of its words added.
    """

    exclusion = 0.0

    def __init__(self, segment: Segment, parameters: Bm25f = BM25F) -> None:
        self._segment = segment
        self._k1, self._b = parameters.k1, parameters.b
        self._all_fields = weak_lru_cache(self._all_fields_of, 4096)  # nodes of terms never change
        self._word = weak_lru_cache(self._word_of, 64)  # these are copies: 8 bytes a posting

    def term(self, fields: FieldWeights, number: int, boost: float) -> TermNode:
        if fields == FREE_TEXT:
            return self._all_fields(number, boost)
        parts = [self._frequencies(name, weight, number) for name, weight in fields.items()]
        return self._saturated(*self._added(parts), boost)

    def terms(self, fields: FieldWeights, numbers: NDArray[np.int32], boost: float) -> QueryNode:
        if len(numbers) == 1:
            return self.term(fields, int(numbers[0]), boost)
        if fields == FREE_TEXT:
            docs, frequencies = self._all_fields_postings(numbers)
        else:
            each = [self._frequencies(name, weight, int(n)) for name, weight in fields.items() for n in numbers]
            docs = np.concatenate([part[0] for part in each])
            frequencies = np.concatenate([part[1] for part in each]).astype(np.float32)
        pooled = SynonymNode(self._segment.size, docs, frequencies, self._k1)
        pooled.weight = boost * self._idf(pooled.matches.count)
        return pooled

    def phrase(self, fields: FieldWeights, numbers: list[int], slop: int, boost: float) -> TermNode:
        parts = []
        for name, weight in fields.items():
            docs, counts = phrase(self._segment, name, numbers, slop)
            if len(docs):
                parts.append((docs, weight * counts * self._segment.length_norms(name, self._b).take(docs)))
        docs, frequencies = self._added(parts)
        idf_sum = sum(self._idf(self._frequency(fields, number)) for number in numbers)
        return TermNode(DocSet(self._segment.size, docs), frequencies / (self._k1 + frequencies), boost * idf_sum)

    def variants(self, fields: FieldWeights, alternatives: tuple[LanguageVariant, ...], boost: float) -> QueryNode:
        """As one term; what tells is how many documents have it, each as its language does."""
        if fields == FREE_TEXT and len(alternatives[0].term_ids) == 1:
            return self._word(alternatives, boost)
        return self._variants_of(fields, alternatives, boost)

    def _word_of(self, alternatives: tuple[LanguageVariant, ...], boost: float) -> QueryNode:
        return self._variants_of(FREE_TEXT, alternatives, boost)

    def _variants_of(self, fields: FieldWeights, alternatives: tuple[LanguageVariant, ...], boost: float) -> QueryNode:
        nodes = [self._variant_node(fields, each.term_ids, boost) for each in alternatives]
        heard = [each.mask(self._segment, node.docs) for each, node in zip(alternatives, nodes, strict=True)]
        found = [(node, own) for node, own in zip(nodes, heard, strict=True) if own.any()]
        if len(found) == 1 and found[0][1].all():
            return found[0][0]  # as in one language
        docs = np.concatenate([node.docs[own] for node, own in zip(nodes, heard, strict=True)])
        values = np.concatenate([node.values[:][own] for node, own in zip(nodes, heard, strict=True)])
        order = np.argsort(docs, kind="stable")
        idf_sum = sum(
            self._idf(self._variant_frequency(fields, alternatives, place))
            for place in range(len(alternatives[0].term_ids))
        )
        return TermNode(DocSet(self._segment.size, docs[order]), values[order], boost * idf_sum)

    def _variant_node(self, fields: FieldWeights, numbers: tuple[int, ...], boost: float) -> TermNode:
        return (
            self.phrase(fields, list(numbers), 1, boost) if len(numbers) > 1 else self.term(fields, numbers[0], boost)
        )

    def _variant_frequency(self, fields: FieldWeights, alternatives: tuple[LanguageVariant, ...], place: int) -> int:
        """In how many documents the word at `place` stands, each as its language has it."""
        having = [self.term(fields, each.term_ids[place], 1.0).docs for each in alternatives]
        heard = (each.mask(self._segment, docs) for each, docs in zip(alternatives, having, strict=True))
        return sum(map(np.count_nonzero, heard))

    def _all_fields_of(self, number: int, boost: float) -> TermNode:
        free = self._segment.all_fields(number)
        return TermNode(free.doc_set, free.impacts, boost * self._idf(free.doc_set.count), free.block_max)

    def _idf(self, frequency: int) -> float:
        return idf(self._segment.size, frequency)

    def _frequency(self, fields: FieldWeights, number: int) -> int:
        if len(fields) > 1:
            return self._segment.all_fields(number).doc_set.count
        return sum(len(self._segment.field(name, number).docs) for name in fields)

    @cached_property
    def _unsaturated(self) -> NDArray[np.float32]:
        """For each impact there is, in the order of their codes, the frequency that it came from."""
        values = self._segment.impacts.values
        return np.float32(self._k1) * values / (1 - values)

    def _frequencies(self, field: str, weight: float, number: int) -> tuple[Docs, NDArray[Any]]:
        found = self._segment.field(field, number)
        return found.docs, weight * found.tfs * self._segment.length_norms(field, self._b)[found.docs]

    def _all_fields_postings(self, numbers: NDArray[np.int32]) -> tuple[Docs, NDArray[np.float32]]:
        """Documents and frequencies of several terms one after the other; neighbours in the dictionary as one slice."""
        body, codes = self._segment.fields["body"], self._segment.impacts.codes
        rows = body.terms.searchsorted(numbers)
        rows = rows[body.terms.take(rows, mode="clip") == numbers]
        if not len(rows):
            return np.empty(0, np.int32), np.empty(0, np.float32)
        begins, ends = body.offsets.take(rows), body.offsets.take(rows + 1)
        apart = (begins[1:] != ends[:-1]).nonzero()[0]
        firsts = [int(begins[0]), *begins.take(apart + 1).tolist()]
        spans = list(map(slice, firsts, [*ends.take(apart).tolist(), int(ends[-1])]))
        chosen = np.concatenate([codes[s] for s in spans])
        return np.concatenate([body.docs[s] for s in spans]), self._unsaturated.take(chosen)

    def _added(self, parts: list[tuple[Docs, NDArray[Any]]]) -> tuple[Docs, NDArray[Any]]:
        """Documents of all parts, ascending and once each, with the sums of their frequencies."""
        parts = [part for part in parts if len(part[0])]
        if not parts:
            return np.empty(0, np.int32), np.empty(0)
        return parts[0] if len(parts) == 1 else self._summed(parts)

    def _summed(self, parts: list[tuple[Docs, NDArray[Any]]]) -> tuple[Docs, NDArray[Any]]:
        docs = sorted_unique(np.concatenate([part[0] for part in parts]))
        sums = np.zeros(len(docs))
        for own, frequencies in parts:
            sums[docs.searchsorted(own)] += frequencies
        return docs, sums

    def _saturated(self, docs: Docs, frequencies: NDArray[Any], boost: float) -> TermNode:
        values = frequencies / (self._k1 + frequencies)
        return TermNode(DocSet(self._segment.size, docs), values, boost * self._idf(len(docs)))
