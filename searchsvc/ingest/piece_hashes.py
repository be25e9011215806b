"""Hashes of the terms of texts, by pieces between separators, as arrays over a batch of texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from searchsvc.analysis import LONGEST_TERM, WORD, Analyzer, analyzer
from searchsvc.array_ranges import concatenate_ranges

Hashes = NDArray[np.uint32]
Ints = NDArray[np.int64]
Keys = NDArray[np.uint64]

_CACHED_PIECES = 100_000  # about 17 MB
_KEY_BYTES = 8  # of a piece that is a key; four in five pieces are that short
_KEY_MASKS = np.array([256**size - 1 for size in range(_KEY_BYTES + 1)], np.uint64)
_SLOT_BITS = 16  # 800 kB
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2**64 by the golden ratio: multiplicative hashing (Knuth)
_SPACE, _COMMA = ord(" "), ord(",")


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
        self._keys = np.zeros(1 << _SLOT_BITS, np.uint64)  # no piece is 0, as a zero byte separates
        self._values = np.zeros(1 << _SLOT_BITS, np.uint32)
        self._lock = Lock()  # another thread may see a new key with the value of the old one

    def of_texts(self, texts: Sequence[str]) -> BatchHashes:
        """Return the hashes of the terms of each text, and its number of words."""
        with self._lock:
            return self._of_texts(texts)

    def _of_texts(self, texts: Sequence[str]) -> BatchHashes:
        self._numbers.forget_if_full()
        encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
        data = b"".join(part for each in encoded for part in (b" ", each)) + b" " * _KEY_BYTES
        data = data.translate(_SEPARATORS)
        first_bytes = np.cumsum([0, *(len(each) + 1 for each in encoded)])
        starts, ends = _pieces(np.frombuffer(data, np.uint8))
        numbers = self._numbers_of(data, starts, ends)
        return self._joined(numbers, np.searchsorted(starts, first_bytes))

    def _numbers_of(self, data: bytes, starts: Ints, ends: Ints) -> Ints:
        """Return the number of each piece of `data`, (pieces,) int64. `starts`, `ends`: of each piece, (pieces,)."""
        sizes = ends - starts
        at_each_byte: Keys = np.ndarray(len(data) - _KEY_BYTES + 1, "<u8", data, strides=(1,))
        keys = at_each_byte[starts] & _KEY_MASKS[np.minimum(sizes, _KEY_BYTES)]
        slots = (keys * _SPREAD) >> np.uint64(64 - _SLOT_BITS)
        is_short = sizes <= _KEY_BYTES
        numbers: Ints = self._values[slots].astype(np.int64)
        missing = np.flatnonzero((self._keys[slots] != keys) | ~is_short)
        edges = zip(starts[missing].tolist(), ends[missing].tolist(), strict=True)
        numbers[missing] = np.fromiter(
            map(self._numbers.__getitem__, [data[start:end] for start, end in edges]), np.int64, len(missing)
        )
        added = missing[is_short[missing] & (numbers[missing] >= 0)]
        self._keys[slots[added]], self._values[slots[added]] = keys[added], numbers[added]
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
        if word.isalpha() and len(word) <= LONGEST_TERM:  # ASCII letters
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


def _pieces(data: NDArray[np.uint8]) -> tuple[Ints, Ints]:
    """Return the first byte of each piece, and the byte after its last, both (pieces,). A space is at both ends."""
    is_gap = data == _SPACE
    is_gap[:-1] |= (data[:-1] == _COMMA) & is_gap[1:]  # a comma before a space ends a word
    edges = np.flatnonzero(is_gap[1:] != is_gap[:-1]) + 1
    return edges[::2], edges[1::2]


def _separators() -> bytes:
    """Return a table for bytes.translate: lowercases ASCII, and maps ASCII that no word holds to spaces."""
    is_in_word = [byte > 127 or chr(byte).isalnum() or byte in b"_'.," for byte in range(256)]
    return bytes(byte if inside else ord(" ") for byte, inside in enumerate(is_in_word)).lower()


_SEPARATORS = _separators()
