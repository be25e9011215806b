"""Texts to terms, and the words met on the way: how people write each term, and in how many documents."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from searchsvc.analysis import Analyzer, analysed_as, analyzer
from searchsvc.engine.embedded.pieces import SEPARATORS
from searchsvc.engine.embedded.tokens import FIELDS, stems_of, texts_of, words_in
from searchsvc.models import Document
from searchsvc.schema import FREE_TEXT

KNOWN = 150_000  # pieces of text whose analysis is kept, and words that are counted: some 40 MB each

CountedWord = tuple[str, str]  # a word as it is written, folded, and the term it is indexed as


@dataclass(frozen=True, slots=True)
class _Analysed:
    """What a piece of text becomes: its terms joined by spaces, and its words."""

    terms: str
    words: tuple[CountedWord, ...]


class _Pieces(dict[bytes, _Analysed]):
    """Analyses a piece when it is first asked for."""

    def __init__(self, analyzer: Analyzer) -> None:
        super().__init__()
        self._analyzer = analyzer

    def __missing__(self, piece: bytes) -> _Analysed:
        words = words_in(piece)
        terms = [_valid(term) for term in stems_of(words, self._analyzer)]
        pairs = tuple(zip((_valid(word) for word, _ in words), terms, strict=True))
        found = self[piece] = _Analysed(" ".join(terms), pairs)
        return found


class WordList:
    """Takes documents and gives their terms; counts words, within bounds of memory."""

    def __init__(self, configured: str, known: int = KNOWN) -> None:
        """`configured`: the language of documents in a language that has no stems."""
        self._configured = configured
        self._pieces: dict[str, _Pieces] = {}
        self._counts: Counter[CountedWord] = Counter()
        self._most = known

    def terms(self, document: Document) -> dict[str, str]:
        """The terms that the document's language gives each field that has any, joined by spaces.

        The values of a field that has several follow one another, so that positions are those of
        the embedded engine.
        """
        if sum(map(len, self._pieces.values())) > self._most:
            self._pieces.clear()
        language = analysed_as(document.language, self._configured)
        known = self._pieces.setdefault(language, _Pieces(analyzer(language)))
        found: dict[str, str] = {}
        words: set[CountedWord] = set()
        for field, text in zip(FIELDS, texts_of(document), strict=True):
            pieces = [known[piece] for piece in _cut(text)]
            if terms := " ".join([piece.terms for piece in pieces if piece.terms]):
                found[field] = terms
            if field in FREE_TEXT:
                words.update(*[piece.words for piece in pieces])
            else:
                self._counts.update({word: 0 for piece in pieces for word in piece.words})
        self._counts.update(words)
        return found

    def surplus(self) -> Mapping[CountedWord, int]:
        """The rarer half of the words, if there are too many: they are counted anew from now on."""
        if len(self._counts) <= self._most:
            return {}
        ordered = self._counts.most_common()
        half = len(ordered) // 2
        self._counts = Counter(dict(ordered[:half]))
        return dict(ordered[half:])

    def rest(self) -> Mapping[CountedWord, int]:
        """All words that were not given before."""
        return self._counts


def _cut(text: str) -> list[bytes]:
    """`text` in pieces that no word crosses the edges of."""
    return text.encode("utf-8", "surrogatepass").translate(SEPARATORS).split() if text else []


def _valid(term: str) -> str:
    """A lone surrogate, which UTF-8 does not have, becomes a question mark."""
    return term.encode("utf-8", "replace").decode()
