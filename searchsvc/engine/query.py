"""Search requests to an engine: query trees, filters, sort orders, deadlines."""

import math
import time
from dataclasses import dataclass

from whoosh.query import Query

from searchsvc.models.search import DateRange, Filter
from searchsvc.models.search_request import MAX_SNIPPETS
from searchsvc.pauses import pause_if_needed

RELEVANCE = "relevance"


NEWEST_FIRST = "published:desc"


SORTS = (RELEVANCE, NEWEST_FIRST, "published:asc")


class Deadline:
    """Time limit of a search, checked between steps; steps not yet started are skipped."""

    def __init__(self, milliseconds: int | None) -> None:
        """Start now; None is no limit."""
        self._end = math.inf if milliseconds is None else time.monotonic() + milliseconds / 1000
        self.timed_out = False  # whether a step was left out, so that the answer is partial

    def allows_more(self) -> bool:
        """Return whether another step may start, after a pause if others need the processor.

        To be called only where there is a step.
        """
        if not self.timed_out:
            pause_if_needed(self._end)
            self.timed_out = time.monotonic() >= self._end
        return not self.timed_out


NO_DEADLINE = Deadline(None)


@dataclass(frozen=True, slots=True)
class EngineQuery:
    """One search. `tree` None matches every document.

    Values of one filter are ORed; filters are ANDed. The counts of a facet ignore the filters on that facet, so
    that its other values can still be chosen. `sort` is one of SORTS; undated documents come last, ties are in the
    order of ids.

    If fewer than `min_exact` documents match `tree` and the filters, matches of `fallback` follow, which matches
    every document that `tree` matches. Both groups are sorted by `sort`, and all their documents count in total and
    facets. With `interleave` both are one group. A hit lists the `parts` that it does not match; with `fallback`,
    hits of `tree` match all of them.

    `collapse` leaves out near-duplicates whose canonical document matches too; they are not counted. It changes
    nothing else.

    Of a long body, hits have the first `body_length` code points, and up to `max_excerpts` excerpts around
    matches.

    `months`: whether to count the hits by month of publication.

    After the `deadline`, matches of `fallback`, relevance feedback, facets and months are left out. Documents that
    match `tree` are always returned.
    """

    tree: Query | None
    filters: tuple[Filter, ...] = ()
    published: DateRange | None = None
    facets: tuple[str, ...] = ()
    facet_limit: int = 100
    sort: str = RELEVANCE
    offset: int = 0
    limit: int = 20
    fallback: Query | None = None
    min_exact: int = 0
    interleave: bool = False
    collapse: bool = False
    parts: tuple[Query, ...] = ()
    deadline: Deadline = NO_DEADLINE
    body_length: int = 0
    max_excerpts: int = MAX_SNIPPETS
    months: bool = False
