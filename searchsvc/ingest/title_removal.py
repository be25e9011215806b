"""Removal of title, byline and date from the body, as they have fields of their own."""

from collections.abc import Iterator, Sequence

from searchsvc.ingest.boilerplate.classifier import CLASSIFIER
from searchsvc.ingest.boilerplate.rules import REASONS
from searchsvc.ingest.line_matching import fold, index_of_title
from searchsvc.ingest.metadata.byline import byline_author
from searchsvc.ingest.metadata.dates import is_dateline
from searchsvc.ingest.metadata.line_view import MAX_LINE_LENGTH, LineView, views_of
from searchsvc.ingest.metadata.title import is_step, title_lines
from searchsvc.models.clean_document import TITLE_RULE, CleanDocument, TextLine, Verdict
from searchsvc.models.documents import CODE, RawDocument

TITLE, TITLE_REPEAT = TITLE_RULE, "title-repeat"
_BYLINE_REASON = "byline or date, stored separately"
_DOUBTFUL = frozenset({CLASSIFIER, TITLE, TITLE_REPEAT})
_BELOW = 5  # lines below the title that may hold a byline or a date


def remove_title_lines(clean: CleanDocument) -> CleanDocument:
    """Return the document with its title line set, and with copies of the title and bylines removed.

    The title is declared, or else chosen by the title classifier, so verdicts of the boilerplate rules on titles
    are dropped. A title that reads like a sentence or a step of the article stays in the body.
    """
    ((titled, _),) = remove_all_title_lines([clean])
    return titled


def remove_all_title_lines(documents: Sequence[CleanDocument]) -> Iterator[tuple[CleanDocument, LineView]]:
    """Yield each document as `remove_title_lines` returns it, with a view of its lines. Titles are chosen at once."""
    views = views_of([(clean.lines, _rules(clean)) for clean in documents])
    for clean, view, at in zip(documents, views, _titles_at(documents, views), strict=True):
        yield _without_title(clean, view, at), view


def _rules(clean: CleanDocument) -> list[str]:
    """Return the rule that removed each line for certain, "" for other lines. Code is no title."""
    certain = dict.fromkeys(clean.code_lines, CODE) | _certain_rules(clean)
    return [certain.get(line.number, "") for line in clean.lines]


def _certain_rules(clean: CleanDocument) -> dict[int, str]:
    return {number: verdict.rule for number, verdict in clean.verdicts.items() if verdict.rule not in _DOUBTFUL}


def _titles_at(documents: Sequence[CleanDocument], views: Sequence[LineView]) -> list[int]:
    """Return the index of each title, -1 for none: of the declared title, or of the best candidate."""
    indexes = [_index_of_declared(view, clean.raw) for clean, view in zip(documents, views, strict=True)]
    chosen = iter(title_lines([view for view, at in zip(views, indexes, strict=True) if at is None]))
    return [next(chosen) if at is None else at for at in indexes]


def _index_of_declared(view: LineView, raw: RawDocument) -> int | None:
    """Return the index of the first line with the declared title, with or without the name of the site."""
    indexes = [index_of_title(view.texts, title, view.folded) for title in _declared_titles(raw)]
    return min((index for index in indexes if index is not None), default=None)


def _declared_titles(raw: RawDocument) -> list[str]:
    return [title for title in (raw.declared.title, raw.whole_title) if title]


def _without_title(clean: CleanDocument, view: LineView, at: int) -> CleanDocument:
    lines, certain = clean.lines, _certain_rules(clean)
    verdicts = {n: verdict for n, verdict in clean.verdicts.items() if verdict.rule not in (TITLE, TITLE_REPEAT)}
    if at >= 0 and not view.prose[at] and not is_step(view, at) and not clean.only_clutter:
        verdicts |= {
            verdict.line: verdict
            for verdict in _titles(lines, view, [view.texts[at], *_declared_titles(clean.raw)])
            if verdict.line not in clean.code_lines
        }
        verdicts |= {verdict.line: verdict for verdict in _bylines(lines, view, at) if verdict.line not in certain}
    title = lines[view.folded.index(view.folded[at])].number if at >= 0 else None
    return clean.with_verdicts(verdicts, title)


def _titles(lines: Sequence[TextLine], view: LineView, titles: Sequence[str]) -> Iterator[Verdict]:
    """Yield verdicts on the lines that equal one of `titles`."""
    folded, longest = set(map(fold, titles)), 2 * max(map(len, titles)) + 9
    rule = TITLE
    for i, text in enumerate(view.texts):
        is_cut = len(text) == MAX_LINE_LENGTH
        if not is_cut and view.folded[i] not in folded:
            continue
        whole = lines[i].text
        if len(whole) < longest and (not is_cut or fold(whole) in folded):
            yield Verdict(lines[i].number, rule, REASONS[rule], 1.0)
            rule = TITLE_REPEAT


def _bylines(lines: Sequence[TextLine], view: LineView, at: int) -> Iterator[Verdict]:
    for i in range(at + 1, min(at + 1 + _BELOW, view.main[0], len(lines))):
        if byline_author(view, i) or is_dateline(view, i):
            yield Verdict(lines[i].number, "byline", _BYLINE_REASON, 1.0)
