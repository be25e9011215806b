"""Text with units: blocks of lines that are kept or removed together."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from searchsvc.models.documents import PARAGRAPH, Unit


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of a text. `unit`: kind of the unit that they belong to, empty for other lines.

    `starts`: whether a unit begins with this block, so that it is apart from a unit of the same kind above.
    """

    text: str
    unit: str = ""
    starts: bool = True


@dataclass(frozen=True, slots=True)
class UnitText:
    """A text and its units, ascending."""

    text: str
    units: tuple[Unit, ...] = ()

    def in_paragraphs(self) -> "UnitText":
        """Return the text with a unit for each line outside the other units."""
        covered = {line for unit in self.units for line in range(unit.first_line, unit.last_line + 1)}
        added = (
            Unit(PARAGRAPH, number, number)
            for number, line in enumerate(self.text.split("\n"), 1)
            if number not in covered and line.strip()
        )
        return UnitText(self.text, tuple(sorted((*self.units, *added), key=lambda unit: unit.first_line)))

    def without(self, kind: str) -> "UnitText":
        """Return the text without units of a kind."""
        return UnitText(self.text, tuple(unit for unit in self.units if unit.kind != kind))

    def below(self, head: str) -> "UnitText":
        """Return the text with `head` on top."""
        lines = head.count("\n")
        return UnitText(head + self.text, tuple(unit.moved(lines) for unit in self.units))


@dataclass(slots=True)
class _UnitTextBuilder:
    parts: list[str] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    line: int = 1  # number of the line that the next block begins with

    def add(self, block: Block) -> None:
        last = self.line + block.text.count("\n")
        previous = self.units[-1] if self.units else None
        if block.unit and previous and not block.starts and previous.kind == block.unit:
            self.units[-1] = Unit(block.unit, previous.first_line, last)
        elif block.unit:
            self.units.append(Unit(block.unit, self.line, last))
        self.parts.append(block.text)
        self.line = last + 2


def joined(blocks: Iterable[Block]) -> UnitText:
    """Return the blocks as one text, with a blank line between them. Blocks without text are left out."""
    builder = _UnitTextBuilder()
    for block in blocks:
        if block.text.strip():
            builder.add(block)
    return UnitText("\n\n".join(builder.parts), tuple(builder.units))
