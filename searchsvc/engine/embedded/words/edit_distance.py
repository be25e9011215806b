"""Words within a few edits of another: a filter over all words at once, then exact distances."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchsvc.array_ranges import sorted_unique


def _letter_bits() -> NDArray[np.uint32]:
    """A bit for each ASCII letter and digit (digits share six), none for any other byte.

    A letter outside ASCII sets no bit, so an edit of one changes none: the filter stays safe.
    """
    bits = np.zeros(256, np.uint32)
    for index in range(26):
        bits[ord("a") + index] = 1 << index
    for digit in range(10):
        bits[ord("0") + digit] = 1 << (26 + digit % 6)
    return bits


_BITS = _letter_bits()
_SHORTEST = 4  # characters of a word of which one edit leaves the first two or the last two as they are


@dataclass(frozen=True, slots=True)
class Edges:
    """Words in the order of their lengths and of the two bytes at one end.

    `keys` uint32, ascending: length in characters << 16 | the two bytes. `numbers` int32, beside: the words.
    """

    keys: NDArray[np.uint32]
    numbers: NDArray[np.int32]

    @classmethod
    def of(cls, lengths: NDArray[np.uint8], first: NDArray[np.uint8], second: NDArray[np.uint8]) -> "Edges":
        keys = (lengths.astype(np.uint32) << np.uint32(16)) | (first.astype(np.uint32) << np.uint32(8)) | second
        order: NDArray[np.int64] = np.argsort(keys, kind="stable")
        return cls(keys[order], order.astype(np.int32))

    def sharing(self, edge: bytes, length: int) -> list[NDArray[np.int32]]:
        """The words with these two bytes at the end, of about `length` characters, one more or one less."""
        sought = [each << 16 | edge[0] << 8 | edge[1] for each in range(length - 1, length + 2)]
        begins = self.keys.searchsorted(np.array(sought, np.uint32)).tolist()
        ends = self.keys.searchsorted(np.array(sought, np.uint32), "right").tolist()
        return [self.numbers[low:high] for low, high in zip(begins, ends, strict=True)]


@dataclass(frozen=True, slots=True)
class SpellingTable:
    """Words in the order of their lengths, so that those of some lengths are one slice.

    `numbers` int32: the words. `letters` uint32, beside: the set of a word's letters. `starts`
    int64 (257): where the words of each length in characters begin; 255 stands for more, too.
    `sets` uint32: the same sets by the words' numbers. `heads` and `tails`: the words by both ends.
    """

    numbers: NDArray[np.int32]
    letters: NDArray[np.uint32]
    starts: NDArray[np.int64]
    sets: NDArray[np.uint32]
    heads: Edges
    tails: Edges

    @classmethod
    def of(cls, blob: NDArray[np.uint8], offsets: NDArray[Any]) -> "SpellingTable":
        """From words as Dictionary holds them; 0.1 s for 500,000 words, once a generation."""
        if len(offsets) < 2:
            none, no_sets = np.empty(0, np.int32), np.empty(0, np.uint32)
            edges = Edges(no_sets, none)
            return cls(none, no_sets, np.zeros(257, np.int64), no_sets, edges, edges)
        letters = np.bitwise_or.reduceat(_BITS[blob], offsets[:-1])
        begins = (blob & 0xC0) != 0x80  # every byte but UTF-8's continuation bytes begins a character
        characters = np.add.reduceat(begins.view(np.uint8), offsets[:-1], dtype=np.int64) - 1
        lengths = np.minimum(characters, 255).astype(np.uint8)
        order = np.argsort(lengths, kind="stable")
        starts = np.append(0, np.bincount(lengths, minlength=256).cumsum())
        heads = Edges.of(lengths, blob[offsets[:-1]], blob[offsets[:-1] + 1])
        tails = Edges.of(lengths, blob.take(offsets[1:].astype(np.int64) - 3, mode="clip"), blob[offsets[1:] - 2])
        return cls(order.astype(np.int32), letters[order], starts, letters, heads, tails)

    def candidates(self, word: str, distance: int) -> NDArray[np.int64]:
        """Numbers of words that may be within `distance`, ascending: an edit changes at most two letters.

        One edit leaves an end of the word as it is, so that few words need to be looked at.
        """
        wanted = _letters_of(word)
        if distance == 1 and _SHORTEST <= len(word) < 250:
            written = word.encode("utf-8", "replace")
            sharing = self.heads.sharing(written[:2], len(word)) + self.tails.sharing(written[-2:], len(word))
            some: NDArray[np.int32] = sorted_unique(np.concatenate(sharing))
            close = np.bitwise_count(self.sets.take(some) ^ wanted) <= 2
            return some.compress(close).astype(np.int64, copy=False)
        low, high = min(max(len(word) - distance, 0), 255), min(len(word) + distance, 255)
        span = slice(int(self.starts[low]), int(self.starts[high + 1]))
        near = np.bitwise_count(self.letters[span] ^ wanted) <= 2 * distance
        return np.sort(self.numbers[span][near]).astype(np.int64)

    def may_be_like(self, word: str, distance: int, numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
        """For each of some words, by number, whether its letters let it be within `distance`."""
        may_be: NDArray[np.bool_] = np.bitwise_count(self.sets.take(numbers) ^ _letters_of(word)) <= 2 * distance
        return may_be


def _letters_of(word: str) -> np.uint32:
    bits: np.uint32 = np.bitwise_or.reduce(_BITS[np.frombuffer(word.encode("utf-8", "replace"), np.uint8)])
    return bits


def one_edit(word: str, letters: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """As `distances` up to 1: what two words share at their beginnings and ends leaves one letter at most."""
    longest, count = letters.shape
    ends = np.count_nonzero(letters, axis=0)
    sought = np.zeros(longest, np.uint32)
    points = list(map(ord, word))[:longest]
    sought[: len(points)] = points
    beginning = _run(letters == sought[:, None])
    steps = np.arange(longest)[:, None]
    backwards = letters.ravel().take(np.maximum(ends - 1 - steps, 0) * count + np.arange(count)) * (steps < ends)
    sought[: len(points)] = list(map(ord, reversed(word)))[:longest]
    ending = _run(backwards == sought[:, None])
    longer = np.maximum(ends, len(word))
    near = (beginning + ending >= longer - 1) & (np.abs(ends - len(word)) <= 1)
    edits = np.where(near, 1, 100).astype(np.uint8)
    edits[(beginning >= longer) & (ends == len(word))] = 0
    return edits


def _run(equal: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How many rows from the top are true, in each column."""
    run: NDArray[np.int64] = np.where(equal.all(axis=0), len(equal), equal.argmin(axis=0))
    return run


