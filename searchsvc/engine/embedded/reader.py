"""A published generation, opened: never changes, safe from several threads."""

import threading
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from whoosh.index import EmptyIndexError, open_dir
from whoosh.query import Query
from whoosh.scoring import BM25F
from whoosh.searching import Searcher

from searchsvc.engine.embedded.columns import Columns
from searchsvc.engine.embedded.documents import Blobs
from searchsvc.engine.embedded.writer import ATTACHED
from searchsvc.engine.generations import Manifest, verify
from searchsvc.engine.interface import NEWEST_FIRST, RELEVANCE, EngineQuery
from searchsvc.errors import DocumentNotFound, IndexDamaged
from searchsvc.models import Document, DuplicateCluster, EngineHit, EngineHits, FacetValue

Numbers = NDArray[np.int32]


class GenerationReader:
    """Answers from one generation. Raises IndexDamaged and SchemaChanged when opened."""

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self.manifest: Manifest = verify(folder, fingerprint)
        self._folder = folder
        try:
            self._columns = Columns(folder)
            self._documents = Blobs(folder, "documents")
            self._originals = Blobs(folder, "originals")
            # Opened at once: the generation may be deleted while it still serves.
            self._searcher: Searcher = open_dir(str(folder), readonly=True).searcher(weighting=BM25F())
        except (OSError, ValueError, KeyError, EmptyIndexError) as error:
            raise IndexDamaged(f"generation {folder.name} can't be opened: {error}") from error
        self._searching = threading.Lock()  # a searcher used by two threads gives wrong results

    def search(self, query: EngineQuery) -> EngineHits:
        numbers, scores = self._matching(query.tree)
        allowed = self._columns.filtered(query.filters, query.published)
        kept = allowed[numbers]
        order = self._order(numbers[kept], scores[kept], query.sort)
        page = order[query.offset : query.offset + query.limit]
        score_of = dict(zip(numbers.tolist(), scores.tolist(), strict=True))
        hits = tuple(EngineHit(self._document(number), score_of[number]) for number in page.tolist())
        return EngineHits(hits, len(order), self._facets(numbers, query), self.manifest.name)

    def document(self, document_id: str) -> Document:
        return self._document(self._number(document_id))

    def original(self, document_id: str) -> str:
        return self._originals[self._number(document_id)].decode("utf-8")

    def duplicates(self) -> list[DuplicateCluster]:
        clusters = [
            DuplicateCluster(self._document(face), tuple(map(self._document, copies)))
            for face, copies in self._columns.clusters().items()
        ]
        return sorted(clusters, key=lambda cluster: (-len(cluster.copies), cluster.face.id))

    def attached(self, name: str) -> bytes:
        if f"{ATTACHED}{name}" not in self.manifest.files:
            raise KeyError(name)
        return (self._folder / f"{ATTACHED}{name}").read_bytes()

    def facet_counts(self, limit: int) -> dict[str, tuple[FacetValue, ...]]:
        """The counts over all documents."""
        everything = np.ones(self._columns.size, dtype=np.bool_)
        return {name: facet.counts(everything, limit) for name, facet in self._columns.facets.items()}

    def _matching(self, tree: Query | None) -> tuple[Numbers, NDArray[np.float64]]:
        """Every document that matches, in the order of numbers, and its score.

        Through Whoosh's matchers one by one: its top-k path gives wrong answers.
        """
        if tree is None:
            return np.arange(self._columns.size, dtype=np.int32), np.zeros(self._columns.size)
        numbers: list[int] = []
        scores: list[float] = []
        with self._searching:
            context = self._searcher.context()
            for leaf, offset in self._searcher.leaf_searchers():
                matcher = tree.matcher(leaf, context)
                while matcher.is_active():
                    numbers.append(offset + matcher.id())
                    scores.append(matcher.score())
                    matcher.next()
        return np.asarray(numbers, dtype=np.int32), np.asarray(scores, dtype=np.float64)

    def _order(self, numbers: Numbers, scores: NDArray[np.float64], sort: str) -> Numbers:
        if sort == RELEVANCE:
            return numbers[np.lexsort((numbers, -scores))]
        return self._columns.by_date(numbers, newest_first=sort == NEWEST_FIRST)

    def _facets(self, numbers: Numbers, query: EngineQuery) -> dict[str, tuple[FacetValue, ...]]:
        counts = {}
        for name in query.facets:
            others = [each for each in query.filters if each.field != name or each.exclude]
            matched = np.zeros(self._columns.size, dtype=np.bool_)
            matched[numbers] = True
            matched &= self._columns.filtered(others, query.published)
            counts[name] = self._columns.facets[name].counts(matched, query.facet_limit)
        return counts

    def _number(self, document_id: str) -> int:
        number = self._columns.number_of(document_id)
        if number is None:
            raise DocumentNotFound("no document has this address; it may have been removed since")
        return number

    def _document(self, number: int) -> Document:
        return msgspec.msgpack.decode(self._documents[number], type=Document)
