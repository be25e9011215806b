"""Signatures of texts: MinHash of the runs of three terms, with the number of words, from one tokenisation."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import shake_128
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from searchsvc.analysis import analyzer
from searchsvc.array_ranges import concatenate_ranges
from searchsvc.ingest.piece_hashes import Hashes, Ints, piece_hashes, term_hash
from searchsvc.ingest.shared_runs import Runs, sample

Signature = NDArray[np.uint16]  # shape (SIZE,)
Signatures = NDArray[np.uint16]  # shape (documents, SIZE)

SIZE = 126  # values of a signature, 2 bytes each
_SHINGLE = 3  # words
_SHORTEST = 20  # words; shorter texts are duplicates only if they are equal
_HASHED_AT_ONCE = 65_536  # hashes of all functions; they fit the processor's cache

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
    return _runs(np.array([term_hash(term) for term in terms], np.uint32))


def signature(terms: Sequence[str]) -> Signature:
    """Return the MinHash of a text's runs of three terms, (SIZE,) uint16 (b-bit MinHash, Li and König 2010).

    The share of equal values estimates the share of common runs. A short text gets values of its whole wording; a
    text without terms gets zeros.
    """
    if not terms:
        return np.zeros(SIZE, np.uint16)
    runs = _all_runs(terms)
    of_text: Signature = _min_hashes(runs, np.array([len(runs)]))[0]
    return of_text


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
    batch = piece_hashes(language).of_texts(texts)
    terms = np.diff(batch.bounds)
    is_long = terms >= _SHORTEST
    sizes = np.where(is_long, terms - _SHINGLE + 1, 0)
    # Runs across the end of a text are computed too, and left out.
    all_runs = _runs(batch.hashes) if len(batch.hashes) >= _SHINGLE else batch.hashes
    runs = all_runs[concatenate_ranges(batch.bounds[:-1], sizes)]
    signatures = iter(_min_hashes(runs, sizes[is_long]))
    ends = np.cumsum(sizes)
    return [
        SignedText(words, next(signatures), sample(runs[end - size : end])) if size else _signed(text, language, words)
        for text, words, size, end in zip(texts, batch.words.tolist(), sizes.tolist(), ends.tolist(), strict=True)
    ]


def _signed(text: str, language: str, words: int) -> SignedText:
    """Return a text of few terms, signed by itself."""
    terms = analyzer(language).terms(text)
    return SignedText(words, signature(terms), runs_of(terms))


def _min_hashes(runs: Hashes, sizes: Ints) -> Signatures:
    """Return the least hash of the runs of each text, for each of SIZE hash functions, as 16 bits.

    `runs`: (runs,) uint32, one text after the other. `sizes`: of each text, 1 at least, (texts,) int64. A row of the
    working array belongs to one function, so the least of a text is that of neighbours in memory.
    """
    least = np.empty((SIZE, len(sizes)), np.uint32)
    step = max(1, _HASHED_AT_ONCE // max(1, len(runs)))  # functions
    starts = np.cumsum(sizes) - sizes
    for first in range(0, SIZE, step) if len(sizes) else ():
        hashes = runs ^ _KEYS[first : first + step, None]
        hashes *= _ODD_MULTIPLIERS[first : first + step, None]
        np.minimum.reduceat(hashes, starts, axis=1, out=least[first : first + step])
    values = ((least * _MIX) >> _HALF).astype(np.uint16)
    return np.ascontiguousarray(np.maximum(values, 1).T)  # zeros are reserved for empty texts


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
