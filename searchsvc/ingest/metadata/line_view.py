"""The lines of a text as the readers of metadata see them: trimmed, counted, with their place."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from searchsvc.ingest.line_matching import fold
from searchsvc.models.documents import CleanDocument

_COUNTED = 2_000  # characters of a line whose words are counted; more make it no more of a paragraph
MAX_LINE_LENGTH = 400  # characters of a line; what a by-line or a title says stands at its beginning
_PROSE_WORDS = 12
_PROSE_ENDS = (".", "!", "?", "…", ":", ";")
BULLETS = ("•", "·", "*", "»", "›", "|", "-", "–", "→", "▶", ">")
_SHORT_LINE_COSTS = 6.0  # words of prose; how many short lines break a run


@dataclass(frozen=True)
class LineView:
    """The lines that hold text, with single blanks, cut to LOOKED_AT characters.

    `rules` names for each the rule it was removed by, '' if it was kept; `word_counts` counts the
    words of the line, as far as its first 2,000 characters.
    """

    texts: Sequence[str]
    rules: Sequence[str]
    word_counts: Sequence[int] = field(repr=False)

    @classmethod
    def of(cls, texts: Sequence[str], rules: Sequence[str] | None = None) -> "LineView":
        """Lines from raw ones; empty ones are left out."""
        rules = rules or [""] * len(texts)
        split = [(line.lstrip()[:_COUNTED].split(), rule) for line, rule in zip(texts, rules, strict=True)]
        full = [(words, rule) for words, rule in split if words]
        return cls([_joined(words) for words, _ in full], [rule for _, rule in full], [len(words) for words, _ in full])

    @classmethod
    def of_document(cls, clean: CleanDocument) -> tuple["LineView", int]:
        """The lines of the original text, each with the rule that took it out; where the title is, or -1."""
        rules = [verdict.rule if (verdict := clean.verdicts.get(line.number)) else "" for line in clean.lines]
        title = next((i for i, line in enumerate(clean.lines) if line.number == clean.title_line), -1)
        return cls.of([line.text for line in clean.lines], rules), title

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def folded(self) -> list[str]:
        return [fold(text) for text in self.texts]

    @cached_property
    def prose(self) -> list[bool]:
        """Which lines are running text: a dozen words or more, ended like a sentence or very long."""
        return [
            count >= _PROSE_WORDS and (count >= 4 * _PROSE_WORDS or text.rstrip("\"'”’)»] ").endswith(_PROSE_ENDS))
            for text, count in zip(self.texts, self.word_counts, strict=True)
        ]

    @cached_property
    def main(self) -> tuple[int, int]:
        """Where the article's prose begins and ends (the line behind its last): its heaviest run.

        (len, len) if there is no prose. The run is the maximum-sum segment (Kadane) where prose
        weighs its words and any other line costs a little.
        """
        best, best_run = 0.0, (len(self), len(self))
        total, start = 0.0, 0
        for i, (prose, word_count) in enumerate(zip(self.prose, self.word_counts, strict=True)):
            if total <= 0.0:
                total, start = 0.0, i
            total += min(word_count, 200) if prose else -_SHORT_LINE_COSTS
            if total > best:
                best, best_run = total, (start, i + 1)
        return best_run


def _joined(words: list[str]) -> str:
    return " ".join(words[:MAX_LINE_LENGTH])[:MAX_LINE_LENGTH]
