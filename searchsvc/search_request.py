"""The options of a search, and their limits."""

from dataclasses import dataclass

from searchsvc import matching_strategy
from searchsvc.engine.query import SORTS
from searchsvc.errors import InvalidRequest
from searchsvc.models.documents import FACETS
from searchsvc.models.search import DateRange, Filter
from searchsvc.query import OPERATORS, SYNTAXES

MAX_QUERY = 2_048  # code points
MAX_HITS_PER_PAGE = 100
MAX_DEPTH = 1_000  # hits that can be paged through
SUGGESTED, MAX_SUGGESTED = 8, 20  # completions, and documents like another
MAX_FACET_VALUES = 100
MIN_CROP, MAX_CROP = 20, 2_000  # code points of a snippet
MAX_SNIPPETS = 5  # of a hit
MAX_TIMEOUT = 60_000  # milliseconds


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One search; `sort` None leaves the order to the query."""

    query: str = ""
    page: int = 1
    hits_per_page: int = 20
    filters: tuple[Filter, ...] = ()
    published: DateRange | None = None
    sort: str | None = None
    facets: tuple[str, ...] = FACETS
    facet_limit: int = 20
    strategy: str = matching_strategy.AUTO
    syntax: str = OPERATORS
    typo: bool = True  # whether misspelt words may be put right
    offset: int | None = None  # how many hits to pass over, instead of pages
    crop_length: int = 280  # code points of a snippet
    snippets: int = 2  # of a hit, at most
    collapse: bool = False  # whether copies are left out where what they are copies of is found
    explain: bool = False  # whether hits tell which words they have where
    timeout_ms: int | None = None  # after which the search leaves out what it has not begun

    @property
    def start(self) -> int:
        """Number of hits to skip."""
        return (self.page - 1) * self.hits_per_page if self.offset is None else self.offset


def check_length(query: str) -> None:
    if len(query) > MAX_QUERY:
        raise InvalidRequest("q", f"the query is {len(query):,} characters long; {MAX_QUERY:,} is the most")


def check_limit(limit: int) -> None:
    if not 1 <= limit <= MAX_SUGGESTED:
        raise InvalidRequest("limit", f"limit must be from 1 to {MAX_SUGGESTED}")


def check_request(request: SearchRequest) -> None:
    """Raise InvalidRequest for a request outside the limits."""
    check_length(request.query)
    if not 1 <= request.hits_per_page <= MAX_HITS_PER_PAGE:
        raise InvalidRequest("hitsPerPage", f"hitsPerPage must be from 1 to {MAX_HITS_PER_PAGE}")
    if request.offset is not None and not 0 <= request.offset <= MAX_DEPTH - request.hits_per_page:
        raise InvalidRequest(
            "offset", f"offset and limit may come to {MAX_DEPTH:,}: refine the query to see other documents"
        )
    if request.page < 1 or request.page * request.hits_per_page > MAX_DEPTH:
        most = MAX_DEPTH // request.hits_per_page
        raise InvalidRequest("page", f"page must be from 1 to {most}: refine the query to see other documents")
    if request.sort is not None and request.sort not in SORTS:
        raise InvalidRequest("sort", f"sort must be one of {', '.join(SORTS)}")
    if request.strategy not in matching_strategy.STRATEGIES:
        raise InvalidRequest(
            "matchingStrategy", f"matchingStrategy must be one of {', '.join(matching_strategy.STRATEGIES)}"
        )
    if request.syntax not in SYNTAXES:
        raise InvalidRequest("syntax", f"syntax must be one of {', '.join(SYNTAXES)}")
    asked = [("facets", name) for name in request.facets] + [("filter", each.field) for each in request.filters]
    for parameter, name in asked:
        if name not in FACETS:
            raise InvalidRequest(parameter, f"no facet is called {name!r}; there are {', '.join(FACETS)}")
    if not 1 <= request.facet_limit <= MAX_FACET_VALUES:
        raise InvalidRequest("facetLimit", f"facetLimit must be from 1 to {MAX_FACET_VALUES}")
    if not MIN_CROP <= request.crop_length <= MAX_CROP:
        raise InvalidRequest("cropLength", f"cropLength must be from {MIN_CROP} to {MAX_CROP}")
    if not 0 <= request.snippets <= MAX_SNIPPETS:
        raise InvalidRequest("snippets", f"snippets must be from 0 to {MAX_SNIPPETS}")
    if request.timeout_ms is not None and not 1 <= request.timeout_ms <= MAX_TIMEOUT:
        raise InvalidRequest("timeoutMs", f"timeoutMs must be from 1 to {MAX_TIMEOUT:,}")
