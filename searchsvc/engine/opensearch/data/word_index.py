"""Texts to terms, and the words met on the way: how people write each term, and in how many documents."""

from collections.abc import Iterator, Mapping, Sequence

from searchsvc.engine.embedded.build.inverter import forms_counted, terms_of_forms
from searchsvc.engine.embedded.build.tokenizer import Tokenizer, Tokens, texts_of
from searchsvc.engine.embedded.index.postings import FIELDS
from searchsvc.engine.embedded.index.term_dictionary import ALL_FIELDS
from searchsvc.models.documents import Document

KNOWN = 150_000  # pieces of text whose analysis is kept, and words that are counted: some 40 MB each

CountedWord = tuple[str, str]  # a word as it is written, folded, and the term it is indexed as


class WordIndex:
    """Takes documents and gives their terms; counts words, within bounds of memory."""

    def __init__(self, configured: str, known: int = KNOWN) -> None:
        """`configured`: the language of documents in a language that has no stems."""
        self._tokeniser = Tokenizer(configured, known)
        self._counts: dict[CountedWord, int] = {}
        self._most = known

    def terms(self, documents: Sequence[Document]) -> list[dict[str, str]]:
        """The terms that each document's language gives each field that has any, joined by spaces.

        The values of a field that has several follow one another, so that positions are those of
        the embedded engine. Many documents at once take a fraction of the time of each by itself.
        """
        tokens = self._tokeniser.tokens([texts_of(each) for each in documents], [each.language for each in documents])
        vocabulary = list(map(_text, tokens.vocabulary))
        self._count(tokens, vocabulary)
        terms = list(map(vocabulary.__getitem__, tokens.terms.tolist()))
        return list(_by_field(terms, tokens.lengths.tolist()))

    def surplus(self) -> Mapping[CountedWord, int]:
        """The rarer half of the words, if there are too many: they are counted anew from now on."""
        if len(self._counts) <= self._most:
            return {}
        rarest = sorted(self._counts, key=self._counts.__getitem__)[: len(self._counts) // 2]
        return {word: self._counts.pop(word) for word in rarest}

    def rest(self) -> Mapping[CountedWord, int]:
        """All words that were not given before."""
        return self._counts

    def _count(self, tokens: Tokens, vocabulary: Sequence[str]) -> None:
        words = list(map(_text, tokens.words))
        own = map(words.__getitem__, tokens.forms.tolist())
        terms = map(vocabulary.__getitem__, terms_of_forms(tokens).tolist())
        for word, documents in zip(
            zip(own, terms, strict=True), forms_counted(tokens)[ALL_FIELDS].tolist(), strict=True
        ):
            self._counts[word] = self._counts.get(word, 0) + documents


def _by_field(terms: Sequence[str], lengths: Sequence[Sequence[int]]) -> Iterator[dict[str, str]]:
    """For each document its terms, of which each field has so many, by field."""
    start = 0
    for counts in lengths:
        found: dict[str, str] = {}
        for field, count in zip(FIELDS, counts, strict=True):
            if count:
                found[field] = " ".join(terms[start : start + count])
                start += count
        yield found


def _text(encoded: bytes) -> str:
    """A lone surrogate, which UTF-8 does not have, becomes a question mark."""
    try:
        return encoded.decode()
    except UnicodeDecodeError:
        return encoded.decode("utf-8", "surrogatepass").encode("utf-8", "replace").decode()
