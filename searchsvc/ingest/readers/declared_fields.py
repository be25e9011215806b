"""Declared metadata of a seed: front matter, fields of a record, or the head of a page."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import islice

from searchsvc.ingest.author_names import author_names, is_label, publisher_key
from searchsvc.ingest.readers.declared_dates import date_in_address, published_date
from searchsvc.ingest.readers.declared_language import language_code
from searchsvc.ingest.readers.declared_title import without_source
from searchsvc.ingest.readers.field_names import STANDARD_NAMES, FieldNames, fold_name
from searchsvc.ingest.readers.field_values import (
    LONGEST_NAME,
    as_text,
    first_text,
    first_url,
    is_url,
    name_of_source,
    names_of_people,
    texts,
    topics_of,
)
from searchsvc.models.documents import MAX_TITLE_LENGTH, DeclaredMetadata

__all__ = ["DeclaredFields", "as_text", "declared_metadata", "is_url"]

_LONGEST_EXTRA = 1_000
_MOST_ALIASES = 20
_MOST_EXTRA = 50  # names without a field of their own
_MOST_NAMES = 1_000  # names of one record
# Tables inside a record that hold more of its fields: Zola, Hugo, WordPress, LangChain.
_TABLES = frozenset((
    "extra", "params", "taxonomies", "meta", "metadata", "attributes", "properties", "frontmatter", "fields",
    "opengraph", "og", "seo", "article",
))  # fmt: skip
_BYLINES = ("byline", "by", "writtenby", "postedby", "publishedby")  # names that hold a line, perhaps with a job
_DATES = ("published", "created", "date", "$date", "value", "iso", "@value", "updated")  # members of a date object
NOTHING_DECLARED = DeclaredMetadata()
_PLACES = ("path", "slug", "permalink", "aliases", "save_as")  # names that may hold an address with the date


@dataclass(frozen=True)
class DeclaredFields:
    """Names and values of a record, and the fields that they belong to."""

    values: Mapping[str, object]
    names: FieldNames = STANDARD_NAMES

    @cached_property
    def _flat(self) -> list[tuple[str, object]]:
        return list(islice(_flat(self.values), _MOST_NAMES))

    @cached_property
    def _by_field(self) -> Mapping[str, list[tuple[int, str, object]]]:
        """Rank, name and value of each candidate, the best first."""
        fields: dict[str, list[tuple[int, str, object]]] = {}
        for name, value in self._flat:
            for field, rank in self.names.fields_of(fold_name(name)):
                fields.setdefault(field, []).append((rank, name, value))
        return {field: sorted(candidates, key=lambda each: each[0]) for field, candidates in fields.items()}

    def of(self, field: str) -> Iterator[tuple[str, object]]:
        """Yield the name and value of each candidate for a field, the best first."""
        for _, name, value in self._by_field.get(field, ()):
            yield name, value

    def metadata(self) -> DeclaredMetadata:
        """Return the declared metadata. Unknown names and invalid values become `extra`."""
        used: set[str] = set()
        language = self._language(used)
        source = self._first("source", name_of_source, used)
        section = self._section(used)
        declared = DeclaredMetadata(
            title=without_source(self._first("title", lambda value: first_text(value, MAX_TITLE_LENGTH), used), source),
            url=self._first("url", first_url, used),
            author=self._author(source, used),
            source=source,
            section=section,
            topics=self._topics(section, used),
            published=self._published(used),
            language=language,
        )
        return replace(declared, extra=tuple(islice(self._extra(used), _MOST_EXTRA)))

    def _first(self, field: str, read: Callable[[object], str | None], used: set[str]) -> str | None:
        """Return the first valid value of a field, and mark its name as used."""
        for name, value in self.of(field):
            text = read(value)
            if text:
                used.add(name)
                return text
        return None

    def _language(self, used: set[str]) -> str | None:
        return self._first("language", lambda value: language_code(first_text(value, LONGEST_NAME)), used)

    def _author(self, source: str | None, used: set[str]) -> str | None:
        """Return the first names that are neither the publisher nor a label such as `Admin`."""
        publisher = publisher_key(source or "")
        for name, value in self.of("author"):
            names = [each for each in names_of_people(value) if publisher_key(each) != publisher and not is_label(each)]
            if fold_name(name) in _BYLINES:
                names = author_names(names, [source or ""])
            if names:
                used.add(name)
                return ", ".join(names)[:LONGEST_NAME]
        return None

    def _section(self, used: set[str]) -> str | None:
        for name, value in self.of("section"):
            is_several = fold_name(name) == "categories"
            section = next(iter(topics_of(value)), "") if is_several else first_text(value, LONGEST_NAME)
            if section and not section.startswith("user/"):
                used.add(name)
                return section
        return None

    def _topics(self, section: str | None, used: set[str]) -> tuple[str, ...]:
        """Return the topics, and the categories other than the section."""
        topics: list[str] = []
        for name, value in self.of("topics"):
            is_categories = fold_name(name) == "categories"
            if topics and not is_categories:
                continue
            more = topics_of(value)
            if more:
                used.add(name)
            topics += [topic for topic in more if not (is_categories and topic == section)]
        return tuple(dict.fromkeys([*topics, *self._aliases(used)]))

    def _aliases(self, used: set[str]) -> Iterator[str]:
        """Yield the other names of a note. Site generators give that name to old addresses."""
        for name, value in self._flat:
            if fold_name(name) in ("aliases", "alias"):
                names = [text.strip() for text in texts(value) if text.strip()]
                if names and not any("/" in text or text.endswith(".html") for text in names):
                    used.add(name)
                    yield from names[:_MOST_ALIASES]

    def _published(self, used: set[str]) -> date | None:
        """Return the declared date, else the date in an address."""
        language = next((text for _, value in self.of("language") for text in texts(value)), "")
        for name, value in self.of("published"):
            day = _date(value, language)
            if day:
                used.add(name)
                return day
        places = [value for name, value in self._flat if fold_name(name) in _FOLDED_PLACES]
        places += [value for _, value in self.of("url")]
        days = (date_in_address(text) for value in places for text in texts(value, 2_000))
        return next((day for day in days if day), None)

    def _extra(self, used: set[str]) -> Iterator[tuple[str, str]]:
        """Yield the names that no field used, with their values as text."""
        shown = {name: field for field in ("image", "summary") for name in self._shown_name(field)}
        for name, value in self._flat:
            if name in used or not name:
                continue
            text = as_text(value, _LONGEST_EXTRA)
            if name in shown:
                text = first_url(value) or first_text(value, _LONGEST_EXTRA)
            if text:
                yield shown.get(name, name), text

    def _shown_name(self, field: str) -> Iterator[str]:
        """Yield the first name of a field that is shown with the article under the field's name."""
        for name, value in self.of(field):
            if first_text(value, _LONGEST_EXTRA) or first_url(value):
                yield name
                return


