"""Citation of a document, as BibTeX and as RIS, for reference managers."""

import re
from collections.abc import Iterator

from searchsvc.models.documents import Document
from searchsvc.web.addresses import Addresses, host
from searchsvc.web.replies import link

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
}  # fmt: skip
_BETWEEN_AUTHORS = re.compile(r"\s*(?:,|;|\band\b|&)\s*")


def bibtex(document: Document, addresses: Addresses) -> str:
    """Return the document as a BibTeX entry, in UTF-8 and with LaTeX's special characters escaped."""
    day = document.published
    fields = {
        "title": document.title,
        "author": " and ".join(_authors(document)),
        "howpublished": document.source or "",
        "year": f"{day.year}" if day else "",
        "month": f"{day.month}" if day else "",
        "day": f"{day.day}" if day else "",
        "language": document.language,
        "url": _url(document, addresses),
    }
    lines = [f"  {name} = {{{_latex(value)}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{searchsvc-{document.id},", *lines, "}", ""])


def ris(document: Document, addresses: Addresses) -> str:
    """Return the document in the RIS format."""
    day = document.published
    tags = [
        ("TY", "NEWS" if document.source else "ELEC"),
        ("TI", document.title),
        *(("AU", author) for author in _authors(document)),
        ("T2", document.source),
        ("PY", f"{day.year}" if day else None),
        ("DA", f"{day:%Y/%m/%d}" if day else None),
        ("AB", document.summary),
        *(("KW", topic) for topic in document.topics),
        ("LA", document.language),
        ("UR", _url(document, addresses)),
        ("ID", f"searchsvc-{document.id}"),
    ]
    lines = [f"{tag}  - {_line(value)}" for tag, value in tags if value]
    return "\r\n".join([*lines, "ER  - ", ""])


def _authors(document: Document) -> Iterator[str]:
    return filter(None, _BETWEEN_AUTHORS.split(_line(document.author or "")))


def _url(document: Document, addresses: Addresses) -> str:
    """Return the address of the original, or else of the document's page."""
    return (document.url or "") if host(document.url) else addresses.absolute(link(document))


def _line(text: str) -> str:
    """Return `text` on one line, so that it cannot begin another field."""
    return _CONTROL.sub(" ", text).strip()


def _latex(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in _line(text))
