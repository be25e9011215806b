"""A sorted list of words as arrays: looked up, listed by prefix or pattern, searched by spelling."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from searchsvc.array_ranges import sorted_unique
from searchsvc.engine.embedded.index.array_file import Array, narrow
from searchsvc.engine.embedded.words.edit_distance import (
    SpellingTable,
    beginnings,
    distances,
    one_edit,
)

_WIDTH = 8  # bytes of a word that its key holds
_STRIDE = 8  # words from one that has a key to the next
_CACHED_WORDS = 100_000
ALL_FIELDS, EVERYWHERE = COUNTS = "counts", "everywhere"  # in which fields the documents of a form are counted


def encode(word: str) -> bytes:
    """UTF-8; a lone surrogate, which UTF-8 does not have, becomes a question mark."""
    return word.encode("utf-8", "replace")


def term_dictionary_arrays(words: Sequence[bytes]) -> dict[str, Array]:
    """The arrays that hold `words`, which are sorted and distinct.

    `blob` uint8: the words one after the other, a line feed behind each. `offsets` unsigned (one
    more than words): where each begins. `keys` uint64: the first eight bytes
    of every eighth word, big-endian, so that their order as numbers is the order of the words.
    """
    lengths = np.fromiter(map(len, words), np.int64, len(words)) + 1
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    joined = b"\n".join(words) + (b"\n" if words else b"")
    keys = np.array(words[::_STRIDE], dtype=f"S{_WIDTH}").view(">u8").astype("<u8") if words else np.empty(0, "<u8")
    return {"blob": np.frombuffer(joined, np.uint8), "offsets": narrow(offsets), "keys": keys}


def sorted_order(words: Sequence[bytes]) -> NDArray[np.intp]:
    """The order that sorts `words`, which are distinct and hold no zero byte; shape (words,).

    Sixteen bytes are compared as two numbers, which numpy sorts in a fifth of the time that Python
    takes; only longer words are sorted as words, and go behind what they begin with.
    """
    if not words:
        return np.empty(0, np.intp)
    heads = np.array(words, f"S{2 * _WIDTH}").view(">u8").astype("<u8").reshape(-1, 2)
    long = [number for number, word in enumerate(words) if len(word) > 2 * _WIDTH]
    behind = np.zeros(len(words), np.int32)
    behind[sorted(long, key=words.__getitem__)] = np.arange(1, len(long) + 1)
    return np.lexsort((behind, heads[:, 1], heads[:, 0]))


class TermDictionary:
    """Words by number, in the order of their UTF-8 bytes; numbers count from 0."""

    def __init__(self, arrays: Mapping[str, Array], name: str) -> None:
        self._blob = arrays[f"{name}.blob"]
        self._text = self._blob.data
        self._offsets = arrays[f"{name}.offsets"]
        self._keys: NDArray[np.uint64] = arrays[f"{name}.keys"]
        self._known: dict[bytes, int] = {}
        self._spelling: SpellingTable | None = None

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def __getitem__(self, number: int) -> bytes:
        return bytes(self._text[self._offsets[number] : self._offsets[number + 1] - 1])

    def find(self, word: bytes) -> int:
        """The number of `word`, or -1. One search among the keys, then among the words between two."""
        known = self._known.get(word)
        if known is None:
            number = self._insertion_point(word)
            known = number if number < len(self) and self[number] == word else -1
            if len(self._known) >= _CACHED_WORDS:
                self._known.clear()
            self._known[word] = known
        return known

    def _insertion_point(self, word: bytes) -> int:
        key = np.uint64(int.from_bytes(word[:_WIDTH].ljust(_WIDTH, b"\0"), "big"))
        low = max(0, (int(self._keys.searchsorted(key)) - 1) * _STRIDE)
        high = min(len(self), int(self._keys.searchsorted(key, "right")) * _STRIDE)
        while low < high:
            middle = (low + high) // 2
            if self[middle] < word:
                low = middle + 1
            else:
                high = middle
        return low

    def prefixed(self, prefix: bytes) -> range:
        """The numbers of the words that begin with `prefix`."""
        end = _successor(prefix)
        return range(self._insertion_point(prefix), self._insertion_point(end) if end else len(self))

    def matching(self, pattern: str) -> list[int]:
        """The numbers of the words that fit `pattern`, where `*` is any run, `?` any character.

        What stands before the first joker narrows the words to a range; inside it the longest
        literal piece is looked for in the whole text at once, and only words that hold it are
        compared.
        """
        numbers: Sequence[int] = self.prefixed(encode(re.split(r"[*?]", pattern, maxsplit=1)[0]))
        fits = re.compile("".join({"*": r".*", "?": r"."}.get(c, re.escape(c)) for c in pattern)).fullmatch
        piece = encode(max(re.split(r"[*?]", pattern), key=len))
        if len(numbers) > 64 and piece:
            numbers = self._holding(piece, numbers)
        return [n for n in numbers if fits(self[n].decode())]

    def _holding(self, piece: bytes, numbers: Sequence[int]) -> Sequence[int]:
        start, end = int(self._offsets[numbers[0]]), int(self._offsets[numbers[-1] + 1])
        text = self._text[start:end]
        found = [match.start() + start for match in re.finditer(re.escape(piece), text)]
        return np.unique(self._offsets.searchsorted(np.array(found, self._offsets.dtype), "right") - 1).tolist()  # type: ignore[no-any-return]

    def spelled_like(self, word: str, distance: int, prefix: int = 0) -> list[tuple[int, int]]:
        """Numbers and distances of the words within `distance` edits of `word` (Levenshtein).

        The first `prefix` characters must be equal.
        """
        near = self._spellings().candidates(word, distance)
        if prefix:
            numbers = self.prefixed(encode(word[:prefix]))
            near = near[(near >= numbers.start) & (near < numbers.stop)]
        if not len(near):
            return []
        letters = self._letters(near)
        edits = one_edit(word, letters) if distance == 1 else distances(word, letters, distance)
        close = (edits <= distance).nonzero()[0]
        return list(zip(near[close].tolist(), edits[close].tolist(), strict=True))

    def may_be_like(self, word: str, distance: int, numbers: NDArray[np.int64]) -> bool:
        """Whether any of some words, by number, may be within so many edits (a swap counts for two)."""
        near = numbers.compress(self._spellings().may_be_like(word, distance, numbers))
        return bool(len(near)) and bool((distances(word, self._letters(near), distance) <= distance).any())

    def _spellings(self) -> SpellingTable:
        if self._spelling is None:
            self._spelling = SpellingTable.of(self._blob, self._offsets)
        return self._spelling

    def beginning_like(self, typed: str, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those of some words, by number, whose beginning is within one edit of `typed`."""
        return numbers[beginnings(typed, self._letters(numbers), 1)]

    def _letters(self, numbers: NDArray[np.int64]) -> NDArray[np.uint32]:
        """The characters of words, one column a word, 0 below its end; shape (longest, words)."""
        starts, ends = self._offsets[numbers].astype(np.int64), self._offsets[numbers + 1].astype(np.int64) - 1
        longest = int((ends - starts).max(initial=0))
        places = starts + np.arange(longest)[:, None]
        letters = self._blob.take(places, mode="clip").astype(np.uint32) * (places < ends)
        for column in np.flatnonzero((letters > 127).any(axis=0)):  # not ASCII: several bytes a character
            points = list(map(ord, self[int(numbers[column])].decode()))
            letters[:, column] = points + [0] * (longest - len(points))
        return letters

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._blob.tobytes().split(b"\n")[:-1])


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words as people write them, folded but not stemmed, with the term each is indexed as.

    `terms` int32 and `counts` unsigned stand beside the words: the number of the stem in the
    dictionary of terms, and in how many documents' free text the word stands. Of a word that is
    indexed as several terms, in several languages, that is the one in most documents; `others` int32,
    shape (pairs, 2) and ascending, has such words once more for each other term.
    """

    words: TermDictionary
    terms: NDArray[np.int32]
    counts: Array
    others: NDArray[np.int32]

    @classmethod
    def of(cls, arrays: Mapping[str, Array]) -> "Lexicon":
        others = arrays["words.others"].reshape(-1, 2)
        return cls(TermDictionary(arrays, "words"), arrays["words.terms"], arrays["words.counts"], others)

    def terms_of(self, words: NDArray[np.int64] | slice) -> NDArray[np.int32]:
        """The terms that some words, in ascending order, are indexed as; each once, ascending."""
        found = self.terms[words]
        if len(self.others):
            chosen = np.arange(words.start, words.stop) if isinstance(words, slice) else words
            found = np.append(found, self.others[np.isin(self.others[:, 0], chosen), 1])
        terms: NDArray[np.int32] = sorted_unique(found)
        return terms


def lexicon_arrays(pairs: NDArray[np.int64], every: Mapping[str, NDArray[np.int64]], words: int) -> dict[str, Array]:
    """The arrays of a Lexicon of so many words, and the forms that the next generation goes on from.

    `pairs`: forms, word << 32 | term, in any order and with repeats; `every`: for each of COUNTS, in how
    many documents they stand.
    """
    pairs, places = np.unique(pairs, return_inverse=True)
    summed = {name: np.zeros(len(pairs), np.int64) for name in COUNTS}
    for name, sums in summed.items():
        np.add.at(sums, places, every[name])
    owners, terms = (pairs >> 32).astype(np.int32), (pairs & 0xFFFFFFFF).astype(np.int32)
    counts = summed[ALL_FIELDS]
    best = np.lexsort((terms, -counts, owners))
    first = np.append(True, np.diff(owners[best]) != 0)[: len(pairs)]
    others = np.sort(best[~first])
    return {
        "words.terms": terms[best[first]],
        "words.counts": narrow(np.bincount(owners, counts, words).astype(np.int64)),
        "words.others": np.column_stack([owners[others], terms[others]]).ravel(),
        "forms.words": owners,
        "forms.terms": terms,
        **{f"forms.{name}": narrow(sums) for name, sums in summed.items()},
    }


def _successor(prefix: bytes) -> bytes:
    """The least string above all that begin with `prefix`; empty if there is none."""
    stripped = prefix.rstrip(b"\xff")
    return stripped[:-1] + bytes([stripped[-1] + 1]) if stripped else b""
