"""Sorted words as arrays: lookup by word, prefix, pattern or similarity."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from searchsvc.array_ranges import sorted_unique
from searchsvc.engine.embedded.index.array_file import Array, narrow
from searchsvc.engine.embedded.words.edit_distance import SpellingTable, edit_distances, edits_up_to_one, prefix_within

_KEY_BYTES = 8  # bytes of a word in its key
_STRIDE = 8  # words per key
_CACHED_WORDS = 100_000
FREE_TEXT_COUNT, ANY_FIELD_COUNT = FORM_COUNTS = "free_text_docs", "any_field_docs"  # documents counted per form


def encode(word: str) -> bytes:
    """Encode in UTF-8; lone surrogates, which UTF-8 cannot encode, become question marks."""
    return word.encode("utf-8", "replace")


def term_dictionary_arrays(words: Sequence[bytes]) -> dict[str, Array]:
    """Return the arrays of a TermDictionary of `words`, which are sorted and distinct.

    `blob` uint8: the words, each followed by a line feed. `offsets` (words + 1,) unsigned: start of each word.
    `keys` (words / 8, rounded up) uint64: first eight bytes of every eighth word as a big-endian number, so that
    numeric order is the order of the words.
    """
    lengths = np.fromiter(map(len, words), np.int64, len(words)) + 1
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    joined = b"\n".join(words) + (b"\n" if words else b"")
    keys = np.array(words[::_STRIDE], dtype=f"S{_KEY_BYTES}").view(">u8").astype("<u8") if words else np.empty(0, "<u8")
    return {"blob": np.frombuffer(joined, np.uint8), "offsets": narrow(offsets), "keys": keys}


def sort_order(words: Sequence[bytes]) -> NDArray[np.intp]:
    """Return the order that sorts `words`; (words,) intp. Words are distinct and hold no zero byte.

    The first sixteen bytes are compared as two numbers, which numpy sorts in a fifth of Python's time. Only longer
    words are sorted as words, after the words that equal their first bytes.
    """
    if not words:
        return np.empty(0, np.intp)
    prefixes = np.array(words, f"S{2 * _KEY_BYTES}").view(">u8").astype("<u8").reshape(-1, 2)
    long_words = [number for number, word in enumerate(words) if len(word) > 2 * _KEY_BYTES]
    tie_breaks = np.zeros(len(words), np.int32)
    tie_breaks[sorted(long_words, key=words.__getitem__)] = np.arange(1, len(long_words) + 1)
    return np.lexsort((tie_breaks, prefixes[:, 1], prefixes[:, 0]))


class Dictionary(Protocol):
    """Words by id, sorted by their UTF-8 bytes; see TermDictionary."""

    def __len__(self) -> int: ...

    def __getitem__(self, word_id: int) -> bytes: ...

    def __iter__(self) -> Iterator[bytes]: ...

    def find(self, word: bytes) -> int: ...

    def prefixed(self, prefix: bytes) -> range: ...

    def matching(self, pattern: str) -> list[int]: ...

    def spelled_like(self, word: str, distance: int, prefix: int = 0) -> list[tuple[int, int]]: ...

    def any_spelled_like(self, word: str, distance: int, word_ids: NDArray[np.int64]) -> bool: ...

    def with_similar_prefix(self, prefix: str, word_ids: NDArray[np.int64]) -> NDArray[np.int64]: ...


class TermDictionary:
    """Words by id, sorted by their UTF-8 bytes; ids count from 0."""

    def __init__(self, arrays: Mapping[str, Array], name: str) -> None:
        self._blob = arrays[f"{name}.blob"]
        self._text = self._blob.data
        self._offsets = arrays[f"{name}.offsets"]
        self._keys: NDArray[np.uint64] = arrays[f"{name}.keys"]
        self._id_cache: dict[bytes, int] = {}
        self._cached_table: SpellingTable | None = None

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def __getitem__(self, word_id: int) -> bytes:
        return bytes(self._text[self._offsets[word_id] : self._offsets[word_id + 1] - 1])

    def find(self, word: bytes) -> int:
        """Return the id of `word`, or -1: binary search among the keys, then among the words between two keys."""
        word_id = self._id_cache.get(word)
        if word_id is None:
            index = self._insertion_point(word)
            word_id = index if index < len(self) and self[index] == word else -1
            if len(self._id_cache) >= _CACHED_WORDS:
                self._id_cache.clear()
            self._id_cache[word] = word_id
        return word_id

    def _insertion_point(self, word: bytes) -> int:
        key = np.uint64(int.from_bytes(word[:_KEY_BYTES].ljust(_KEY_BYTES, b"\0"), "big"))
        low = max(0, (int(self._keys.searchsorted(key)) - 1) * _STRIDE)
        high = min(len(self), int(self._keys.searchsorted(key, "right")) * _STRIDE)
        while low < high:
            middle = (low + high) // 2
            if self[middle] < word:
                low = middle + 1
            else:
                high = middle
        return low

    def find_all(self, words: Sequence[bytes]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the id of each of `words`, -1 for unknown words, and the place where it would be; both (n,) int64.

        One binary search for all words: a step compares each of them with one word of the dictionary.
        """
        width = max(map(len, words), default=0) + 1  # a longer word of the dictionary differs within it
        sought = np.array(words, f"S{width}")
        keys = np.array(words, f"S{_KEY_BYTES}").view(">u8").astype("<u8") if words else np.empty(0, "<u8")
        low = np.maximum(0, (self._keys.searchsorted(keys) - 1) * _STRIDE)
        high = np.minimum(len(self), self._keys.searchsorted(keys, "right") * _STRIDE)
        while len(open_indices := (low < high).nonzero()[0]):
            middle = (low[open_indices] + high[open_indices]) // 2
            is_less = self._fixed_width(middle, width) < sought[open_indices]
            low[open_indices[is_less]] = middle[is_less] + 1
            high[open_indices[~is_less]] = middle[~is_less]
        ids = np.full(len(words), -1, np.int64)
        inside = (low < len(self)).nonzero()[0]
        known = inside[self._fixed_width(low[inside], width) == sought[inside]]
        ids[known] = low[known]
        return ids, low

    def _fixed_width(self, word_ids: NDArray[np.int64], width: int) -> NDArray[np.bytes_]:
        """Return words cut off at `width` bytes, (n,) bytes."""
        starts, ends = self._offsets[word_ids].astype(np.int64), self._offsets[word_ids + 1].astype(np.int64) - 1
        byte_offsets = starts[:, None] + np.arange(width)
        table = self._blob.take(byte_offsets, mode="clip") * (byte_offsets < ends[:, None])
        return np.ascontiguousarray(table).view(f"S{width}").ravel()

    def prefixed(self, prefix: bytes) -> range:
        """Return the ids of the words that start with `prefix`."""
        end = _successor(prefix)
        return range(self._insertion_point(prefix), self._insertion_point(end) if end else len(self))

    def matching(self, pattern: str) -> list[int]:
        """Return the ids of the words that match `pattern`: `*` is any run, `?` any character.

        The text before the first wildcard narrows the words to a range. Within it, a search of the whole text for
        the longest literal finds the words to compare.
        """
        word_ids: Sequence[int] = self.prefixed(encode(re.split(r"[*?]", pattern, maxsplit=1)[0]))
        full_match = re.compile("".join({"*": r".*", "?": r"."}.get(c, re.escape(c)) for c in pattern)).fullmatch
        literal = encode(max(re.split(r"[*?]", pattern), key=len))
        if len(word_ids) > 64 and literal:
            word_ids = self._containing(literal, word_ids)
        return [n for n in word_ids if full_match(self[n].decode())]

    def _containing(self, literal: bytes, word_ids: Sequence[int]) -> Sequence[int]:
        start, end = int(self._offsets[word_ids[0]]), int(self._offsets[word_ids[-1] + 1])
        text = self._text[start:end]
        offsets = [match.start() + start for match in re.finditer(re.escape(literal), text)]
        return np.unique(self._offsets.searchsorted(np.array(offsets, self._offsets.dtype), "right") - 1).tolist()  # type: ignore[no-any-return]

    def spelled_like(self, word: str, distance: int, prefix: int = 0) -> list[tuple[int, int]]:
        """Return ids and distances of the words within `distance` edits of `word` (Levenshtein).

        The first `prefix` characters must be equal.
        """
        candidates = self._table().candidates(word, distance)
        if prefix:
            prefix_ids = self.prefixed(encode(word[:prefix]))
            candidates = candidates[(candidates >= prefix_ids.start) & (candidates < prefix_ids.stop)]
        if not len(candidates):
            return []
        characters = self._characters(candidates)
        edits = edits_up_to_one(word, characters) if distance == 1 else edit_distances(word, characters, distance)
        close_indices = (edits <= distance).nonzero()[0]
        return list(zip(candidates[close_indices].tolist(), edits[close_indices].tolist(), strict=True))

    def any_spelled_like(self, word: str, distance: int, word_ids: NDArray[np.int64]) -> bool:
        """Return whether any of `word_ids` (n,) int64 is within `distance` edits; a swap counts as two."""
        candidates = word_ids.compress(self._table().may_be_within(word, distance, word_ids))
        return bool(len(candidates)) and bool(
            (edit_distances(word, self._characters(candidates), distance) <= distance).any()
        )

    def _table(self) -> SpellingTable:
        if self._cached_table is None:
            self._cached_table = SpellingTable.of(self._blob, self._offsets)
        return self._cached_table

    def with_similar_prefix(self, prefix: str, word_ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the words whose beginning is within one edit of `prefix`; (n,) int64 ids."""
        return word_ids[prefix_within(prefix, self._characters(word_ids), 1)]

    def _characters(self, word_ids: NDArray[np.int64]) -> NDArray[np.uint32]:
        """Return the code points of words, one column per word, padded with 0; (longest, words) uint32."""
        starts, ends = self._offsets[word_ids].astype(np.int64), self._offsets[word_ids + 1].astype(np.int64) - 1
        longest = int((ends - starts).max(initial=0))
        byte_offsets = starts + np.arange(longest)[:, None]
        characters = self._blob.take(byte_offsets, mode="clip").astype(np.uint32) * (byte_offsets < ends)
        for column in np.flatnonzero((characters > 127).any(axis=0)):  # not ASCII: several bytes per character
            code_points = list(map(ord, self[int(word_ids[column])].decode()))
            characters[:, column] = code_points + [0] * (longest - len(code_points))
        return characters

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._blob.tobytes().split(b"\n")[:-1])


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words as people write them, folded but not stemmed, with the terms they are indexed as.

    `term_ids` (words,) int32: the term of each word. `doc_counts` (words,) unsigned: number of documents with the
    word in their free text. A word with several terms, in several languages, has the term of the most documents
    here; `further_terms` (pairs, 2) int32, ascending, pairs such words with their other terms. Words that only deleted
    documents have are without a term (-1) and a count.
    """

    words: Dictionary
    term_ids: NDArray[np.int32]
    doc_counts: Array
    further_terms: NDArray[np.int32]

    @classmethod
    def of(cls, arrays: Mapping[str, Array], words: TermDictionary) -> "Lexicon":
        """Read the lexicon of a segment."""
        further_terms = arrays["words.further_terms"].reshape(-1, 2)
        return cls(words, arrays["words.terms"], arrays["words.doc_counts"], further_terms)

    def term_ids_of(self, words: NDArray[np.int64] | slice) -> NDArray[np.int32]:
        """Return the distinct terms of some words, ascending; (n,) int32.

        `words` (n,) int64, ascending, or a slice.
        """
        term_ids = self.term_ids[words]
        if len(self.further_terms):
            word_ids = np.arange(words.start, words.stop) if isinstance(words, slice) else words
            term_ids = np.append(term_ids, self.further_terms[np.isin(self.further_terms[:, 0], word_ids), 1])
        distinct_ids: NDArray[np.int32] = sorted_unique(term_ids)
        return distinct_ids[1:] if len(distinct_ids) and distinct_ids[0] < 0 else distinct_ids


def lexicon_arrays(
    pairs: NDArray[np.int64], doc_counts: Mapping[str, NDArray[np.int64]], word_count: int
) -> dict[str, Array]:
    """Return the arrays of a Lexicon, and the forms that the next update needs.

    `pairs` (n,) int64: forms as word << 32 | term, in any order, may repeat. `doc_counts`: for each of FORM_COUNTS
    (n,) int64, the number of documents with the form. `word_count`: number of words.
    """
    pairs, pair_indices = np.unique(pairs, return_inverse=True)
    totals = {name: np.zeros(len(pairs), np.int64) for name in FORM_COUNTS}
    for name, sums in totals.items():
        np.add.at(sums, pair_indices, doc_counts[name])
    word_ids, term_ids = (pairs >> 32).astype(np.int32), (pairs & 0xFFFFFFFF).astype(np.int32)
    counts = totals[FREE_TEXT_COUNT]
    order = np.lexsort((term_ids, -counts, word_ids))
    is_first = np.append(True, np.diff(word_ids[order]) != 0)[: len(pairs)]
    further = np.sort(order[~is_first])
    return {
        "words.terms": term_ids[order[is_first]],
        "words.doc_counts": narrow(np.bincount(word_ids, counts, word_count).astype(np.int64)),
        "words.further_terms": np.column_stack([word_ids[further], term_ids[further]]).ravel(),
        "forms.words": word_ids,
        "forms.terms": term_ids,
        **{f"forms.{name}": narrow(sums) for name, sums in totals.items()},
    }


def _successor(prefix: bytes) -> bytes:
    """Return the least string above all strings with this prefix; empty if there is none."""
    stripped = prefix.rstrip(b"\xff")
    return stripped[:-1] + bytes([stripped[-1] + 1]) if stripped else b""
