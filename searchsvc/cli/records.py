"""Records for programs: CSV, lines of JSON, and addresses, one document or value a line."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from searchsvc.cli.safe_console import out
from searchsvc.deferred import deferred
from searchsvc.models.documents import Document
from searchsvc.models.search_request import SearchRequest
from searchsvc.terminal_text import terminal_json, terminal_text
from searchsvc.web.addresses import Addresses, host

if TYPE_CHECKING:
    from searchsvc.web import replies, search_export
else:  # a search in the terminal needs neither
    replies, search_export = map(deferred, ("searchsvc.web.replies", "searchsvc.web.search_export"))

RECORDS = ("ndjson", "csv")  # formats
_SAFE: Mapping[str, Callable[[str], str]] = {
    "csv": lambda line: terminal_text(line.replace("\r\n", "\n")),
    "ndjson": terminal_json,
}


def print_documents(documents: Iterable[Document], form: str, request: SearchRequest, addresses: Addresses) -> None:
    """Print the requested attributes of documents in one of RECORDS. Raises OSError."""
    lines = search_export.csv_lines if form == "csv" else search_export.json_lines
    _print_lines(lines(documents, request, addresses), form)


def print_records(records: Iterable[Mapping[str, Any]], names: Iterable[str], form: str) -> None:
    """Print the values called `names` of each record in one of RECORDS, in CSV below a header. Raises OSError."""
    columns = tuple(names)
    if form == "csv":
        cells = (map(search_export.csv_cell, map(record.get, columns)) for record in records)
        _print_lines(map(search_export.csv_row, (columns, *cells)), form)
    else:
        chosen = ({name: record[name] for name in columns} for record in records)
        _print_lines((msgspec.json.encode(each) + b"\n" for each in chosen), form)


def print_urls(documents: Iterable[Document], addresses: Addresses) -> None:
    """Print an address of each document: absolute at the public URL, else that of its original.

    A document without either has the path of its page. Raises OSError.
    """
    for document in documents:
        page = addresses.absolute(replies.link(document))
        original = document.url if host(document.url) else None
        out.print(page if addresses.public_url else original or page)


def _print_lines(lines: Iterable[bytes], form: str) -> None:
    for line in lines:
        out.write_bytes(_SAFE[form](line.decode()).encode())
