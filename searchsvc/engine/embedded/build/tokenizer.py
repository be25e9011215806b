"""Documents to arrays of term ids. Each distinct piece of text is analysed once."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from operator import attrgetter
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from searchsvc.analysis import LONGEST_TERM, WORD, Analyzer, analysed_as, analyzer, folded_parts
from searchsvc.engine.embedded.build.pretokenizer import pretokenize
from searchsvc.engine.embedded.index.postings import FIELDS
from searchsvc.engine.embedded.index.term_dictionary import sort_order
from searchsvc.models.documents import Document

Key = TypeVar("Key")
Int32Array = NDArray[np.int32]

_BATCH_CHARACTERS = 4_000_000  # characters
CACHED_PIECES = 500_000  # analysed pieces cached between batches: about 150 MB
_OUTER_PUNCTUATION = b".,'"  # part of a word inside it, punctuation at its ends


_values_of = attrgetter(*FIELDS)
Texts = tuple[str, ...]  # of one document, in the order of FIELDS


def texts_of(document: Document) -> Texts:
    """Return the indexed texts of a document; several values of a field are separated by line feeds."""
    return tuple(["\n".join(value) if isinstance(value, tuple) else value or "" for value in _values_of(document)])


class _Numbering(dict[Key, int]):
    """Numbers keys in the order of their first use."""

    def __missing__(self, key: Key) -> int:
        number = self[key] = len(self)
        return number

    def numbers_of(self, keys: Sequence[Key]) -> Int32Array:
        """Return the number of each key, (keys,) int32. New keys get the next numbers."""
        return np.fromiter(map(self.__getitem__, keys), np.int32, len(keys))


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of some documents in reading order: document by document, field by field.

    `terms` and `words`: sorted, in UTF-8; words are not stemmed. A form is a pair of word and term; in one language
    each word has one form. `term_ids` and `form_ids` (tokens,) int32: term and form of each token. `form_words`
    (forms,) int32: the word of each form. `lengths` (documents, fields) int32: tokens per field.
    """

    term_ids: Int32Array
    form_ids: Int32Array
    lengths: Int32Array
    terms: list[bytes]
    words: list[bytes]
    form_words: Int32Array


class Tokenizer:
    """Splits documents into tokens; caches the analysis of each distinct piece of text.

    `default_language`: of documents in a language without stemmer. `cached_pieces`: size of the cache.
    """

    def __init__(self, default_language: str, cached_pieces: int = CACHED_PIECES) -> None:
        self._default_language = default_language
        self._cached_pieces = cached_pieces
        self._word_table = _WordTable()
        self._caches: dict[str, _PieceCache] = {}

    def tokens(self, documents: Sequence[Texts], languages: Sequence[str]) -> Tokens:
        """Return the tokens of `documents`, each analysed in its language."""
        if sum(map(len, self._caches.values())) > self._cached_pieces:
            self._word_table, self._caches = _WordTable(), {}
        analysis_languages = [analysed_as(language, self._default_language) for language in languages]
        groups = {
            language: [n for n, each in enumerate(analysis_languages) if each == language]
            for language in sorted(set(analysis_languages))
        }
        tokenized = [self._tokenize([documents[n] for n in members], language) for language, members in groups.items()]
        words = _concatenate([words for words, _ in tokenized])
        lengths = _concatenate([lengths for _, lengths in tokenized]).reshape(-1, len(FIELDS))
        if len(groups) > 1:
            words, lengths = _reorder(words, lengths, np.array([n for members in groups.values() for n in members]))
        return self._word_table.tokens(words, lengths)

    def _tokenize(self, documents: Sequence[Texts], language: str) -> tuple[Int32Array, Int32Array]:
        """Return the word of each token and the length of each text in tokens, both int32."""
        cache = self._caches.setdefault(language, _PieceCache(self._word_table, analyzer(language)))
        batches = [cache.tokenize(batch) for batch in _batches(documents)]
        return _concatenate([words for words, _ in batches]), _concatenate([lengths for _, lengths in batches])


def _concatenate(arrays: Sequence[Int32Array]) -> Int32Array:
    return np.concatenate(arrays) if arrays else np.empty(0, np.int32)


def _reorder(words: Int32Array, lengths: Int32Array, documents: NDArray[np.int64]) -> tuple[Int32Array, Int32Array]:
    """Sort tokens and lengths by document number; `documents` (n,) int64 are the numbers."""
    order = np.argsort(documents)
    counts = lengths.sum(axis=1, dtype=np.int64)
    starts = (counts.cumsum() - counts)[order]
    counts = counts[order]
    indices = np.repeat(starts - counts.cumsum() + counts, counts)
    indices += np.arange(len(indices))
    return words[indices], lengths[order]


def _batches(documents: Sequence[Texts]) -> Iterator[Sequence[Texts]]:
    first = characters = 0
    for number, document in enumerate(documents, 1):
        characters += sum(map(len, document))
        if characters >= _BATCH_CHARACTERS or number == len(documents):
            yield documents[first:number]
            first, characters = number, 0


