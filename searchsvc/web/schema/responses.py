"""The JSON answers as types: they are encoded as they are, and the OpenAPI document is made from them.

Names follow Meilisearch.
"""

from datetime import date
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from searchsvc.models.search import Occurrence, QueryNote

ProblemType = Literal[
    "/problems/invalid-parameter",
    "/problems/bad-request",
    "/problems/unauthorized",
    "/problems/not-found",
    "/problems/document-not-found",
    "/problems/method-not-allowed",
    "/problems/build-running",
    "/problems/length-required",
    "/problems/body-too-large",
    "/problems/address-too-long",
    "/problems/unsupported-media-type",
    "/problems/host-not-allowed",
    "/problems/headers-too-large",
    "/problems/internal-error",
    "/problems/overloaded",
    "/problems/no-index",
    "/problems/index-unusable",
    "/problems/engine-unavailable",
]


class Base(msgspec.Struct, frozen=True, rename="camel"):
    """A JSON object whose names are written in camel case."""


class SnippetReply(Base, frozen=True):
    """A passage that shows why a document matched; `start` counts Unicode code points from the start of
    the field. `html` with `highlight=html`, else `text`."""

    field: str
    start: int
    html: str | UnsetType = UNSET
    text: str | UnsetType = UNSET


class Formatted(Base, frozen=True):
    """The title as HTML, with its matches in <mark>."""

    title: str


class MatchReply(Base, frozen=True):
    """Where a match stands, in Unicode code points from the start of the field."""

    start: int
    length: int


class DuplicateReply(Base, frozen=True):
    id: str
    link: str
    title: str
    path: str


class HitReply(Base, frozen=True, kw_only=True):
    """A document that was found, with the attributes that were asked for, as documents have them.

    `_missing` names the words it lacks; `_relaxed`: it stands behind the hits that have them all.
    `_duplicates`: others with nearly the same text. `_formatted` is there with `highlight=html`;
    `_matchesPosition`, the matches in title and snippets by field, with `highlight=offsets`;
    `_occurrences` with `explain=on`.
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


class Replacement(Base, frozen=True):
    """A word as it was typed, and what was looked up instead of it or besides it."""

    typed: str
    instead: str


class QueryInfoReply(Base, frozen=True):
    """`relaxed`: the words that did not have to be there. `corrected_query`: what was answered instead,
    null if it is the query as typed; `typo=off` undoes that."""

    parsed: str
    strategy: str
    relaxed: tuple[str, ...]
    corrected: tuple[Replacement, ...]
    ignored: tuple[QueryNote, ...]
    synonyms: tuple[Replacement, ...]
    corrected_query: str | None


class Links(Base, frozen=True):
    self: str
    next: str | None
    prev: str | None


class IndexReply(Base, frozen=True):
    generation: str
    engine: str


class SearchReply(Base, frozen=True):
    """One page of hits. `totalHits` is exact, and `totalRelation` "eq"; `totalRelaxed` of them have
    only some of the words. Only where `timeoutMs` ended the search early, `partial` is true, and there may be
    more hits than those counted ("gte"). `links` keep
    every parameter; `next` is null at the end, which for long lists is the depth of 1,000.
    `processingTimeMs` is what computing took; an answer may be given again."""

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
    links: Links
    index: IndexReply


class FacetHit(Base, frozen=True):
    """A value of a facet, and how many of the documents found have it."""

    value: str
    count: int


class FacetReply(Base, frozen=True):
    """Values of one facet, the most frequent first."""

    facet: str
    facet_query: str
    facet_hits: tuple[FacetHit, ...]


class RemovedReply(Base, frozen=True):
    rule: str
    reason: str
    confidence: float
    first_line: int
    last_line: int
    text: str


class DocumentReply(Base, frozen=True):
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
    face: DuplicateReply
    copies: tuple[DuplicateReply, ...]


class CompletionReply(Base, frozen=True):
    """A query that the typed one may go on to be, and how many documents have what was added."""

    text: str
    documents: int


class TitleReply(Base, frozen=True):
    id: str
    link: str
    title: str


class SuggestReply(Base, frozen=True):
    query: str
    completions: tuple[CompletionReply, ...]
    documents: tuple[TitleReply, ...]


class SimilarHit(Base, frozen=True):
    id: str
    link: str
    title: str
    summary: str
    source: str | None
    published: date | None
    score: float = msgspec.field(name="_score")


class SimilarReply(Base, frozen=True):
    id: str
    hits: tuple[SimilarHit, ...]


class GenerationReply(Base, frozen=True):
    name: str
    created: str
    size: int


class StatsReply(Base, frozen=True):
    version: str
    engine: str
    documents: int
    generation: GenerationReply
    facet_distribution: dict[str, dict[str, int]]
    warnings: tuple[str, ...]


class VersionReply(Base, frozen=True):
    """The version of this software."""

    version: str


class AliveReply(Base, frozen=True):
    """The process answers."""

    status: Literal["alive"] = "alive"


class ReadyReply(Base, frozen=True):
    """Searches are answered; `warnings` tell what is wrong all the same."""

    generation: str
    warnings: tuple[str, ...]
    status: Literal["ready"] = "ready"


class NotReadyReply(Base, frozen=True):
    """Searches are not answered, and why."""

    reason: str
    status: Literal["not ready"] = "not ready"


class ParameterErrorReply(Base, frozen=True):
    """An unknown or invalid parameter."""

    name: str
    detail: str


class ProblemReply(Base, frozen=True, kw_only=True):
    """Problem details (RFC 9457).

    `type` identifies the kind of problem. `errors` lists every unknown or invalid parameter, and `parameter` names
    the first. `requestId` is also in the access log.
    """

    type: ProblemType
    title: str
    status: int
    detail: str
    request_id: str
    parameter: str | UnsetType = UNSET
    errors: tuple[ParameterErrorReply, ...] | UnsetType = UNSET
