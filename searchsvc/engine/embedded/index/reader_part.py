"""A segment among the segments of an index reader."""

from collections.abc import Sequence
from dataclasses import dataclass

from searchsvc.engine.embedded.index.array_file import Array
from searchsvc.engine.embedded.index.impacts import bit_word_count
from searchsvc.engine.embedded.index.segment import Segment
from searchsvc.engine.embedded.index.union_dictionary import IdMap


@dataclass(frozen=True, slots=True)
class ReaderPart:
    """A segment, the number of its first document, and its terms and impact codes among those of all segments.

    `codes` (codes of the segment,) int: the code of each; None if they are the same.
    """

    segment: Segment
    first_doc: int
    terms: IdMap
    codes: Array | None

    @property
    def docs(self) -> slice:
        """Numbers of the documents."""
        return slice(self.first_doc, self.first_doc + self.segment.size)

    def global_codes(self, codes: Array) -> Array:
        """Return the codes of all segments for codes of this one."""
        return codes if self.codes is None else self.codes.take(codes)


def first_docs(sizes: Sequence[int]) -> list[int]:
    """Return the number of each segment's first document, and the end of the last segment."""
    starts = [0]
    for size in sizes:
        starts[-1] = bit_word_count(starts[-1]) * 64
        starts.append(starts[-1] + size)
    return starts
