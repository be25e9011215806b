"""What can be asked, as types: they check requests, and the OpenAPI document is made from them."""

from datetime import date
from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct, field

from searchsvc.search_request import (
    MAX_CROP,
    MAX_DEPTH,
    MAX_FACET_VALUES,
    MAX_HITS_PER_PAGE,
    MAX_QUERY,
    MAX_SNIPPETS,
    MAX_SUGGESTED,
    MAX_TIMEOUT,
    MIN_CROP,
    SUGGESTED,
    SearchRequest,
)

_DEFAULTS = SearchRequest()

# The names stand here once more, because types can't be made of values; a test compares them.
FacetName = Literal["author", "source", "section", "topics", "language"]
Sort = Literal["relevance", "date:desc", "date:asc"]
Strategy = Literal["auto", "all", "any"]
Syntax = Literal["operators", "literal"]
Switch = Literal["on", "off"]
Highlight = Literal["html", "offsets", "none"]
Attribute = Literal[
    "id", "link", "title", "summary", "author", "source", "section", "topics", "published", "language", "words",
    "body", "headings", "url",
]  # fmt: skip
Collapse = Literal["duplicates", "none"]
View = Literal["clean", "original", "removed"]

ATTRIBUTES: tuple[Attribute, ...] = (
    "id", "link", "title", "summary", "author", "source", "section", "topics", "published", "language", "words",
)  # fmt: skip

FACET_NAMES: tuple[FacetName, ...] = get_args(FacetName)
_Filter = Annotated[str, Meta(pattern=rf"^-?({'|'.join(FACET_NAMES)}):[\s\S]")]


class Params(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Parameters of an address. Those that are left out, or empty, have their defaults."""


class NoParams(Params, frozen=True, kw_only=True):
    """An address that takes no parameters."""


Query = Annotated[
    str,
    Meta(
        max_length=MAX_QUERY,
        description="What is looked for; without it, all documents. See /help/search.",
        examples=["nato", '"security cooperation" -treaty'],
    ),
]
Filters = Annotated[
    tuple[_Filter, ...],
    Meta(
        description="FIELD:VALUE keeps documents that have just this value, -FIELD:VALUE drops them. "
        "Values of one field are alternatives, fields add up.",
        examples=[["language:en"], ["-author:Ann Lee", "source:Reuters"]],
    ),
]
From = Annotated[date | None, Meta(description="First day of publication.", examples=["2024-03-31"])]
To = Annotated[date | None, Meta(description="Last day of publication.", examples=["2024-06-30"])]
Matching = Annotated[
    Strategy,
    Meta(
        description="Words that must be there: all; any; or auto, all of them first and then, if that is little, some."
    ),
]
Read = Annotated[Syntax, Meta(description="Whether signs in the query are operators or just text.")]
Typo = Annotated[Switch, Meta(description="Whether misspelt words are put right when little is found.")]

Copies = Annotated[
    Collapse,
    Meta(description="Whether near-duplicates are left out where the document that stands for them is found, too."),
]


class FilterParams(Params, frozen=True, kw_only=True):
    """What decides which documents are found."""

    q: Query = ""
    filters: Filters = field(name="filter", default=())
    first: From = field(name="from", default=None)
    last: To = field(name="to", default=None)
    matching_strategy: Matching = "auto"
    syntax: Read = "operators"
    typo: Typo = "on"
    collapse: Copies = "none"


class SearchParams(FilterParams, frozen=True, kw_only=True):
    """A search. Either `page` and `hitsPerPage`, or `offset` and `limit`; the depth of 1,000 can't be passed."""

    page: Annotated[int, Meta(ge=1, le=MAX_DEPTH, description="Which page, counted from 1.")] = 1
    hits_per_page: Annotated[int, Meta(ge=1, le=MAX_HITS_PER_PAGE, description="How many hits a page has.")] = (
        _DEFAULTS.hits_per_page
    )
    offset: Annotated[
        Annotated[int, Meta(ge=0, lt=MAX_DEPTH)] | None, Meta(description="How many hits to pass over.")
    ] = None
    limit: Annotated[
        Annotated[int, Meta(ge=1, le=MAX_HITS_PER_PAGE)] | None, Meta(description="How many hits to give.")
    ] = None
    sort: Annotated[
        Sort | None, Meta(description="The order; without it, relevance if there is a query, else newest first.")
    ] = None
    facets: Annotated[tuple[FacetName, ...], Meta(description="Fields whose values are counted.")] = FACET_NAMES
    facet_limit: Annotated[
        int, Meta(ge=1, le=MAX_FACET_VALUES, description="How many values of each, the most frequent first.")
    ] = _DEFAULTS.facet_limit
    attributes_to_retrieve: Annotated[
        tuple[Attribute, ...],
        Meta(description="What is given of each hit, besides its id.", examples=[["title", "url", "body"]]),
    ] = ATTRIBUTES
    highlight: Annotated[
        Highlight,
        Meta(
            description="How matches are told: as HTML with <mark>, all else escaped; as offsets in Unicode code "
            "points from the start of the field; or not."
        ),
    ] = "html"
    crop_length: Annotated[
        int, Meta(ge=MIN_CROP, le=MAX_CROP, description="About how many code points a snippet has.")
    ] = _DEFAULTS.crop_length
    snippets: Annotated[
        int, Meta(ge=0, le=MAX_SNIPPETS, description="How many snippets a hit has at most; each adds a word.")
    ] = _DEFAULTS.snippets
    explain: Annotated[Switch, Meta(description="Whether hits tell which words they have where, and how often.")] = (
        "off"
    )
    timeout_ms: Annotated[
        Annotated[int, Meta(ge=1, le=MAX_TIMEOUT)] | None,
        Meta(description="After so many milliseconds, leave out what is not begun: the answer is `partial`."),
    ] = None


class FacetParams(FilterParams, frozen=True, kw_only=True):
    """Values of one field among what a search finds."""

    facet_query: Annotated[
        str,
        Meta(
            max_length=MAX_QUERY, description="Only values with a word that begins so; case and accents don't matter."
        ),
    ] = ""
    limit: Annotated[int, Meta(ge=1, le=MAX_FACET_VALUES, description="How many values.")] = _DEFAULTS.facet_limit


class TypedParams(Params, frozen=True, kw_only=True):
    """The text of a search box, and how many suggestions are wanted."""

    q: Query = ""
    limit: Annotated[int, Meta(ge=1, le=MAX_SUGGESTED, description="How many of each kind.")] = SUGGESTED


class SimilarParams(Params, frozen=True, kw_only=True):
    """How many documents like another are wanted."""

    limit: Annotated[int, Meta(ge=1, le=MAX_SUGGESTED, description="How many documents.")] = SUGGESTED


class DocumentPageParams(Params, frozen=True, kw_only=True):
    """What is shown of a document."""

    q: Annotated[Query, Meta(description="Whose matches are marked.")] = ""
    view: Annotated[View, Meta(description="Which text is shown.")] = "clean"
