"""Search options: the one list from which parameters, JSON body, command line and OpenAPI are derived.

To add an option, add a field to `SearchRequest` and use it; nothing else lists them.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from msgspec import Meta

from searchsvc.models.documents import FACETS
from searchsvc.models.search import DateRange, Filter

MAX_QUERY = 2_048  # code points
MAX_HITS_PER_PAGE = 100
MAX_DEPTH = 1_000  # hits that can be paged through
MAX_FACET_VALUES = 100
MAX_BODIES = 4_000_000  # code points of bodies in one response
MAX_EXCERPTS = 60  # of long bodies in one page of hits, which are searched for matches; each hit has one
MIN_CROP, MAX_CROP = 20, 2_000  # code points of a snippet
MAX_SNIPPETS = 5  # of a hit
MAX_TIMEOUT = 60_000  # milliseconds

SORTS = ("relevance", "published:desc", "published:asc")
STRATEGIES = ("auto", "all", "any")
RERANK = ("auto", "on", "off")
SYNTAXES = ("auto", "operators", "literal")
SCOPES = ("clean", "original", "removed")
HIGHLIGHTS = ("html", "offsets", "none")
DEFAULT_ATTRIBUTES = (
    "id", "link", "title", "summary", "author", "source", "section", "topics", "published", "language", "words",
)  # fmt: skip
ATTRIBUTES = (*DEFAULT_ATTRIBUTES, "body", "headings", "url")


def _option(description: str, **details: Any) -> Meta:
    """Describe an option.

    `name` is its name in the API if it is not the field's in camelCase, `flag` its name on the command line,
    `choices` its values, `words` the values for False and True. `selects`: whether it decides which documents
    match, so that it applies to facet values too. `examples` are for the API description.
    """
    return Meta(description=description, examples=details.pop("examples", None), extra=details)


_QUERY = _option("Search query; empty for all documents. See /help/search.", name="q", selects=True,
                 examples=["nato", '"security cooperation" -treaty'])  # fmt: skip
_FILTERS = _option(
    "FIELD:VALUE keeps documents with this value, -FIELD:VALUE excludes them: OR within a field, AND across fields. "
    "published:2024-03 and published:2023..2024 set `from` and `to`.",
    name="filter", selects=True, examples=[["language:en"], ["-author:Ann Lee", "source:Reuters"]],
)  # fmt: skip
_ATTRIBUTES = _option("Fields returned for each hit, besides its id.", name="attributesToRetrieve", choices=ATTRIBUTES,
                      examples=[["title", "url", "body"]])  # fmt: skip


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """Options of one search, with their limits and defaults; `sort` None leaves the order to the query."""

    query: Annotated[str, Meta(max_length=MAX_QUERY), _QUERY] = ""
    filters: Annotated[tuple[Filter, ...], _FILTERS] = ()
    published_from: Annotated[
        date | None, _option("First day of publication.", name="from", selects=True, examples=["2024-03-31"])
    ] = None
    published_to: Annotated[
        date | None, _option("Last day of publication.", name="to", selects=True, examples=["2024-06-30"])
    ] = None
    sort: Annotated[str | None, _option("Sort order. Default: relevance, or newest first without a query.",
                                        choices=SORTS)] = None  # fmt: skip
    facets: Annotated[tuple[str, ...], _option("Fields to count values of.", choices=FACETS)] = FACETS
    facet_limit: Annotated[int, Meta(ge=1, le=MAX_FACET_VALUES), _option("Values per facet, most frequent first.")] = 20
    months: Annotated[bool, _option("Include `monthDistribution`: counts by month of publication.")] = False
    strategy: Annotated[
        str,
        _option(
            "Required words: all, any, or auto (all first, then partial matches if few documents have all).",
            name="matchingStrategy", flag="strategy", choices=STRATEGIES, selects=True,
        ),
    ] = "auto"  # fmt: skip
    syntax: Annotated[
        str,
        _option(
            "Query syntax: auto reads the signs in a sentence as text and others as operators; operators and literal "
            "(all signs are text) decide.",
            choices=SYNTAXES, selects=True,
        ),
    ] = "auto"  # fmt: skip
    typo: Annotated[bool, _option("Correct misspelt words if few documents match.", selects=True)] = True
    collapse: Annotated[
        bool,
        _option("Hide near-duplicates of documents that match as well.", words=("none", "duplicates"), selects=True),
    ] = False
    crop_length: Annotated[
        int, Meta(ge=MIN_CROP, le=MAX_CROP), _option("Approximate snippet length, in Unicode code points.")
    ] = 280
    snippets: Annotated[int, Meta(ge=0, le=MAX_SNIPPETS), _option("Maximum number of snippets per hit.")] = 2
    explain: Annotated[bool, _option("Include `_occurrences`: matched terms by field, with counts.")] = False
    timeout_ms: Annotated[
        int | None,
        Meta(ge=1, le=MAX_TIMEOUT),
        _option("Time limit in milliseconds; skip steps not yet started and set `partial`."),
    ] = None
    attributes: Annotated[tuple[str, ...], _ATTRIBUTES] = DEFAULT_ATTRIBUTES
    highlight: Annotated[
        str,
        _option(
            "Format of matches: HTML with <mark>, offsets in Unicode code points from the start of the field, or none.",
            choices=HIGHLIGHTS,
        ),
    ] = "html"
    offset: Annotated[
        int | None, Meta(ge=0, lt=MAX_DEPTH), _option("Hits to skip, with `limit`; instead of `page`.")
    ] = None
    hits_per_page: Annotated[int, Meta(ge=1, le=MAX_HITS_PER_PAGE), _option("Hits per page.", flag="limit")] = 20
    page: Annotated[int, Meta(ge=1, le=MAX_DEPTH), _option("Page number, from 1.")] = 1
    cursor: Annotated[
        str,
        Meta(pattern=r"^([0-9A-Za-z-]{1,64}\.[0-9]{1,9})?$"),
        _option("`nextCursor` of the previous response, to read on from there past the first 1,000 hits."),
    ] = ""
    typing: Annotated[
        bool,
        _option(
            "The query is being typed: its last word also matches words that start with it, and a single letter is "
            "ignored.",
            selects=True,
        ),
    ] = False
    rerank: Annotated[
        str,
        _option(
            "Order the best 50 hits by meaning as well, if the service has a sentence embedding model. auto: as the "
            "service is set.",
            choices=RERANK, selects=True,
        ),
    ] = "auto"  # fmt: skip
    search_in: Annotated[
        str,
        _option(
            "Text to search: clean, original (with the removed lines), or removed (these alone). `in:original` in the "
            "query does the same.",
            name="in", choices=SCOPES, selects=True,
        ),
    ] = "clean"  # fmt: skip

    @property
    def start(self) -> int:
        """Number of hits to skip."""
        if self.cursor:
            return int(self.cursor.rpartition(".")[2])
        return (self.page - 1) * self.hits_per_page if self.offset is None else self.offset

    @property
    def published(self) -> DateRange | None:
        """Days of publication, None for any day."""
        first, last = self.published_from, self.published_to
        return DateRange(first, last) if first or last else None