class _WordTable:
    """Words of all languages, with their spelling and term; numbered in the order of first use."""

    def __init__(self) -> None:
        self._spellings: _Numbering[bytes] = _Numbering()
        self._terms: _Numbering[bytes] = _Numbering()
        self._spelling_ids, self._term_ids = array("i"), array("i")

    def __len__(self) -> int:
        return len(self._spelling_ids)

    def add(self, spellings: Sequence[bytes], terms: Sequence[bytes]) -> None:
        """Add words. Numbers continue after the existing words."""
        self._spelling_ids.extend(self._spellings.numbers_of(spellings))
        self._term_ids.extend(self._terms.numbers_of(terms))

    def tokens(self, words: Int32Array, lengths: Int32Array) -> Tokens:
        """Return the tokens of `words`, numbers in this table, with the sorted terms and words in use."""
        used = np.flatnonzero(np.bincount(words, minlength=len(self)))
        spelling_ids, spellings = _rank(list(self._spellings), _view(self._spelling_ids)[used])
        term_ids, sorted_terms = _rank(list(self._terms), _view(self._term_ids)[used])
        pairs, pair_ids = np.unique(spelling_ids.astype(np.int64) << 32 | term_ids, return_inverse=True)
        forms, terms = np.empty(len(self), np.int32), np.empty(len(self), np.int32)
        forms[used], terms[used] = pair_ids, term_ids
        return Tokens(terms[words], forms[words], lengths, sorted_terms, spellings, (pairs >> 32).astype(np.int32))


class _PieceCache:
    """Analysed pieces of one language: piece i has `_word_counts[i]` words from `_word_ids[_starts[i]]`.

    Pieces and words are numbered in the order of first use; `_table_ids` maps words to the word table. A word is a
    spelling and whether it is stemmed; pairs of Chinese characters are not.
    """

    def __init__(self, word_table: _WordTable, analysis: Analyzer) -> None:
        self._word_table, self._analyzer = word_table, analysis
        self._pieces: _Numbering[bytes] = _Numbering()
        self._words: _Numbering[tuple[str, bool]] = _Numbering()
        self._table_ids = array("i")
        self._word_counts, self._starts, self._word_ids = array("i"), array("i"), array("i")

    def __len__(self) -> int:
        return len(self._pieces)

    def tokenize(self, documents: Sequence[Texts]) -> tuple[Int32Array, Int32Array]:
        """Return the word of each token and the length of each text in tokens, both int32."""
        pieces = pretokenize([text for document in documents for text in document])
        known_count = len(self._pieces)
        piece_ids = self._pieces.numbers_of(pieces.distinct)
        if len(self._pieces) > known_count:
            self._analyse(list(islice(self._pieces, known_count, None)))
        words, counts = self._words_of(piece_ids[pieces.piece_ids], pieces.counts)
        return _view(self._table_ids)[words], counts

    def _analyse(self, pieces: list[bytes]) -> None:
        known_count = len(self._words)
        words_of = list(map(split_piece, pieces))
        counts = np.fromiter(map(len, words_of), np.int32, len(pieces))
        self._word_counts.frombytes(counts.tobytes())
        self._starts.frombytes((len(self._word_ids) + counts.cumsum(dtype=np.int32) - counts).tobytes())
        self._word_ids.extend(map(self._words.__getitem__, chain.from_iterable(words_of)))
        new_words = list(islice(self._words, known_count, None))
        first = len(self._word_table)
        self._word_table.add(
            [_encode(text) for text, _ in new_words], [_encode(s) for s in terms_of(new_words, self._analyzer)]
        )
        self._table_ids.extend(range(first, first + len(new_words)))

    def _words_of(self, pieces: Int32Array, counts: Int32Array) -> tuple[Int32Array, Int32Array]:
        """Return the words of `pieces` (piece ids), and the number of words per text.

        `counts` (texts,) int32: pieces per text.
        """
        word_ids, starts = _view(self._word_ids), _view(self._starts)[pieces]
        word_counts = _view(self._word_counts)[pieces]
        if (word_counts == 1).all():
            return word_ids[starts], counts
        ends = word_counts.cumsum(dtype=np.int32)
        indices = np.repeat(starts - ends + word_counts, word_counts)
        indices += np.arange(len(indices), dtype=np.int32)
        text_offsets = np.concatenate([[0], ends])[np.concatenate([[0], counts.cumsum()])]
        return word_ids[indices], np.diff(text_offsets).astype(np.int32)


def _view(numbers: "array[int]") -> Int32Array:
    """Return an int32 view of `numbers`; release it before appending."""
    return np.frombuffer(numbers, np.int32) if numbers else np.empty(0, np.int32)


def split_piece(piece: bytes) -> list[tuple[str, bool]]:
    """Return the folded words of a piece, each with whether it is stemmed."""
    stripped = piece.strip(_OUTER_PUNCTUATION)
    if stripped.isalnum() and len(stripped) <= LONGEST_TERM:  # bytes: ASCII letters and digits
        return [(stripped.decode(), True)]
    text = piece.decode("utf-8", "surrogatepass")
    return [(part[0], part[3]) for word in WORD.findall(text) for part in folded_parts(word)]


def terms_of(words: list[tuple[str, bool]], analyzer: Analyzer) -> list[str]:
    """Return the term of each word."""
    stems = analyzer.stems([text for text, _ in words])
    return [stem if stemmed else text for stem, (text, stemmed) in zip(stems, words, strict=True)]


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _rank(strings: list[bytes], string_ids: Int32Array) -> tuple[Int32Array, list[bytes]]:
    """Return the rank of each of `string_ids` among the strings in use, and these strings, sorted."""
    used_ids = np.flatnonzero(np.bincount(string_ids, minlength=len(strings)))
    used_strings = [strings[number] for number in used_ids.tolist()]
    order = sort_order(used_strings)
    ranks = np.empty(len(strings), np.int32)
    ranks[used_ids[order]] = np.arange(len(order), dtype=np.int32)
    return ranks[string_ids], [used_strings[index] for index in order.tolist()]
