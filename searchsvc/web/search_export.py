"""All hits of a search as CSV or as lines of JSON, for the web and the command line."""

import csv
from collections.abc import Callable, Iterable, Iterator
from io import StringIO
from typing import Any

import msgspec

from searchsvc.models.documents import Document
from searchsvc.models.search_request import DEFAULT_ATTRIBUTES, SearchRequest
from searchsvc.web.addresses import Addresses
from searchsvc.web.replies import link

Exported = Callable[[Iterable[Document], SearchRequest, Addresses], Iterator[bytes]]

# A spreadsheet may run a cell that begins with one of these characters (OWASP, CSV injection).
_FORMULA = tuple("=+-@|%\t\r\n\uff1d\uff0b\uff0d\uff20")
_BETWEEN = "; "  # values of a list


def csv_lines(documents: Iterable[Document], request: SearchRequest, addresses: Addresses) -> Iterator[bytes]:
    """Yield the requested attributes of `documents` as CSV (RFC 4180) in UTF-8, the header first.

    A text that a spreadsheet could take for a formula begins with an apostrophe.
    """
    names = _names(request)
    yield csv_row(names)
    for document in documents:
        yield csv_row(csv_cell(_value(document, name, addresses)) for name in names)


def json_lines(documents: Iterable[Document], request: SearchRequest, addresses: Addresses) -> Iterator[bytes]:
    """Yield the requested attributes of `documents` as JSON objects, one a line."""
    names = _names(request)
    for document in documents:
        yield msgspec.json.encode({name: _value(document, name, addresses) for name in names}) + b"\n"


def _names(request: SearchRequest) -> tuple[str, ...]:
    """Return the requested attributes, by default with the address of the original; the id comes first."""
    default = request.attributes == DEFAULT_ATTRIBUTES
    return tuple(dict.fromkeys(("id", *request.attributes, *(("url",) if default else ()))))


def _value(document: Document, name: str, addresses: Addresses) -> Any:
    return addresses.absolute(link(document)) if name == "link" else getattr(document, name)


def csv_cell(value: Any) -> str:
    """Return a value as text for a cell; one that a spreadsheet could take for a formula begins with an apostrophe."""
    if value is None or isinstance(value, int):
        return "" if value is None else str(value)
    text = _BETWEEN.join(value) if isinstance(value, tuple) else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def csv_row(cells: Iterable[str]) -> bytes:
    """Return a line of CSV in UTF-8."""
    line = StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode("utf-8", "replace")
