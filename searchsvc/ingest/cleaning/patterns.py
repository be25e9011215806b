"""Patterns an operator writes for whole lines: text with * for anything, matched in linear time."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pattern:
    """A line as an operator describes it. Case and runs of blanks do not matter."""

    text: str

    def matches(self, line: str) -> bool:
        """Whether the whole line fits. The pieces between stars are looked for from left to
        right, each at its first place: no place is ever tried twice."""
        folded = _folded(line)
        first, *others = _folded(self.text).split("*")
        if not others:
            return folded == first
        *inner, last = others
        if not folded.startswith(first) or len(folded) < len(first) + len(last) or not folded.endswith(last):
            return False
        position, end = len(first), len(folded) - len(last)
        for piece in inner:
            at = folded.find(piece, position, end)
            if at < 0:
                return False
            position = at + len(piece)
        return True


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
