"""Lines that cleaning removed most, by source, counted over a sample of the documents."""

from collections.abc import Iterable
from itertools import groupby, islice

from searchsvc.engine.interface import Snapshot
from searchsvc.engine.query import NEWEST_FIRST, EngineQuery
from searchsvc.models.documents import Document, RemovedLine
from searchsvc.models.search import Filter
from searchsvc.removal_counts import RemovalCounts

SAMPLE = 500  # documents that are counted, the newest first
MOST_LINES = 10  # of a source
_MOST_CACHED = 100  # sources


class RemovedLineCounts:
    """The lines removed most in each generation. Cached, since counting them reads many documents."""

    def __init__(self) -> None:
        self._cached: dict[tuple[str, tuple[Filter, ...]], list[RemovedLine]] = {}

    def lines(self, snapshot: Snapshot, filters: tuple[Filter, ...] = ()) -> list[RemovedLine]:
        """Return the lines removed most from the newest documents that pass the filters, by source."""
        key = snapshot.name, filters
        lines = self._cached.get(key)
        if lines is None:
            query = EngineQuery(None, filters=filters, sort=NEWEST_FIRST, body_length=1)
            lines = most_removed(snapshot.stream(query))
            if len(self._cached) >= _MOST_CACHED:
                self._cached = {}  # other threads may still read the previous one
            self._cached[key] = lines
        return lines


def most_removed(documents: Iterable[Document], most_lines: int = MOST_LINES) -> list[RemovedLine]:
    """Return the lines removed from most of the first SAMPLE documents, by source. `example` is a document's id."""
    counts = RemovalCounts()
    for document in islice(documents, SAMPLE):
        counts.add(document.source or "", document.id, document.removed)
    ordered = sorted(counts.lines(), key=lambda line: (line.source, -line.documents, line.text))
    by_source = groupby(ordered, key=lambda line: line.source)
    return [line for _, lines in by_source for line in islice(lines, most_lines)]
