"""Signatures of texts: MinHash of the runs of three terms, with the number of words, from one tokenisation."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import shake_128
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from searchsvc.analysis import LONGEST_TERM, WORD, Analyzer, analyzer
from searchsvc.ingest.shared_runs import Runs, sample

Signature = NDArray[np.uint16]  # shape (SIZE,)
Signatures = NDArray[np.uint16]  # shape (documents, SIZE)
Hashes = NDArray[np.uint32]

SIZE = 126  # values of a signature, 2 bytes each
_SHINGLE = 3  # words
_SHORTEST = 20  # words; shorter texts are duplicates only if they are equal
_HASHED_AT_ONCE = 256  # shingles; their hashes fit the processor's cache
_CACHED_PIECES = 100_000  # about 17 MB

# Never change these: signatures are stored and compared across generations.
_KEYS, _MULTIPLIERS = np.frombuffer(shake_128(b"searchsvc near-duplicates").digest(8 * SIZE), "<u4").reshape(2, SIZE)
_ODD_MULTIPLIERS = _MULTIPLIERS | np.uint32(1)
_PLACE = tuple(np.uint32(0x9E3779B1 * (2 * place + 1) & 0xFFFFFFFF) for place in range(_SHINGLE))
_MIX = np.uint32(0x85EBCA6B)
_HALF = np.uint32(16)


def runs_of(terms: Sequence[str]) -> Runs:
    """Return the hashes of a text's runs of three terms; of a short text, one hash of its whole wording."""
    return sample(_all_runs(terms))


def _all_runs(terms: Sequence[str]) -> Hashes:
    if len(terms) < _SHORTEST:
        return _whole(terms)
    return _runs(np.array([_term_hash(term) for term in terms], np.uint32))


def signature(terms: Sequence[str]) -> Signature:
    """Return the MinHash of a text's runs of three terms, (SIZE,) uint16 (b-bit MinHash, Li and König 2010).

    The share of equal values estimates the share of common runs. A short text gets values of its whole wording; a
    text without terms gets zeros.
    """
    return _min_hash(_all_runs(terms)) if terms else np.zeros(SIZE, np.uint16)


@dataclass(frozen=True, slots=True)
class SignedText:
    """Number of words of a text, the signature of its terms, and a sample of its runs of three terms."""

    words: int
    signature: Signature
    runs: Runs


def count_and_sign(text: str, language: str) -> SignedText:
    """Return words, signature and runs of `text`, from one tokenisation.

    Equal to counting matches of WORD and to `signature` of the analyzer's terms.
    """
    (signed,) = count_and_sign_all([text], language)
    return signed


def count_and_sign_all(texts: Sequence[str], language: str) -> list[SignedText]:
    """Return words, signature and runs of each text. The texts share array calls."""
    counted = [_piece_hashes(language).of_text(text) for text in texts]
    bounds = np.cumsum([0, *(len(hashes) for _, hashes in counted)]).tolist()
    hashes = np.concatenate([np.empty(0, np.uint32), *(hashes for _, hashes in counted)])
    # Runs across the end of a text are computed too, and left out.
    runs = _runs(hashes) if len(hashes) >= _SHINGLE else hashes
    return [
        _signed(text, language, words, runs[begin : end - _SHINGLE + 1] if end - begin >= _SHORTEST else None)
        for text, (words, _), begin, end in zip(texts, counted, bounds, bounds[1:], strict=False)
    ]


def _signed(text: str, language: str, words: int, runs: Hashes | None) -> SignedText:
    """Return a signed text. `runs`: of all terms, None for a text with few terms."""
    if runs is None:
        terms = analyzer(language).terms(text)
        return SignedText(words, signature(terms), runs_of(terms))
    return SignedText(words, _min_hash(runs), sample(runs))


