"""Hashes of the terms of texts, by pieces, as arrays over a batch of texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from searchsvc.analysis import LONGEST_TERM, WORD, Analyzer, analyzer
from searchsvc.array_ranges import concatenate_ranges
from searchsvc.text_pieces import MAX_SHORT_BYTES, TextPieces

Hashes = NDArray[np.uint32]
Ints = NDArray[np.int64]

_CACHED_PIECES = 100_000  # about 17 MB
_SLOT_BITS = 16  # 1.3 MB
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2**64 by the golden ratio: multiplicative hashing (Knuth)
_TAIL_SPREAD = np.uint64(0xD6E8FEB86659FD93)


@dataclass(frozen=True, slots=True)
class BatchHashes:
    """Hashes of the terms of some texts, one text after the other.

    `hashes`: (terms,) uint32. `bounds`: of the terms of each text, (texts + 1,) int64. `words`: of each text, (texts,)
    int64.
    """

    hashes: Hashes
    bounds: Ints
    words: Ints


@lru_cache(maxsize=2)
def piece_hashes(language: str) -> "PieceHashes":
    """Return the hashes of pieces in a language; the last two languages are cached."""
    return PieceHashes(analyzer(language))


def term_hash(term: str) -> int:
    """Return the CRC-32 of the UTF-8 of a term."""
    return crc32(term.encode("utf-8", "surrogatepass"))


class PieceHashes:
    """Hash of the term of each piece of text: UTF-8 in lower case without most punctuation. No word crosses its edge.

    Short pieces are looked up as integers, all pieces of a batch at once, in a table without collision handling. Pieces
    that are not in the table are looked up one by one.
    """

    def __init__(self, analysis: Analyzer) -> None:
        self._numbers = _PieceNumbers(analysis)
        # Head and tail as in TextPieces.numbers; no head is 0.
        self._heads, self._tails = np.zeros((2, 1 << _SLOT_BITS), np.uint64)
        self._values = np.zeros(1 << _SLOT_BITS, np.uint32)
        self._lock = Lock()  # another thread may see a new key with the value of the old one

    def of_texts(self, texts: Sequence[str]) -> BatchHashes:
        """Return the hashes of the terms of each text, and its number of words."""
        with self._lock:
            return self._of_texts(texts)

    def _of_texts(self, texts: Sequence[str]) -> BatchHashes:
        self._numbers.forget_if_full()
        pieces = TextPieces.of(texts)
        return self._joined(self._numbers_of(pieces), pieces.bounds)

    def _numbers_of(self, pieces: TextPieces) -> Ints:
        """Return the number of each piece, (pieces,) int64."""
        heads, tails = pieces.numbers()
        slots = ((heads ^ tails * _TAIL_SPREAD) * _SPREAD) >> np.uint64(64 - _SLOT_BITS)
        is_short = pieces.ends - pieces.starts <= MAX_SHORT_BYTES
        numbers: Ints = self._values[slots].astype(np.int64)
        missing = np.flatnonzero((self._heads[slots] != heads) | (self._tails[slots] != tails) | ~is_short)
        numbers[missing] = np.fromiter(map(self._numbers.__getitem__, pieces.at(missing)), np.int64, len(missing))
        added = missing[is_short[missing] & (numbers[missing] >= 0)]
        places = slots[added]
        # Of several pieces with one slot, numpy keeps the last, for each of the three arrays.
        self._heads[places], self._tails[places], self._values[places] = heads[added], tails[added], numbers[added]
        return numbers

    def _joined(self, numbers: Ints, bounds: Ints) -> BatchHashes:
        """Return the hashes of the numbers of pieces. `bounds`: of the pieces of each text, (texts + 1,)."""
        places = np.flatnonzero(numbers < 0)
        others = [self._numbers.other_piece(number) for number in numbers[places].tolist()]
        terms, words = np.ones(len(numbers), np.int64), np.ones(len(numbers), np.int64)
        terms[places], words[places] = [len(hashes) for hashes, _ in others], [count for _, count in others]
        term_ends, word_ends = np.append(0, terms.cumsum()), np.append(0, words.cumsum())
        hashes = np.repeat(numbers.astype(np.uint32), terms)
        if others:
            hashes[concatenate_ranges(term_ends[places], terms[places])] = np.concatenate([each for each, _ in others])
        return BatchHashes(hashes, term_ends[bounds], np.diff(word_ends[bounds]))


class _PieceNumbers(dict[bytes, int]):
    """Number of each piece: the hash of its term.

    Nearly all pieces are one word with one term. Any other piece has a negative number: its place in
    `_other_pieces`, from the end, of the hashes of its terms and the number of its words.
    """

    def __init__(self, analysis: Analyzer) -> None:
        super().__init__()
        self._analyzer = analysis
        self._other_pieces: list[tuple[Hashes, int]] = []

    def forget_if_full(self) -> None:
        """Clear the cache if it is full. Negative numbers are only valid until then."""
        if len(self) + len(self._other_pieces) > _CACHED_PIECES:
            self.clear()
            self._other_pieces.clear()

    def other_piece(self, number: int) -> tuple[Hashes, int]:
        """Return the hashes of the terms of a piece with a negative number, and the number of its words."""
        return self._other_pieces[-1 - number]

    def __missing__(self, piece: bytes) -> int:
        word = piece.strip(b".,'")
        if word.isalnum() and len(word) <= LONGEST_TERM:  # ASCII letters and digits
            number = term_hash(self._analyzer.stem(word.decode())) if word == piece else self[word]
        else:
            text = piece.decode("utf-8", "surrogatepass")
            number = self._number([term_hash(term) for term in self._analyzer.terms(text)], len(WORD.findall(text)))
        if len(piece) <= LONGEST_TERM:
            self[piece] = number
        return number

    def _number(self, hashes: Sequence[int], words: int) -> int:
        """Return the number of a piece with the given hashes of terms, and number of words."""
        if len(hashes) == words == 1:
            return hashes[0]
        self._other_pieces.append((np.array(hashes, np.uint32), words))
        return -len(self._other_pieces)
