"""A generation's arrays, opened: the terms, their postings, the lengths and columns."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.files import FORWARD_INDEX, IMPACTS, KEY_TERMS, POSTINGS
from searchsvc.engine.embedded.index.array_file import Array, load_arrays
from searchsvc.engine.embedded.index.doc_set import (
    Docs,
    DocSet,
    everything,
    nothing,
)
from searchsvc.engine.embedded.index.forward_index import ForwardIndex
from searchsvc.engine.embedded.index.impacts import (
    Impacts,
    blocks_of,
    length_norms,
    words_of_bits,
)
from searchsvc.engine.embedded.index.key_terms import KeyTerms, read_key_terms
from searchsvc.engine.embedded.index.postings import FIELDS, Postings
from searchsvc.engine.embedded.index.term_dictionary import Lexicon, TermDictionary, encode
from searchsvc.engine.embedded.index.weak_lru_cache import weak_lru_cache

KEYWORDS = ("id", "language")


@dataclass(frozen=True, slots=True)
class FieldPostings:
    """The postings of one term in one field: `docs` int32, `tfs` unsigned, none of them 0."""

    docs: Docs
    tfs: Array


@dataclass(frozen=True, slots=True)
class AllFieldsPostings:
    """The postings of one term over all fields of free text.

    `impacts` beside `found.docs`; `block_max` uint8, one a block, if the term is common.
    """

    doc_set: DocSet
    impacts: Impacts
    block_max: NDArray[np.uint8] | None


class Segment:
    """Everything a search reads. Nothing is copied from the memory maps when it is opened."""

    def __init__(self, folder: Path) -> None:
        arrays, scores = load_arrays(folder / POSTINGS), load_arrays(folder / IMPACTS)
        self.arrays = arrays
        self.terms = TermDictionary(arrays, "terms")
        self.lexicon = Lexicon.of(arrays)
        self.fields = {name: Postings.of(arrays, name) for name in FIELDS}
        self.forward_index = ForwardIndex(folder / FORWARD_INDEX, arrays)
        self.columns = {"published": arrays["published"]}
        self.size = len(arrays["body.lengths"])
        self.everything = everything(self.size)
        self.impacts = Impacts(scores["codes"], scores["values"])
        self.keywords = {name: TermDictionary(arrays, f"{name}s") for name in KEYWORDS}
        self._dense: NDArray[np.int32] = scores["dense"]
        self._bits = scores["bits"].reshape(len(self._dense), words_of_bits(self.size))
        self._block_max = scores["peaks"].reshape(len(self._dense), blocks_of(self.size))
        self._key_terms = load_arrays(folder / KEY_TERMS)
        self._length_norms = weak_lru_cache(self._length_norms_of, 16)
        self._all_fields = weak_lru_cache(self._all_fields_of, 4096)
        self._spans = weak_lru_cache(self._spans_of, 4096)
        self._in_languages = weak_lru_cache(self._in_languages_of, 64)

    @cached_property
    def ranks(self) -> NDArray[np.int32]:
        """(documents,) int32: where each stands in the order of ids, in which those of one score are told.

        Numbers would not do: they depend on which build a document came with.
        """
        ranks = np.empty(self.size, np.int32)
        ranks[self.arrays["id.docs"]] = np.arange(self.size, dtype=np.int32)
        return ranks

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages that documents are in, those of most documents first."""
        counts = np.diff(self.arrays["language.offsets"])
        names = [name.decode() for name in self.keywords["language"]]
        return tuple(names[place] for place in np.argsort(-counts, kind="stable").tolist())

    def in_languages(self, codes: tuple[str, ...], excluding: bool) -> NDArray[np.bool_]:
        """For each document whether its language is one of `codes`, or if `excluding` none of them."""
        return self._in_languages(codes, excluding)

    def _in_languages_of(self, codes: tuple[str, ...], excluding: bool) -> NDArray[np.bool_]:
        speaks = np.full(self.size, excluding)
        for code in codes:
            speaks[self.keyword("language", code).docs_array()] = not excluding
        return speaks

    def term_id(self, term: str) -> int:
        """The number of a term in the dictionary, or -1."""
        return self.terms.find(encode(term))

    def lengths(self, field: str) -> Array:
        """How many tokens the field has in each document, unsigned."""
        return self.arrays[f"{field}.lengths"]

    def length_norms(self, field: str, b: float) -> NDArray[np.float32]:
        """What the length of a field takes from a frequency in it, a factor for each document."""
        return self._length_norms(field, b)

    def _length_norms_of(self, field: str, b: float) -> NDArray[np.float32]:
        return length_norms(self.lengths(field), b)

    def all_fields(self, number: int) -> AllFieldsPostings:
        """A term over all fields of free text; what was looked up last is kept."""
        return self._all_fields(number)

    def _all_fields_of(self, number: int) -> AllFieldsPostings:
        body = self.fields["body"]
        row = body.row(number)
        if row < 0:
            return AllFieldsPostings(nothing(self.size), self.impacts.part(slice(0)), None)
        span = body.span(row)
        place = int(self._dense.searchsorted(np.int32(number)))
        dense = place < len(self._dense) and self._dense[place] == number
        found = DocSet(self.size, body.docs[span], self._bits[place] if dense else None)
        return AllFieldsPostings(found, self.impacts.part(span), self._block_max[place] if dense else None)

    def all_fields_of_terms(self, numbers: NDArray[np.int32]) -> tuple[Docs, NDArray[np.float32], NDArray[np.int64]]:
        """The documents of several terms over all fields of free text, one list after the other, the
        impacts beside, and how many documents each of the terms has. All of them stand in some document."""
        body = self.fields["body"]
        rows = body.terms.searchsorted(numbers)
        begins, ends = body.offsets.take(rows).astype(np.int64), body.offsets.take(rows + 1).astype(np.int64)
        spans = list(map(slice, begins.tolist(), ends.tolist()))
        codes = np.concatenate([self.impacts.codes[span] for span in spans])
        return np.concatenate([body.docs[span] for span in spans]), self.impacts.values.take(codes), ends - begins

    def field(self, field: str, number: int) -> FieldPostings:
        """A term in one field."""
        postings = self.fields[field]
        row = postings.row(number)
        if row < 0:
            return FieldPostings(np.empty(0, np.int32), np.empty(0, np.uint8))
        span = postings.span(row)
        docs, tfs = postings.docs[span], postings.tfs[span]
        there = tfs != 0
        return FieldPostings(docs, tfs) if there.all() else FieldPostings(docs[there], tfs[there])

    def spans(self, number: int) -> dict[str, slice]:
        """Where a term's postings stand in each field that has it; what was looked up last is kept."""
        return self._spans(number)

    def _spans_of(self, number: int) -> dict[str, slice]:
        rows = {name: postings.row(number) for name, postings in self.fields.items()}
        return {name: self.fields[name].span(row) for name, row in rows.items() if row >= 0}

    def key_terms(self, docs: Docs) -> KeyTerms:
        """The most telling terms of each of `docs`, in whatever order these are."""
        return read_key_terms(self._key_terms, docs)

    def keyword(self, field: str, value: str) -> DocSet:
        """Documents whose unanalysed field is `value`."""
        number = self.keywords[field].find(encode(value))
        if number < 0:
            return nothing(self.size)
        offsets = self.arrays[f"{field}.offsets"]
        return DocSet(self.size, self.arrays[f"{field}.docs"][offsets[number] : offsets[number + 1]])


def positions_of(segment: Segment, field: str, number: int, doc: int) -> list[int]:
    """Where one term stands in one document, which has it."""
    postings = segment.fields[field]
    span = postings.span(postings.row(number))
    return postings.positions_at(span.start + int(postings.docs[span].searchsorted(np.int32(doc))))
