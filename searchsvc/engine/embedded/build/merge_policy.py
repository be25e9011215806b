"""Choice of segments to merge into one."""

from collections.abc import Sequence
from typing import NamedTuple

MAX_SEGMENTS = 8  # per generation; beyond it the small ones are merged
REWRITE_RATIO = 4  # a segment is rewritten when 1/REWRITE_RATIO of its documents are deleted


class SegmentSize(NamedTuple):
    """Documents of the segment `number`, and how many of them are live."""

    number: int
    documents: int
    live: int


def segments_to_merge(sizes: Sequence[SegmentSize]) -> set[int]:
    """Return the numbers of the segments to merge into one, none if none need it.

    A segment is rewritten for its deleted documents. If too many segments remain, the smallest are merged, and with
    them every segment that is no larger than all smaller ones together. So a document is copied as often as the index
    doubles, not at every merge.
    """
    chosen = {each.number for each in sizes if (each.documents - each.live) * REWRITE_RATIO >= each.documents}
    if len(sizes) - len(chosen) + bool(chosen) <= MAX_SEGMENTS:
        return chosen
    merged = 0
    for count, each in enumerate(sorted(sizes, key=lambda each: (each.live, each.number))):
        if count >= 2 and each.live > merged and each.number not in chosen:
            break
        chosen.add(each.number)
        merged += each.live
    return chosen
