"""JSON responses about documents, as types from which they are encoded and the OpenAPI document is made.

Names follow Meilisearch.
"""

from datetime import date
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from searchsvc.models.search import Occurrence, OfferedFilter, QueryNote
from searchsvc.web.schema.json_object import Base


class SnippetReply(Base, frozen=True):
    """A passage that contains matches. `start` is its offset in the field, in Unicode code points. It has `html` with
    `highlight=html`, else `text`."""

    field: str
    start: int
    html: str | UnsetType = UNSET
    text: str | UnsetType = UNSET


class Formatted(Base, frozen=True):
    """The title as HTML, with matches in <mark>."""

    title: str


class MatchReply(Base, frozen=True):
    """Position of a match, in Unicode code points from the start of the field."""

    start: int
    length: int


class DuplicateReply(Base, frozen=True):
    """A near-duplicate."""

    id: str
    link: str
    title: str
    path: str


class HitReply(Base, frozen=True, kw_only=True):
    """A matching document, with the requested attributes.

    `_missing` are the query's words that it lacks. `_relaxed` is true for a partial match, which ranks after all
    full matches. `_duplicates` are its near-duplicates. `_formatted` is present with `highlight=html`,
    `_matchesPosition` with `highlight=offsets` (positions in title and snippets, by field), `_occurrences` with
    `explain=on`. `_truncated` names attributes that are cut off because a response has at most 4,000,000 characters
    of them, shared equally by the hits of a page.
    """

    id: str
    link: str | UnsetType = UNSET
    title: str | UnsetType = UNSET
    summary: str | UnsetType = UNSET
    author: str | UnsetType | None = UNSET
    source: str | UnsetType | None = UNSET
    section: str | UnsetType | None = UNSET
    topics: tuple[str, ...] | UnsetType = UNSET
    published: date | UnsetType | None = UNSET
    language: str | UnsetType = UNSET
    words: int | UnsetType = UNSET
    body: str | UnsetType = UNSET
    headings: tuple[str, ...] | UnsetType = UNSET
    url: str | UnsetType | None = UNSET
    score: float = msgspec.field(name="_score")
    snippets: tuple[SnippetReply, ...] = msgspec.field(name="_snippets")
    relaxed: bool = msgspec.field(name="_relaxed")
    missing: tuple[str, ...] = msgspec.field(name="_missing")
    duplicates: tuple[DuplicateReply, ...] = msgspec.field(name="_duplicates")
    formatted: Formatted | UnsetType = msgspec.field(name="_formatted", default=UNSET)
    matches: dict[str, tuple[MatchReply, ...]] | UnsetType = msgspec.field(name="_matchesPosition", default=UNSET)
    occurrences: tuple[Occurrence, ...] | UnsetType = msgspec.field(name="_occurrences", default=UNSET)
    truncated: tuple[str, ...] | UnsetType = msgspec.field(name="_truncated", default=UNSET)


class Replacement(Base, frozen=True):
    """A word as typed, and the word searched instead of it or in addition."""

    typed: str
    instead: str


class QueryInfoReply(Base, frozen=True):
    """Interpretation of the query.

    `relaxed` are the optional words, `ignored` the ignored parts with reasons. `correctedQuery` is the query after
    spelling correction, null if unchanged; `typo=off` disables correction. `didYouMean` has corrections of words that
    may be names, which are not applied. `syntax` is literal if the signs of a
    sentence were read as text; `syntax=operators` undoes that. `reranked`: whether the best hits are ordered by meaning
    as well. `offeredFilters` are values of the requested facets that the query names as a whole, such as the source
    Reuters.
    """

    parsed: str
    strategy: str
    relaxed: tuple[str, ...]
    corrected: tuple[Replacement, ...]
    ignored: tuple[QueryNote, ...]
    synonyms: tuple[Replacement, ...]
    corrected_query: str | None
    did_you_mean: str | None
    syntax: str
    reranked: bool
    offered_filters: tuple[OfferedFilter, ...]


class Links(Base, frozen=True):
    """Addresses of this page of results, the next and the previous one; all parameters are preserved."""

    self: str
    next: str | None
    prev: str | None


class IndexReply(Base, frozen=True):
    """Generation and engine that answered."""

    generation: str
    engine: str


class SearchReply(Base, frozen=True):
    """One page of hits.

    `totalHits` is exact, and `totalRelation` is "eq"; `totalRelaxed` of them are partial matches. If `timeoutMs`
    ended the search early, `partial` is true and there may be more hits ("gte"). `links.next` is null on the last
    page, and after 1,000 hits. `nextCursor`, null after the last hit, reads on without that limit.
    `processingTimeMs` is the computing time of a response, which may have been cached since.
    """

    query: str
    hits: tuple[HitReply, ...]
    page: int
    hits_per_page: int
    offset: int
    total_hits: int
    total_relation: Literal["eq", "gte"]
    total_relaxed: int
    total_pages: int
    processing_time_ms: float
    partial: bool
    facet_distribution: dict[str, dict[str, int]]
    query_info: QueryInfoReply
    next_cursor: str | None
    links: Links
    index: IndexReply
    month_distribution: dict[str, int] | UnsetType = UNSET


class FacetHit(Base, frozen=True):
    """A value of a facet, with the number of matching documents."""

    value: str
    count: int


class FacetReply(Base, frozen=True):
    """Values of one facet, most frequent first."""

    facet: str
    facet_query: str
    facet_hits: tuple[FacetHit, ...]


class RemovedReply(Base, frozen=True):
    """Neighbouring lines that one rule removed; line numbers start at 1, `lastLine` is included."""

    rule: str
    reason: str
    confidence: float
    first_line: int
    last_line: int
    text: str


class DocumentReply(Base, frozen=True):
    """A document; fields that its text does not state are null or empty."""

    id: str
    link: str
    path: str
    title: str
    body: str
    headings: tuple[str, ...]
    summary: str
    author: str | None
    source: str | None
    section: str | None
    topics: tuple[str, ...]
    related: tuple[str, ...]
    credit: str | None
    published: date | None
    language: str
    words: int
    content_hash: str
    url: str | None
    extra: dict[str, str]
    removed: tuple[RemovedReply, ...]


class DuplicatesReply(Base, frozen=True):
    canonical: DuplicateReply
    duplicates: tuple[DuplicateReply, ...]


class CompletionReply(Base, frozen=True):
    """A completed query, with the number of documents that contain the added words."""

    text: str
    documents: int


class TitleReply(Base, frozen=True):
    """A document's id, address and title."""

    id: str
    link: str
    title: str


class SuggestReply(Base, frozen=True):
    """Completions of a partial query, and documents that match the best one."""

    query: str
    completions: tuple[CompletionReply, ...]
    documents: tuple[TitleReply, ...]


class SimilarHit(Base, frozen=True):
    """A similar document."""

    id: str
    link: str
    title: str
    summary: str
    source: str | None
    published: date | None
    score: float = msgspec.field(name="_score")


class SimilarReply(Base, frozen=True):
    """Documents similar to one, most similar first."""

    id: str
    hits: tuple[SimilarHit, ...]
