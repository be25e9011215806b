"""Texts to terms, and document counts of the words in them."""

from collections.abc import Iterator, Mapping, Sequence

from searchsvc.engine.embedded.build.inverter import form_doc_counts, form_term_ids
from searchsvc.engine.embedded.build.tokenizer import Tokenizer, Tokens, texts_of
from searchsvc.engine.embedded.index.postings import FIELDS
from searchsvc.engine.embedded.index.term_dictionary import FREE_TEXT_COUNT
from searchsvc.models.documents import Document

CACHE_SIZE = 150_000  # cached pieces of text, and counted words: about 40 MB each

CountedWord = tuple[str, str]  # folded word and its term


class WordIndex:
    """Analyses documents and counts their words, within a memory limit."""

    def __init__(self, default_language: str, cache_size: int = CACHE_SIZE) -> None:
        """`default_language`: of documents in a language without stemmer."""
        self._tokenizer = Tokenizer(default_language, cache_size)
        self._counts: dict[CountedWord, int] = {}
        self._max_counts = cache_size

    def terms(self, documents: Sequence[Document]) -> list[dict[str, str]]:
        """Return the terms of each field of each document, joined by spaces; empty fields are left out.

        The values of a field follow each other, so that positions are equal to the embedded engine's. Batches are
        many times faster than single documents.
        """
        tokens = self._tokenizer.tokens([texts_of(each) for each in documents], [each.language for each in documents])
        index_terms = list(map(_decode, tokens.terms))
        self._count(tokens, index_terms)
        terms = list(map(index_terms.__getitem__, tokens.term_ids.tolist()))
        return list(_by_field(terms, tokens.lengths.tolist()))

    def pop_rare(self) -> Mapping[CountedWord, int]:
        """Remove and return the rarer half of the words if there are too many."""
        if len(self._counts) <= self._max_counts:
            return {}
        rarest = sorted(self._counts, key=self._counts.__getitem__)[: len(self._counts) // 2]
        return {word: self._counts.pop(word) for word in rarest}

    def remaining(self) -> Mapping[CountedWord, int]:
        """Return all words that `pop_rare` did not return."""
        return self._counts

    def _count(self, tokens: Tokens, index_terms: Sequence[str]) -> None:
        words = list(map(_decode, tokens.words))
        written = map(words.__getitem__, tokens.form_words.tolist())
        terms = map(index_terms.__getitem__, form_term_ids(tokens).tolist())
        for word, documents in zip(
            zip(written, terms, strict=True), form_doc_counts(tokens)[FREE_TEXT_COUNT].tolist(), strict=True
        ):
            self._counts[word] = self._counts.get(word, 0) + documents


def _by_field(terms: Sequence[str], lengths: Sequence[Sequence[int]]) -> Iterator[dict[str, str]]:
    """Yield the terms of each document by field; `lengths`: terms per document and field."""
    start = 0
    for counts in lengths:
        field_texts: dict[str, str] = {}
        for field, count in zip(FIELDS, counts, strict=True):
            if count:
                field_texts[field] = " ".join(terms[start : start + count])
                start += count
        yield field_texts


def _decode(encoded: bytes) -> str:
    """Decode UTF-8; lone surrogates become question marks."""
    try:
        return encoded.decode()
    except UnicodeDecodeError:
        return encoded.decode("utf-8", "surrogatepass").encode("utf-8", "replace").decode()
