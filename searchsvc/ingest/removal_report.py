"""Removal report: lines removed most often, by source, so that mistakes are easy to see."""

from collections.abc import Iterable

from searchsvc.ingest.boilerplate import source_of
from searchsvc.ingest.discovery.safe_open import shown_path
from searchsvc.models.documents import CleanDocument, RemovedBlock, RemovedLine, SeedProblem

_LONGEST = 200  # characters of a line that are compared


def removed_lines(cleaned: Iterable[CleanDocument | SeedProblem]) -> list[RemovedLine]:
    """Count the documents that each line was removed from, by source, with one document as example."""
    counts: dict[tuple[str, str], int] = {}
    first: dict[tuple[str, str], tuple[RemovedBlock, str]] = {}
    for document in cleaned:
        if isinstance(document, SeedProblem):
            continue
        source, path = shown_path(source_of(document.raw)), shown_path(document.raw.path)
        lines = {line[:_LONGEST]: block for block in document.removed for line in block.text.split("\n")}
        for line, block in lines.items():
            counts[source, line] = counts.get((source, line), 0) + 1
            first.setdefault((source, line), (block, path))
    lines_removed = [
        RemovedLine(source, line, block.rule, block.reason, counts[source, line], path)
        for (source, line), (block, path) in first.items()
    ]
    return sorted(lines_removed, key=lambda each: (each.source, -each.documents, each.text))
