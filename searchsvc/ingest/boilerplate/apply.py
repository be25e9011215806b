"""Clean documents from raw documents, with a verdict for every removed line."""

from collections import deque
from collections.abc import Iterable, Iterator

from searchsvc.ingest.boilerplate.classifier import Verdicts, explain_all
from searchsvc.ingest.boilerplate.recurring_lines import RecurringLines
from searchsvc.ingest.boilerplate.whole_units import with_whole_units, without_records
from searchsvc.models.clean_document import CleanDocument, TextLine
from searchsvc.models.documents import RawDocument


def clean_all(documents: Iterable[RawDocument], recurring: RecurringLines | None = None) -> Iterator[CleanDocument]:
    """Clean each document, in order. Documents are read ahead in batches of bounded size.

    Every line that holds text is either kept or in a removed block. `recurring`: lines that recur in the corpus.
    """
    waiting: deque[RawDocument] = deque()

    def pairs() -> Iterator[tuple[str, str]]:
        for raw in documents:
            waiting.append(raw)
            yield source_of(raw), raw.text

    for verdicts in explain_all(pairs(), recurring):
        yield _clean(waiting.popleft(), verdicts)


def source_of(raw: RawDocument) -> str:
    """Return the host of the declared address, else the folder of the seed, "" at the top.

    Scrapers sort pages by site, so a folder usually holds one site.
    """
    if raw.declared.url:
        return raw.declared.url.split("/", 3)[2].lower()
    return raw.seed.path.rpartition("/")[0]


def text_lines(text: str) -> list[TextLine]:
    """Return the lines that hold text, with runs of white space reduced to single spaces."""
    return [TextLine(number, " ".join(line.split())) for number, line in enumerate(text.split("\n"), 1) if line.strip()]


def _clean(raw: RawDocument, verdicts: Verdicts) -> CleanDocument:
    lines = tuple(text_lines(raw.text))
    by_line = without_records({verdict.line: verdict for verdict in verdicts.verdicts}, lines)
    if by_line and raw.units:
        by_line = with_whole_units(by_line, raw.units, {line.number for line in lines})
    clean = CleanDocument(raw, lines, by_line)
    if not clean.kept_lines or verdicts.only_clutter:
        return CleanDocument(raw, lines, {}, only_clutter=True)
    return clean
