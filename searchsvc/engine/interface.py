"""What an engine is: the only way the service reaches an index."""

import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from whoosh.query import Query

from searchsvc.models import (
    Completion,
    DateRange,
    Document,
    DuplicateCluster,
    EngineHit,
    EngineHits,
    EngineStatus,
    Filter,
    GenerationCheck,
    GenerationInfo,
    SeedProblem,
)
from searchsvc.query import Vocabulary

RELEVANCE = "relevance"
NEWEST_FIRST = "date:desc"
SORTS = (RELEVANCE, NEWEST_FIRST, "date:asc")
MAX_DUPLICATES = 20  # that are given with a document; a text may have thousands


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


@dataclass(frozen=True, slots=True)
class DocumentStates:
    """What builds kept beside the documents of a generation: that of document `ids[i]` is `data[starts[i]:ends[i]]`.

    `ids` uint64 (documents,), `data` uint8, `starts` and `ends` int64 (documents,).
    """

    ids: NDArray[np.uint64]
    data: NDArray[np.uint8]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


NO_STATES = DocumentStates(np.empty(0, np.uint64), np.empty(0, np.uint8), np.empty(0, np.int64), np.empty(0, np.int64))


class GenerationWriter(Protocol):
    """Takes the documents of a generation that is not published yet, and may go on from one before."""

    @property
    def name(self) -> str:
        """The name the generation will have once it is published."""

    def user_data(self, name: str) -> bytes:
        """What the generation before kept under `name`. Raises KeyError if there is none."""

    def states(self) -> DocumentStates:
        """The memos of all documents of the generation before, in the order of their numbers; none if there is none."""

    def delete(self, deleted: NDArray[np.bool_]) -> None:
        """Take over the documents before, in the order of their memos, but for those `deleted`. Before any is added."""

    def add(self, document: Document, original: str, memo: bytes = b"") -> None:
        """Index `document`; keep `original`, the text it was cleaned from, and a `memo` for later builds."""

    def set_duplicates(self, faces: Mapping[str, str]) -> None:
        """Keep which documents are copies: the id of each copy and the id of its face."""

    def put_user_data(self, name: str, data: bytes) -> None:
        """Keep `data` in the generation under `name`, for later builds."""

    def set_problems(self, problems: Iterable[SeedProblem]) -> None:
        """Keep the report of the build beside the documents."""


class Engine(Protocol):
    """Holds published generations and answers from the current one. Safe from several threads."""

    name: str

    def search(self, query: EngineQuery) -> EngineHits:
        """One page of hits, with exact total and facet counts.

        Raises IndexMissing, SchemaChanged, IndexDamaged, EngineUnavailable.
        """

    def document(self, document_id: str) -> Document:
        """The document with this id. Raises DocumentNotFound, and what `search` raises."""

    def original(self, document_id: str) -> str:
        """The text the document was cleaned from. Raises what `document` raises."""

    def documents(self) -> Iterator[tuple[Document, str]]:
        """Every document of the serving generation with the text it was cleaned from, one after the
        other; all from one generation, whatever is published meanwhile. Raises as `search`."""

    def suggest(self, beginning: str, before: Query | None, limit: int) -> Sequence[Completion]:
        """Words that go on from `beginning`, which is folded, in most documents first.

        Only documents that match `before` count, all if it is None; a word in none of them is never
        given, and of words that differ in their endings only the commonest is. If nothing goes on
        from a `beginning` of four letters or more, one of them may be wrong. Raises as `search`.
        """

    def similar(self, document_id: str, limit: int) -> Sequence[EngineHit]:
        """Documents that share this one's most telling words, the most alike first: neither itself
        nor its near-duplicates, and of near-duplicates one. Raises what `document` raises."""

    def near_duplicates(self, document_id: str) -> Sequence[Document]:
        """Others with nearly the same text, at most COPIES, the one that stands for all of them first.
        Raises what `document` raises."""

    def languages(self) -> Sequence[str]:
        """The languages that documents of the serving generation are in, the commonest first. Raises as `search`."""

    def vocabulary(self) -> Vocabulary:
        """The words of the serving generation, for correcting a query. Raises as `search`."""

    def status(self) -> EngineStatus:
        """The serving generation, its counts, and what is wrong with it. Raises as `search`."""

    def current(self) -> str | None:
        """The name of the generation that answers now, None if it is time to `look`. Never waits."""

    def refresh(self) -> None:
        """Change over to a newer generation if there is one. Raises as `search`."""

    def duplicates(self) -> Sequence[DuplicateCluster]:
        """Documents with nearly the same text, the largest clusters first. Raises as `search`."""

    def user_data(self, name: str) -> bytes:
        """What the build kept under `name`. Raises as `search`, and KeyError if there is none."""

    def problems(self) -> Sequence[SeedProblem]:
        """The report kept by the build of the serving generation. Raises as `search`."""

    def new_generation(self) -> AbstractContextManager[GenerationWriter]:
        """A `with` block: leaving it publishes, an exception leaves no trace. Raises IndexBusy."""

    def next_generation(self) -> AbstractContextManager[GenerationWriter]:
        """As `new_generation`, but one that goes on from the current one. Raises as `search`, and IndexBusy."""

    def generations(self) -> Sequence[GenerationInfo]:
        """Every published generation, newest first."""

    def at(self, name: str) -> "Engine":
        """This engine with the generation `name` for good, whatever is published. Raises StoreError."""

    def check(self) -> Sequence[GenerationCheck]:
        """Every published generation, newest first, all that is stored of it read and compared with
        what was written. Raises StoreError if the index can't be read at all."""

    def activate(self, name: str) -> None:
        """Serve the generation `name`. Raises StoreError if it can't be."""

    def prune(self, keep: int) -> Sequence[str]:
        """Delete all but the serving and the `keep` - 1 newest other generations; their names."""

    def close(self) -> None:
        """Let go of files and connections."""
