"""Texts to terms, and document counts of the words in them."""

from collections.abc import Iterator, Mapping, Sequence

from searchsvc.engine.embedded.build.inverter import form_doc_counts, form_term_ids
from searchsvc.engine.embedded.build.tokenizer import Tokenizer, Tokens, texts_of
from searchsvc.engine.embedded.index.postings import FIELDS
from searchsvc.engine.embedded.index.term_dictionary import FREE_TEXT_COUNT
from searchsvc.models.documents import Document

CACHE_SIZE = 150_000  # cached pieces of text, and counted words: about 40 MB each

CountedWord = tuple[str, str]  # folded word and its term


def analysed(
    documents: Sequence[Document], tokenizer: Tokenizer
) -> tuple[list[dict[str, str]], Mapping[CountedWord, int]]:
    """Return the terms of each field of each document, joined by spaces, and the document counts of their words.

    Empty fields are left out. The values of a field follow each other, so that positions are equal to the embedded
    engine's. Batches are many times faster than single documents.
    """
    tokens = tokenizer.tokens([texts_of(each) for each in documents], [each.language for each in documents])
    index_terms = list(map(_decode, tokens.terms))
    terms = list(map(index_terms.__getitem__, tokens.term_ids.tolist()))
    return list(_by_field(terms, tokens.lengths.tolist())), _word_counts(tokens, index_terms)


def _word_counts(tokens: Tokens, index_terms: Sequence[str]) -> dict[CountedWord, int]:
    words = list(map(_decode, tokens.words))
    written = map(words.__getitem__, tokens.form_words.tolist())
    terms = map(index_terms.__getitem__, form_term_ids(tokens).tolist())
    counts: dict[CountedWord, int] = {}
    for word, documents in zip(
        zip(written, terms, strict=True), form_doc_counts(tokens)[FREE_TEXT_COUNT].tolist(), strict=True
    ):
        counts[word] = counts.get(word, 0) + documents
    return counts


class WordCounts:
    """Adds up document counts of words, within a memory limit."""

    def __init__(self, most: int = CACHE_SIZE) -> None:
        """`most`: words above which `pop_rare` returns some."""
        self._counts: dict[CountedWord, int] = {}
        self._most = most

    def add(self, counts: Mapping[CountedWord, int]) -> None:
        """Add the counts of other documents."""
        for word, documents in counts.items():
            self._counts[word] = self._counts.get(word, 0) + documents

    def pop_rare(self) -> Mapping[CountedWord, int]:
        """Remove and return the rarer half of the words if there are too many."""
        if len(self._counts) <= self._most:
            return {}
        rarest = sorted(self._counts, key=self._counts.__getitem__)[: len(self._counts) // 2]
        return {word: self._counts.pop(word) for word in rarest}

    def remaining(self) -> Mapping[CountedWord, int]:
        """Return all words that `pop_rare` did not return."""
        return self._counts


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
