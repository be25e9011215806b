"""Protocols between the service and an engine: engine, snapshot of a generation, writer of a generation."""

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

MAX_DUPLICATES = 20  # near-duplicates returned with a document; a text may have thousands


@dataclass(frozen=True, slots=True)
class DocumentStates:
    """Data that a build keeps per document for the next update.

    The state of document `ids[i]` is `data[starts[i]:ends[i]]`. `ids` (docs,) uint64; `data` (bytes,) uint8;
    `starts` and `ends` (docs,) int64.
    """

    ids: NDArray[np.uint64]
    data: NDArray[np.uint8]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


NO_STATES = DocumentStates(np.empty(0, np.uint64), np.empty(0, np.uint8), np.empty(0, np.int64), np.empty(0, np.int64))


class GenerationWriter(Protocol):
    """Receives the documents of a generation until it is published; may reuse those of the previous generation."""

    @property
    def name(self) -> str:
        """Name of the generation."""

    def user_data(self, name: str) -> bytes:
        """Return bytes that the previous generation keeps under `name`. Raises KeyError."""

    def states(self) -> DocumentStates:
        """Return the states of all documents of the previous generation, in document order; empty if there is none."""

    def delete(self, deleted: NDArray[np.bool_]) -> None:
        """Reuse the previous documents, in the order of `states`, except where `deleted`, (docs,) bool, is true.

        Must be called before the first `add`.
        """

    def add(self, document: Document, original: str, state: bytes = b"") -> None:
        """Index `document`; store its original text, and its state for later updates."""

    def set_duplicates(self, canonicals: Mapping[str, str]) -> None:
        """Record near-duplicates: the id of each, mapped to the id of its canonical document."""

    def put_user_data(self, name: str, data: bytes) -> None:
        """Keep `data` in the generation under `name`."""

    def set_problems(self, problems: Iterable[SeedProblem]) -> None:
        """Record the problems that the build reported."""


class Snapshot(Protocol):
    """One published generation, open for reading. Immutable, and safe to use from several threads.

    Every method raises IndexDamaged if the generation is damaged. A generation in a cluster can be deleted while it is
    read: then they raise IndexMissing, and EngineUnavailable if the cluster does not answer.
    """

    @property
    def name(self) -> str:
        """Name of the generation."""

    @property
    def languages(self) -> Sequence[str]:
        """Languages of the documents, the most frequent first."""

    @property
    def vocabulary(self) -> Vocabulary:
        """Words of the index, for spelling correction."""

    def search(self, query: EngineQuery) -> EngineHits:
        """Return one page of hits, with exact total and facet counts."""

    def stream(self, query: EngineQuery) -> Iterator[Document]:
        """Yield the documents of all hits in their order, read one by one; `offset` and `limit` have no effect.

        A document is whole if the query has a `body_length`; otherwise a long one may lack body and removed blocks.
        """

    def document(self, document_id: str) -> Document:
        """Return a document. Raises DocumentNotFound."""

    def best_offset(self, document_id: str, tree: Query) -> int:
        """Return a place near the first good match of `tree` in a body, in code points. Raises DocumentNotFound.

        0 for a short body, and for a body without a match.
        """

    def original(self, document_id: str) -> str:
        """Return the text from which a document was cleaned. Raises DocumentNotFound."""

    def documents(self) -> Iterator[tuple[Document, str]]:
        """Iterate over all documents and their original texts."""

    def suggest(self, prefix: str, context: Query | None, limit: int) -> Sequence[Completion]:
        """Return words that start with the folded `prefix`, those in most documents first.

        Only documents that match `context` count; None means all. Of words with the same stem only the most
        frequent is returned. If no word matches a prefix of four letters or more, one letter may differ.
        """

    def sample(self, tree: Query, limit: int) -> Sequence[str]:
        """Return the bodies of up to `limit` documents that match `tree`, from the whole index; near-duplicates once.

        Of a long body, the beginning.
        """

    def similar(self, document_id: str, limit: int) -> Sequence[EngineHit]:
        """Return documents that share the key terms of one, best first. Raises DocumentNotFound.

        Near-duplicates of the document are left out, and only one of each cluster is returned.
        """

    def near_duplicates(self, document_id: str) -> Sequence[Document]:
        """Return up to MAX_DUPLICATES near-duplicates, the canonical document first. Raises DocumentNotFound."""

    def duplicates(self) -> Sequence[DuplicateCluster]:
        """Return all clusters of near-duplicates, the largest first."""

    def status(self) -> EngineStatus:
        """Return size, age and facet counts of the generation."""

    def user_data(self, name: str) -> bytes:
        """Return bytes that the build kept under `name`. Raises KeyError."""

    def problems(self) -> Sequence[SeedProblem]:
        """Return the problems that the build reported."""


class Engine(Protocol):
    """Published generations, one of them current. Safe to use from several threads."""

    name: str

    @property
    def warnings(self) -> Sequence[str]:
        """Reasons why an older generation is in use than the published one."""

    def snapshot(self, name: str | None = None) -> Snapshot:
        """Return the generation `name`, or the current one, after a look for a newer one every half second.

        Raises IndexMissing, SchemaChanged, IndexDamaged, EngineUnavailable, and StoreError for an unknown name.
        """

    def current(self) -> str | None:
        """Return the name of the current generation, or None if `snapshot` would look for a newer one. Never blocks."""

    def refresh(self) -> None:
        """Make the next `snapshot` look for a newer generation."""

    def sweep(self) -> None:
        """Delete leftovers of killed builds, if that is cheap and no build is running. Every build deletes them."""

    def new_generation(self) -> AbstractContextManager[GenerationWriter]:
        """Open a writer; leaving the `with` block publishes, an exception leaves no trace. Raises IndexBusy."""

    def next_generation(self) -> AbstractContextManager[GenerationWriter]:
        """Open a writer that can reuse the current generation. Raises IndexBusy, and as `snapshot`."""

    def generations(self) -> Sequence[GenerationInfo]:
        """Return all published generations, newest first."""

    def check(self) -> Sequence[GenerationCheck]:
        """Read and verify every published generation, newest first. Raises StoreError if the index cannot be read."""

    def activate(self, name: str) -> None:
        """Make the generation `name` current. Raises StoreError."""

    def prune(self, keep: int) -> Sequence[str]:
        """Delete all but the current and the `keep` - 1 newest other generations; return their names."""

    def close(self) -> None:
        """Close files and connections."""
