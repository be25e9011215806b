"""Documents to arrays of term numbers: texts are cut by the million, each distinct word is analysed once."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from searchsvc.analysis import LONGEST_TERM, WORD, Analyzer, folded_parts
from searchsvc.engine.embedded.dictionary import sorted_order
from searchsvc.engine.embedded.pieces import cut
from searchsvc.models import Document
from searchsvc.schema import TEXT_FIELDS

Key = TypeVar("Key")
Numbers = NDArray[np.int32]

FIELDS = tuple(field.name for field in TEXT_FIELDS)
_CUT_AT_ONCE = 4_000_000  # characters
_KEPT = 500_000  # pieces whose analysis is kept from one share to the next: about 150 MB
_AROUND = b".,'"  # may stand inside a word, is nothing at its ends


Texts = tuple[str, ...]  # of one document, in the order of FIELDS


def texts_of(document: Document) -> Texts:
    """What is indexed of a document; the values of a field that has several stand on lines of their own."""
    values = [getattr(document, name) for name in FIELDS]
    return tuple("\n".join(value) if isinstance(value, tuple) else value or "" for value in values)


class _Numbers(dict[Key, int]):
    """Numbers keys in the order they are first asked for."""

    def __missing__(self, key: Key) -> int:
        number = self[key] = len(self)
        return number

    def of(self, keys: Sequence[Key]) -> Numbers:
        return np.fromiter(map(self.__getitem__, keys), np.int32, len(keys))


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of some documents in reading order: document by document, field by field.

    `terms`, `surfaces` int32: numbers into the sorted lists `vocabulary` (UTF-8 terms) and
    `words` (UTF-8 words before stemming). `lengths` int32, shape (documents, fields): how many
    tokens each field has.
    """

    terms: Numbers
    surfaces: Numbers
    lengths: Numbers
    vocabulary: list[bytes]
    words: list[bytes]


class Tokeniser:
    """Cuts documents into tokens; keeps what the analysis makes of each distinct piece of text."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._analysed = _Analysed()

    def tokens(self, documents: Sequence[Texts]) -> Tokens:
        """What `analyzer.tokens` gives for every text of every document."""
        if len(self._analysed) > _KEPT:
            self._analysed = _Analysed()
        found = [self._cut(batch) for batch in batches(documents)]
        surfaces = np.concatenate([surfaces for surfaces, _ in found] or [np.empty(0, np.int32)])
        lengths = np.concatenate([lengths for _, lengths in found] or [np.empty(0, np.int32)])
        return self._analysed.tokens(surfaces, lengths)

    def _cut(self, documents: Sequence[Texts]) -> tuple[Numbers, Numbers]:
        """For each token the number of its word, and for each text its length in tokens."""
        pieces = cut([text for document in documents for text in document])
        numbers = self._analysed.numbers(pieces.distinct, self._analyzer)[pieces.numbers]
        return self._analysed.words_of(numbers, pieces.counts)


def batches(documents: Iterable[Texts]) -> Iterator[Sequence[Texts]]:
    """Neighbouring texts, as many as are cut at once."""
    batch: list[Texts] = []
    characters = 0
    for document in documents:
        batch.append(document)
        characters += sum(map(len, document))
        if characters >= _CUT_AT_ONCE:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


class _Analysed:
    """What pieces become: piece `i` has `_parts[i]` words, from `_starts[i]` on in `_flat`.

    Pieces, words, spellings and terms are numbered in the order they are met. A word is a spelling
    and whether it has a stem, which a pair of Chinese characters has not; `_spelled` and `_stemmed`
    have the numbers of the spelling and of the term of each word.
    """

    def __init__(self) -> None:
        self._pieces: _Numbers[bytes] = _Numbers()
        self._words: _Numbers[tuple[str, bool]] = _Numbers()
        self._spellings: _Numbers[bytes] = _Numbers()
        self._terms: _Numbers[bytes] = _Numbers()
        self._parts, self._starts, self._flat = array("i"), array("i"), array("i")
        self._spelled, self._stemmed = array("i"), array("i")

    def __len__(self) -> int:
        return len(self._pieces)

    def numbers(self, pieces: list[bytes], analyzer: Analyzer) -> Numbers:
        """The numbers of `pieces`; those not met before are analysed."""
        before = len(self._pieces)
        numbers = self._pieces.of(pieces)
        if len(self._pieces) > before:
            self._analyse(list(islice(self._pieces, before, None)), analyzer)
        return numbers

    def _analyse(self, pieces: list[bytes], analyzer: Analyzer) -> None:
        before = len(self._words)
        number_of = self._words.__getitem__
        for piece in pieces:
            found = _words(piece)
            self._parts.append(len(found))
            self._starts.append(len(self._flat))
            self._flat.extend(map(number_of, found))
        new = list(islice(self._words, before, None))
        self._spelled.extend(self._spellings.of([_encoded(text) for text, _ in new]))
        self._stemmed.extend(self._terms.of([_encoded(stem) for stem in _stems(new, analyzer)]))

    def words_of(self, pieces: Numbers, counts: Numbers) -> tuple[Numbers, Numbers]:
        """The words that `pieces` (numbers) become, and how many each text has, given its pieces."""
        flat, starts = _array(self._flat), _array(self._starts)[pieces]
        parts = _array(self._parts)[pieces]
        if (parts == 1).all():
            return flat[starts], counts
        ends = parts.cumsum(dtype=np.int32)
        places = np.repeat(starts - ends + parts, parts)
        places += np.arange(len(places), dtype=np.int32)
        edges = np.concatenate([[0], ends])[np.concatenate([[0], counts.cumsum()])]
        return flat[places], np.diff(edges).astype(np.int32)

    def tokens(self, words: Numbers, lengths: Numbers) -> Tokens:
        """The tokens whose words are numbered as here, with the sorted lists of what they hold."""
        surfaces, spellings = _ranked(list(self._spellings), _array(self._spelled)[words])
        terms, vocabulary = _ranked(list(self._terms), _array(self._stemmed)[words])
        return Tokens(terms, surfaces, lengths.reshape(-1, len(FIELDS)), vocabulary, spellings)


def _array(numbers: "array[int]") -> Numbers:
    """A view; it must be gone before more numbers are appended."""
    return np.frombuffer(numbers, np.int32) if numbers else np.empty(0, np.int32)


def _words(piece: bytes) -> list[tuple[str, bool]]:
    bare = piece.strip(_AROUND)
    if bare.isalpha() and len(bare) <= LONGEST_TERM:  # bytes: ASCII letters
        return [(bare.decode(), True)]
    text = piece.decode("utf-8", "surrogatepass")
    return [(part[0], part[3]) for word in WORD.findall(text) for part in folded_parts(word)]


def _stems(words: list[tuple[str, bool]], analyzer: Analyzer) -> list[str]:
    stems = analyzer.stems([text for text, _ in words])
    return [stem if stemmed else text for stem, (text, stemmed) in zip(stems, words, strict=True)]


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _ranked(strings: list[bytes], numbers: Numbers) -> tuple[Numbers, list[bytes]]:
    """The rank of each of `numbers` among the strings that they number, and those strings, sorted."""
    used = np.flatnonzero(np.bincount(numbers, minlength=len(strings)))
    chosen = [strings[number] for number in used.tolist()]
    order = sorted_order(chosen)
    ranks = np.empty(len(strings), np.int32)
    ranks[used[order]] = np.arange(len(order), dtype=np.int32)
    return ranks[numbers], [chosen[place] for place in order.tolist()]
