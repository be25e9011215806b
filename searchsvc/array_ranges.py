"""Ranges of numbers, as arrays."""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]


def spread(starts: Numbers, counts: Numbers) -> Numbers:
    """The numbers from each of `starts` on, so many as `counts` says, one range after the other; all int64."""
    before = counts.cumsum() - counts
    places: Numbers = np.repeat(starts - before, counts) + np.arange(counts.sum())
    return places
