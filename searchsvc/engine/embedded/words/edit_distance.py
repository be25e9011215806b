"""Words within a few edits of a word: a filter over all words, then exact distances."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchsvc.array_ranges import sorted_unique


def _letter_bits() -> NDArray[np.uint32]:
    """Return a bit for each ASCII letter and digit (digits share six bits), and 0 for other bytes.

    Letters outside ASCII set no bit, so edits of such letters change none: the filter misses no word.
    """
    bits = np.zeros(256, np.uint32)
    for index in range(26):
        bits[ord("a") + index] = 1 << index
    for digit in range(10):
        bits[ord("0") + digit] = 1 << (26 + digit % 6)
    return bits


_BITS = _letter_bits()
_MIN_LENGTH_FOR_ENDS = 4  # characters; one edit leaves the first or the last two of them unchanged


@dataclass(frozen=True, slots=True)
class WordEnds:
    """Words sorted by length and by the two bytes at one end.

    `keys` (words,) uint32, ascending: length in characters << 16 | the two bytes. `word_ids` (words,) int32.
    """

    keys: NDArray[np.uint32]
    word_ids: NDArray[np.int32]

    @classmethod
    def of(cls, lengths: NDArray[np.uint8], first: NDArray[np.uint8], second: NDArray[np.uint8]) -> "WordEnds":
        """Sort words by `lengths`, `first` and `second`, all (words,) uint8."""
        keys = (lengths.astype(np.uint32) << np.uint32(16)) | (first.astype(np.uint32) << np.uint32(8)) | second
        order: NDArray[np.int64] = np.argsort(keys, kind="stable")
        return cls(keys[order], order.astype(np.int32))

    def with_end(self, two_bytes: bytes, length: int) -> list[NDArray[np.int32]]:
        """Return the words with these two bytes at the end; lengths differ from `length` by at most 1."""
        keys = [each << 16 | two_bytes[0] << 8 | two_bytes[1] for each in range(length - 1, length + 2)]
        starts = self.keys.searchsorted(np.array(keys, np.uint32)).tolist()
        ends = self.keys.searchsorted(np.array(keys, np.uint32), "right").tolist()
        return [self.word_ids[low:high] for low, high in zip(starts, ends, strict=True)]


@dataclass(frozen=True, slots=True)
class SpellingTable:
    """Words sorted by length, so that the words of some lengths are one slice.

    `word_ids` (words,) int32. `sorted_sets` (words,) uint32: set of each word's letters, in the same order;
    `sets_by_id`: in the order of ids. `starts` (257,) int64: start of each length in characters, 255 for all longer
    words. `by_start` and `by_end`: the words by both ends.
    """

    word_ids: NDArray[np.int32]
    sorted_sets: NDArray[np.uint32]
    starts: NDArray[np.int64]
    sets_by_id: NDArray[np.uint32]
    by_start: WordEnds
    by_end: WordEnds

    @classmethod
    def of(cls, blob: NDArray[np.uint8], offsets: NDArray[Any]) -> "SpellingTable":
        """Build from the arrays of a TermDictionary; 0.1 s for 500,000 words, once per generation.

        `blob` uint8: words, each followed by a line feed. `offsets` (words + 1,) unsigned.
        """
        if len(offsets) < 2:
            none, no_sets = np.empty(0, np.int32), np.empty(0, np.uint32)
            ends = WordEnds(no_sets, none)
            return cls(none, no_sets, np.zeros(257, np.int64), no_sets, ends, ends)
        letters = np.bitwise_or.reduceat(_BITS[blob], offsets[:-1])
        starts_character = (blob & 0xC0) != 0x80  # all bytes except UTF-8 continuation bytes
        characters = np.add.reduceat(starts_character.view(np.uint8), offsets[:-1], dtype=np.int64) - 1
        lengths = np.minimum(characters, 255).astype(np.uint8)
        order = np.argsort(lengths, kind="stable")
        starts = np.append(0, np.bincount(lengths, minlength=256).cumsum())
        heads = WordEnds.of(lengths, blob[offsets[:-1]], blob[offsets[:-1] + 1])
        tails = WordEnds.of(lengths, blob.take(offsets[1:].astype(np.int64) - 3, mode="clip"), blob[offsets[1:] - 2])
        return cls(order.astype(np.int32), letters[order], starts, letters, heads, tails)

    def candidates(self, word: str, distance: int) -> NDArray[np.int64]:
        """Return ids of words that may be within `distance`, (n,) int64, ascending.

        An edit changes at most two letters of the set. One edit leaves one end of the word unchanged, so that few
        words need a comparison.
        """
        letter_set = _letter_set(word)
        if distance == 1 and _MIN_LENGTH_FOR_ENDS <= len(word) < 250:
            encoded = word.encode("utf-8", "replace")
            same_end = self.by_start.with_end(encoded[:2], len(word)) + self.by_end.with_end(encoded[-2:], len(word))
            word_ids: NDArray[np.int32] = sorted_unique(np.concatenate(same_end))
            is_close = np.bitwise_count(self.sets_by_id.take(word_ids) ^ letter_set) <= 2
            return word_ids.compress(is_close).astype(np.int64, copy=False)
        low, high = min(max(len(word) - distance, 0), 255), min(len(word) + distance, 255)
        span = slice(int(self.starts[low]), int(self.starts[high + 1]))
        is_near = np.bitwise_count(self.sorted_sets[span] ^ letter_set) <= 2 * distance
        return np.sort(self.word_ids[span][is_near]).astype(np.int64)

    def may_be_within(self, word: str, distance: int, word_ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return whether the letters of each of `word_ids` allow `distance`; (n,) bool."""
        is_near: NDArray[np.bool_] = (
            np.bitwise_count(self.sets_by_id.take(word_ids) ^ _letter_set(word)) <= 2 * distance
        )
        return is_near


