"""Documents to bulk lines, batch by batch, in this process or in several."""

from collections.abc import Iterable, Mapping, Sequence
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
        self._language = language
        self._tokenizer = Tokenizer(language, CACHE_SIZE) if jobs == 1 else None
        self._pool = WorkerPool(jobs, _analyse) if jobs > 1 else None

    def analyse(self, batch: DocumentBatch) -> Sequence[AnalysedBatch]:
        """Submit `batch`, and return an analysed batch if one is due. Raises ProcessLost."""
        if self._pool is not None:
            return self._pool.submit((batch, self._language))
        assert self._tokenizer is not None
        return [analysed_batch(batch, self._tokenizer)]

    def remaining(self) -> Iterable[AnalysedBatch]:
        """Wait for the pending batches, and yield them. Raises ProcessLost."""
        return self._pool.remaining() if self._pool is not None else ()

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
