"""Writer of the arrays of a whole generation (`index.generation_arrays`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.array_ranges import concatenate_ranges
from searchsvc.engine.embedded.build.deleted_documents import form_array
from searchsvc.engine.embedded.files import GENERATION
from searchsvc.engine.embedded.index.array_file import Array, save_arrays
from searchsvc.engine.embedded.index.generation_arrays import (
    DICTIONARIES,
    Deletions,
    GenerationArrays,
)
from searchsvc.engine.embedded.index.impacts import mean_length
from searchsvc.engine.embedded.index.lexicon_changes import LexiconChanges
from searchsvc.engine.embedded.index.postings import FIELDS
from searchsvc.engine.embedded.index.reader_part import first_docs
from searchsvc.engine.embedded.index.term_dictionary import (
    ANY_FIELD_COUNT,
    FORM_COUNTS,
    TermDictionary,
    lexicon_arrays,
    term_dictionary_arrays,
)
from searchsvc.engine.embedded.index.union_dictionary import IdMap

Int32Array = NDArray[np.int32]
Int64Array = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SegmentState:
    """A segment of the new generation. `ids` (documents,) uint64, deleted ones included.

    `postings`: the arrays of its postings file.
    """

    number: int
    postings: Mapping[str, Array]
    ids: NDArray[np.uint64]
    deletions: Deletions

    @property
    def live(self) -> NDArray[np.bool_]:
        """Return whether each document is live, (documents,) bool."""
        flags = np.ones(len(self.ids), bool)
        flags[self.deletions.docs] = False
        return flags


def generation_order(segments: Sequence[SegmentState]) -> list[SegmentState]:
    """Return the segments in the order of a generation: the largest first, as its words need no other numbers."""
    return sorted(segments, key=lambda each: (-len(each.ids), each.number))


def mean_lengths(segments: Sequence[SegmentState]) -> tuple[float, ...]:
    """Return the mean length of each text field over the live documents, rounded (`impacts.mean_length`)."""
    live = [segment.live for segment in segments]
    means = []
    for name in FIELDS:
        lengths = [each.postings[f"{name}.lengths"][flags] for each, flags in zip(segments, live, strict=True)]
        tokens = sum(int(each.sum(dtype=np.int64)) for each in lengths)
        means.append(mean_length(tokens, sum(int(np.count_nonzero(each)) for each in lengths)))
    return tuple(means)


def write_generation_arrays(
    folder: Path,
    segments: Sequence[SegmentState],
    canonicals: Mapping[str, str],
    means: Sequence[float],
    previous: GenerationArrays | None,
) -> None:
    """Write `generation.arrays` for `segments`, which are in the order of `generation_order`.

    `canonicals`: id of each near-duplicate, mapped to that of its canonical document. `previous`: arrays of the
    generation that some segments come from.
    """
    ids, order = _live_ids(segments)
    arrays: dict[str, Array] = {
        "segments": np.array([segment.number for segment in segments], np.int32),
        "mean_lengths": np.array(means),
        "ids": ids,
        "order": order,
    }
    arrays |= _near_duplicates(ids, order, canonicals)
    for segment in segments:
        if len(segment.deletions.docs):
            arrays |= segment.deletions.arrays(segment.number)
    if len(segments) > 1 or len(segments[0].deletions.docs):
        unions = {name: _Union.of(name, segments, previous) for name in DICTIONARIES}
        changes, dead_words = _lexicon_changes(segments, unions["words"], unions["terms"])
        arrays |= changes.arrays()
        for name, union in unions.items():
            arrays |= union.arrays(dead_words if name == "words" else np.empty(0, np.int32))
    save_arrays(folder / GENERATION, arrays)


def _live_ids(segments: Sequence[SegmentState]) -> tuple[NDArray[np.uint64], Int32Array]:
    """Return the ids of the live documents, ascending uint64, and their numbers, int32."""
    starts = first_docs([len(segment.ids) for segment in segments])
    numbers = np.concatenate([np.flatnonzero(each.live) + start for each, start in zip(segments, starts, strict=False)])
    ids = np.concatenate([segment.ids[segment.live] for segment in segments])
    order = ids.argsort(kind="stable")
    return ids[order], numbers[order].astype(np.int32)


def _near_duplicates(ids: NDArray[np.uint64], order: Int32Array, canonicals: Mapping[str, str]) -> dict[str, Array]:
    """Return the arrays `duplicates` and `canonicals`; see GenerationArrays."""
    duplicates = np.array([int(each, 16) for each in canonicals], np.uint64)
    targets = np.array([int(each, 16) for each in canonicals.values()], np.uint64)
    numbers = order[ids.searchsorted(duplicates)]
    by_number = numbers.argsort()
    return {"duplicates": numbers[by_number], "canonicals": order[ids.searchsorted(targets)][by_number]}


@dataclass(frozen=True, slots=True)
class _Union:
    """Words of all segments; see UnionDictionary. `places`: by segment but the first, see `GenerationArrays.to_first`.

    `points` (added,) int64: place of each of the `added` words among those of the first segment.
    """

    name: str
    places: dict[int, Int64Array]
    added: list[bytes]
    points: Int64Array

    @classmethod
    def of(cls, name: str, segments: Sequence[SegmentState], previous: GenerationArrays | None) -> "_Union":
        first = TermDictionary(segments[0].postings, name)
        is_same_first = previous is not None and previous.numbers[0] == segments[0].number
        places: dict[int, Int64Array] = {}
        new_words: dict[int, list[bytes]] = {}
        for segment in segments[1:]:
            words = TermDictionary(segment.postings, name)
            if previous is not None and is_same_first and segment.number in previous.numbers:
                first_ids = previous.to_first(name, segment.number).astype(np.int64)
            else:
                first_ids, _ = first.find_all(list(words))
            places[segment.number] = first_ids
            new_words[segment.number] = [words[word_id] for word_id in np.flatnonzero(first_ids < 0).tolist()]
        added = sorted({word for words in new_words.values() for word in words})
        index_of = {word: -1 - index for index, word in enumerate(added)}
        for number, new in new_words.items():
            places[number][places[number] < 0] = [index_of[word] for word in new]
        return cls(name, places, added, first.find_all(added)[1])

    def id_map(self, number: int) -> IdMap:
        """Return the ids of a segment's words in the union."""
        inserted = self.points + np.arange(len(self.points))
        first_map = IdMap(None, inserted)
        if number not in self.places:
            return first_map
        places = self.places[number]
        ids = first_map.to_union(np.maximum(places, 0))
        ids[places < 0] = inserted[-1 - places[places < 0]]
        return IdMap(ids.astype(np.int32), inserted)

    def arrays(self, dead: Int32Array) -> dict[str, Array]:
        """Return the arrays of UnionDictionary, and the places of each segment's words; `dead` (n,) int32."""
        arrays = {f"{self.name}.{key}": array for key, array in term_dictionary_arrays(self.added).items()}
        arrays |= {f"{self.name}.points": self.points.astype(np.int32), f"{self.name}.dead": dead}
        return arrays | {f"{number}.{self.name}": places.astype(np.int32) for number, places in self.places.items()}


