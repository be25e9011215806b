"""The values that flow: from a seed on disk to a hit on the page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

FACETS = ("author", "source", "section", "topics", "language")


@dataclass(frozen=True, slots=True)
class Seed:
    """A source file as the folder shows it; `path` is relative to the seed folder, with slashes.

    `origin`: the path that its documents' ids are made of, if that is another: where it was before it moved.
    """

    path: str
    size: int
    modified_ns: int
    origin: str = ""


@dataclass(frozen=True, slots=True)
class DeclaredMetadata:
    """What a seed says of itself in named fields, beside its text; None or empty where it says nothing.

    `extra`: names that have no field of their own, and values that their field can't take.
    """

    title: str | None = None
    url: str | None = None
    author: str | None = None
    source: str | None = None
    section: str | None = None
    topics: tuple[str, ...] = ()
    published: date | None = None
    language: str | None = None
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RawDocument:
    """What a seed says, or one of several documents in it: decoded, line ends made `\\n`, markup gone.

    `content_hash` is of the (unpacked) bytes. Of a seed that holds several documents, `part` tells
    them apart and is as lasting as the seed allows; `line`, counted from 1, is where this one stands.
    """

    seed: Seed
    text: str
    content_hash: str
    note: str | None = None
    declared: DeclaredMetadata = DeclaredMetadata()
    part: str = ""
    line: int | None = None

    @property
    def path(self) -> str:
        """Where the document is to be found, for people: `a.txt`, or `a.jsonl:3`."""
        return self.seed.path if self.line is None else f"{self.seed.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class SeedProblem:
    """A file, or a line of one (`a.jsonl:3`), that was not indexed, or only with a doubt, and why.

    `indexed` if it was indexed all the same; `skipped` if it was never meant to be a seed.
    """

    path: str
    reason: str
    indexed: bool = False
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of the original text; `number` counts from 1."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class RemovedBlock:
    """Neighbouring lines that were taken out by one rule; lines count from 1, both ends included."""

    rule: str
    reason: str
    first_line: int
    last_line: int
    text: str
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class CleanDocument:
    """A seed's text parted into what is the article and what is debris.

    `title_line` is the number of the line that is the title, None if there is none.
    """

    raw: RawDocument
    kept: tuple[TextLine, ...]
    removed: tuple[RemovedBlock, ...]
    title_line: int | None = None
    only_clutter: bool = False

    @property
    def body(self) -> str:
        return "\n".join(line.text for line in self.kept)


@dataclass(frozen=True, slots=True)
class Document:
    """A described article, as it is indexed and stored.

    A field that the text does not give is None or empty, never guessed. `published` is a date
    the text states as its publication; the file's own time is not one. `extra` is what the seed
    states under names that have no field of their own.
    """

    id: str
    slug: str
    path: str
    content_hash: str
    title: str
    body: str
    headings: tuple[str, ...] = ()
    summary: str = ""
    author: str | None = None
    source: str | None = None
    section: str | None = None
    topics: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    credit: str | None = None
    published: date | None = None
    language: str = "en"
    words: int = 0
    removed: tuple[RemovedBlock, ...] = ()
    url: str | None = None
    extra: tuple[tuple[str, str], ...] = ()

    def facet_values(self, name: str) -> tuple[str, ...]:
        """The values this document counts for under the facet `name`, one of FACETS."""
        value = getattr(self, name)
        if isinstance(value, tuple):
            return value
        return (value,) if value else ()


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
class DuplicateCluster:
    """Documents whose texts are nearly the same: one that stands for all, and its copies."""

    canonical: Document
    duplicates: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class RemovedLine:
    """A line that was removed from several documents of a source, and by what rule."""

    source: str
    text: str
    rule: str
    reason: str
    documents: int
    example: str


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


@dataclass(frozen=True, slots=True)
class GenerationInfo:
    """A published generation: `created` is UTC in ISO 8601, `size` in bytes."""

    name: str
    created: str
    documents: int
    size: int
    current: bool


@dataclass(frozen=True, slots=True)
class GenerationCheck:
    """What is wrong with a published generation, file by file; nothing if it is as it was written."""

    name: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IndexCheck:
    """Every published generation checked, newest first, and what serves, with what is wrong with that.

    `serving` None: nothing can be served; `warnings` say why.
    """

    generations: tuple[GenerationCheck, ...]
    serving: str | None
    warnings: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong with anything."""
        return not self.warnings and not any(each.problems for each in self.generations)


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """What is serving, and the count of documents by language, source and so on."""

    engine: str
    generation: GenerationInfo
    facets: Mapping[str, tuple[FacetValue, ...]]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did; `generation` is None if there was nothing to publish.

    `reused`: how many of the documents come from the generation before as they were. `unchanged`:
    nothing had changed, so nothing was built, and `generation` is the one that serves. `rebuild_reason`: why all
    was built anew, though only what changed was to be; empty otherwise.
    """

    generation: str | None
    documents: int
    lines_removed: int
    seconds: float
    problems: tuple[SeedProblem, ...] = ()
    reused: int = 0
    unchanged: bool = False
    rebuild_reason: str = ""

    @property
    def needs_attention(self) -> tuple[SeedProblem, ...]:
        """The problems that need a person's eye: not the files that were never meant as seeds."""
        return tuple(problem for problem in self.problems if not problem.skipped)
