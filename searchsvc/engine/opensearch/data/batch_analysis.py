"""Documents to bulk lines, batch by batch, in this process or in several."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache

from searchsvc.engine.embedded.build.tokenizer import Tokenizer
from searchsvc.engine.opensearch.data.documents import BulkLine, StoredSource, document_line
from searchsvc.engine.opensearch.data.word_index import CACHE_SIZE, CountedWord, analysed
from searchsvc.models.documents import Document
from searchsvc.worker_pool import WorkerPool


@dataclass(frozen=True, slots=True)
class DocumentBatch:
    """Documents with their stored parts, numbered from `first`."""

    documents: Sequence[tuple[Document, StoredSource]]
    first: int


@dataclass(frozen=True, slots=True)
class AnalysedBatch:
    """Bulk lines of a batch, and the document counts of its words."""

    lines: Sequence[BulkLine]
    word_counts: Mapping[CountedWord, int]


class BatchAnalysis:
    """Analyses batches in `jobs` processes; with one job, in this process. Results are in the order of batches."""

    def __init__(self, jobs: int, language: str) -> None:
        """`language`: of documents in a language without stemmer."""
        self._jobs, self._language = jobs, language
        self._tokenizer = Tokenizer(language, CACHE_SIZE) if jobs == 1 else None
        self._pool = WorkerPool(jobs) if jobs > 1 else None
        self._running: deque[Future[AnalysedBatch]] = deque()

    def analyse(self, batch: DocumentBatch) -> Iterator[AnalysedBatch]:
        """Submit `batch`; yield the analysed batches that are ready, in order. Raises ProcessLost."""
        if self._pool is None:
            assert self._tokenizer is not None
            yield analysed_batch(batch, self._tokenizer)
            return
        self._running.append(self._pool.submit(_analyse, (batch, self._language)))
        while len(self._running) > self._jobs + 1:  # one batch waits, so that no process is idle
            yield self._running.popleft().result()

    def remaining(self) -> Iterator[AnalysedBatch]:
        """Wait for the other batches, and yield them. Raises ProcessLost."""
        while self._running:
            yield self._running.popleft().result()

    def close(self) -> None:
        """Kill the processes."""
        if self._pool is not None:
            self._pool.close()


def analysed_batch(batch: DocumentBatch, tokenizer: Tokenizer) -> AnalysedBatch:
    """Return the lines and word counts of a batch."""
    terms, counts = analysed([document for document, _ in batch.documents], tokenizer)
    lines = [
        document_line(number, document, stored, fields)
        for number, ((document, stored), fields) in enumerate(zip(batch.documents, terms, strict=True), batch.first)
    ]
    return AnalysedBatch(lines, counts)


@cache
def _process_tokenizer(language: str) -> Tokenizer:
    """Return the tokenizer of a worker process, with its cache of distinct pieces."""
    return Tokenizer(language, CACHE_SIZE)


def _analyse(task: tuple[DocumentBatch, str]) -> AnalysedBatch:
    batch, language = task
    return analysed_batch(batch, _process_tokenizer(language))
