"""Documents to arrays of term numbers: texts are cut by the million, each distinct word is analysed once."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from searchsvc.analysis import (
    LONGEST_TERM,
    WORD,
    Analyzer,
    analysed_as,
    analyzer,
    folded_parts,
)
from searchsvc.engine.embedded.build.pretokenizer import pretokenize
from searchsvc.engine.embedded.index.postings import FIELDS
from searchsvc.engine.embedded.index.term_dictionary import sorted_order
from searchsvc.models.documents import Document

Key = TypeVar("Key")
Numbers = NDArray[np.int32]

_CUT_AT_ONCE = 4_000_000  # characters
KEPT = 500_000  # pieces whose analysis is kept from one share to the next: about 150 MB
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

    `terms`, `surfaces` int32: numbers into the sorted list `vocabulary` (UTF-8 terms) and into
    `forms` int32, which are numbers into the sorted list `words` (UTF-8 words before stemming): a word
    stands there once for each of the terms it is indexed as, which is one in one language. `lengths`
    int32, shape (documents, fields): how many tokens each field has.
    """

    terms: Numbers
    surfaces: Numbers
    lengths: Numbers
    vocabulary: list[bytes]
    words: list[bytes]
    forms: Numbers


class Tokenizer:
    """Cuts documents into tokens; keeps what the analysis makes of each distinct piece of text.

    `configured`: the language of documents in a language that has no stems. `kept`: of how many pieces.
    """

    def __init__(self, configured: str, kept: int = KEPT) -> None:
        self._configured = configured
        self._kept = kept
        self._strings = _Strings()
        self._analysed: dict[str, _Analysed] = {}

    def tokens(self, documents: Sequence[Texts], languages: Sequence[str]) -> Tokens:
        """What the analyzer of each document's language gives for every one of its texts."""
        if sum(map(len, self._analysed.values())) > self._kept:
            self._strings, self._analysed = _Strings(), {}
        spoken = [analysed_as(language, self._configured) for language in languages]
        groups = {
            language: [n for n, each in enumerate(spoken) if each == language] for language in sorted(set(spoken))
        }
        cuts = [self._cut([documents[n] for n in own], language) for language, own in groups.items()]
        words, lengths = _joined([words for words, _ in cuts]), _joined([lengths for _, lengths in cuts])
        lengths = lengths.reshape(-1, len(FIELDS))
        if len(groups) > 1:
            words, lengths = _in_order(words, lengths, np.array([n for own in groups.values() for n in own]))
        return self._strings.tokens(words, lengths)

    def _cut(self, documents: Sequence[Texts], language: str) -> tuple[Numbers, Numbers]:
        """For each token the number of its word, and for each text its length in tokens."""
        analysed = self._analysed.setdefault(language, _Analysed(self._strings, analyzer(language)))
        found = [analysed.cut(batch) for batch in _batches(documents)]
        return _joined([words for words, _ in found]), _joined([lengths for _, lengths in found])


def _joined(arrays: Sequence[Numbers]) -> Numbers:
    return np.concatenate(arrays) if arrays else np.empty(0, np.int32)


def _in_order(words: Numbers, lengths: Numbers, documents: NDArray[np.int64]) -> tuple[Numbers, Numbers]:
    """The tokens and lengths of `documents`, which stand in that order, in the order of their numbers."""
    order = np.argsort(documents)
    counts = lengths.sum(axis=1, dtype=np.int64)
    begins = (counts.cumsum() - counts)[order]
    counts = counts[order]
    places = np.repeat(begins - counts.cumsum() + counts, counts)
    places += np.arange(len(places))
    return words[places], lengths[order]


def _batches(documents: Sequence[Texts]) -> Iterator[Sequence[Texts]]:
    first = characters = 0
    for number, document in enumerate(documents, 1):
        characters += sum(map(len, document))
        if characters >= _CUT_AT_ONCE or number == len(documents):
            yield documents[first:number]
            first, characters = number, 0


