"""Parts texts into the article and its debris, with a reason for every line that goes."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from searchsvc.ingest.cleaning.judge import Dropped, Judgement, explain_all
from searchsvc.ingest.cleaning.learning import Learnt
from searchsvc.ingest.cleaning.patterns import Pattern
from searchsvc.models import CleanDocument, Line, RawDocument, RemovedBlock

BY_SETTING = "setting"


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


def text_lines(text: str) -> list[Line]:
    """The lines that hold text, with single blanks."""
    return [Line(number, " ".join(line.split())) for number, line in enumerate(text.split("\n"), 1) if line.strip()]


def removed_blocks(lines: Sequence[Line], dropped: Mapping[int, Dropped]) -> Iterator[RemovedBlock]:
    """The dropped ones of `lines`, by number; those next to each other with one rule and reason as one block."""

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


def _parted(raw: RawDocument, judgement: Judgement, wishes: Wishes) -> CleanDocument:
    lines = text_lines(raw.text)
    dropped = _as_wished({each.line: each for each in judgement.dropped}, lines, wishes)
    kept = tuple(line for line in lines if line.number not in dropped)
    if not kept or judgement.nothing_but_debris:
        return CleanDocument(raw, tuple(lines), (), nothing_but_debris=True)
    return CleanDocument(raw, kept, tuple(removed_blocks(lines, dropped)))


def _as_wished(dropped: dict[int, Dropped], lines: Sequence[Line], wishes: Wishes) -> dict[int, Dropped]:
    if not wishes.keep and not wishes.drop:
        return dropped
    for line in lines:
        if any(pattern.matches(line.text) for pattern in wishes.keep):
            dropped.pop(line.number, None)
        elif wish := next((pattern for pattern in wishes.drop if pattern.matches(line.text)), None):
            dropped[line.number] = Dropped(line.number, BY_SETTING, f"fits the setting drop = {wish.text!r}", 1.0)
    return dropped
