"""Texts to terms, and the words met on the way: how people write each term, and in how many documents."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from searchsvc.analysis import Analyzer, analysed_as, analyzer
from searchsvc.engine.embedded.pieces import SEPARATORS
from searchsvc.engine.embedded.tokens import FIELDS, stems_of, texts_of, words_in
from searchsvc.models import Document
from searchsvc.schema import FREE_TEXT

KNOWN = 150_000  # pieces of text whose analysis is kept, and words that are counted: some 40 MB each

CountedWord = tuple[str, str]  # a word as it is written, folded, and the term it is indexed as


class _Word:
    """A word that was met, and in the free text of how many documents; hashed by identity, which is quick."""

    __slots__ = ("documents",)

    def __init__(self) -> None:
        self.documents = 0


class _Words(dict[CountedWord, _Word]):
    """Counts a word from when it is first asked for."""

    def __missing__(self, word: CountedWord) -> _Word:
        found = self[word] = _Word()
        return found


@dataclass(frozen=True, slots=True)
class _Analysed:
    """What a piece of text becomes: its terms joined by spaces, and its words."""

    terms: str
    words: tuple[_Word, ...]


class _Pieces(dict[bytes, _Analysed]):
    """Analyses a piece when it is first asked for."""

    def __init__(self, analyzer: Analyzer, words: _Words) -> None:
        super().__init__()
        self._analyzer = analyzer
        self._words = words

    def __missing__(self, piece: bytes) -> _Analysed:
        words = words_in(piece)
        terms = [_valid(term) for term in stems_of(words, self._analyzer)]
        pairs = zip((_valid(word) for word, _ in words), terms, strict=True)
        found = self[piece] = _Analysed(" ".join(terms), tuple(map(self._words.__getitem__, pairs)))
        return found


class WordList:
    """Takes documents and gives their terms; counts words, within bounds of memory."""

    def __init__(self, configured: str, known: int = KNOWN) -> None:
        """`configured`: the language of documents in a language that has no stems."""
        self._configured = configured
        self._pieces: dict[str, _Pieces] = {}
        self._words = _Words()
        self._most = known

    def terms(self, document: Document) -> dict[str, str]:
        """The terms that the document's language gives each field that has any, joined by spaces.

        The values of a field that has several follow one another, so that positions are those of
        the embedded engine.
        """
        if sum(map(len, self._pieces.values())) > self._most:
            self._pieces.clear()
        language = analysed_as(document.language, self._configured)
        known = self._pieces.get(language)
        if known is None:
            known = self._pieces[language] = _Pieces(analyzer(language), self._words)
        found: dict[str, str] = {}
        met: set[_Word] = set()
        for field, text in zip(FIELDS, texts_of(document), strict=True):
            pieces = [known[piece] for piece in _cut(text)]
            if terms := " ".join([piece.terms for piece in pieces if piece.terms]):
                found[field] = terms
            if field in FREE_TEXT:
                met.update(*[piece.words for piece in pieces])
        for word in met:
            word.documents += 1
        return found

    def surplus(self) -> Mapping[CountedWord, int]:
        """The rarer half of the words, if there are too many: they are counted anew from now on."""
        if len(self._words) <= self._most:
            return {}
        rarest = sorted(self._words, key=lambda word: self._words[word].documents)[: len(self._words) // 2]
        self._pieces.clear()  # they would go on to count in what is given away
        return self._counts((word, self._words.pop(word)) for word in rarest)

    def rest(self) -> Mapping[CountedWord, int]:
        """All words that were not given before."""
        return self._counts(self._words.items())

    @staticmethod
    def _counts(words: Iterable[tuple[CountedWord, _Word]]) -> dict[CountedWord, int]:
        return {name: word.documents for name, word in words}


def _cut(text: str) -> list[bytes]:
    """`text` in pieces that no word crosses the edges of."""
    return text.encode("utf-8", "surrogatepass").translate(SEPARATORS).split() if text else []


def _valid(term: str) -> str:
    """A lone surrogate, which UTF-8 does not have, becomes a question mark."""
    return term.encode("utf-8", "replace").decode()