class _PieceHashes(dict[bytes, int]):
    """Hash of the term of each piece of text: UTF-8 in lower case without most punctuation. No word crosses its edge.

    Nearly all pieces are one word of ASCII letters. Any other piece has a negative number: its place in
    `_other_pieces`, from the end, of the hashes of its terms and the number of its words.
    """

    def __init__(self, analysis: Analyzer) -> None:
        super().__init__()
        self._analyzer = analysis
        self._other_pieces: list[tuple[Hashes, int]] = []

    def of_text(self, text: str) -> tuple[int, Hashes]:
        """Return the number of words of a text, and the hashes of its terms, (terms,) uint32."""
        # Between texts, since negative numbers are only valid until then.
        if len(self) + len(self._other_pieces) > _CACHED_PIECES:
            self.clear()
            self._other_pieces.clear()
        data = text.encode("utf-8", "surrogatepass").translate(_SEPARATORS).replace(b", ", b" ")
        pieces = data.split()
        numbers = np.fromiter(map(self.__getitem__, pieces), np.int64, len(pieces))
        places = np.flatnonzero(numbers < 0).tolist()
        if not places:
            return len(pieces), numbers.astype(np.uint32)
        return self._with_other_pieces(numbers, places)

    def _with_other_pieces(self, numbers: NDArray[np.int64], places: Sequence[int]) -> tuple[int, Hashes]:
        """Put the hashes of the other pieces in the places of their numbers."""
        words, end, hashes = len(numbers) - len(places), 0, list[Hashes]()
        simple = numbers.astype(np.uint32)
        for place in places:
            terms, count = self._other_pieces[-1 - int(numbers[place])]
            hashes += (simple[end:place], terms)
            words, end = words + count, place + 1
        return words, np.concatenate([*hashes, simple[end:]])

    def __missing__(self, piece: bytes) -> int:
        word = piece.strip(b".,'")
        if word.isalpha() and len(word) <= LONGEST_TERM:  # ASCII letters
            number = _term_hash(self._analyzer.stem(word.decode())) if word == piece else self[word]
        else:
            text = piece.decode("utf-8", "surrogatepass")
            hashes = np.array([_term_hash(term) for term in self._analyzer.terms(text)], np.uint32)
            self._other_pieces.append((hashes, len(WORD.findall(text))))
            number = -len(self._other_pieces)
        if len(piece) <= LONGEST_TERM:
            self[piece] = number
        return number


def _separators() -> bytes:
    """Return a table for bytes.translate: lowercases ASCII, and maps ASCII that no word holds to spaces."""
    is_in_word = [byte > 127 or chr(byte).isalnum() or byte in b"_'.," for byte in range(256)]
    return bytes(byte if inside else ord(" ") for byte, inside in enumerate(is_in_word)).lower()


_SEPARATORS = _separators()


@lru_cache(maxsize=2)
def _piece_hashes(language: str) -> _PieceHashes:
    return _PieceHashes(analyzer(language))


def _term_hash(term: str) -> int:
    return crc32(term.encode("utf-8", "surrogatepass"))


def _min_hash(runs: Hashes) -> Signature:
    """Return the least hash of `runs`, (runs,) uint32, for each of SIZE hash functions, as 16 bits."""
    least = np.full(SIZE, 0xFFFFFFFF, np.uint32)
    for start in range(0, len(runs), _HASHED_AT_ONCE):
        hashes = runs[start : start + _HASHED_AT_ONCE, None] ^ _KEYS
        hashes *= _ODD_MULTIPLIERS
        np.minimum(least, hashes.min(axis=0), out=least)
    values = ((least * _MIX) >> _HALF).astype(np.uint16)
    return np.maximum(values, 1)  # zeros are reserved for empty texts


def _runs(words: Hashes) -> Hashes:
    """Return a hash of each run of _SHINGLE words, (words - _SHINGLE + 1,) uint32. `words`: (words,) uint32."""
    size = len(words) - _SHINGLE + 1
    total = np.zeros(size, np.uint32)
    for place, factor in enumerate(_PLACE):
        total += _mix_bits(words[place : place + size] * factor)
    return _mix_bits(total)


def _whole(terms: Sequence[str]) -> Hashes:
    """Return one hash of all terms, (1,) uint32."""
    return np.array([crc32("\n".join(terms).encode("utf-8", "surrogatepass"))], np.uint32)


def _mix_bits(values: Hashes) -> Hashes:
    """Mix all bits of each value, uint32 (two rounds of MurmurHash3's finaliser)."""
    values = (values ^ (values >> _HALF)) * _MIX
    return (values ^ (values >> np.uint32(13))) * np.uint32(0xC2B2AE35)
