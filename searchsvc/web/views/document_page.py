"""Contents of a document's page: views, lines, parts, and links to other documents."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar
from urllib.parse import quote, urlencode

from markupsafe import Markup

from searchsvc.highlight import PART, text_parts
from searchsvc.models.documents import Document, RemovedBlock
from searchsvc.models.search import DocumentView, EngineHit
from searchsvc.models.search_request import SearchRequest
from searchsvc.search_snapshot import SearchSnapshot
from searchsvc.web.html import anchored, paragraphs
from searchsvc.web.replies import link
from searchsvc.web.schema import query_params
from searchsvc.web.text_diff import diff
from searchsvc.web.translations import N_

CLEAN, ORIGINAL, REMOVED, COMPARED = "clean", "original", "removed", "compared"
VIEWS = {CLEAN: N_("Clean"), ORIGINAL: N_("Original"), REMOVED: N_("Removed")}
SIMILAR = 5  # documents shown
LISTED_MATCHES = 100  # links to matches in a document, for browsers without scripts
NO_SEARCH = SearchRequest()
_MAX_PART = 1_000_000  # a number of a part that no text has

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class DocumentOptions:
    """Options of a document's page: the search that linked to it, the view, and the part of a long text.

    `other`: id of the near-duplicate to compare with. `part`: None for the part with the best match.
    """

    search: SearchRequest
    view: str = CLEAN
    other: str = ""
    part: int | None = None

    def address(self, document: Document) -> str:
        """Return the address of a document's page with these options."""
        options = {"view": self.view, "with": self.other, "part": self.part}
        typed = [(name, str(value)) for name, value in options.items() if value and value != CLEAN]
        query = "&".join(filter(None, (query_params.address(self.search), urlencode(typed, errors="replace"))))
        return quote(link(document)) + (f"?{query}" if query else "")


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """A document for its page.

    `original`: its original text, in the view that shows it. `compared`: the near-duplicate to compare it with, as a
    whole.
    """

    shown: DocumentView
    original: str
    similar: Sequence[EngineHit]
    compared: Document | None


@dataclass(frozen=True, slots=True)
class ViewChoice:
    """A link to a view of the document."""

    label: str
    address: str
    active: bool


@dataclass(frozen=True, slots=True)
class OriginalLine:
    """A line of the original text, with the removed block that contains it, if any."""

    number: int
    text: str
    removed: RemovedBlock | None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line of the clean text as HTML, with highlighted matches."""

    html: Markup
    heading: bool


@dataclass(frozen=True, slots=True)
class PartLinks:
    """Number of the part shown, from 1, of how many, and the addresses of its neighbours."""

    number: int
    count: int
    previous: str | None
    next: str | None


def document_options(pairs: Sequence[tuple[str, str]]) -> DocumentOptions:
    """Return the options in the parameters of an address; an invalid part is left to the service."""
    values = dict(pairs)
    part = values.get("part", "")
    number = min(int(part), _MAX_PART) if part.isascii() and part.isdigit() and len(part) < 10 else None
    search = query_params.read_pairs([pair for pair in pairs if pair[0] != "part"]).request
    return DocumentOptions(search, values.get("view", CLEAN), values.get("with", ""), number or None)


def document_page(
    snapshot: SearchSnapshot, document_id: str, slug: str | None, options: DocumentOptions
) -> DocumentPage:
    """Return a document for its page; without other documents if the slug is wrong, which gets a redirect."""
    shown = snapshot.document(document_id, options.search.query, options.part if options.view == CLEAN else 1)
    if slug != shown.document.slug:
        return DocumentPage(shown, "", (), None)
    ids = [each.id for each in shown.duplicates] if options.view == COMPARED else []
    compared = snapshot.engine.document(options.other) if options.other in ids else None
    original = snapshot.original(document_id) if options.view == ORIGINAL else ""
    return DocumentPage(shown, original, snapshot.similar(document_id, SIMILAR), compared)


def document_values(page: DocumentPage, options: DocumentOptions) -> dict[str, object]:
    """Return the values of the page's template."""
    shown, document = page.shown, page.shown.document
    view = options.view if options.view in VIEWS else CLEAN
    plain = DocumentOptions(options.search)
    items, part = _items_of_view(page, view, options.part)
    compared = page.compared

    def address(number: int) -> str:
        return replace(options, view=view, part=number).address(document)

    return {
        "document": document,
        "view": view,
        "views": [
            ViewChoice(title, replace(plain, view=name).address(document), name == view)
            for name, title in VIEWS.items()
        ],
        "title": shown.title,
        "matches": shown.matches,
        "most": LISTED_MATCHES,
        "items": items,
        "part": _part_links(*part, address),
        "duplicates": [
            (each, plain.address(each), replace(plain, view=COMPARED, other=each.id).address(document))
            for each in shown.duplicates
        ],
        "similar": [(hit.document, DocumentOptions(NO_SEARCH).address(hit.document)) for hit in page.similar],
        "duplicate": compared,
        "duplicate_address": plain.address(compared) if compared else "",
        "differences": diff(document.body[:PART], compared.body[:PART]) if compared else [],
        "shortened": compared is not None and max(len(document.body), len(compared.body)) > PART,
    }


def _items_of_view(page: DocumentPage, view: str, part: int | None) -> tuple[list[object], tuple[int, int]]:
    """Paragraphs, original lines or removed blocks of the part shown, the part's number, and the number of parts."""
    if view == ORIGINAL:
        parts = text_parts(page.original)
        number = min(part or 1, len(parts))
        return list(_original_lines(page, *parts[number - 1])), (number, len(parts))
    if view == REMOVED:
        by_rule = sorted(map(_shortened, page.shown.document.removed), key=lambda block: block.rule)
        groups = list(_grouped(by_rule, lambda block: len(block.text))) or [[]]
        number = min(part or 1, len(groups))
        return list(groups[number - 1]), (number, len(groups))
    return list(_paragraphs(page.shown)), (page.shown.part, page.shown.parts)


def _part_links(number: int, count: int, address: Callable[[int], str]) -> PartLinks:
    return PartLinks(
        number,
        count,
        address(number - 1) if number > 1 else None,
        address(number + 1) if number < count else None,
    )


def _paragraphs(shown: DocumentView) -> Iterator[Paragraph]:
    headings = set(shown.document.headings)
    lines = paragraphs(shown.body)
    for html, line in zip(anchored(lines), lines, strict=True):
        yield Paragraph(html, "".join(piece.text for piece in line).strip() in headings)


def _original_lines(page: DocumentPage, start: int, end: int) -> Iterator[OriginalLine]:
    first = page.original.count("\n", 0, start) + 1
    lines = page.original[start:end].split("\n")
    removed = {
        number: block
        for block in page.shown.document.removed
        for number in range(max(block.first_line, first), min(block.last_line, first + len(lines)) + 1)
    }
    for number, text in enumerate(lines, first):
        if text.strip():
            yield OriginalLine(number, text, removed.get(number))


def _shortened(block: RemovedBlock) -> RemovedBlock:
    """Return a block with at most a part's length of its text."""
    return block if len(block.text) <= PART else replace(block, text=f"{block.text[:PART]}…")


def _grouped(items: Sequence[Item], size: Callable[[Item], int]) -> Iterator[list[Item]]:
    """Yield consecutive items in groups of about a part's length; each item counts as 100 at least."""
    group: list[Item] = []
    total = 0
    for item in items:
        total += max(size(item), 100)
        if group and total > PART:
            yield group
            group, total = [], max(size(item), 100)
        group.append(item)
    if group:
        yield group
