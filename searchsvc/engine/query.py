"""Search requests to an engine: query trees, filters, sort orders, deadlines."""

import math
import time
from dataclasses import dataclass

from whoosh.query import Query

from searchsvc.models.search import DateRange, Filter

RELEVANCE = "relevance"


NEWEST_FIRST = "published:desc"


SORTS = (RELEVANCE, NEWEST_FIRST, "published:asc")


class Deadline:
    """The time that a search may take. It is looked at between steps: one that is not begun in time is left out."""

    def __init__(self, milliseconds: int | None) -> None:
        """Counts from now; None is without end."""
        self._end = math.inf if milliseconds is None else time.monotonic() + milliseconds / 1000
        self.timed_out = False  # whether a step was left out, so that the answer is partial

    def allows_more(self) -> bool:
        """Whether another step may begin. Only to be asked where there is one."""
        self.timed_out = self.timed_out or time.monotonic() >= self._end
        return not self.timed_out


NO_DEADLINE = Deadline(None)


@dataclass(frozen=True, slots=True)
class EngineQuery:
    """One search. `tree` None stands for every document.

    Values of one filter are alternatives, filters add up. The counts of a facet disregard the
    filters on that facet itself, so that the other values can still be chosen. `sort` is one
    of SORTS; undated documents come last, equals in the order of their ids.

    When fewer than `min_exact` documents match `tree` and the filters, those of `fallback`, which
    matches whatever `tree` does, follow behind them: both groups in the order of `sort`, all of
    them in total and facet counts. If `interleave`, the two are one group instead. A hit tells which
    of `parts` it does not match; where `fallback` is given, hits of `tree` match them all.

    `collapse` leaves out each near-duplicate whose face, the document that stands for it, is found by
    the same search; neither total nor facets count it. It decides nothing else.

    What `deadline` has no time for is left out: documents of `fallback`, what the first hits could teach of the
    order, facets. Documents that match `tree` are always found.
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
