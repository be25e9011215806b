"""Texts as arrays: lines, words and word hashes of a batch of documents, without a loop over words."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]
Flags = NDArray[np.bool_]

LONGEST_LINE = 4_000  # UTF-16 units; of a longer line only both ends count, so that 12-bit counters suffice
_ROOT = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2**64
_INVERSE = pow(_ROOT, -1, 1 << 64)
_MIX = np.uint64(0xD6E8FEB86659FD93)

# Character classes, with five 12-bit counters per machine word.
CLASSES = ("upper", "digit", "terminal", "comma", "quote", "separator", "colon", "dash", "bracket", "symbol")
_FIELDS, _WIDTH = 5, 12
WORD, COUNTED, IDEOGRAM = (
    np.uint8(1),
    np.uint8(2),
    np.uint8(4),
)  # bits: part of a word; counted in a class; a word by itself
# Chinese characters and kana are written without spaces. Each is a word by itself, and two count as one word of a line.
_UNSPACED = ((0x3041, 0x30FF), (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0xFF66, 0xFF9F))
_MARKS = {
    "terminal": ".!?…。！？؟।",
    "comma": ",;、，；،",
    "quote": "\"“”„«»‘’'`",
    "separator": "|›‹·•/\\→←>»▸►■●▪◦",
    "colon": ":：",
    "dash": "-–—",
    "bracket": "()[]{}<>",
}


@dataclass(frozen=True, slots=True)
class CodeTable:
    """One byte for each UTF-16 code unit. Texts are mostly Latin, and bytes.translate is faster than array indexing."""

    latin: bytes  # for the first 256 code units
    wide: NDArray[np.uint8]  # (65536,), for all code units

    def of(self, low: bytes, codes: NDArray[np.uint16], high: Ints) -> NDArray[np.uint8]:
        """Return the bytes of `codes`, (characters,) uint8.

        `low`: the codes modulo 256. `high`: (wide,) int64, positions of codes above 255.
        """
        if 2 * len(high) > len(codes):
            return self.wide[codes]
        out = np.frombuffer(bytearray(low.translate(self.latin)), dtype=np.uint8)
        out[high] = self.wide[codes[high]]
        return out


@dataclass(frozen=True, slots=True)
class Alphabet:
    """Properties of each UTF-16 code unit: packed class counters, lower case, membership in words."""

    packed: NDArray[np.uint64]  # (2, 65536), five counters each
    lower: NDArray[np.uint16]  # (65536,), code unit in lower case
    lower_latin: bytes
    nature: CodeTable  # the bits WORD and COUNTED
    kind: dict[str, NDArray[np.bool_]]  # (65536,) each, by class name

    def lowered(self, low: bytes, codes: NDArray[np.uint16], high: Ints) -> NDArray[np.uint16]:
        """Return `codes` in lower case, (characters,) uint16. Arguments as for CodeTable.of."""
        if 2 * len(high) > len(codes):
            return self.lower[codes]
        out = np.frombuffer(low.translate(self.lower_latin), dtype=np.uint8).astype(np.uint16)
        out[high] = self.lower[codes[high]]
        return out


@cache
def alphabet() -> Alphabet:
    """Return the table of all code units, computed once."""
    characters = list(map(chr, range(65536)))
    categories = np.array(list(map(unicodedata.category, characters)))
    groups = categories.astype("U1")
    is_space = np.array(list(map(str.isspace, characters)))
    letter, underscore = groups == "L", np.arange(65536) == ord("_")
    word = letter | (groups == "N") | (categories == "Mn") | underscore
    kind = {name: np.zeros(65536, dtype=np.bool_) for name in CLASSES}
    kind["upper"], kind["digit"] = categories == "Lu", categories == "Nd"
    kind["symbol"] = ((groups == "S") | (groups == "C")) & ~is_space
    lowered = zip(characters, map(str.lower, characters), strict=True)
    lower = np.array([ord(small) if len(small) == 1 else ord(char) for char, small in lowered], np.uint16)
    for name, marks in _MARKS.items():
        kind[name][[ord(mark) for mark in marks]] = True
    packed = _pack(kind)
    kind["letter"] = letter
    kind["caseless"] = categories == "Lo"  # scripts without capitals: every line begins like a sentence
    ideogram = np.zeros(65536, dtype=np.bool_)
    for low, top in _UNSPACED:
        ideogram[low : top + 1] = True
    ideogram &= word
    kind["ideogram"] = ideogram
    nature = word * WORD + packed.any(axis=0) * COUNTED + ideogram * IDEOGRAM
    # Lower case of the first 256 code units must fit a byte; the remaining code units use the full table.
    latin = np.where(lower[:256] < 256, lower[:256], np.arange(256)).astype(np.uint8)
    return Alphabet(packed, lower, latin.tobytes(), CodeTable(nature[:256].tobytes(), nature), kind)


def _pack(kind: dict[str, NDArray[np.bool_]]) -> NDArray[np.uint64]:
    packed = np.zeros((len(CLASSES) // _FIELDS, 65536), dtype=np.uint64)
    for at, name in enumerate(CLASSES):
        packed[at // _FIELDS] |= kind[name].astype(np.uint64) << np.uint64(_WIDTH * (at % _FIELDS))
    return packed


def mix(values: Hashes) -> Hashes:
    """Spread the bits of each value over the whole word (multiply-xorshift finaliser). `values`: uint64, any shape."""
    values = (values ^ (values >> np.uint64(32))) * _MIX
    values = (values ^ (values >> np.uint64(29))) * _MIX
    return values ^ (values >> np.uint64(32))


@cache
def _powers(base: int, bits: int) -> Hashes:
    powers = np.full(1 << bits, base, dtype=np.uint64)
    powers[0] = 1
    return np.multiply.accumulate(powers)


@dataclass(frozen=True, slots=True)
class LineBatch:
    """Documents laid end to end. A line is a row only if it holds a word; other lines count as blank.

    Shapes: D documents, L lines, T words. `word_bounds`: (L + 1,) int64 into the word arrays. `doc_bounds`: (D +
    1,) int64 into the line arrays.
    """

    codes: NDArray[np.uint16]
    counts: NDArray[np.float32]  # (classes, L) characters of each class
    length: Ints  # (L,) characters
    indent: Ints  # (L,) characters before the first word
    number: Ints  # (L,) line number from 0 in the document, blank lines counted
    doc: Ints  # (L,) document of a line
    doc_bounds: Ints
    total_lines: Ints  # (D,) all lines, blank lines counted
    word_bounds: Ints
    word_counts: Ints  # (L,) words of each line; two Chinese characters or kana count as one
    start: Ints  # (T,) start of a word in `codes`
    end: Ints  # (T,) end of a word in `codes`
    hash: Hashes  # (T,) of the word in lower case
    line: Ints  # (T,) line of a word
    bucket: Ints  # (T,) top 16 bits of the hash, for table lookups
    first: NDArray[np.uint16]  # (T,) first character of a word

    @property
    def entries(self) -> Ints:
        """Entries of each line in the word arrays, (L,) int64. Every Chinese character or kana has an entry."""
        return np.diff(self.word_bounds)


def line_sums(batch: LineBatch, values: NDArray[np.generic]) -> NDArray[np.float32]:
    """Return (lines,) float32: sums over the words of each line. `values`: (words,), any numeric dtype."""
    if not len(batch.doc):
        return np.zeros(0, dtype=np.float32)
    return np.add.reduceat(values.astype(np.float32), batch.word_bounds[:-1])


def clip_long_lines(text: str) -> str:
    """Return the text with the middle of each very long line removed. Line numbers stay the same."""
    half = LONGEST_LINE // 4 - 1
    return "\n".join(
        line if len(line) < LONGEST_LINE // 2 else f"{line[:half]} {line[-half:]}" for line in text.split("\n")
    )


def make_line_batch(texts: Sequence[str]) -> LineBatch:
    """Return the lines and words of `texts`, one document each."""
    total_lines = np.array([text.count("\n") + 1 for text in texts], dtype=np.int64)
    codes = _encode("\n".join(texts))
    stops = np.flatnonzero(codes == 10)
    if np.diff(stops, prepend=-1).max() > LONGEST_LINE:
        codes = _encode("\n".join([clip_long_lines(text) for text in texts]))
        stops = np.flatnonzero(codes == 10)
    return _split_lines(codes, stops, total_lines)


def _encode(text: str) -> NDArray[np.uint16]:
    return np.frombuffer((text + "\n").encode("utf-16-le", "surrogatepass"), dtype=np.uint16)


def word_hashes(lowered: NDArray[np.uint16], start: Ints, end: Ints) -> Hashes:
    """Return (words,) uint64: a polynomial hash of each word, from one running sum over the text.

    `lowered`: (characters,) uint16. `start`, `end`: (words,) int64 into `lowered`.
    """
    bits = len(lowered).bit_length()
    sums = np.empty(len(lowered) + 1, dtype=np.uint64)
    sums[0] = 0
    sums[1:] = lowered
    sums[1:] *= _powers(_ROOT, bits)[: len(lowered)]
    np.cumsum(sums, out=sums)
    return mix((sums[end] - sums[start]) * _powers(_INVERSE, bits)[start])


def _split_lines(codes: NDArray[np.uint16], stops: Ints, total_lines: Ints) -> LineBatch:
    table = alphabet()
    low, high = codes.astype(np.uint8).tobytes(), np.flatnonzero(codes > 255)
    nature = table.nature.of(low, codes, high)
    inside = (nature & WORD).view(np.bool_)  # last is a newline, so every word has an end
    edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    if inside[0]:
        edges = np.append(0, edges)
    start, end = np.ascontiguousarray(edges[0::2]), np.ascontiguousarray(edges[1::2])
    ideograms = high[(nature[high] & IDEOGRAM) > 0]
    if len(ideograms):
        start, end = _split_ideograms(inside, ideograms, start, end)
    begins = np.append(0, stops[:-1] + 1)
    cuts = np.searchsorted(start, begins)
    counts = np.diff(cuts, append=len(start))
    worded = np.flatnonzero(counts)
    first_line = np.append(0, np.cumsum(total_lines))
    doc = np.searchsorted(first_line, worded, side="right") - 1
    word_bounds = np.append(cuts[worded], len(start))
    hashes = word_hashes(table.lowered(low, codes, high), start, end)
    entries = counts[worded]
    unspaced = np.searchsorted(ideograms, stops[worded]) - np.searchsorted(ideograms, begins[worded])
    return LineBatch(
        codes=codes,
        counts=_class_counts(codes, np.flatnonzero(nature & COUNTED), begins[worded], stops[worded]),
        length=stops[worded] - begins[worded],
        indent=start[word_bounds[:-1]] - begins[worded],
        number=worded - first_line[doc],
        doc=doc,
        doc_bounds=np.searchsorted(worded, first_line),
        total_lines=total_lines,
        word_bounds=word_bounds,
        word_counts=entries - unspaced // 2,
        start=start,
        end=end,
        hash=hashes,
        line=np.repeat(np.arange(len(worded)), entries),
        bucket=(hashes >> np.uint64(48)).astype(np.int64),
        first=codes[start],
    )


def _split_ideograms(inside: Flags, ideograms: Ints, start: Ints, end: Ints) -> tuple[Ints, Ints]:
    """Return start and end of the words, (words,) int64 each, with every character at `ideograms` a word by itself.

    `inside`: (characters,) bool, part of a word. `start`, `end`: of the words between other characters.
    """
    is_start, is_end = np.zeros((2, len(inside)), dtype=np.bool_)
    below = ideograms + 1
    is_start[start] = is_start[ideograms] = True
    is_start[below] |= inside[below]
    is_end[end] = is_end[below] = True
    above = ideograms[ideograms > 0]
    is_end[above] |= inside[above - 1]
    return np.flatnonzero(is_start), np.flatnonzero(is_end)


def _class_counts(codes: NDArray[np.uint16], counted: Ints, begin: Ints, stop: Ints) -> NDArray[np.float32]:
    """Return (classes, lines) float32: characters of each class.

    `counted`: positions of characters in any class; most characters are lower-case letters and spaces, which are in
    none.
    """
    if not len(begin):
        return np.zeros((len(CLASSES), 0), dtype=np.float32)
    starts, ends = np.searchsorted(counted, begin), np.searchsorted(counted, stop)
    chosen = codes[counted].astype(np.int64)
    out = np.empty((len(CLASSES), len(begin)), dtype=np.float32)
    sums = np.zeros(len(chosen) + 1, dtype=np.uint64)
    for half, packed in enumerate(alphabet().packed):
        np.cumsum(packed[chosen], out=sums[1:])
        line = sums[ends] - sums[starts]
        for field in range(_FIELDS):
            out[half * _FIELDS + field] = (line >> np.uint64(_WIDTH * field)) & np.uint64((1 << _WIDTH) - 1)
    return out
