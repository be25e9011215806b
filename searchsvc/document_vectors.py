"""Vectors of the documents of a build. Those of the previous generation are used again where the text is the same."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

from searchsvc.engine.interface import Engine, Snapshot
from searchsvc.errors import DocumentNotFound, StoreError
from searchsvc.ingest import Outcome
from searchsvc.models.documents import Document, SeedProblem
from searchsvc.reranker import model_key
from searchsvc.semantic import SentenceModel, packed, text_to_embed

_AHEAD = 8  # documents that wait for each thread


@dataclass(frozen=True, slots=True)
class PreviousVectors:
    """Vectors of the current generation. `snapshot`: None if it has none of the same model."""

    snapshot: Snapshot | None

    @classmethod
    def of(cls, engine: Engine, model: SentenceModel) -> "PreviousVectors":
        try:
            snapshot = engine.snapshot()
            return cls(snapshot if model_key(snapshot) == model.key else None)
        except StoreError:
            return cls(None)

    def vector(self, document: Document, text: str) -> bytes:
        """Return the vector of a document that had the same id and `text`; empty if there is none."""
        if self.snapshot is None:
            return b""
        try:
            previous = self.snapshot.document(document.id)
        except (DocumentNotFound, StoreError):
            return b""
        return previous.vector if text_to_embed(previous) == text else b""


def with_vectors(
    outcomes: Iterable[Outcome], model: SentenceModel, previous: PreviousVectors, threads: int
) -> Iterator[Outcome]:
    """Yield the outcomes in their order, documents with their vectors. The model releases Python's lock."""

    def vector(document: Document) -> bytes:
        text = text_to_embed(document)
        return previous.vector(document, text) or packed(model.embed(text))

    waiting: deque[tuple[Outcome, Future[bytes] | None]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for outcome in outcomes:
            future = None if isinstance(outcome, SeedProblem) else pool.submit(vector, outcome.document)
            waiting.append((outcome, future))
            if len(waiting) > _AHEAD * threads:
                yield _finished(*waiting.popleft())
        while waiting:
            yield _finished(*waiting.popleft())


def _finished(outcome: Outcome, vector: Future[bytes] | None) -> Outcome:
    if vector is None or isinstance(outcome, SeedProblem):
        return outcome
    return replace(outcome, document=replace(outcome.document, vector=vector.result()))
