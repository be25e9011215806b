"""Parts texts into the article and its debris, with a reason for every line that goes."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from searchsvc.ingest.boilerplate.classifier import Verdict, Verdicts, explain_all
from searchsvc.ingest.boilerplate.recurring_lines import RecurringLines
from searchsvc.models.documents import CleanDocument, RawDocument, RemovedBlock, TextLine


def clean_all(documents: Iterable[RawDocument], learnt: RecurringLines | None = None) -> Iterator[CleanDocument]:
    """What of each text is the article, in order. Documents are read ahead in batches of bounded size.

    Nothing is lost: a line that holds text is kept or in a removed block.
    """
    waiting: deque[RawDocument] = deque()

    def pairs() -> Iterator[tuple[str, str]]:
        for raw in documents:
            waiting.append(raw)
            yield source_of(raw), raw.text

    for judgement in explain_all(pairs(), learnt):
        yield _parted(waiting.popleft(), judgement)


def source_of(raw: RawDocument) -> str:
    """Whose page a seed is: the host of the address it states, else the folder it lies in, as
    scrapers sort by site; "" at the top."""
    if raw.declared.url:
        return raw.declared.url.split("/", 3)[2].lower()
    return raw.seed.path.rpartition("/")[0]


def text_lines(text: str) -> list[TextLine]:
    """The lines that hold text, with single blanks."""
    return [TextLine(number, " ".join(line.split())) for number, line in enumerate(text.split("\n"), 1) if line.strip()]


def removed_blocks(lines: Sequence[TextLine], dropped: Mapping[int, Verdict]) -> Iterator[RemovedBlock]:
    """The dropped ones of `lines`, by number; those next to each other with one rule and reason as one block."""

    def verdict(line: TextLine) -> tuple[str, str] | None:
        said = dropped.get(line.number)
        return (said.rule, said.reason) if said else None

    for said, run in groupby(lines, verdict):
        if said is None:
            continue
        block = list(run)
        sure = min(dropped[line.number].confidence for line in block)
        text = "\n".join(line.text for line in block)
        yield RemovedBlock(*said, block[0].number, block[-1].number, text, sure)


def split_kept_and_removed(clean: CleanDocument, dropped: Mapping[int, Verdict], title: int | None) -> CleanDocument:
    """`clean` with its lines parted anew; kept whole if nothing else would be left of it."""
    lines = text_lines(clean.raw.text)
    kept = tuple(line for line in lines if line.number not in dropped)
    if not kept:
        return CleanDocument(clean.raw, tuple(lines), (), title, clean.only_clutter)
    return CleanDocument(clean.raw, kept, tuple(removed_blocks(lines, dropped)), title, clean.only_clutter)


def dropped_lines(clean: CleanDocument) -> dict[int, Verdict]:
    """The lines in the removed blocks of `clean`, by number."""
    return {
        number: Verdict(number, block.rule, block.reason, block.confidence)
        for block in clean.removed
        for number in range(block.first_line, block.last_line + 1)
    }


def _parted(raw: RawDocument, judgement: Verdicts) -> CleanDocument:
    lines = text_lines(raw.text)
    dropped = {each.line: each for each in judgement.dropped}
    kept = tuple(line for line in lines if line.number not in dropped)
    if not kept or judgement.only_clutter:
        return CleanDocument(raw, tuple(lines), (), only_clutter=True)
    return CleanDocument(raw, kept, tuple(removed_blocks(lines, dropped)))