def distances(word: str, letters: NDArray[np.uint32], most: int) -> NDArray[np.uint8]:
    """Edits (Levenshtein) between `word` and each of some words, right up to `most`, else above.

    `letters`: a column for each word, 0 below its end. Wagner and Fischer's table for all
    words at once: row by row of `word`, and of each row only the columns within `most` of the
    diagonal, since no other can lead to an answer.
    """
    longest, count = letters.shape
    costs = np.empty((longest + 1, count), np.uint8)
    costs[:] = np.minimum(np.arange(longest + 1), 100)[:, None]
    for row, letter in enumerate(word, 1):
        first, last = max(1, row - most), min(longest, row + most)
        if first > last:
            return np.full(count, 100, np.uint8)
        differs = (letters[first - 1 : last] != ord(letter)).view(np.uint8)
        diagonal = costs[first - 1].copy()
        costs[first - 1] = row if first == 1 else 100
        for column in range(first, last + 1):
            cost = np.minimum(costs[column], costs[column - 1])
            cost += 1
            np.minimum(cost, diagonal + differs[column - first], out=cost)
            diagonal = costs[column].copy()
            costs[column] = cost
    ends = np.count_nonzero(letters, axis=0)
    edits: NDArray[np.uint8] = costs[ends, np.arange(count)]
    edits[np.abs(ends - len(word)) > most] = 100  # columns that were left as they began
    return edits


def beginnings(typed: str, letters: NDArray[np.uint32], most: int) -> NDArray[np.bool_]:
    """Which of some words, `letters` as above, begin within `most` edits of `typed`."""
    cuts = range(max(1, len(typed) - most), len(typed) + most + 1)
    return np.logical_or.reduce([distances(typed, letters[:cut], most) <= most for cut in cuts])  # type: ignore[no-any-return]


def swaps(word: str) -> Iterator[bytes]:
    """`word` with each two neighbouring letters swapped in turn, in UTF-8."""
    return (
        (word[:at] + word[at + 1] + word[at] + word[at + 2 :]).encode("utf-8", "replace") for at in range(len(word) - 1)
    )
