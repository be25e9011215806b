"""Postings of one field as arrays, term by term."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.index.array_file import Array
from searchsvc.schema import TEXT_FIELDS

POSTING_ARRAYS = ("terms", "offsets", "docs", "tfs", "positions", "marks")
MARK_INTERVAL = 32  # postings per mark

_MAX_ONE_BY_ONE = 6  # below this many postings, a loop is faster
_STEPS = np.arange(MARK_INTERVAL)


@dataclass(frozen=True, slots=True)
class Postings:
    """Postings of a field. With T terms, P postings and L positions:

    `terms` (T,) int32: term ids, ascending. `offsets` (T + 1,) unsigned: start of each term's postings. `docs` (P,)
    int32: ascending within a term. `tfs` (P,) unsigned: frequency of the term in the document. `positions` (L,)
    unsigned: token positions in the field, posting by posting. `marks` (P / MARK_INTERVAL, rounded up) unsigned:
    number of positions before every MARK_INTERVAL-th posting.

    The body's postings include documents that have the term only in another free-text field, with frequency 0. So
    the same postings serve searches over all free-text fields.
    """

    terms: NDArray[np.int32]
    offsets: Array
    docs: NDArray[np.int32]
    tfs: Array
    positions: Array
    marks: Array

    @classmethod
    def of(cls, arrays: Mapping[str, Array], field: str) -> "Postings":
        """Read the postings of `field` from the arrays of a generation."""
        return cls(*(arrays[f"{field}.{part}"] for part in POSTING_ARRAYS))

    def row(self, term_id: int) -> int:
        """Return the index of a term id in `terms`, or -1 if the field does not have the term."""
        if term_id < 0:
            return -1
        row = int(self.terms.searchsorted(np.int32(term_id)))
        return row if row < len(self.terms) and self.terms[row] == term_id else -1

    def position_starts(self, indices: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the start in `positions` of the postings at `indices`.

        `indices` (n,) int64, ascending. Returns (n,) int64.
        """
        if len(indices) <= _MAX_ONE_BY_ONE:
            return np.array([self.position_start(index) for index in indices.tolist()], np.int64)
        first = int(indices[0]) // MARK_INTERVAL * MARK_INTERVAL
        if len(indices) * MARK_INTERVAL > indices[-1] - first:  # dense: add up all frequencies in between
            ends = self.tfs[first : int(indices[-1]) + 1].cumsum(dtype=np.int64)
            return ends[indices - first] - self.tfs[indices] + int(self.marks[first // MARK_INTERVAL])
        offsets_from_mark = indices % MARK_INTERVAL
        rows = (indices - offsets_from_mark)[:, None] + _STEPS
        preceding_tfs = self.tfs.take(rows, mode="clip") * (offsets_from_mark[:, None] > _STEPS)
        starts: NDArray[np.int64] = preceding_tfs.sum(axis=1, dtype=np.int64) + self.marks[indices // MARK_INTERVAL]
        return starts

    def position_start(self, index: int) -> int:
        """Return the start in `positions` of the posting at `index`."""
        mark_start = index - index % MARK_INTERVAL
        preceding_tfs: list[int] = self.tfs[mark_start:index].tolist()
        return int(self.marks[index // MARK_INTERVAL]) + sum(preceding_tfs)

    def positions_at(self, index: int) -> list[int]:
        """Return the positions of the posting at `index`."""
        start = self.position_start(index)
        return self.positions[start : start + int(self.tfs[index])].tolist()  # type: ignore[no-any-return]

    def span(self, row: int) -> slice:
        """Return the postings of the term at `row`."""
        return slice(int(self.offsets[row]), int(self.offsets[row + 1]))

    def row_range(self, first: int, end: int) -> range:
        """Return the rows of the term ids from `first` to `end`, end excluded."""
        low, high = self.terms.searchsorted(np.array([first, end], np.int32))
        return range(int(low), int(high))


FIELDS = tuple(field.name for field in TEXT_FIELDS)  # in the order of field numbers
