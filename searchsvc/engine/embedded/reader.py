"""A published generation, opened: never changes, safe from several threads."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.columns import Columns
from searchsvc.engine.embedded.docsets import masked
from searchsvc.engine.embedded.documents import Blobs, Blocks
from searchsvc.engine.embedded.search import Answer, lacking, relaxed
from searchsvc.engine.embedded.segment import Segment
from searchsvc.engine.embedded.weighting import TrueBM25F
from searchsvc.engine.embedded.writer import ATTACHED
from searchsvc.engine.generations import Manifest, verify
from searchsvc.engine.interface import NEWEST_FIRST, RELEVANCE, EngineQuery
from searchsvc.errors import DocumentNotFound, IndexDamaged
from searchsvc.models import DateRange, Document, DuplicateCluster, EngineHit, EngineHits, FacetValue, Filter

Numbers = NDArray[np.int32]
Flags = NDArray[np.bool_]

_DOCUMENT = msgspec.msgpack.Decoder(Document)


class GenerationReader:
    """Answers from one generation. Raises IndexDamaged and SchemaChanged when opened."""

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self.manifest: Manifest = verify(folder, fingerprint)
        self._folder = folder
        try:
            self._segment = Segment(folder)
            self._columns = Columns(folder, self._segment.columns["published"])
            self._documents = Blobs(folder, "documents")
            self._originals = Blocks(folder, "originals")
        except (OSError, ValueError, KeyError) as error:
            raise IndexDamaged(f"generation {folder.name} can't be opened: {error}") from error
        self._scorer = TrueBM25F(self._segment)

    def search(self, query: EngineQuery) -> EngineHits:
        kept = self._columns.filtered(query.filters, query.published)
        tiers = relaxed(self._segment, self._scorer, query, None if kept is None else masked(kept))
        hits, ahead = [], 0
        for answer in (tiers.first, tiers.rest):
            if answer is not None:
                hits += self._hits(answer, query, ahead, answer is tiers.rest)
                ahead += answer.found.count
        few = tiers.rest.found.count if tiers.rest else 0
        return EngineHits(tuple(hits), ahead, self._facets(tiers.all, query), self.manifest.name, few)

    def document(self, document_id: str) -> Document:
        return self._document(self._number(document_id))

    def original(self, document_id: str) -> str:
        return self._original(self._number(document_id))

    def documents(self) -> Iterator[tuple[Document, str]]:
        for number in range(self._columns.size):
            yield self._document(number), self._original(number)

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

    def _hits(self, answer: Answer, query: EngineQuery, ahead: int, few: bool) -> list[EngineHit]:
        """The hits of `answer` that stand on the page, `ahead` others being before them."""
        offset, end = max(query.offset - ahead, 0), query.offset + query.limit - ahead
        if end <= offset:
            return []
        numbers, scores = self._page(answer, query.sort, offset, end)
        whole = query.relaxed is not None and not few  # then the hits have all parts
        lacks = [()] * len(numbers) if whole else lacking(self._segment, self._scorer, query.parts, numbers)
        return [
            EngineHit(self._document(number), score, lacked, few)
            for number, score, lacked in zip(numbers.tolist(), scores.tolist(), lacks, strict=True)
        ]

    def _page(self, answer: Answer, sort: str, offset: int, end: int) -> tuple[Numbers, NDArray[np.float64]]:
        if sort == RELEVANCE:
            return answer.page(offset, end - offset)
        numbers = self._columns.by_day(answer.found.listed(), end, sort == NEWEST_FIRST)[offset:]
        ascending = np.argsort(numbers)  # as scoring wants them
        scores = np.empty(len(numbers))
        scores[ascending] = answer.node.scores(numbers[ascending])
        return numbers, scores

    def _facets(self, answer: Answer, query: EngineQuery) -> dict[str, tuple[FacetValue, ...]]:
        if not query.facets:
            return {}
        found = answer.found.flags()
        matched = answer.matched.flags() if answer.matched is not answer.found else found
        counts = {}
        for name in query.facets:
            others = [each for each in query.filters if each.field != name or each.exclude]
            flags = found if len(others) == len(query.filters) else self._within(matched, others, query.published)
            counts[name] = self._columns.facets[name].counts(flags, query.facet_limit)
        return counts

    def _within(self, matched: Flags, filters: Sequence[Filter], published: DateRange | None) -> Flags:
        """What filters leave of `matched`, which is padded as DocSet.flags is."""
        kept = self._columns.filtered(filters, published)
        return matched if kept is None else matched[: len(kept)] & kept

    def _number(self, document_id: str) -> int:
        number = self._columns.number_of(document_id)
        if number is None:
            raise DocumentNotFound("no document has this address; it may have been removed since")
        return number

    def _original(self, number: int) -> str:
        return self._originals[number].decode("utf-8")

    def _document(self, number: int) -> Document:
        return _DOCUMENT.decode(self._documents[number])
