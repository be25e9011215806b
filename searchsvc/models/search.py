"""Search requests and results."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from searchsvc.models.documents import Document


@dataclass(frozen=True, slots=True)
class Filter:
    """Keep documents that have one of `values` in a facet field, or drop them if `exclude`."""

    field: str
    values: tuple[str, ...]
    exclude: bool = False


@dataclass(frozen=True, slots=True)
class DateRange:
    """Published within these days, both included; an open end is None. Undated never match."""

    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A facet's value and how many matching documents have it."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class FacetValues:
    """Values of one facet among the documents of a search, the most frequent first."""

    field: str
    values: tuple[FacetValue, ...]
    generation: str


@dataclass(frozen=True, slots=True)
class EngineHit:
    """A document that matched, with its score (higher is better).

    `missing_parts`: which of the query's parts it does not match, by their places. `partial_match`: it stands
    behind those that have them all. Scores compare among hits that are alike in that. `duplicates`:
    others with nearly the same text, the one that stands for all of them first; never more than a few.
    """

    document: Document
    score: float
    missing_parts: tuple[int, ...] = ()
    partial_match: bool = False
    duplicates: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class EngineHits:
    """One page of hits, with exact counts over all that matched.

    `total` counts all of them, `partial_matches` those among them that have only some of the words.
    """

    hits: tuple[EngineHit, ...]
    total: int
    facets: Mapping[str, tuple[FacetValue, ...]]
    generation: str
    partial_matches: int = 0


@dataclass(frozen=True, slots=True)
class Completion:
    """A word, as people write it, or a query that goes on with it, and how many documents match."""

    text: str
    documents: int


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What a query that is being typed may go on to be, and documents that it finds already."""

    query: str
    completions: tuple[Completion, ...]
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of text; `match` is the number of its hit within the whole text, or None."""

    text: str
    match: int | None = None


@dataclass(frozen=True, slots=True)
class Snippet:
    """A passage that shows why a document matched.

    `start` is its offset in the field's text in code points; `before` and `after` tell
    whether text was cut off on that side.
    """

    field: str
    start: int
    fragments: tuple[Fragment, ...]
    before: bool
    after: bool


@dataclass(frozen=True, slots=True)
class Occurrence:
    """How often a field of a document shows what was looked for as `term`, an analysed word."""

    field: str
    term: str
    count: int


@dataclass(frozen=True, slots=True)
class QueryNote:
    """Something in a query that was ignored, cut or read in another way than typed."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class QueryInfo:
    """How a query was understood and what was done to find something.

    `strategy` is how many of the words had to be there: auto, all or any. `optional_words`: the words
    that were not required after all. `corrected`: words as typed, and what was looked up
    instead; `corrected_query` is then the whole query put right. `ignored`: what was left out, cut or
    read in another way. `synonyms`: words as typed, and what was looked up beside them.
    """

    parsed: str
    strategy: str
    optional_words: tuple[str, ...] = ()
    corrected: tuple[tuple[str, str], ...] = ()
    ignored: tuple[QueryNote, ...] = ()
    synonyms: tuple[tuple[str, str], ...] = ()
    corrected_query: str | None = None

    @property
    def ignored_by_reason(self) -> Mapping[str, list[str]]:
        """Return the ignored parts of the query by reason, in order."""
        parts: dict[str, list[str]] = {}
        for note in self.ignored:
            parts.setdefault(note.reason, []).append(note.text)
        return parts


@dataclass(frozen=True, slots=True)
class TypedFilter:
    """A part of a query's text that narrows it down by a field; `start` and `end` in code points."""

    field: str
    value: str
    exclude: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A hit ready to be shown. `missing`: the words it lacks; `partial_match`: so it comes after all others.

    `occurrences`: which words it has where, if that was asked for. `duplicates`: others with nearly
    the same text.
    """

    document: Document
    score: float
    title: tuple[Fragment, ...]
    snippets: tuple[Snippet, ...]
    missing: tuple[str, ...] = ()
    partial_match: bool = False
    occurrences: tuple[Occurrence, ...] = ()
    duplicates: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchResults:
    """What one search answers, the same for page, JSON and command line.

    `total` counts all that was found; `partial_matches` how many of them have only some of the words.
    `reachable_pages` is how many of the pages can be asked for: paging has a depth
    limit. `typed` are the filters that stand in the query's text. `partial`: for want of time documents,
    facets or marks were left out, or words not put right.
    """

    query: str
    hits: tuple[SearchHit, ...]
    total: int
    partial_matches: int
    page: int
    hits_per_page: int
    reachable_pages: int
    facets: Mapping[str, tuple[FacetValue, ...]]
    info: QueryInfo
    typed: tuple[TypedFilter, ...]
    partial: bool
    generation: str
    milliseconds: float

    @property
    def pages(self) -> int:
        return -(-self.total // self.hits_per_page)


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document with its original text and the query's matches marked in title and body.

    `matches` counts those in the body; `duplicates` are others with nearly the same text.
    """

    document: Document
    original: str
    title: tuple[Fragment, ...]
    body: tuple[Fragment, ...]
    matches: int
    duplicates: tuple[Document, ...] = ()
