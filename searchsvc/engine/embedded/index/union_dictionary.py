"""One sorted dictionary of the words of several segments."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.index.array_file import Array
from searchsvc.engine.embedded.index.term_dictionary import TermDictionary

Ids = NDArray[np.int64]

_CACHED_WORDS = 100_000


@dataclass(frozen=True, slots=True)
class IdMap:
    """Ids of one segment's words in the dictionary of all segments; both ascend.

    `listed` (words of the segment,) int32: the id of each word. None for the first segment: its words are all words but
    `inserted` (n,) int64, ascending.
    """

    listed: NDArray[np.int32] | None
    inserted: Ids

    def to_union(self, ids: NDArray[np.integer]) -> Ids:
        """Return the ids in the union of some words of the segment; (n,) int64."""
        if self.listed is not None:
            return self.listed.take(ids).astype(np.int64)
        if not len(self.inserted):
            return ids.astype(np.int64)
        return ids + (self.inserted - np.arange(len(self.inserted))).searchsorted(ids, "right")

    def to_segment(self, ids: NDArray[np.integer]) -> Ids:
        """Return the ids in the segment of some words of the union, -1 for words that it does not have; (n,) int64."""
        if self.listed is None:
            if not len(self.inserted):
                return ids.astype(np.int64)
            before = self.inserted.searchsorted(ids, "right")
            is_inserted = (before > 0) & (self.inserted.take(before - 1) == ids)
            return np.where(is_inserted, -1, ids - before)
        if not len(self.listed):
            return np.full(len(ids), -1, np.int64)
        places = self.listed.searchsorted(ids.astype(np.int32))
        return np.where(self.listed.take(places, mode="clip") == ids, places, -1)

    def one_to_segment(self, word_id: int) -> int:
        """Return the id in the segment of one word of the union, or -1."""
        if word_id < 0:
            return -1
        if self.listed is None:
            before = int(self.inserted.searchsorted(word_id, "right"))
            return -1 if before and self.inserted[before - 1] == word_id else word_id - before
        place = int(self.listed.searchsorted(np.int32(word_id)))
        return place if place < len(self.listed) and self.listed[place] == word_id else -1


class UnionDictionary:
    """The words of all segments by id, as TermDictionary: those of the first segment, and `added`, which it lacks.

    `points` (added,) int32: place of each added word among those of the first segment. Words in `dead`, (n,) int32
    ids, ascending, occur in deleted documents only: they are not found.
    """

    def __init__(
        self, first: TermDictionary, added: TermDictionary, points: NDArray[np.int32], dead: NDArray[np.int32]
    ) -> None:
        self._first, self._added, self._dead = first, added, dead
        self.first_map = IdMap(None, points.astype(np.int64) + np.arange(len(points)))
        self._id_cache: dict[bytes, int] = {}

    @classmethod
    def of(cls, first: TermDictionary, arrays: Mapping[str, Array], name: str) -> "UnionDictionary":
        """Read the words `name` of a generation; `first`: the words of its first segment."""
        added = TermDictionary(arrays, name)
        return cls(first, added, arrays[f"{name}.points"], arrays[f"{name}.dead"])

    @property
    def added_ids(self) -> Ids:
        """Ids of the added words, (added,) int64, ascending."""
        return self.first_map.inserted

    def __len__(self) -> int:
        return len(self._first) + len(self._added)

    def __getitem__(self, word_id: int) -> bytes:
        place = self.first_map.one_to_segment(word_id)
        return self._first[place] if place >= 0 else self._added[int(self.added_ids.searchsorted(word_id))]

    def __iter__(self) -> Iterator[bytes]:
        return (self[word_id] for word_id in range(len(self)))

    def find(self, word: bytes) -> int:
        """Return the id of `word`, or -1."""
        word_id = self._id_cache.get(word)
        if word_id is None:
            if len(self._id_cache) >= _CACHED_WORDS:
                self._id_cache.clear()
            word_id = self._id_cache[word] = self._find(word)
        return word_id

    def _find(self, word: bytes) -> int:
        place = self._first.find(word)
        if place >= 0:
            ids = self.first_map.to_union(np.array([place]))
        elif (place := self._added.find(word)) >= 0:
            ids = self.added_ids[place : place + 1]
        else:
            return -1
        return -1 if self._is_dead(ids)[0] else int(ids[0])

    def _is_dead(self, ids: Ids) -> NDArray[np.bool_]:
        places = self._dead.searchsorted(ids.astype(np.int32))
        is_dead: NDArray[np.bool_] = np.zeros(len(ids), bool)
        if len(self._dead):
            is_dead = self._dead.take(places, mode="clip") == ids
        return is_dead

    def prefixed(self, prefix: bytes) -> range:
        """Return the ids of the words that start with `prefix`, dead words included."""
        first, added = self._first.prefixed(prefix), self._added.prefixed(prefix)
        return range(first.start + added.start, first.stop + added.stop)

    def matching(self, pattern: str) -> list[int]:
        """Return the ids of the words that match `pattern`, as TermDictionary."""
        places = (np.array(words.matching(pattern), np.int64) for words in (self._first, self._added))
        return self._live(*places)[0].tolist()  # type: ignore[no-any-return]

    def _live(self, first: Ids, added: Ids) -> tuple[Ids, Ids]:
        """Return the ids of places in both dictionaries, ascending, without dead words; and their order."""
        ids = np.concatenate([self.first_map.to_union(first), self.added_ids[added]])
        order = ids.argsort()
        order = order[~self._is_dead(ids[order])]
        return ids[order], order

    def spelled_like(self, word: str, distance: int, prefix: int = 0) -> list[tuple[int, int]]:
        """Return ids and distances of the words within `distance` edits of `word`, as TermDictionary."""
        edits = [
            np.array(words.spelled_like(word, distance, prefix), np.int64).reshape(-1, 2)
            for words in (self._first, self._added)
        ]
        ids, order = self._live(edits[0][:, 0], edits[1][:, 0])
        return list(zip(ids.tolist(), np.concatenate(edits)[order, 1].tolist(), strict=True))

    def any_spelled_like(self, word: str, distance: int, word_ids: Ids) -> bool:
        """Return whether any of `word_ids` (n,) int64 is within `distance` edits, as TermDictionary."""
        first, added = self._split(word_ids)
        return self._first.any_spelled_like(word, distance, first) or self._added.any_spelled_like(
            word, distance, added
        )

    def with_similar_prefix(self, prefix: str, word_ids: Ids) -> Ids:
        """Return the words whose beginning is within one edit of `prefix`; (n,) int64 ids."""
        first, added = self._split(word_ids)
        return self._live(
            self._first.with_similar_prefix(prefix, first), self._added.with_similar_prefix(prefix, added)
        )[0]

    def _split(self, word_ids: Ids) -> tuple[Ids, Ids]:
        """Return the places in the first dictionary, and in the added one, of some words."""
        first = self.first_map.to_segment(word_ids)
        return first[first >= 0], self.added_ids.searchsorted(word_ids[first < 0])