class _Strings:
    """The words of all languages, with the numbers of the spelling and of the term of each.

    Spellings and terms are numbered in the order they are met.
    """

    def __init__(self) -> None:
        self._spellings: _Numbers[bytes] = _Numbers()
        self._terms: _Numbers[bytes] = _Numbers()
        self._spelled, self._stemmed = array("i"), array("i")

    def __len__(self) -> int:
        return len(self._spelled)

    def add(self, spellings: Sequence[bytes], terms: Sequence[bytes]) -> None:
        """More words, numbered on from those before."""
        self._spelled.extend(self._spellings.of(spellings))
        self._stemmed.extend(self._terms.of(terms))

    def tokens(self, words: Numbers, lengths: Numbers) -> Tokens:
        """The tokens whose words are numbered as here, with the sorted lists of what they hold."""
        used = np.flatnonzero(np.bincount(words, minlength=len(self)))
        spelled, spellings = _ranked(list(self._spellings), _array(self._spelled)[used])
        stemmed, vocabulary = _ranked(list(self._terms), _array(self._stemmed)[used])
        pairs, numbers = np.unique(spelled.astype(np.int64) << 32 | stemmed, return_inverse=True)
        forms, terms = np.empty(len(self), np.int32), np.empty(len(self), np.int32)
        forms[used], terms[used] = numbers, stemmed
        return Tokens(terms[words], forms[words], lengths, vocabulary, spellings, (pairs >> 32).astype(np.int32))


class _Analysed:
    """What pieces become in one language: piece `i` has `_parts[i]` words, from `_starts[i]` on in `_flat`.

    Pieces are numbered in the order they are met, and so are words, which `_numbers` gives the numbers
    of among `strings`. A word is a spelling and whether it has a stem, which a pair of Chinese
    characters has not.
    """

    def __init__(self, strings: _Strings, analysis: Analyzer) -> None:
        self._strings, self._analyzer = strings, analysis
        self._pieces: _Numbers[bytes] = _Numbers()
        self._words: _Numbers[tuple[str, bool]] = _Numbers()
        self._numbers = array("i")
        self._parts, self._starts, self._flat = array("i"), array("i"), array("i")

    def __len__(self) -> int:
        return len(self._pieces)

    def cut(self, documents: Sequence[Texts]) -> tuple[Numbers, Numbers]:
        """For each token the number of its word, and for each text its length in tokens."""
        pieces = pretokenize([text for document in documents for text in document])
        before = len(self._pieces)
        numbers = self._pieces.of(pieces.distinct)
        if len(self._pieces) > before:
            self._analyse(list(islice(self._pieces, before, None)))
        words, counts = self._words_of(numbers[pieces.numbers], pieces.counts)
        return _array(self._numbers)[words], counts

    def _analyse(self, pieces: list[bytes]) -> None:
        before = len(self._words)
        number_of = self._words.__getitem__
        for piece in pieces:
            found = words_in(piece)
            self._parts.append(len(found))
            self._starts.append(len(self._flat))
            self._flat.extend(map(number_of, found))
        new = list(islice(self._words, before, None))
        first = len(self._strings)
        self._strings.add([_encoded(text) for text, _ in new], [_encoded(s) for s in stems_of(new, self._analyzer)])
        self._numbers.extend(range(first, first + len(new)))

    def _words_of(self, pieces: Numbers, counts: Numbers) -> tuple[Numbers, Numbers]:
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


def _array(numbers: "array[int]") -> Numbers:
    """A view; it must be gone before more numbers are appended."""
    return np.frombuffer(numbers, np.int32) if numbers else np.empty(0, np.int32)


def words_in(piece: bytes) -> list[tuple[str, bool]]:
    """The folded words of a piece, each with whether it has a stem."""
    bare = piece.strip(_AROUND)
    if bare.isalpha() and len(bare) <= LONGEST_TERM:  # bytes: ASCII letters
        return [(bare.decode(), True)]
    text = piece.decode("utf-8", "surrogatepass")
    return [(part[0], part[3]) for word in WORD.findall(text) for part in folded_parts(word)]


def stems_of(words: list[tuple[str, bool]], analyzer: Analyzer) -> list[str]:
    """The terms that words are indexed as."""
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
