"""Counts of the lines that cleaning removed, and the setting that keeps a line."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from searchsvc.models.documents import RemovedBlock, RemovedLine
from searchsvc.toml_file import as_toml

_LONGEST = 200  # characters of a line that are compared
_LONGEST_ENTRY = 80  # characters of a line that a suggested pattern repeats
_SURROGATES = re.compile("[\ud800-\udfff]+")


@dataclass(slots=True)
class _Count:
    block: RemovedBlock
    example: str
    documents: int = 0
    doubts: float = 0.0


@dataclass(frozen=True, slots=True)
class RemovalCounts:
    """Documents that each line was removed from, by source."""

    _counts: dict[tuple[str, str], _Count] = field(default_factory=dict)

    def add(self, source: str, example: str, removed: Iterable[RemovedBlock]) -> None:
        """Count the removed lines of one document; a line counts once. `example`: path or id of the document."""
        lines = {line[:_LONGEST]: block for block in removed for line in block.text.split("\n")}
        for line, block in lines.items():
            count = self._counts.setdefault((source, line), _Count(block, example))
            count.documents += 1
            count.doubts += 1 - block.confidence

    def lines(self) -> list[RemovedLine]:
        """Return the removed lines in the order in which they were first counted."""
        return [
            RemovedLine(
                source,
                line,
                count.block.rule,
                count.block.reason,
                count.documents,
                count.example,
                round(1 - count.doubts / count.documents, 3),
            )
            for (source, line), count in self._counts.items()
        ]


def keep_entry(lines: Iterable[str]) -> str:
    """Return the entry of searchsvc.toml that keeps these lines."""
    return f"keep_lines = {as_toml(tuple(dict.fromkeys(pattern_for(line) for line in lines if line.strip())))}"


def pattern_for(line: str) -> str:
    """Return a pattern that matches the line: the line itself, or its beginning and a star.

    A star takes the place of lone surrogates, which a settings file can't hold.
    """
    text = " ".join(_SURROGATES.sub("*", line).split())
    return text if len(text) <= _LONGEST_ENTRY else text[:_LONGEST_ENTRY] + "*"
