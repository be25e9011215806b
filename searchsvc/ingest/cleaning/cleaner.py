"""Parts a text into the article and its debris, block by block, with a reason for each."""

from collections import Counter
from collections.abc import Sequence

from searchsvc.ingest.cleaning.rules import RULES, Context, Rule, fold, is_prose
from searchsvc.models import CleanDocument, Line, RawDocument, RemovedBlock

_TITLE_WITHIN = 12  # lines with text


def clean(raw: RawDocument) -> CleanDocument:
    """What of `raw` is the article. Nothing is lost: each line is kept or in a removed block."""
    lines = [
        Line(number, text) for number, line in enumerate(raw.text.split("\n"), 1) if (text := " ".join(line.split()))
    ]
    verdicts = _verdicts([line.text for line in lines])
    kept = tuple(line for line, rule in zip(lines, verdicts, strict=True) if rule is None)
    if not kept:
        return CleanDocument(raw, tuple(lines), (), nothing_but_debris=True)
    return CleanDocument(raw, kept, tuple(_blocks(lines, verdicts)))


def _verdicts(texts: Sequence[str]) -> list[Rule | None]:
    context = _context(texts)
    return [next((rule for rule in RULES if rule.applies(context, i)), None) for i in range(len(texts))]


def _context(texts: Sequence[str]) -> Context:
    folded = [fold(text) for text in texts]
    prose = [i for i, text in enumerate(texts) if is_prose(text)]
    first, last = (prose[0], prose[-1]) if prose else (len(texts), -1)
    without_title = Context(texts, folded, -1, first, last)
    return Context(texts, folded, _title(without_title), first, last)


def _title(context: Context) -> int:
    """The line that is the title: the one repeated at the top, else the first that is no debris."""
    top = range(min(context.first_prose, _TITLE_WITHIN, len(context.lines) - 1))
    counts = Counter(context.folded[i] for i in top)
    candidates = [
        i for i in top if len(context.lines[i]) <= 300 and not any(rule.applies(context, i) for rule in RULES)
    ]
    repeated = [i for i in candidates if counts[context.folded[i]] > 1 and len(context.folded[i].split()) > 2]
    return next(iter(repeated or candidates), -1)


def _blocks(lines: Sequence[Line], verdicts: Sequence[Rule | None]) -> list[RemovedBlock]:
    """Removed lines, those next to each other under one rule as one block."""
    blocks: list[list[int]] = []
    for index, rule in enumerate(verdicts):
        if rule is None:
            continue
        if blocks and blocks[-1][-1] == index - 1 and verdicts[index - 1] is rule and rule.name != "title":
            blocks[-1].append(index)
        else:
            blocks.append([index])
    return [_block(lines, verdicts, block) for block in blocks]


def _block(lines: Sequence[Line], verdicts: Sequence[Rule | None], indexes: Sequence[int]) -> RemovedBlock:
    rule = verdicts[indexes[0]]
    assert rule is not None
    text = "\n".join(lines[i].text for i in indexes)
    return RemovedBlock(rule.name, rule.reason, lines[indexes[0]].number, lines[indexes[-1]].number, text)