def _letter_set(word: str) -> np.uint32:
    bits: np.uint32 = np.bitwise_or.reduce(_BITS[np.frombuffer(word.encode("utf-8", "replace"), np.uint8)])
    return bits


def edits_up_to_one(word: str, characters: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """As `edit_distances` with limit 1: common prefix and suffix leave at most one letter."""
    longest, count = characters.shape
    ends = np.count_nonzero(characters, axis=0)
    target = np.zeros(longest, np.uint32)
    code_points = list(map(ord, word))[:longest]
    target[: len(code_points)] = code_points
    common_prefix = _leading_run(characters == target[:, None])
    steps = np.arange(longest)[:, None]
    backwards = characters.ravel().take(np.maximum(ends - 1 - steps, 0) * count + np.arange(count)) * (steps < ends)
    target[: len(code_points)] = list(map(ord, reversed(word)))[:longest]
    common_suffix = _leading_run(backwards == target[:, None])
    longer = np.maximum(ends, len(word))
    is_near = (common_prefix + common_suffix >= longer - 1) & (np.abs(ends - len(word)) <= 1)
    edits = np.where(is_near, 1, 100).astype(np.uint8)
    edits[(common_prefix >= longer) & (ends == len(word))] = 0
    return edits


def _leading_run(equal: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the number of leading true rows in each column; (columns,) int64."""
    lengths: NDArray[np.int64] = np.where(equal.all(axis=0), len(equal), equal.argmin(axis=0))
    return lengths


def edit_distances(word: str, characters: NDArray[np.uint32], limit: int) -> NDArray[np.uint8]:
    """Return Levenshtein distances between `word` and each word, exact up to `limit`, else above it.

    `characters` (longest, words) uint32: one column per word, padded with 0. Returns (words,) uint8. The table of
    Wagner and Fischer ("The String-to-String Correction Problem", 1974) for all words at once: row by row of
    `word`, and only columns within `limit` of the diagonal.
    """
    longest, count = characters.shape
    costs = np.empty((longest + 1, count), np.uint8)
    costs[:] = np.minimum(np.arange(longest + 1), 100)[:, None]
    for row, character in enumerate(word, 1):
        first, last = max(1, row - limit), min(longest, row + limit)
        if first > last:
            return np.full(count, 100, np.uint8)
        differs = (characters[first - 1 : last] != ord(character)).view(np.uint8)
        diagonal = costs[first - 1].copy()
        costs[first - 1] = row if first == 1 else 100
        for column in range(first, last + 1):
            cost = np.minimum(costs[column], costs[column - 1])
            cost += 1
            np.minimum(cost, diagonal + differs[column - first], out=cost)
            diagonal = costs[column].copy()
            costs[column] = cost
    ends = np.count_nonzero(characters, axis=0)
    edits: NDArray[np.uint8] = costs[ends, np.arange(count)]
    edits[np.abs(ends - len(word)) > limit] = 100  # columns that kept their initial cost
    return edits


def prefix_within(prefix: str, characters: NDArray[np.uint32], limit: int) -> NDArray[np.bool_]:
    """Return whether the beginning of each word is within `limit` edits of `prefix`; (words,) bool.

    `characters` as in `edit_distances`.
    """
    cuts = range(max(1, len(prefix) - limit), len(prefix) + limit + 1)
    return np.logical_or.reduce([edit_distances(prefix, characters[:cut], limit) <= limit for cut in cuts])  # type: ignore[no-any-return]


def transpositions(word: str) -> Iterator[bytes]:
    """Yield `word` with each pair of neighbouring letters swapped, in UTF-8."""
    return (
        (word[:index] + word[index + 1] + word[index] + word[index + 2 :]).encode("utf-8", "replace")
        for index in range(len(word) - 1)
    )
