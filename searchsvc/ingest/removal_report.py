"""Removal report: removed lines by source, the most likely mistakes first."""

from collections.abc import Iterable

from searchsvc.ingest.boilerplate.apply import source_of
from searchsvc.ingest.discovery.safe_open import shown_path
from searchsvc.models.clean_document import CleanDocument
from searchsvc.models.documents import RemovedLine, SeedProblem
from searchsvc.removal_counts import RemovalCounts


def removed_lines(cleaned: Iterable[CleanDocument | SeedProblem]) -> list[RemovedLine]:
    """Count the documents that each line was removed from, by source, with one document as example.

    Within a source, lines are in descending order of the expected number of wrong removals, which is the sum of
    1 - confidence over the documents, then of the number of documents.
    """
    counts = RemovalCounts()
    for document in cleaned:
        if isinstance(document, CleanDocument):
            counts.add(shown_path(source_of(document.raw)), shown_path(document.raw.path), document.removed)
    return sorted(counts.lines(), key=_rank)


def _rank(line: RemovedLine) -> tuple[str, float, int, str]:
    mistakes = round(line.documents * (1 - line.confidence), 3)
    return line.source, -mistakes, -line.documents, line.text
