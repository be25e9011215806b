"""Segments with their live documents, as stock Whoosh reads them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.index.generation_arrays import Deletions, GenerationArrays
from searchsvc.engine.embedded.index.segment import Segment


@dataclass(frozen=True, slots=True)
class LiveSegment:
    """A segment and its live documents; `live` (documents,) bool, None if all are."""

    segment: Segment
    live: NDArray[np.bool_] | None


def open_segments(folder: Path) -> list[LiveSegment]:
    """Open the segments of the generation in `folder`."""
    generation = GenerationArrays.load(folder)
    return [
        live_segment(Segment(folder, number), deletions)
        for number, deletions in zip(generation.numbers, generation.deletions, strict=True)
    ]


def live_segment(segment: Segment, deletions: Deletions) -> LiveSegment:
    """Return `segment` without its deleted documents."""
    live = np.ones(segment.size, bool)
    live[deletions.docs] = False
    return LiveSegment(segment, None if live.all() else live)
