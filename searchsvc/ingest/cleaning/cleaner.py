"""Parts texts into the article and its debris, with a reason for every line that goes."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from searchsvc.ingest.cleaning.judge import MODEL, Dropped, Judgement, explain_all
from searchsvc.ingest.cleaning.learning import Learnt
from searchsvc.ingest.cleaning.patterns import Pattern
from searchsvc.ingest.cleaning.rules import REASONS
from searchsvc.ingest.metadata.byline import named_by
from searchsvc.ingest.metadata.dates import tells_day
from searchsvc.ingest.metadata.lines import Lines, fold
from searchsvc.ingest.metadata.title import title_line
from searchsvc.models import CleanDocument, Line, RawDocument, RemovedBlock

DROPPED_BY_SETTING = "setting"
TITLE, TITLE_REPEAT, BYLINE = "title", "title-repeat", "byline"
_BYLINES = 5  # lines below the title where an author or a day is told


@dataclass(frozen=True, slots=True)
class Wishes:
    """What an operator decided: lines that stay or go whatever the cleaner thinks. `keep` wins."""

    keep: tuple[Pattern, ...] = ()
    drop: tuple[Pattern, ...] = ()


NO_WISHES = Wishes()


def clean_all(
    documents: Iterable[RawDocument], learnt: Learnt | None = None, wishes: Wishes = NO_WISHES
) -> Iterator[CleanDocument]:
    """What of each text is the article, in order. Documents are read ahead in batches of bounded size.

    Nothing is lost: a line that holds text is kept or in a removed block.
    """
    waiting: deque[RawDocument] = deque()

    def pairs() -> Iterator[tuple[str, str]]:
        for raw in documents:
            waiting.append(raw)
            yield source_of(raw), raw.text

    for judgement in explain_all(pairs(), learnt):
        yield _parted(waiting.popleft(), judgement, wishes)


def source_of(raw: RawDocument) -> str:
    """Whose page a seed is: the folder it lies in, as scrapers sort by site; "" at the top."""
    return raw.seed.path.rpartition("/")[0]


def _parted(raw: RawDocument, judgement: Judgement, wishes: Wishes) -> CleanDocument:
    lines = raw.text.split("\n")
    numbered = [Line(number, text) for number, line in enumerate(lines, 1) if (text := " ".join(line.split()))]
    dropped = {each.line: each for each in judgement.dropped}
    seen = _seen(numbered, dropped)
    at = title_line(seen)
    title = numbered[seen.folded.index(seen.folded[at])] if at >= 0 else None
    dropped = _with_bylines(_with_title(dropped, numbered, title), numbered, seen, at)
    dropped = _as_wished(dropped, lines, wishes)
    kept = tuple(line for line in numbered if line.number not in dropped)
    number = title.number if title else None
    if not kept or judgement.nothing_but_debris:
        return CleanDocument(raw, tuple(numbered), (), number, nothing_but_debris=True)
    return CleanDocument(raw, kept, tuple(_blocks(numbered, dropped)), number)


def _seen(lines: Sequence[Line], dropped: dict[int, Dropped]) -> Lines:
    """The lines for the readers of metadata; what a certain rule took out can't be a title."""
    doubtful = (MODEL, TITLE, TITLE_REPEAT)
    certain = {number: each.rule for number, each in dropped.items() if each.rule not in doubtful}
    return Lines.of([line.text for line in lines], [certain.get(line.number, "") for line in lines])


def _with_bylines(dropped: dict[int, Dropped], lines: Sequence[Line], seen: Lines, title: int) -> dict[int, Dropped]:
    """Short lines right under the title that name the author or the day: both have their own fields."""
    below = range(title + 1, min(title + 1 + _BYLINES, seen.main[0], len(lines))) if title >= 0 else range(0)
    for i in below:
        number = lines[i].number
        if number not in dropped and (named_by(seen, i) or tells_day(seen, i)):
            dropped[number] = Dropped(number, BYLINE, REASONS[BYLINE], 1.0)
    return dropped


def _with_title(dropped: dict[int, Dropped], lines: Sequence[Line], title: Line | None) -> dict[int, Dropped]:
    """One reader decides what the title is: it and its copies go, a line the rules took for it stays."""
    dropped = {number: each for number, each in dropped.items() if each.rule not in (TITLE, TITLE_REPEAT)}
    if title is None:
        return dropped
    folded = fold(title.text)
    for line in lines:
        if len(line.text) < 2 * len(title.text) + 9 and fold(line.text) == folded:
            rule = TITLE if line is title else TITLE_REPEAT
            dropped[line.number] = Dropped(line.number, rule, REASONS[rule], 1.0)
    return dropped


def _as_wished(dropped: dict[int, Dropped], lines: Sequence[str], wishes: Wishes) -> dict[int, Dropped]:
    if not wishes.keep and not wishes.drop:
        return dropped
    for number, line in enumerate(lines, 1):
        if any(pattern.matches(line) for pattern in wishes.keep):
            dropped.pop(number, None)
        elif wish := next((pattern for pattern in wishes.drop if pattern.matches(line)), None):
            dropped[number] = Dropped(number, DROPPED_BY_SETTING, f"fits the setting drop = {wish.text!r}", 1.0)
    return dropped


def _blocks(lines: Sequence[Line], dropped: dict[int, Dropped]) -> Iterator[RemovedBlock]:
    """Dropped lines, those next to each other with one rule and reason as one block."""

    def verdict(line: Line) -> tuple[str, str] | None:
        said = dropped.get(line.number)
        return (said.rule, said.reason) if said else None

    for said, run in groupby(lines, verdict):
        if said is None:
            continue
        block = list(run)
        sure = min(dropped[line.number].confidence for line in block)
        text = "\n".join(line.text for line in block)
        yield RemovedBlock(*said, block[0].number, block[-1].number, text, sure)
