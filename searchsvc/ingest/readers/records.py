"""Records: objects of JSON and rows of CSV, each an article, as scrapers and exports write them."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from searchsvc.deferred import deferred
from searchsvc.ingest.readers.bounded_io import UnreadableSeed
from searchsvc.ingest.readers.charset import printable
from searchsvc.ingest.readers.declared_fields import DeclaredFields
from searchsvc.ingest.readers.field_names import FieldNames, fold_name
from searchsvc.ingest.readers.field_values import first_text
from searchsvc.ingest.readers.markup import plain_html
from searchsvc.ingest.readers.text_units import read_text
from searchsvc.ingest.readers.unit_text import UnitText
from searchsvc.models.documents import DeclaredMetadata

if TYPE_CHECKING:
    from searchsvc.ingest.readers import markdown
else:  # few records need a parser of Markdown
    markdown = deferred("searchsvc.ingest.readers.markdown")

NO_TEXT = "no text or title: a record needs a field such as text, body, content or title (see the setting `fields`)"
_MOST_PARTS = 10_000  # texts of a list that is one text
_DEEPEST = 3
_INSIDE = ("article", "data", "post", "fields", "attributes")  # objects with the text of their record
_MEMBERS = ("rendered", "value", "content", "text", "html", "plain", "body", "#text", "$t")  # of an object with a text
# Lists of articles in the object of a feed, an API or an export, such as JSON Feed, NewsAPI or Ghost.
_LISTS = ("items", "articles", "entries", "posts", "records", "documents", "docs", "results", "data", "rows", "news",
    "stories", "hits", "list", "db", "response", "feed", "channel", "marks", "export", "objects", "pages")  # fmt: skip
_FEED_TITLES = ("title", "feed_title", "site_title")


def read_record(values: Mapping[str, Any], names: FieldNames) -> tuple[UnitText, DeclaredMetadata]:
    """Return the text of a record, and the metadata of its other fields. Raises UnreadableSeed without text and title.

    The first name of a text that holds one counts. The text of a record without one is its title.
    """
    indexed = values.get("_source")  # of a document in a dump of Elasticsearch or OpenSearch
    values = indexed if isinstance(indexed, dict) and is_record(indexed, names) else values
    name, text = _text(values, names)
    rest = {each: value for each, value in values.items() if each != name}
    declared = DeclaredFields(rest, names).metadata()
    text = text if text.text else UnitText(declared.title or "")
    if not text.text:
        raise UnreadableSeed(NO_TEXT)
    return text, declared


def _text(values: Mapping[str, Any], names: FieldNames) -> tuple[str | None, UnitText]:
    """Return the name and text of the field that holds the text, without markup; None and no text without one."""
    ranked = sorted(
        (rank, name)
        for name in islice(values, 1_000)
        for field, rank in names.fields_of(fold_name(name))
        if field == "text"
    )
    for _, name in ranked:
        raw = "\n\n".join(_texts(values[name], 0))
        if raw.strip():
            text = _plain(fold_name(name), raw)
            if text.text.strip():
                return name, text
    return _nested_text(values, names)


def _nested_text(values: Mapping[str, Any], names: FieldNames) -> tuple[str | None, UnitText]:
    """Return the text in an object such as `article`, which holds it in some APIs."""
    for name in _INSIDE:
        inner = values.get(name)
        if isinstance(inner, dict):
            text = _text({each: value for each, value in inner.items() if each not in _INSIDE}, names)[1]
            if text.text:
                return None, text
    return None, UnitText("")


def _plain(name: str, raw: str) -> UnitText:
    """Return a text without HTML or Markdown. `name`: folded name of its field."""
    text = printable(raw)
    if "markdown" in name or name == "md":
        return markdown.read_markdown(text).in_units()
    plain = plain_html(text) if "html" in name else read_text(text)
    return plain if plain.units else UnitText(printable(plain.text))


def _texts(value: object, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list) and depth < _DEEPEST:
        for each in value[:_MOST_PARTS]:
            yield from _texts(each, depth + 1)
    elif isinstance(value, dict) and depth < _DEEPEST:
        member = next((value[name] for name in _MEMBERS if value.get(name)), None)
        yield from _texts(member, depth + 1)


def is_record(value: object, names: FieldNames) -> bool:
    """Return whether an object has a text, or a title and no list of articles."""
    return isinstance(value, dict) and any(
        field in ("text", "title") for name in islice(value, 1_000) for field, _ in names.fields_of(fold_name(name))
    )


def records_in(value: object, names: FieldNames) -> list[dict[str, Any]]:
    """Return the articles in an object: those of a list in it, else the object itself; none if it is no article.

    The title of a feed is the source of its articles that declare none.
    """
    return _listed(value, names, 0) or ([value] if isinstance(value, dict) and is_record(value, names) else [])


def _listed(value: object, names: FieldNames, depth: int) -> list[dict[str, Any]]:
    if depth > 4:
        return []
    if isinstance(value, list):
        objects = [each for each in value if isinstance(each, dict)]
        if len(objects) == 1 and not is_record(objects[0], names):
            return _listed(objects[0], names, depth + 1)
        return [each for each in objects if is_record(each, names)]
    if not isinstance(value, dict) or _has_text(value):
        return []
    members = {fold_name(str(name)): each for name, each in value.items()}
    for name in _LISTS:
        records = _listed(members.get(name), names, depth + 1)
        if records:
            return _with_source(records, value)
    return []


def _has_text(value: Mapping[str, Any]) -> bool:
    return any(isinstance(value.get(name), str) and value[name].strip() for name in ("text", "body", "content", "html"))


def _with_source(records: list[dict[str, Any]], feed: Mapping[str, Any]) -> list[dict[str, Any]]:
    title = next((text for name in _FEED_TITLES if (text := first_text(feed.get(name), 200))), "")
    return [{"feed_title": title} | record for record in records] if title else records
