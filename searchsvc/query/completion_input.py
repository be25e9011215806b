"""A query that is still being typed: what its last word may go on to be, and beside what it stands."""

from collections.abc import Iterable
from dataclasses import dataclass

from searchsvc.analysis import (
    FUNCTION_WORDS,
    WORD,
    fold,
    folded_parts,
)
from searchsvc.query.ast import NotClause, Word
from searchsvc.query.parser import parse

MIN_PREFIX_LETTERS = 2  # letters or digits


@dataclass(frozen=True, slots=True)
class CompletionInput:
    """What was typed, parted before its last word.

    `prefix` is that word, folded. `plain` if it is a word of free text beside all that is
    `completed`, so that documents must match both; else it stands in quotes, a field or an alternative.
    """

    completed: str
    last: str
    prefix: str
    plain: bool

    @property
    def long_enough(self) -> bool:
        """Whether there are letters enough to go on from."""
        return sum(map(str.isalnum, self.prefix)) >= MIN_PREFIX_LETTERS

    @property
    def context(self) -> str:
        """A query that every document must match beside the last word; empty if any document may."""
        significant = any(fold(word) not in FUNCTION_WORDS for word in WORD.findall(self.completed))
        return self.completed if self.plain and significant else ""

    def query_with(self, words: Iterable[str]) -> str:
        """A query for what is before, and one of `words` or the last word as it is.

        A single letter is not looked for: it is about to become a word.
        """
        return f"{self.completed}({' OR '.join([self.last, *words])})" if self.long_enough else self.completed


def completion_input(typed: str) -> CompletionInput | None:
    """The parts of `typed`; None if it does not end within a word that may go on.

    What is excluded is not suggested, and nothing goes on from Chinese and Japanese, which are
    indexed as pairs of characters.
    """
    words = list(WORD.finditer(typed))
    if not words or words[-1].end() != len(typed):
        return None
    last = words[-1]
    parts = list(folded_parts(last.group()))
    if len(parts) != 1 or not parts[0][3]:
        return None
    units = parse(typed)[0].units
    if not units or isinstance(units[-1], NotClause):
        return None
    return CompletionInput(typed[: last.start()], last.group(), parts[0][0], isinstance(units[-1], Word))
