"""Search requests and results."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import msgspec

from searchsvc.models.documents import Document


@dataclass(frozen=True, slots=True)
class Filter:
    """Keep documents with one of `values` in a facet field, or drop them if `exclude`."""

    field: str
    values: tuple[str, ...]
    exclude: bool = False


@dataclass(frozen=True, slots=True)
class DateRange:
    """Publication dates from `first` to `last`, both included; None is open. Undated documents never match."""

    first: date | None = None
    last: date | None = None


class FacetValue(msgspec.Struct, frozen=True, gc=False):
    """A facet value and its number of matching documents."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class FacetValues:
    """Values of one facet among matching documents, most frequent first."""

    field: str
    values: tuple[FacetValue, ...]
    generation: str


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A part of a body; `start` is its offset in code points."""

    start: int
    text: str


@dataclass(frozen=True, slots=True)
class BodyExcerpts:
    """Parts of a long body around the matches of a query, ascending; `length` of the body in code points."""

    parts: tuple[Excerpt, ...]
    length: int


class EngineHit(msgspec.Struct, frozen=True):
    """A matching document with its score; higher is better.

    A long document comes without removed blocks. A long body is cut, and `excerpts` has its parts with matches.

    `missing_parts`: indices of the query's parts that it does not match. `partial_match`: it follows the full
    matches; scores compare only within either group. `duplicates`: some near-duplicates, the canonical document
    first.
    """

    document: Document
    score: float
    missing_parts: tuple[int, ...] = ()
    partial_match: bool = False
    duplicates: tuple[Document, ...] = ()
    excerpts: BodyExcerpts | None = None


@dataclass(frozen=True, slots=True)
class EngineHits:
    """One page of hits, with exact counts over all matching documents.

    `total` counts all of them, and `partial_matches` those with only some of the words. `months`: dated documents by
    month of publication (its first day), ascending, if the query asks for them.
    """

    hits: tuple[EngineHit, ...]
    total: int
    facets: Mapping[str, tuple[FacetValue, ...]]
    generation: str
    partial_matches: int = 0
    months: Mapping[date, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Completion:
    """A completed word or query, and its number of matching documents."""

    text: str
    documents: int


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Completions of a partial query, and documents that match the best one."""

    query: str
    completions: tuple[Completion, ...]
    documents: tuple[Document, ...]


class Fragment(msgspec.Struct, frozen=True, gc=False):
    """A piece of text; `match` is the index of its match in the whole text, or None."""

    text: str
    match: int | None = None


class Snippet(msgspec.Struct, frozen=True):
    """A passage shown with a hit.

    `start` is its offset in the field's text, in code points. `before` and `after` are true if text is cut off
    there.
    """

    field: str
    start: int
    fragments: tuple[Fragment, ...]
    before: bool
    after: bool


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Number of matches of an analysed term in a field."""

    field: str
    term: str
    count: int


@dataclass(frozen=True, slots=True)
class QueryNote:
    """A part of a query that was ignored, cut or reinterpreted."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class OfferedFilter:
    """A facet value that the query names, and the number of matching documents with it."""

    field: str
    value: str
    count: int


@dataclass(frozen=True, slots=True)
class QueryInfo:
    """How a query was interpreted.

    `strategy`: auto, all or any. `optional_words`: words that were not required. `corrected`: pairs of typed and
    corrected words, and `corrected_query` the whole corrected query; each of `undo_queries` lacks one correction.
    `suggested_query` has doubtful corrections too. `ignored`: ignored, cut or reinterpreted parts. `synonyms`: pairs
    of a typed word and an alternative. `syntax`: operators, or literal if signs were text. `reranked`: whether the best
    hits are ordered by meaning as well. `offered_filters`: values of counted facets that the query names as a whole.
    """

    parsed: str
    strategy: str
    optional_words: tuple[str, ...] = ()
    corrected: tuple[tuple[str, str], ...] = ()
    ignored: tuple[QueryNote, ...] = ()
    synonyms: tuple[tuple[str, str], ...] = ()
    corrected_query: str | None = None
    suggested_query: str | None = None
    undo_queries: tuple[str, ...] = ()
    syntax: str = "operators"
    reranked: bool = False
    offered_filters: tuple[OfferedFilter, ...] = ()

    @property
    def ignored_by_reason(self) -> Mapping[str, list[str]]:
        """Return the ignored parts of the query by reason, in order."""
        parts: dict[str, list[str]] = {}
        for note in self.ignored:
            parts.setdefault(note.reason, []).append(note.text)
        return parts


@dataclass(frozen=True, slots=True)
class TypedFilter:
    """A field clause of a query; `start` and `end` in code points."""

    field: str
    value: str
    exclude: bool
    start: int
    end: int


class SearchHit(msgspec.Struct, frozen=True):
    """A hit with highlights. `missing`: words it lacks. `partial_match`: it follows all full matches.

    `occurrences`: matches by field, if requested. `duplicates`: near-duplicates. `body_cut`: the document has only
    the beginning of a long body.
    """

    document: Document
    score: float
    title: tuple[Fragment, ...]
    snippets: tuple[Snippet, ...]
    missing: tuple[str, ...] = ()
    partial_match: bool = False
    occurrences: tuple[Occurrence, ...] = ()
    duplicates: tuple[Document, ...] = ()
    body_cut: bool = False


@dataclass(frozen=True, slots=True)
class SearchResults:
    """Results of one search, the same for page, API and command line.

    `total` counts all matches, and `partial_matches` those with only some of the words. `reachable_pages` is
    limited by the paging depth. `typed` are field clauses of the query. `partial`: the time limit left out
    documents, facets, highlights or spelling correction. `months`: see EngineHits.
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
    months: Mapping[date, int] = field(default_factory=dict)

    @property
    def pages(self) -> int:
        return -(-self.total // self.hits_per_page)


@dataclass(frozen=True, slots=True)
class SearchStream:
    """All documents that match a search, read one after the other from one generation. To be iterated once."""

    documents: Iterator[Document]
    total: int
    generation: str


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document with the query's matches highlighted in title and body.

    `body` is one part of the body, with the number `part` of `parts`, from 1; `matches` counts the matches in it.
    `duplicates` are near-duplicates, long ones without their bodies.
    """

    document: Document
    title: tuple[Fragment, ...]
    body: tuple[Fragment, ...]
    matches: int
    part: int
    parts: int
    duplicates: tuple[Document, ...] = ()
