"""Lines that cleaning removed most, by source, counted over a sample of the documents."""

from collections.abc import Iterable
from itertools import islice

from searchsvc.engine.interface import Snapshot
from searchsvc.engine.query import NEWEST_FIRST, EngineQuery
from searchsvc.models.documents import Document, RemovedBlock, RemovedLine
from searchsvc.models.search import Filter

SAMPLE = 500  # documents that are counted, the newest first
MOST_LINES = 10  # of a source
_LONGEST = 200  # characters of a line that are compared
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
    counts: dict[tuple[str, str], int] = {}
    first: dict[tuple[str, str], tuple[RemovedBlock, str]] = {}
    for document in islice(documents, SAMPLE):
        lines = {line[:_LONGEST]: block for block in document.removed for line in block.text.split("\n")}
        for line, block in lines.items():
            key = document.source or "", line
            counts[key] = counts.get(key, 0) + 1
            first.setdefault(key, (block, document.id))
    by_source: dict[str, list[RemovedLine]] = {}
    for source, line in sorted(counts, key=lambda key: (key[0], -counts[key], key[1])):
        lines_of_source = by_source.setdefault(source, [])
        if len(lines_of_source) < most_lines:
            block, example = first[source, line]
            lines_of_source.append(RemovedLine(source, line, block.rule, block.reason, counts[source, line], example))
    return [line for lines_of_source in by_source.values() for line in lines_of_source]
