"""Documents to arrays of term numbers: one split a field, one look-up a word."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from searchsvc.analysis import LONGEST_TERM, WORD, Analyzer, folded_parts
from searchsvc.models import Document
from searchsvc.schema import TEXT_FIELDS

Key = TypeVar("Key")

FIELDS = tuple(field.name for field in TEXT_FIELDS)


def _separators() -> bytes:
    """A table for bytes.translate: capitals to small, what no word can hold to a space."""
    table = bytearray(b" " * 256)
    for byte in b"abcdefghijklmnopqrstuvwxyz0123456789_'.,":
        table[byte] = byte
    for byte in b"ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        table[byte] = byte + 32
    return bytes(table)


_SEPARATORS = _separators()
_AROUND = b".,'"  # may stand inside a word, is nothing at its ends


Texts = tuple[str, ...]  # of one document, in the order of FIELDS


def texts_of(document: Document) -> Texts:
    """What is indexed of a document; the values of a field that has several stand on lines of their own."""
    values = [getattr(document, name) for name in FIELDS]
    return tuple("\n".join(value) if isinstance(value, tuple) else value or "" for value in values)


class _Numbers(dict[Key, int]):
    """Numbers keys in the order they are first asked for."""

    def __missing__(self, word: Key) -> int:
        number = self[word] = len(self)
        return number


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of some documents in reading order: document by document, field by field.

    `terms`, `surfaces` int32: numbers into the sorted lists `vocabulary` (UTF-8 terms) and
    `words` (UTF-8 words before stemming). `lengths` int32, shape (documents, fields): how many
    tokens each field has.
    """

    terms: NDArray[np.int32]
    surfaces: NDArray[np.int32]
    lengths: NDArray[np.int32]
    vocabulary: list[bytes]
    words: list[bytes]


def tokenise(documents: Sequence[Texts], analyzer: Analyzer) -> Tokens:
    """What `analyzer.tokens` gives for every text of every document.

    Texts are cut at white space while they are read, and each distinct piece gets a number;
    what the analysis makes of a piece is found once, and put in its place by array indexing.
    """
    numbers: _Numbers[str | bytes] = _Numbers()
    counts, written = array("i"), array("i")
    number_of = numbers.__getitem__
    for document in documents:
        for text in document:
            pieces = _pieces(text) if text else ()
            counts.append(len(pieces))
            written.extend(map(number_of, pieces))
    table = _analysed(list(numbers), analyzer)
    return table.tokens(np.frombuffer(written, np.int32), np.frombuffer(counts, np.int32))


def _pieces(text: str) -> Sequence[str | bytes]:
    """`text` in pieces that no word crosses the edges of: no word holds white space.

    An ASCII text, as nearly all English is, becomes bytes in small letters without most of
    its punctuation; that makes fewer distinct pieces and changes no term.
    """
    return text.encode().translate(_SEPARATORS).split() if text.isascii() else text.split()


@dataclass(frozen=True, slots=True)
class _Analysed:
    """What pieces become: piece `i` has `parts[i]` words from `starts[i]` on in `surfaces`.

    `terms` int32: the number of the term of each of `words`.
    """

    parts: NDArray[np.int32]
    starts: NDArray[np.int32]
    surfaces: NDArray[np.int32]
    terms: NDArray[np.int32]
    vocabulary: list[bytes]
    words: list[bytes]

    def tokens(self, written: NDArray[np.int32], counts: NDArray[np.int32]) -> Tokens:
        parts = self.parts[written]
        if parts.size and int(parts.min()) == int(parts.max()) == 1:
            places, lengths = self.starts[written], counts
        else:
            places = np.repeat(self.starts[written] - np.cumsum(parts, dtype=np.int32) + parts, parts)
            places += np.arange(len(places), dtype=np.int32)
            field = np.repeat(np.arange(len(counts)), counts)
            lengths = np.bincount(field, weights=parts, minlength=len(counts)).astype(np.int32)
        surfaces = self.surfaces[places]
        return Tokens(self.terms[surfaces], surfaces, lengths.reshape(-1, len(FIELDS)), self.vocabulary, self.words)


def _analysed(pieces: list[str | bytes], analyzer: Analyzer) -> _Analysed:
    # The key of a word tells whether it has a stem: a pair of Chinese characters has none.
    surfaces: _Numbers[tuple[str, bool]] = _Numbers()
    parts, flat = array("i"), array("i")
    for piece in pieces:
        found = _words(piece)
        parts.append(len(found))
        flat.extend([surfaces[word] for word in found])
    words, ranks = _ranked([text for text, _ in surfaces])
    vocabulary, terms = _ranked(_stems(list(surfaces), analyzer))
    terms_of_words = np.empty(len(words), np.int32)
    terms_of_words[ranks] = terms
    lengths = np.array(parts, np.int32)
    starts = (np.cumsum(lengths) - lengths).astype(np.int32)
    return _Analysed(lengths, starts, ranks[np.array(flat, np.int32)], terms_of_words, vocabulary, words)


def _words(piece: str | bytes) -> list[tuple[str, bool]]:
    if isinstance(piece, bytes):
        bare = piece.strip(_AROUND)
        if bare.isalpha() and len(bare) <= LONGEST_TERM:
            return [(bare.decode(), True)]
        piece = piece.decode()
    return [(part[0], part[3]) for word in WORD.findall(piece) for part in folded_parts(word)]


def _stems(words: list[tuple[str, bool]], analyzer: Analyzer) -> list[str]:
    stems = analyzer.stems([text for text, _ in words])
    return [stem if stemmed else text for stem, (text, stemmed) in zip(stems, words, strict=True)]


def _ranked(strings: list[str]) -> tuple[list[bytes], NDArray[np.int32]]:
    """The distinct strings as sorted UTF-8, and for each string its rank among them."""
    encoded = [string.encode("utf-8", "replace") for string in strings]
    distinct = sorted(set(encoded))
    ranks = dict(zip(distinct, range(len(distinct)), strict=True))
    return distinct, np.fromiter(map(ranks.__getitem__, encoded), np.int32, len(encoded))
