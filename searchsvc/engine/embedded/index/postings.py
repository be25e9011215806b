"""Posting lists of one field as arrays, term by term."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.index.array_file import Array
from searchsvc.schema import TEXT_FIELDS

PARTS = ("terms", "offsets", "docs", "tfs", "positions", "marks")
MARK = 32  # postings from one mark to the next

_FEW = 6  # so many are added up faster one by one
_STEPS = np.arange(MARK)


@dataclass(frozen=True, slots=True)
class Postings:
    """Where the terms of a field stand. With T terms, P postings and L positions in all:

    `terms` int32 (T): numbers in the dictionary, ascending. `offsets` unsigned (T+1): the
    postings of the i-th term begin there. `docs` int32 (P): ascending
    within a term. `tfs` unsigned (P): how often the term stands in the document. `positions`
    unsigned (L): where, in tokens from the field's beginning, posting by posting.
    `marks` unsigned (P / MARK, rounded up): how many positions stand before every MARK-th posting.

    In the body's lists a document that has the term only in another field of free text stands
    with frequency 0, so that the same list serves searches over all fields of free text.
    """

    terms: NDArray[np.int32]
    offsets: Array
    docs: NDArray[np.int32]
    tfs: Array
    positions: Array
    marks: Array

    @classmethod
    def of(cls, arrays: Mapping[str, Array], field: str) -> "Postings":
        return cls(*(arrays[f"{field}.{part}"] for part in PARTS))

    def row(self, term: int) -> int:
        """The place of a term (its dictionary number) in `terms`; -1 if the field never has it."""
        if term < 0:
            return -1
        row = int(self.terms.searchsorted(np.int32(term)))
        return row if row < len(self.terms) and self.terms[row] == term else -1

    def position_starts(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where the positions of the postings at `places` (int64, ascending) begin in `positions`."""
        if len(places) <= _FEW:
            return np.array([self.position_start(place) for place in places.tolist()], np.int64)
        first = int(places[0]) // MARK * MARK
        if len(places) * MARK > places[-1] - first:  # most of them: add up all in between
            ends = self.tfs[first : int(places[-1]) + 1].cumsum(dtype=np.int64)
            return ends[places - first] - self.tfs[places] + int(self.marks[first // MARK])
        within = places % MARK
        rows = (places - within)[:, None] + _STEPS
        before = self.tfs.take(rows, mode="clip") * (within[:, None] > _STEPS)
        starts: NDArray[np.int64] = before.sum(axis=1, dtype=np.int64) + self.marks[places // MARK]
        return starts

    def position_start(self, place: int) -> int:
        """Where the positions of the posting at `place` begin in `positions`."""
        marked = place - place % MARK
        before: list[int] = self.tfs[marked:place].tolist()
        return int(self.marks[place // MARK]) + sum(before)

    def positions_at(self, place: int) -> list[int]:
        """The positions of the posting at `place`."""
        start = self.position_start(place)
        return self.positions[start : start + int(self.tfs[place])].tolist()  # type: ignore[no-any-return]

    def span(self, row: int) -> slice:
        """The postings of the term at `row`."""
        return slice(int(self.offsets[row]), int(self.offsets[row + 1]))

    def rows(self, first: int, end: int) -> range:
        """The rows of the terms numbered from `first` up to `end`, not included."""
        low, high = self.terms.searchsorted(np.array([first, end], np.int32))
        return range(int(low), int(high))


FIELDS = tuple(field.name for field in TEXT_FIELDS)  # in the order of their numbers
