"""A partial query, split before its last word."""

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
    """A partial query. `completed` is the text before the last word, and `prefix` is the last word, folded.

    `plain`: the last word is free text, so that documents must match it and the words before it. Otherwise it is
    inside quotes, a field or an alternative.
    """

    completed: str
    last: str
    prefix: str
    plain: bool

    @property
    def long_enough(self) -> bool:
        """Whether the prefix has enough letters to be completed."""
        return sum(map(str.isalnum, self.prefix)) >= MIN_PREFIX_LETTERS

    @property
    def context(self) -> str:
        """Query that documents must match besides the prefix; empty for any document."""
        significant = any(fold(word) not in FUNCTION_WORDS for word in WORD.findall(self.completed))
        return self.completed if self.plain and significant else ""


def completion_input(typed: str) -> CompletionInput | None:
    """Split a partial query; return None if it does not end in a word that can be completed.

    Excluded words are not completed. Nor are scripts without spaces, which are indexed as pairs of characters.
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
