"""Takes the title and what stands right under it out of a body: both have fields of their own."""

from collections.abc import Iterator, Sequence

from searchsvc.ingest.cleaning import Dropped, removed_blocks, text_lines
from searchsvc.ingest.metadata.byline import named_by
from searchsvc.ingest.metadata.dates import tells_day
from searchsvc.ingest.metadata.lines import Lines, fold
from searchsvc.ingest.metadata.title import title_line
from searchsvc.models import CleanDocument, Line

TITLE = "title"
REASONS = {
    TITLE: "is the title, which has its own field",
    "title-repeat": "repeats the title",
    "byline": "tells the author or the day, which have their own fields",
}
_DOUBTFUL = frozenset({"model", TITLE, "title-repeat"})
_BELOW = 5  # lines under the title where an author or a day is told


def without_headline(clean: CleanDocument) -> CleanDocument:
    """`clean` with its title found, and the title's copies and by-lines among the removed blocks.

    One reader decides what the title is: a line that a rule of cleaning took for it stays.
    """
    lines = text_lines(clean.raw.text)
    dropped = {each.line: each for each in _dropped(clean)}
    certain = {number: each.rule for number, each in dropped.items() if each.rule not in _DOUBTFUL}
    seen = Lines.of([line.text for line in lines], [certain.get(line.number, "") for line in lines])
    at = title_line(seen)
    dropped = {number: each for number, each in dropped.items() if each.rule not in (TITLE, "title-repeat")}
    if at >= 0:
        dropped |= {each.line: each for each in _titles(lines, seen, at)}
        dropped |= {each.line: each for each in _bylines(lines, seen, at) if each.line not in dropped}
    kept = tuple(line for line in lines if line.number not in dropped)
    title = lines[seen.folded.index(seen.folded[at])].number if at >= 0 else None
    if clean.nothing_but_debris or not kept:
        return CleanDocument(clean.raw, tuple(lines), (), title, clean.nothing_but_debris)
    return CleanDocument(clean.raw, kept, tuple(removed_blocks(lines, dropped)), title)


def _dropped(clean: CleanDocument) -> Iterator[Dropped]:
    for block in clean.removed:
        for number in range(block.first_line, block.last_line + 1):
            yield Dropped(number, block.rule, block.reason, block.confidence)


def _titles(lines: Sequence[Line], seen: Lines, at: int) -> Iterator[Dropped]:
    longest = 2 * len(lines[at].text) + 9
    rule = TITLE
    for line in lines:
        if len(line.text) < longest and fold(line.text) == seen.folded[at]:
            yield Dropped(line.number, rule, REASONS[rule], 1.0)
            rule = "title-repeat"


def _bylines(lines: Sequence[Line], seen: Lines, at: int) -> Iterator[Dropped]:
    for i in range(at + 1, min(at + 1 + _BELOW, seen.main[0], len(lines))):
        if named_by(seen, i) or tells_day(seen, i):
            yield Dropped(lines[i].number, "byline", REASONS["byline"], 1.0)