_FOLDED_PLACES = frozenset(map(fold_name, _PLACES))


def declared_metadata(values: Mapping[str, object], names: FieldNames = STANDARD_NAMES) -> DeclaredMetadata:
    """Return the metadata in `values`, by name. Unknown names and invalid values become `extra`."""
    return DeclaredFields(values, names).metadata() if values else NOTHING_DECLARED


def _flat(values: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Yield names in lower case with their values; then those inside tables such as `[extra]`, unless they exist."""
    seen: set[str] = set()
    tables: list[Mapping[str, object]] = []
    for name, value in values.items():
        if isinstance(value, dict) and fold_name(str(name)[:LONGEST_NAME]) in _TABLES:
            tables.append(value)
            continue
        shown = _shown(name)
        seen.add(fold_name(shown))
        yield shown, value
    for table in tables:
        for name, value in table.items():
            shown = _shown(name)
            if fold_name(shown) not in seen:
                seen.add(fold_name(shown))
                yield shown, value
    embedded = values.get("_embedded")  # of WordPress, whose `author` is a number
    if isinstance(embedded, dict) and "author" in embedded:
        yield "author", embedded["author"]


def _shown(name: object) -> str:
    return as_text(name, LONGEST_NAME).lower()


def _date(value: object, language: str) -> date | None:
    if isinstance(value, list):
        value = value[0] if value and not isinstance(value[0], int) else None
    if isinstance(value, dict):
        members = {str(name).lower(): each for name, each in value.items()}
        value = next((members[name] for name in _DATES if members.get(name)), None)
    return None if isinstance(value, (list, dict)) else published_date(value, language)
