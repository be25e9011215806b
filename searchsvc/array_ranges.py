"""Integer arrays: concatenated ranges, runs of equal values, sorted distinct values, membership."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Int64Array = NDArray[np.int64]
Number = TypeVar("Number", np.int32, np.int64, np.uint32, np.uint64)


def concatenate_ranges(starts: Int64Array, counts: Int64Array) -> Int64Array:
    """Concatenate the ranges `starts[i]` to `starts[i] + counts[i]`, end excluded.

    `starts` and `counts` (ranges,) int64. Returns (sum of counts,) int64.
    """
    output_starts = counts.cumsum() - counts
    ranges: Int64Array = np.repeat(starts - output_starts, counts) + np.arange(counts.sum())
    return ranges


def runs(values: NDArray[np.integer]) -> tuple[Int64Array, Int64Array]:
    """Return the start and the length of each run of equal `values`, both (runs,) int64.

    `np.diff` with `prepend` and `append` gives the same in six times the time, as it copies the array for each.
    """
    is_edge = np.ones(len(values) + 1, bool)
    np.not_equal(values[1:], values[:-1], out=is_edge[1:-1])
    edges = is_edge.nonzero()[0]
    return edges[:-1], edges[1:] - edges[:-1]


def sorted_unique(values: NDArray[Number]) -> NDArray[Number]:
    """Return the distinct `values`, ascending. `values`: (n,), in any order, may repeat."""
    ordered = np.sort(values)  # in a few ns per element; np.unique hashes integers and takes ten times as long
    is_first = np.empty(len(ordered), bool)
    is_first[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    return ordered[is_first]


def is_in(values: NDArray[Number], ordered: NDArray[Number]) -> NDArray[np.bool_]:
    """Return whether each of `values` is in `ordered`, (n,) bool. `ordered`: ascending.

    `np.isin` sorts or hashes both.
    """
    if not len(ordered):
        return np.zeros(len(values), np.bool_)
    places = np.minimum(ordered.searchsorted(values), len(ordered) - 1)
    matches: NDArray[np.bool_] = ordered[places] == values
    return matches
