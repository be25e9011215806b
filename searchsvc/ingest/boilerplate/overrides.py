"""Overrides: lines that the operator always keeps or removes, as patterns matched in linear time."""

from collections.abc import Iterable
from dataclasses import dataclass

from searchsvc.models.clean_document import CleanDocument, Verdict

BY_SETTING = "setting"


@dataclass(frozen=True, slots=True)
class Pattern:
    """Pattern for a whole line, with * for any text. Case and runs of white space do not matter."""

    text: str

    def matches(self, line: str) -> bool:
        """Return whether the whole line matches.

        The pieces between stars are located from left to right, each at its first position after the previous
        piece. No position is tried twice, so matching is linear.
        """
        folded = _folded(line)
        first, *pieces = _folded(self.text).split("*")
        if not pieces:
            return folded == first
        *inner, last = pieces
        if not folded.startswith(first) or len(folded) < len(first) + len(last) or not folded.endswith(last):
            return False
        position, end = len(first), len(folded) - len(last)
        for piece in inner:
            at = folded.find(piece, position, end)
            if at < 0:
                return False
            position = at + len(piece)
        return True


@dataclass(frozen=True, slots=True)
class Overrides:
    """Lines to keep or remove regardless of the classifier. `keep` wins over `drop`."""

    keep: tuple[Pattern, ...] = ()
    drop: tuple[Pattern, ...] = ()

    @classmethod
    def of(cls, keep: Iterable[str], drop: Iterable[str]) -> "Overrides":
        """Return the overrides with these texts as patterns."""
        return cls(tuple(map(Pattern, keep)), tuple(map(Pattern, drop)))


NO_OVERRIDES = Overrides()


def apply_overrides(clean: CleanDocument, overrides: Overrides) -> CleanDocument:
    """Return the document with the operator's overrides applied to its verdicts."""
    if not overrides.keep and not overrides.drop:
        return clean
    verdicts = dict(clean.verdicts)
    for line in clean.lines:
        if any(pattern.matches(line.text) for pattern in overrides.keep):
            verdicts.pop(line.number, None)
        elif match := next((pattern for pattern in overrides.drop if pattern.matches(line.text)), None):
            reason = f"matches the setting drop_lines = {match.text!r}"
            verdicts[line.number] = Verdict(line.number, BY_SETTING, reason, 1.0)
    return clean.with_verdicts(verdicts, clean.title_line)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
