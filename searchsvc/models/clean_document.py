"""Clean documents: the lines of a text, and a verdict for each line that is removed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import msgspec

from searchsvc.models.documents import CODE, RawDocument, RemovedBlock

TITLE_RULE = "title"  # for the line of the title


class TextLine(msgspec.Struct, frozen=True, gc=False):
    """A line of the original text, numbered from 1."""

    number: int
    text: str


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """Rule, reason and confidence (0 to 1) for removing a line, numbered from 1."""

    line: int
    rule: str
    reason: str
    confidence: float


@dataclass(frozen=True)
class CleanDocument:
    """A document with a verdict for each removed line.

    `lines`: all lines that hold text. `verdicts`: by line number, for removed lines only. `title_line`: line number
    of the title, None if the text holds no title. `only_clutter`: whether all lines are kept because all look like
    clutter.
    """

    raw: RawDocument
    lines: tuple[TextLine, ...]
    verdicts: Mapping[int, Verdict]
    title_line: int | None = None
    only_clutter: bool = False

    @cached_property
    def kept_lines(self) -> tuple[TextLine, ...]:
        """Lines that stay in the document."""
        return tuple(line for line in self.lines if line.number not in self.verdicts)

    @cached_property
    def code_lines(self) -> frozenset[int]:
        """Numbers of the lines of code, with blank lines inside it."""
        return frozenset(
            number
            for unit in self.raw.units
            if unit.kind == CODE
            for number in range(unit.first_line, unit.last_line + 1)
        )

    @property
    def kept_text_lines(self) -> tuple[TextLine, ...]:
        """Kept lines other than code."""
        return tuple(line for line in self.kept_lines if line.number not in self.code_lines)

    @cached_property
    def body(self) -> str:
        """Text of the kept lines. Code has its indentation and blank lines."""
        if not self.code_lines:
            return "\n".join(line.text for line in self.kept_lines)
        raw_lines = self.raw.text.split("\n")
        texts = {line.number: line.text for line in self.kept_lines}
        code = {number: raw_lines[number - 1].rstrip() for number in self.code_lines if number not in self.verdicts}
        shown = texts | code
        return "\n".join(shown[number] for number in sorted(shown))

    @cached_property
    def removed(self) -> tuple[RemovedBlock, ...]:
        """Removed lines; neighbouring lines with the same rule and reason form one block.

        The line of the title is not removed but moved to its field.
        """

        blocks: list[list[TextLine]] = []
        key: tuple[str, str] | None = None
        for line in self.lines:
            verdict = self.verdicts.get(line.number)
            if verdict is None or (line.number == self.title_line and verdict.rule == TITLE_RULE):
                key = None
            elif key == (verdict.rule, verdict.reason):
                blocks[-1].append(line)
            else:
                key = verdict.rule, verdict.reason
                blocks.append([line])
        return tuple(map(self._block, blocks))

    def _block(self, lines: Sequence[TextLine]) -> RemovedBlock:
        first = self.verdicts[lines[0].number]
        confidence = min([self.verdicts[line.number].confidence for line in lines])
        text = "\n".join([line.text for line in lines])
        return RemovedBlock(first.rule, first.reason, lines[0].number, lines[-1].number, text, confidence)

    def with_verdicts(self, verdicts: Mapping[int, Verdict], title_line: int | None) -> "CleanDocument":
        """Return the document with other verdicts. Verdicts that would remove every line are ignored."""
        clean = replace(self, verdicts=verdicts, title_line=title_line)
        return clean if clean.kept_lines else replace(clean, verdicts={})
