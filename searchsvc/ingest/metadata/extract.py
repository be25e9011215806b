"""The document to index, from a clean document: declared and extracted metadata, body, headings, summary."""

from collections.abc import Iterable

from searchsvc.analysis import WORD
from searchsvc.ingest.discovery.safe_open import shown_path
from searchsvc.ingest.file_name import title_in_name
from searchsvc.ingest.folder_source import host_source
from searchsvc.ingest.ids import document_id, slug
from searchsvc.ingest.metadata.extractors import extract_metadata
from searchsvc.ingest.metadata.language_id import language_in_script, language_of
from searchsvc.ingest.metadata.line_view import LineView, views_of
from searchsvc.models.clean_document import CleanDocument, TextLine
from searchsvc.models.documents import MAX_TITLE_LENGTH, Document

_SUMMARY = 280  # characters
_SHORT = 400  # characters of a body
_HEADING_WORDS, _PROSE_WORDS = 12, 4  # most words of a heading, least of prose; single spaces separate words
_PROSE_ENDS = (".", "!", "?", ":", ";", "…", ",")


def describe(clean: CleanDocument, language: str, words: int | None = None, view: LineView | None = None) -> Document:
    """Return the document to index. `language`: that of texts whose language is unknown.

    `words`: words of the body. `view`: a view of all lines, with any rules. Both are computed if not given.

    Declared metadata wins over extracted metadata. Fields that neither gives stay empty.
    """
    lines, at = _lines_and_title(clean, view)
    declared, body = clean.raw.declared, clean.body
    text = _identified_text(clean)
    language = language_in_script(text, language_of(text, declared.language) or language)
    extracted = extract_metadata(lines, at, language, declared)
    is_sentence = at < 0 or lines.prose[at]
    title = declared.title or (_name_of_note(clean) if is_sentence else None) or _title(clean, extracted.title)
    return Document(
        id=document_id(clean.raw.seed.origin or clean.raw.seed.path, clean.raw.part),
        slug=slug(title),
        path=shown_path(clean.raw.path),
        content_hash=clean.raw.content_hash,
        title=title,
        body=body,
        headings=_headings(clean.kept_text_lines),
        summary=_shortened(next((line.text for line in clean.kept_lines if _is_prose(line.text)), body)),
        author=declared.author or extracted.author,
        source=declared.source or extracted.source or host_source(declared.url, clean.raw.seed.path),
        section=declared.section or extracted.section,
        topics=declared.topics or extracted.topics,
        related=extracted.related,
        credit=extracted.credit,
        published=declared.published or extracted.published,
        language=language,
        words=len(WORD.findall(body)) if words is None else words,
        removed=clean.removed,
        url=declared.url,
        extra=declared.extra,
    )


def _identified_text(clean: CleanDocument) -> str:
    """Return the text whose language counts: the body, of a short document also its title."""
    title = clean.raw.declared.title
    return f"{title}\n{clean.body}" if title and len(clean.body) < _SHORT else clean.body


def _lines_and_title(clean: CleanDocument, view: LineView | None) -> tuple[LineView, int]:
    """Return a view of all lines with the rules that removed them, and the index of the title, -1 for none."""
    rules = [verdict.rule if (verdict := clean.verdicts.get(line.number)) else "" for line in clean.lines]
    title = next((i for i, line in enumerate(clean.lines) if line.number == clean.title_line), -1)
    return view.with_rules(rules) if view else views_of([(clean.lines, rules)])[0], title


def _name_of_note(clean: CleanDocument) -> str | None:
    """Return the title in the file name of a seed with one document, or None."""
    return title_in_name(clean.raw.seed.path) if clean.raw.line is None and not clean.raw.part else None


def _title(clean: CleanDocument, read: str | None) -> str:
    """Return the extracted title, else the beginning of the article, else the path."""
    text = read or next((line.text for line in clean.kept_lines), clean.raw.text)
    return " ".join(text[: 4 * MAX_TITLE_LENGTH].split())[:MAX_TITLE_LENGTH] or shown_path(clean.raw.path)


def _headings(lines: Iterable[TextLine]) -> tuple[str, ...]:
    texts = [line.text.strip() for line in lines]
    return tuple(text for text in texts if text and not _is_prose(text) and _is_heading(text))


def _is_heading(text: str) -> bool:
    return text.count(" ") < _HEADING_WORDS and not text[0].islower() and text[0] not in "•·*-–—"


def _is_prose(text: str) -> bool:
    return text.rstrip("\"'”’)» ").endswith(_PROSE_ENDS) and text.count(" ") >= _PROSE_WORDS - 1


def _shortened(text: str) -> str:
    text = " ".join(text[: 4 * _SUMMARY].split())
    return text if len(text) <= _SUMMARY else text[:_SUMMARY].rsplit(" ", 1)[0] + "…"
