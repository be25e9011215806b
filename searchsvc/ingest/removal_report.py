"""Removal report: removed lines by source, the most likely mistakes first."""

from collections.abc import Iterable

from searchsvc.ingest.boilerplate import source_of
from searchsvc.ingest.discovery.safe_open import shown_path
from searchsvc.models.documents import CleanDocument, RemovedBlock, RemovedLine, SeedProblem

_LONGEST = 200  # characters of a line that are compared


def removed_lines(cleaned: Iterable[CleanDocument | SeedProblem]) -> list[RemovedLine]:
    """Count the documents that each line was removed from, by source, with one document as example.

    Within a source, lines are in descending order of the expected number of wrong removals, which is the sum of
    1 - confidence over the documents, then of the number of documents.
    """
    counts: dict[tuple[str, str], int] = {}
    doubts: dict[tuple[str, str], float] = {}
    first: dict[tuple[str, str], tuple[RemovedBlock, str]] = {}
    for document in cleaned:
        if isinstance(document, SeedProblem):
            continue
        source, path = shown_path(source_of(document.raw)), shown_path(document.raw.path)
        lines = {line[:_LONGEST]: block for block in document.removed for line in block.text.split("\n")}
        for line, block in lines.items():
            counts[source, line] = counts.get((source, line), 0) + 1
            doubts[source, line] = doubts.get((source, line), 0.0) + 1 - block.confidence
            first.setdefault((source, line), (block, path))
    lines_removed = [
        RemovedLine(
            source, line, block.rule, block.reason, counts[source, line], path, _mean(doubts, counts, (source, line))
        )
        for (source, line), (block, path) in first.items()
    ]
    return sorted(lines_removed, key=_rank)


def _mean(doubts: dict[tuple[str, str], float], counts: dict[tuple[str, str], int], line: tuple[str, str]) -> float:
    return round(1 - doubts[line] / counts[line], 3)


def _rank(line: RemovedLine) -> tuple[str, float, int, str]:
    mistakes = round(line.documents * (1 - line.confidence), 3)
    return line.source, -mistakes, -line.documents, line.text
