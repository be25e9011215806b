"""What an engine is: the only way the service reaches an index."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from whoosh.query import Query

from searchsvc.engine.query import EngineQuery
from searchsvc.models.documents import Document, DuplicateCluster, SeedProblem
from searchsvc.models.index import EngineStatus, GenerationCheck, GenerationInfo
from searchsvc.models.search import Completion, EngineHit, EngineHits
from searchsvc.query import Vocabulary

MAX_DUPLICATES = 20  # that are given with a document; a text may have thousands


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
