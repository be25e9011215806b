"""Impacts of all segments under one set of codes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.index.array_file import Array
from searchsvc.engine.embedded.index.segment import Segment


def joined_impacts(segments: Sequence[Segment]) -> tuple[NDArray[np.float32], list[Array | None]]:
    """Return the impacts of all segments, float32, and for each segment their codes; None for equal codes."""
    values = segments[0].impacts.values
    codes: list[Array | None] = [None]
    if len(segments) == 1:
        return values, codes
    others = [segment.impacts.values for segment in segments[1:]]
    places_of = [_places(values, each) for each in others]
    new_values = np.unique(np.concatenate([each[places < 0] for each, places in zip(others, places_of, strict=True)]))
    joined = np.concatenate([values, new_values])
    dtype = np.min_scalar_type(len(joined))
    for each, places in zip(others, places_of, strict=True):
        is_new = places < 0
        places[is_new] = len(values) + new_values.searchsorted(each[is_new])
        codes.append(places.astype(dtype))
    return joined, codes


def _places(values: NDArray[np.float32], sought: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the index of each of `sought` in the ascending `values`, -1 for others; (n,) int64."""
    if not len(values):
        return np.full(len(sought), -1, np.int64)
    places = values.searchsorted(sought)
    return np.where(values.take(places, mode="clip") == sought, places, -1)
