"""A web page as a document, through the reader for HTML, which is loaded when it is first needed."""

import importlib
from collections.abc import Mapping
from functools import cache
from types import ModuleType

from searchsvc.errors import ExtraUnusable
from searchsvc.extras import importing
from searchsvc.ingest.readers.bounded_io import UnreadableSeed
from searchsvc.ingest.readers.charset import readable
from searchsvc.ingest.readers.declared_fields import declared_metadata
from searchsvc.ingest.readers.field_names import STANDARD_NAMES, FieldNames
from searchsvc.ingest.readers.unit_text import UnitText
from searchsvc.models.documents import DeclaredMetadata

_PAGE = "<html><head><title>Title</title></head><body><article><p>A sentence.</p></article></body></html>"
_NO_VALUES: Mapping[str, object] = {}


@cache
def load_html() -> None:
    """Load the libraries that read HTML. They take a second, and load parts with the first page."""
    html = _html()
    if not isinstance(html, ExtraUnusable):
        html.article(_PAGE)


def read_page(
    data: bytes,
    names: FieldNames = STANDARD_NAMES,
    encoding: str | None = None,
    outside: Mapping[str, object] = _NO_VALUES,
) -> tuple[UnitText, DeclaredMetadata, str | None]:
    """Return the text of a page, its metadata, and a note on its encoding. Raises UnreadableSeed.

    `encoding`: declared outside the page. `outside`: values declared there, which count before those of the page.
    """
    html = _html()
    if isinstance(html, ExtraUnusable):
        raise UnreadableSeed(str(html)) from html
    data = html.without_data(data)
    if len(data) > html.LARGEST:
        raise UnreadableSeed(f"larger than {html.LARGEST:,} bytes, the limit for HTML")
    page, note = readable(data, encoding or html.declared_encoding(data))
    values, text = html.article(page)
    return text, declared_metadata({**values, **outside}, names), note


@cache
def _html() -> ModuleType | ExtraUnusable:
    """Return the reader for HTML, or the reason why it is unusable. Imported when first needed: it takes half a
    second."""
    try:
        with importing("html", "trafilatura", "reading HTML"):
            return importlib.import_module("searchsvc.ingest.readers.html")
    except ExtraUnusable as error:
        return error