def _lexicon_changes(
    segments: Sequence[SegmentState], words: _Union, terms: _Union
) -> tuple[LexiconChanges, Int32Array]:
    """Return the words that the first segment alone does not describe, and the words of deleted documents only.

    These are the words of all other segments, and those of the first segment's deleted documents.
    """
    first, first_words = segments[0], words.id_map(segments[0].number)
    changed = [first_words.to_union(first.postings["forms.words"][first.deletions.forms])]
    for segment in segments[1:]:
        size = len(segment.postings["words.offsets"]) - 1
        changed.append(words.id_map(segment.number).to_union(np.arange(size)))
    word_ids = np.unique(np.concatenate(changed))
    pairs: list[Int64Array] = []
    counts: dict[str, list[Int64Array]] = {name: [] for name in FORM_COUNTS}
    for segment in segments:
        forms = _forms_of(segment, first_words.to_segment(word_ids)) if segment is first else slice(None)
        segment_words, segment_terms = words.id_map(segment.number), terms.id_map(segment.number)
        pairs.append(
            form_array(
                segment_words.to_union(segment.postings["forms.words"][forms]),
                segment_terms.to_union(segment.postings["forms.terms"][forms]),
            )
        )
        for name in FORM_COUNTS:
            live_counts = segment.postings[f"forms.{name}"].astype(np.int64)
            live_counts[segment.deletions.forms] -= segment.deletions.form_counts[name]
            counts[name].append(live_counts[forms])
    return _live_lexicon(word_ids, np.concatenate(pairs), {name: np.concatenate(each) for name, each in counts.items()})


def _forms_of(segment: SegmentState, word_ids: Int64Array) -> Int64Array:
    """Return the indices of the forms of some words, -1 for none; (n,) int64."""
    word_ids = word_ids[word_ids >= 0].astype(np.int32)
    form_words = segment.postings["forms.words"]
    starts, ends = form_words.searchsorted(word_ids), form_words.searchsorted(word_ids, "right")
    return concatenate_ranges(starts, ends - starts)


def _live_lexicon(
    word_ids: Int64Array, pairs: Int64Array, counts: Mapping[str, Int64Array]
) -> tuple[LexiconChanges, Int32Array]:
    """Return the changes for forms `pairs`, word << 32 | term, of `word_ids`, ascending; and the dead words."""
    is_live = counts[ANY_FIELD_COUNT] > 0
    pairs, counts = pairs[is_live], {name: each[is_live] for name, each in counts.items()}
    live_words = np.unique(pairs >> 32)
    numbered = form_array(live_words.searchsorted(pairs >> 32), pairs & 0xFFFFFFFF)
    lexicon = lexicon_arrays(numbered, counts, len(live_words))
    places = word_ids.searchsorted(live_words)
    terms, doc_counts = np.full(len(word_ids), -1, np.int32), np.zeros(len(word_ids), np.int64)
    terms[places], doc_counts[places] = lexicon["words.terms"], lexicon["words.doc_counts"]
    further = lexicon["words.further_terms"].reshape(-1, 2).astype(np.int64)
    further[:, 0] = live_words[further[:, 0]]
    changes = LexiconChanges(word_ids.astype(np.int32), terms, doc_counts, further.astype(np.int32))
    return changes, word_ids[terms < 0].astype(np.int32)
