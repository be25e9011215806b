"""Writer of one generation, in an index that is not published yet."""

import base64
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from searchsvc.analysis import analysed_as, analyzer
from searchsvc.engine.interface import NO_STATES, DocumentStates
from searchsvc.engine.opensearch.client.bulk import BulkLoader
from searchsvc.engine.opensearch.client.indices import Indices, checked_json
from searchsvc.engine.opensearch.client.transport import Transport
from searchsvc.engine.opensearch.data.batch_analysis import AnalysedBatch, BatchAnalysis, DocumentBatch
from searchsvc.engine.opensearch.data.documents import (
    StoredSource,
    as_document,
    duplicate_lines,
    source_line,
    word_lines,
)
from searchsvc.engine.opensearch.data.mapping import DOCUMENT, PROBLEMS, USER_DATA, IndexManifest
from searchsvc.engine.opensearch.data.word_index import WordCounts
from searchsvc.engine.opensearch.snapshot import OpenSearchSnapshot
from searchsvc.errors import NothingToIndex, StoreError
from searchsvc.models.documents import Document, SeedProblem
from searchsvc.schema import fingerprint

ANALYSIS_CHARACTERS = 4_000_000  # characters of documents and original texts analysed at a time
PIECE_BYTES = 3 << 20
_SAMPLE_SIZE = 20  # documents verified before a generation is published
_REQUEST_SECONDS = 60.0  # time limit of one request of the verification
_FLUSH_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """Processes that analyse documents, and the language of documents in a language without stemmer."""

    language: str
    jobs: int = 1


class IndexWriter:
    """Takes documents; `finish` completes the index with its manifest."""

    def __init__(
        self,
        name: str,
        indices: Indices,
        transport: Transport,
        options: LoadOptions,
        previous: OpenSearchSnapshot | None = None,
    ) -> None:
        """`previous`: the generation to update."""
        self.name = name
        self._previous = previous
        self._indices = indices
        self._index = indices.index_name(name)
        self._language = options.language
        self._loader = BulkLoader(transport, self._index)
        self._analysis = BatchAnalysis(options.jobs, options.language)
        self._word_counts = WordCounts()
        self._pending: list[tuple[Document, StoredSource]] = []  # not analysed yet
        self._characters = 0  # of the pending documents
        self._count = 0  # of the analysed documents
        self._piece_counts: dict[str, int] = {}
        self._problems: list[SeedProblem] = []
        self._sample: list[Document] = []
        self._random = random.Random(name)

    def user_data(self, name: str) -> bytes:
        if self._previous is None:
            raise KeyError(name)
        return self._previous.reader.stored_bytes(USER_DATA + name)

    def states(self) -> DocumentStates:
        return self._previous.states() if self._previous else NO_STATES

    def delete(self, deleted: NDArray[np.bool_]) -> None:
        """Copy the documents of the previous generation, except where `deleted`, (documents,) bool, is true."""
        if self._previous is None:
            return
        for stored, is_deleted in zip(self._previous.stored(), deleted.tolist(), strict=True):
            if not is_deleted:
                self.add(*stored)

    def add(self, document: Document, original: str, state: bytes = b"") -> None:
        self._pending.append((document, StoredSource(original, state)))
        self._characters += len(document.body) + len(original)
        if self._characters >= ANALYSIS_CHARACTERS:
            self._analyse()

    def _analyse(self) -> None:
        """Analyse the pending documents, and send the analysed batches."""
        pending, self._pending, self._characters = self._pending, [], 0
        first = self._count
        for document, _ in pending:
            self._count += 1
            self._add_to_sample(document)
        for batch in self._analysis.analyse(DocumentBatch(pending, first)):
            self._send(batch)

    def _send(self, batch: AnalysedBatch) -> None:
        self._loader.send(batch.lines)
        self._word_counts.add(batch.word_counts)
        self._loader.send(word_lines(self._word_counts.pop_rare()))

    def set_duplicates(self, canonicals: Mapping[str, str]) -> None:
        self._loader.send(duplicate_lines(canonicals))

    def put_user_data(self, name: str, data: bytes) -> None:
        self._store_pieces(USER_DATA + name, data)

    def set_problems(self, problems: Iterable[SeedProblem]) -> None:
        self._problems.extend(problems)

    def finish(self, replicas: int) -> None:
        """Send pending documents, verify the index and complete it. Raises NothingToIndex, StoreError."""
        self._analyse()
        for batch in self._analysis.remaining():
            self._send(batch)
        if not self._count:
            raise NothingToIndex("no document to index; the previous index is still in use")
        self._store_pieces(PROBLEMS, msgspec.msgpack.encode(self._problems))
        self._loader.send(word_lines(self._word_counts.remaining()))
        self._loader.finish()
        # Replicas copy the files of a commit with all its operations on disk; later operations are indexed again. The
        # first flush writes them to disk, the second makes such a commit.
        for parameters in ("", "?force=true"):
            checked_json(self._indices.request("POST", f"/{self._index}/_flush{parameters}", seconds=_FLUSH_SECONDS))
        checked_json(self._indices.request("POST", f"/{self._index}/_refresh", seconds=_REQUEST_SECONDS))
        self._verify()
        created = datetime.now(UTC).isoformat(timespec="seconds")
        manifest = IndexManifest(fingerprint(self._language), created, self._count, self._piece_counts)
        self._indices.complete(self.name, manifest, replicas)

    def close(self) -> None:
        """Stop processes and threads."""
        self._analysis.close()
        self._loader.close()

    def _store_pieces(self, name: str, data: bytes) -> None:
        pieces = [data[start : start + PIECE_BYTES] for start in range(0, len(data), PIECE_BYTES)]
        self._piece_counts[name] = len(pieces)
        self._loader.send([source_line(name, number, piece) for number, piece in enumerate(pieces)])

    def _add_to_sample(self, document: Document) -> None:
        """Sample documents uniformly (Vitter's algorithm R, "Random Sampling with a Reservoir", 1985)."""
        if len(self._sample) < _SAMPLE_SIZE:
            self._sample.append(document)
        elif (index := self._random.randrange(self._count)) < _SAMPLE_SIZE:
            self._sample[index] = document

    def _verify(self) -> None:
        """Check the number of documents, and that a sample comes back intact and is found by its words."""
        count = self._count_matches({"term": {"kind": DOCUMENT}})
        if count != self._count:
            raise StoreError(
                f"{self._count:,} documents were sent, but {count:,} are in the index; run `searchsvc rebuild`"
            )
        for document in self._sample:
            path = f"/{self._index}/_doc/{document.id}?stored_fields=stored"
            reply_body = checked_json(self._indices.request("GET", path, seconds=_REQUEST_SECONDS))
            if as_document(base64.b64decode(reply_body["fields"]["stored"][0])) != document:
                raise StoreError(f"document {document.id} was altered by the cluster; run `searchsvc rebuild`")
            language_analyzer = analyzer(analysed_as(document.language, self._language))
            terms = language_analyzer.terms(document.body[:2000])[:5]
            clauses = [{"term": {"id": document.id}}, *({"term": {"body": term}} for term in terms)]
            if not self._count_matches({"bool": {"filter": clauses}}):
                raise StoreError(f"document {document.id} is not found by its words; run `searchsvc rebuild`")

    def _count_matches(self, clause: dict[str, Any]) -> int:
        reply = self._indices.request("POST", f"/{self._index}/_count", {"query": clause}, seconds=_REQUEST_SECONDS)
        count: int = checked_json(reply)["count"]
        return count
