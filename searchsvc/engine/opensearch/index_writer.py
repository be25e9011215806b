"""Builds one generation in an index that nobody reads yet."""

import base64
import random
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from searchsvc.analysis import analysed_as, analyzer
from searchsvc.engine.interface import NO_STATES, DocumentStates
from searchsvc.engine.opensearch.client.bulk import BulkLoader
from searchsvc.engine.opensearch.client.indices import Indices, done
from searchsvc.engine.opensearch.client.transport import Transport
from searchsvc.engine.opensearch.data.documents import (
    StoredSource,
    as_document,
    document_line,
    duplicate_lines,
    source_line,
    word_lines,
)
from searchsvc.engine.opensearch.data.mapping import DOCUMENT, PROBLEMS, USER_DATA, IndexManifest
from searchsvc.engine.opensearch.data.word_index import WordIndex
from searchsvc.engine.opensearch.snapshot import OpenSearchSnapshot
from searchsvc.errors import NothingToIndex, StoreError
from searchsvc.models.documents import Document, SeedProblem
from searchsvc.schema import fingerprint

TOGETHER = 4_000_000  # characters of documents and originals that are analysed at once
PIECE = 3 << 20  # bytes of what is kept in one piece
_SAMPLE = 20  # documents looked up before a generation is published
_SECONDS = 60.0  # for one request of the verification
_FLUSHING = 300.0  # seconds


class IndexWriter:
    """Takes documents; `finish` leaves a whole index, with its manifest, that nothing names yet."""

    def __init__(
        self, name: str, indices: Indices, transport: Transport, language: str, before: OpenSearchSnapshot | None = None
    ) -> None:
        """`before`: the generation that this one goes on from."""
        self.name = name
        self._before = before
        self._indices = indices
        self._index = indices.index(name)
        self._language = language
        self._loader = BulkLoader(transport, self._index)
        self._words = WordIndex(language)
        self._waiting: list[tuple[Document, StoredSource]] = []  # to be analysed
        self._characters = 0  # of what waits
        self._count = 0  # of what does not
        self._kept: dict[str, int] = {}
        self._problems: list[SeedProblem] = []
        self._sample: list[Document] = []
        self._dice = random.Random(name)

    def user_data(self, name: str) -> bytes:
        if self._before is None:
            raise KeyError(name)
        return self._before.kept(USER_DATA + name)

    def states(self) -> DocumentStates:
        return self._before.states() if self._before else NO_STATES

    def delete(self, gone: NDArray[np.bool_]) -> None:
        if self._before is None:
            return
        for stored, is_gone in zip(self._before.stored(), gone.tolist(), strict=True):
            if not is_gone:
                self.add(*stored)

    def add(self, document: Document, original: str, memo: bytes = b"") -> None:
        self._waiting.append((document, StoredSource(original, memo)))
        self._characters += len(document.body) + len(original)
        if self._characters >= TOGETHER:
            self._analyse()

    def _analyse(self) -> None:
        """Send what waits."""
        waiting, self._waiting, self._characters = self._waiting, [], 0
        for (document, kept), terms in zip(waiting, self._words.terms([each for each, _ in waiting]), strict=True):
            self._loader.send([document_line(self._count, document, kept, terms)])
            self._count += 1
            self._remember(document)
        self._loader.send(word_lines(self._words.surplus()))

    def set_duplicates(self, faces: Mapping[str, str]) -> None:
        self._loader.send(duplicate_lines(faces))

    def put_user_data(self, name: str, data: bytes) -> None:
        self._keep(USER_DATA + name, data)

    def set_problems(self, problems: Iterable[SeedProblem]) -> None:
        self._problems.extend(problems)

    def finish(self, copies: int) -> None:
        """Send the rest, see that all of it is there, and complete the index. Raises NothingToIndex, StoreError."""
        self._analyse()
        if not self._count:
            raise NothingToIndex("no document to index; the previous index is still in use")
        self._keep(PROBLEMS, msgspec.msgpack.encode(self._problems))
        self._loader.send(word_lines(self._words.rest()))
        self._loader.finish()
        # A copy is made of the files of a commit whose operations are all known to be on disk; what came later is
        # indexed once more for it. The first flush puts them there, the second makes such a commit.
        for how in ("", "?force=true"):
            done(self._indices.ask("POST", f"/{self._index}/_flush{how}", seconds=_FLUSHING))
        done(self._indices.ask("POST", f"/{self._index}/_refresh", seconds=_SECONDS))
        self._verify()
        created = datetime.now(UTC).isoformat(timespec="seconds")
        manifest = IndexManifest(fingerprint(self._language), created, self._count, self._kept)
        self._indices.complete(self.name, manifest, copies)

    def close(self) -> None:
        """Let go of the threads that load."""
        self._loader.close()

    def _keep(self, name: str, data: bytes) -> None:
        pieces = [data[start : start + PIECE] for start in range(0, len(data), PIECE)]
        self._kept[name] = len(pieces)
        self._loader.send([source_line(name, number, piece) for number, piece in enumerate(pieces)])

    def _remember(self, document: Document) -> None:
        """A sample in which every document has the same chance to be (Vitter's algorithm R)."""
        if len(self._sample) < _SAMPLE:
            self._sample.append(document)
        elif (place := self._dice.randrange(self._count)) < _SAMPLE:
            self._sample[place] = document

    def _verify(self) -> None:
        """All documents are there, some are what was sent, and these are found by their words."""
        counted = self._found({"term": {"kind": DOCUMENT}})
        if counted != self._count:
            raise StoreError(f"{self._count:,} documents were sent, but {counted:,} are in the index; build again")
        for document in self._sample:
            path = f"/{self._index}/_doc/{document.id}?stored_fields=stored"
            found = done(self._indices.ask("GET", path, seconds=_SECONDS))
            if as_document(base64.b64decode(found["fields"]["stored"][0])) != document:
                raise StoreError(f"document {document.id} came back otherwise than it was sent; build again")
            spoken = analyzer(analysed_as(document.language, self._language))
            terms = spoken.terms(document.body[:2000])[:5]
            clauses = [{"term": {"id": document.id}}, *({"term": {"body": term}} for term in terms)]
            if not self._found({"bool": {"filter": clauses}}):
                raise StoreError(f"document {document.id} is not found by its own words; build again")

    def _found(self, clause: dict[str, Any]) -> int:
        reply = self._indices.ask("POST", f"/{self._index}/_count", {"query": clause}, seconds=_SECONDS)
        count: int = done(reply)["count"]
        return count
