"""Scorers: what a term, a phrase or a set of terms is worth in each document."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from math import log
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.index.array_file import distinct
from searchsvc.engine.embedded.index.doc_set import (
    Docs,
    DocSet,
    masked,
    nothing,
)
from searchsvc.engine.embedded.index.impacts import idf
from searchsvc.engine.embedded.index.segment import Segment
from searchsvc.engine.embedded.index.weak_lru_cache import keeping
from searchsvc.engine.embedded.search.phrases import phrase
from searchsvc.engine.embedded.search.query_nodes import (
    AnyOf,
    Constant,
    Listed,
    Node,
    Pooled,
    Required,
)
from searchsvc.schema import BM25F, FREE_TEXT, Bm25f

Weights = Mapping[str, float]  # field to what a match in it counts


class Spoken(NamedTuple):
    """Terms side by side (one is a word) that are looked for in documents of some languages: those in one
    of `codes`, or if `excluding` in none of them."""

    numbers: tuple[int, ...]
    codes: tuple[str, ...]
    excluding: bool

    def heard(self, segment: Segment, docs: Docs) -> NDArray[np.bool_]:
        """For each of `docs` whether it is in one of the languages."""
        return segment.speaking(self.codes, self.excluding).take(docs)


class Scorer(Protocol):
    """Makes scored nodes; `fields` gives each field looked in and its weight."""

    exclusion: float  # what a document scores for not having what it must not have

    def term(self, fields: Weights, number: int, boost: float) -> Node:
        """One term of the dictionary, -1 if it is in none."""

    def terms(self, fields: Weights, numbers: NDArray[np.int32], boost: float) -> Node:
        """Any of several terms: a prefix, a pattern or a spelling. `numbers` ascend."""

    def phrase(self, fields: Weights, numbers: list[int], slop: int, boost: float) -> Node:
        """Terms one after the other."""

    def spoken(self, fields: Weights, alternatives: tuple[Spoken, ...], boost: float) -> Node:
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
        self._free = keeping(self._free_of, 4096)  # nodes of terms never change
        self._word = keeping(self._word_of, 64)  # these are copies: 8 bytes a posting

    def term(self, fields: Weights, number: int, boost: float) -> Listed:
        if fields == FREE_TEXT:
            return self._free(number, boost)
        parts = [self._frequencies(name, weight, number) for name, weight in fields.items()]
        return self._saturated(*self._added(parts), boost)

    def terms(self, fields: Weights, numbers: NDArray[np.int32], boost: float) -> Node:
        if len(numbers) == 1:
            return self.term(fields, int(numbers[0]), boost)
        if fields == FREE_TEXT:
            docs, frequencies = self._free_postings(numbers)
        else:
            each = [self._frequencies(name, weight, int(n)) for name, weight in fields.items() for n in numbers]
            docs = np.concatenate([part[0] for part in each])
            frequencies = np.concatenate([part[1] for part in each]).astype(np.float32)
        pooled = Pooled(self._segment.size, docs, frequencies, self._k1)
        pooled.weight = boost * self._idf(pooled.matches.count)
        return pooled

    def phrase(self, fields: Weights, numbers: list[int], slop: int, boost: float) -> Listed:
        parts = []
        for name, weight in fields.items():
            docs, counts = phrase(self._segment, name, numbers, slop)
            if len(docs):
                parts.append((docs, weight * counts * self._segment.discounts(name, self._b).take(docs)))
        docs, frequencies = self._added(parts)
        told = sum(self._idf(self._frequency(fields, number)) for number in numbers)
        return Listed(DocSet(self._segment.size, docs), frequencies / (self._k1 + frequencies), boost * told)

    def spoken(self, fields: Weights, alternatives: tuple[Spoken, ...], boost: float) -> Node:
        """As one term; what tells is how many documents have it, each as its language does."""
        if fields == FREE_TEXT and len(alternatives[0].numbers) == 1:
            return self._word(alternatives, boost)
        return self._spoken_of(fields, alternatives, boost)

    def _word_of(self, alternatives: tuple[Spoken, ...], boost: float) -> Node:
        return self._spoken_of(FREE_TEXT, alternatives, boost)

    def _spoken_of(self, fields: Weights, alternatives: tuple[Spoken, ...], boost: float) -> Node:
        nodes = [self._said(fields, each.numbers, boost) for each in alternatives]
        heard = [each.heard(self._segment, node.docs) for each, node in zip(alternatives, nodes, strict=True)]
        found = [(node, own) for node, own in zip(nodes, heard, strict=True) if own.any()]
        if len(found) == 1 and found[0][1].all():
            return found[0][0]  # as in one language
        docs = np.concatenate([node.docs[own] for node, own in zip(nodes, heard, strict=True)])
        values = np.concatenate([node.values[:][own] for node, own in zip(nodes, heard, strict=True)])
        order = np.argsort(docs, kind="stable")
        told = sum(self._idf(self._heard(fields, alternatives, place)) for place in range(len(alternatives[0].numbers)))
        return Listed(DocSet(self._segment.size, docs[order]), values[order], boost * told)

    def _said(self, fields: Weights, numbers: tuple[int, ...], boost: float) -> Listed:
        return (
            self.phrase(fields, list(numbers), 1, boost) if len(numbers) > 1 else self.term(fields, numbers[0], boost)
        )

    def _heard(self, fields: Weights, alternatives: tuple[Spoken, ...], place: int) -> int:
        """In how many documents the word at `place` stands, each as its language has it."""
        having = [self.term(fields, each.numbers[place], 1.0).docs for each in alternatives]
        heard = (each.heard(self._segment, docs) for each, docs in zip(alternatives, having, strict=True))
        return sum(map(np.count_nonzero, heard))

    def _free_of(self, number: int, boost: float) -> Listed:
        free = self._segment.free(number)
        return Listed(free.found, free.impacts, boost * self._idf(free.found.count), free.peaks)

    def _idf(self, frequency: int) -> float:
        return idf(self._segment.size, frequency)

    def _frequency(self, fields: Weights, number: int) -> int:
        if len(fields) > 1:
            return self._segment.free(number).found.count
        return sum(len(self._segment.listed(name, number).docs) for name in fields)

    @cached_property
    def _unsaturated(self) -> NDArray[np.float32]:
        """For each impact there is, in the order of their codes, the frequency that it came from."""
        values = self._segment.impacts.values
        return np.float32(self._k1) * values / (1 - values)

    def _frequencies(self, field: str, weight: float, number: int) -> tuple[Docs, NDArray[Any]]:
        found = self._segment.listed(field, number)
        return found.docs, weight * found.tfs * self._segment.discounts(field, self._b)[found.docs]

    def _free_postings(self, numbers: NDArray[np.int32]) -> tuple[Docs, NDArray[np.float32]]:
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
        docs = distinct(np.concatenate([part[0] for part in parts]))
        sums = np.zeros(len(docs))
        for own, frequencies in parts:
            sums[docs.searchsorted(own)] += frequencies
        return docs, sums

    def _saturated(self, docs: Docs, frequencies: NDArray[Any], boost: float) -> Listed:
        values = frequencies / (self._k1 + frequencies)
        return Listed(DocSet(self._segment.size, docs), values, boost * self._idf(len(docs)))


class WhooshBM25F:
    """Whoosh's own BM25F, so that results can be compared with stock Whoosh: fields simply add up.

    idf * tf * (K1 + 1) / (tf + K1 * ((1 - B) + B * length / mean length)), with
    idf = ln(N / (df + 1)) + 1 and the mean over all documents (whoosh.scoring, K1 1.2, B 0.75).
    """

    exclusion = 1.0  # InverseMatcher's weight
    K1, B = 1.2, 0.75

    def __init__(self, segment: Segment) -> None:
        self._segment = segment

    def term(self, fields: Weights, number: int, boost: float) -> Node:
        return _any([Listed(*self._scored(name, number), boost * weight) for name, weight in fields.items()])

    def _scored(self, field: str, number: int) -> tuple[DocSet, NDArray[np.float64]]:
        found, size = self._segment.listed(field, number), self._segment.size
        lengths = self._segment.lengths(field)
        mean = float(lengths.sum(dtype=np.int64)) / size or 1
        tf = found.tfs.astype(np.float64)
        told = log(size / (len(found.docs) + 1)) + 1
        lengthy = self.K1 * ((1 - self.B) + self.B * np.maximum(lengths[found.docs], 1) / mean)
        return DocSet(size, found.docs), told * ((tf * (self.K1 + 1)) / (tf + lengthy))

    def terms(self, fields: Weights, numbers: NDArray[np.int32], boost: float) -> Node:
        size = self._segment.size
        found = [
            Constant(DocSet(size, self._segment.listed(name, int(number)).docs), boost * weight)
            for name, weight in fields.items()
            for number in numbers
        ]
        return Constant(_any(found).matches, boost) if found else Constant(nothing(size), boost)

    def phrase(self, fields: Weights, numbers: list[int], slop: int, boost: float) -> Node:
        return _any([self._phrase(name, numbers, slop, boost * weight) for name, weight in fields.items()])

    def spoken(self, fields: Weights, alternatives: tuple[Spoken, ...], boost: float) -> Node:
        return _any([self._spoken(fields, each, boost) for each in alternatives])

    def _spoken(self, fields: Weights, each: Spoken, boost: float) -> Node:
        numbers = list(each.numbers)
        node = self.phrase(fields, numbers, 1, boost) if len(numbers) > 1 else self.term(fields, numbers[0], boost)
        return Required(node, Constant(masked(self._segment.speaking(each.codes, each.excluding)), 0.0))

    def _phrase(self, field: str, numbers: list[int], slop: int, boost: float) -> Node:
        docs = phrase(self._segment, field, numbers, slop).docs
        scores = np.zeros(len(docs))
        for number in numbers:
            scores += Listed(*self._scored(field, number), 1.0).partial(docs)
        return Listed(DocSet(self._segment.size, docs), scores, boost)


def _any(nodes: Iterable[Node]) -> Node:
    parts = tuple(nodes)
    return parts[0] if len(parts) == 1 else AnyOf(parts)
