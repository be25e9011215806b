"""A published generation, opened: never changes, safe from several threads."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from whoosh.query import Query

from searchsvc.analysis import SNOWBALL, analysed_as, analyzer
from searchsvc.engine.embedded.files import USER_DATA
from searchsvc.engine.embedded.index.array_file import Array
from searchsvc.engine.embedded.index.doc_set import (
    DocSet,
    difference,
    intersection,
    masked,
)
from searchsvc.engine.embedded.index.doc_values import DocValues
from searchsvc.engine.embedded.index.forward_index import ForwardIndex
from searchsvc.engine.embedded.index.segment import Segment
from searchsvc.engine.embedded.index.stored_fields import StoredFields
from searchsvc.engine.embedded.index.weak_lru_cache import weak_lru_cache
from searchsvc.engine.embedded.search.bm25f import TrueBM25F
from searchsvc.engine.embedded.search.more_like_this import more_like_this
from searchsvc.engine.embedded.search.recency_boost import RecencyBoost
from searchsvc.engine.embedded.search.relevance_feedback import expand_query
from searchsvc.engine.embedded.search.searcher import SearchState, search, search_with_fallback
from searchsvc.engine.embedded.words.autocomplete import complete
from searchsvc.engine.embedded.words.display_form import display_form, prose
from searchsvc.engine.embedded.words.spell_index import SegmentVocabulary
from searchsvc.engine.interface import MAX_DUPLICATES, DocumentStates
from searchsvc.engine.query import NEWEST_FIRST, RELEVANCE, EngineQuery
from searchsvc.engine.storage.manifest import Manifest, verify
from searchsvc.errors import DocumentNotFound, IndexDamaged
from searchsvc.models.documents import Document, DuplicateCluster, SeedProblem
from searchsvc.models.index import EngineStatus, GenerationInfo
from searchsvc.models.search import Completion, EngineHit, EngineHits, FacetValue, Filter

Numbers = NDArray[np.int32]

_DOCUMENT = msgspec.msgpack.Decoder(Document)
LOOKED_INTO = 4  # documents, for how a word is written


class EmbeddedSnapshot:
    """Answers from one generation. Raises IndexDamaged and SchemaChanged when opened.

    `configured`: the language of documents in a language that has no stems.
    `freshness`: in how many days half of what is added for being new is lost, 0 for off.
    """

    def __init__(self, folder: Path, fingerprint: str, configured: str, half_life_days: int = 0) -> None:
        self.manifest: Manifest = verify(folder, fingerprint)
        self._folder = folder
        try:
            self._segment = Segment(folder)
            self._recency_boost = RecencyBoost(self._segment.columns["published"], half_life_days)
            self.columns = DocValues(folder, self._segment.columns["published"])
            self.volumes = StoredFields(folder)
        except Exception as error:  # bytes that a disk altered unnoticed may break numpy anywhere
            raise IndexDamaged(f"generation {folder.name} can't be opened: {error}") from error
        self._scorer = TrueBM25F(self._segment)
        self._configured = configured
        others = [each for each in self.languages if each in SNOWBALL and each != configured]
        self.vocabulary = SegmentVocabulary(self._segment, self._scorer, (configured, *others))
        self._written = weak_lru_cache(self._written_of, 20_000)

    @property
    def name(self) -> str:
        return self.manifest.name

    @property
    def languages(self) -> tuple[str, ...]:
        return self._segment.languages

    def search(self, query: EngineQuery) -> EngineHits:
        kept = self.columns.filter_mask(query.filters, query.published)
        tiers = search_with_fallback(self._segment, self._scorer, query, None if kept is None else masked(kept))
        if query.collapse:
            tiers = tiers.excluding(self.columns.suppressed(tiers.combined.filtered))
        whole = tiers.exact.count
        hits = self._hits(tiers.first, query, 0, tiers.first.filtered.count > whole)
        if tiers.fallback is not None:
            behind = self._hits(tiers.fallback, query, tiers.first.filtered.count, True)
            hits += [replace(hit, partial_match=True) for hit in behind]
        total = tiers.combined.filtered.count
        return EngineHits(tuple(hits), total, self._facets(tiers.combined, query), self.manifest.name, total - whole)

    def document(self, document_id: str) -> Document:
        return self._document(self._number(document_id))

    def original(self, document_id: str) -> str:
        return self._original(self._number(document_id))

    def documents(self) -> Iterator[tuple[Document, str]]:
        for number in range(self.columns.size):
            yield self._document(number), self._original(number)

    def suggest(self, prefix: str, context: Query | None, limit: int) -> list[Completion]:
        within = None if context is None else search(self._segment, self._scorer, context).filtered
        found = complete(self._segment, prefix, within, limit)
        return [Completion(self._written(each.word_id), each.documents) for each in found]

    def similar(self, document_id: str, limit: int) -> list[EngineHit]:
        number = self._number(document_id)
        document = self._document(number)
        tree = more_like_this(self._segment, document, analyzer(analysed_as(document.language, self._configured)))
        if tree is None:
            return []
        faces = self.columns.canonicals
        answer = search(self._segment, self._scorer, tree, masked(faces != faces[number]))
        numbers, scores = answer.page(0, limit * 2)
        _, first = np.unique(faces[numbers], return_index=True)  # of near-duplicates only the best
        return [
            EngineHit(self._document(int(numbers[at])), float(scores[at])) for at in np.sort(first)[:limit].tolist()
        ]

    def duplicates(self) -> list[DuplicateCluster]:
        clusters = [
            DuplicateCluster(self._document(face), tuple(map(self._document, copies)))
            for face, copies in self.columns.clusters.items()
        ]
        return sorted(clusters, key=lambda cluster: (-len(cluster.duplicates), cluster.canonical.id))

    def near_duplicates(self, document_id: str) -> tuple[Document, ...]:
        return self._copies(self._number(document_id))

    @property
    def arrays(self) -> Mapping[str, Array]:
        """The postings, as the next generation takes them over."""
        return self._segment.arrays

    @property
    def forward_index(self) -> ForwardIndex:
        return self._segment.forward_index

    def stored(self, number: int) -> Document:
        """A document by its number."""
        return self._document(number)

    def states(self) -> DocumentStates:
        return self.volumes.states(self.columns.ids)

    def status(self) -> EngineStatus:
        manifest = self.manifest
        size = sum(file.size for file in manifest.files.values())
        info = GenerationInfo(manifest.name, manifest.created, manifest.documents, size, current=True)
        return EngineStatus("embedded", info, self.facet_counts(limit=100))

    def problems(self) -> Sequence[SeedProblem]:
        return self.manifest.problems

    def user_data(self, name: str) -> bytes:
        if f"{USER_DATA}{name}" not in self.manifest.files:
            raise KeyError(name)
        return (self._folder / f"{USER_DATA}{name}").read_bytes()

    def facet_counts(self, limit: int) -> dict[str, tuple[FacetValue, ...]]:
        """The counts over all documents."""
        return {name: facet.counts(self._segment.all_docs, limit) for name, facet in self.columns.facets.items()}

    def _hits(self, answer: SearchState, query: EngineQuery, ahead: int, some: bool) -> list[EngineHit]:
        """The hits of `answer` that stand on the page, `ahead` others being before them.

        `some`: they may match only some of the parts.
        """
        offset, end = max(query.offset - ahead, 0), query.offset + query.limit - ahead
        if end <= offset:
            return []
        numbers, scores = self._page(answer, query, offset, end)
        whole = query.fallback is not None and not some
        lacks = [()] * len(numbers) if whole else answer.missing_parts(query.parts, numbers)
        return [
            EngineHit(self._document(number), score, lacked, duplicates=self._copies(number))
            for number, score, lacked in zip(numbers.tolist(), scores.tolist(), lacks, strict=True)
        ]

    def _page(
        self, answer: SearchState, query: EngineQuery, offset: int, end: int
    ) -> tuple[Numbers, NDArray[np.float64]]:
        if query.sort == RELEVANCE:
            # Filters don't change what is learnt, so they leave the order of what they keep as it was.
            node, wanted = answer.node, end if answer.filtered is answer.matched else 0
            if answer.has_free_text and query.deadline.allows_more():
                node = expand_query(self._segment, node, wanted)
            return answer._replace(node=self._recency_boost.boosted(node)).page(offset, end - offset)
        numbers = self.columns.sorted_by_date(answer.filtered.docs_array(), end, query.sort == NEWEST_FIRST)[offset:]
        ascending = np.argsort(numbers)  # as scoring wants them
        scores = np.empty(len(numbers))
        scores[ascending] = answer.node.scores(numbers[ascending])
        return numbers, scores

    def _facets(self, answer: SearchState, query: EngineQuery) -> dict[str, tuple[FacetValue, ...]]:
        if not query.facets:
            return {}
        counts = {}
        for name in query.facets:
            if not query.deadline.allows_more():
                break
            others = [each for each in query.filters if each.field != name or each.exclude]
            own = len(others) < len(query.filters)
            found = self._within(answer.matched, others, query) if own else answer.filtered
            counts[name] = self.columns.facets[name].counts(found, query.facet_limit)
        return counts

    def _within(self, matched: DocSet, filters: Sequence[Filter], query: EngineQuery) -> DocSet:
        """What filters, and the days and copies of `query`, leave of `matched`."""
        kept = self.columns.filter_mask(filters, query.published)
        left = matched if kept is None else intersection([matched, masked(kept)])
        return difference(left, self.columns.suppressed(left)) if query.collapse else left

    def _number(self, document_id: str) -> int:
        number = self.columns.number_of(document_id)
        if number is None:
            raise DocumentNotFound("no document has this address; it may have been removed since")
        return number

    def _copies(self, number: int) -> tuple[Document, ...]:
        face = int(self.columns.canonicals[number])
        copies = self.columns.clusters.get(face)
        if copies is None:
            return ()
        others = islice((each for each in (face, *copies) if each != number), MAX_DUPLICATES)
        return tuple(map(self._document, others))

    def _original(self, number: int) -> str:
        return self.volumes.original(number).decode("utf-8")

    def _written_of(self, word: int) -> str:
        """How people write a word, given by its number in the lexicon."""
        lexicon = self._segment.lexicon
        found = self._segment.all_fields(int(lexicon.term_ids[word])).doc_set.docs_array()
        first = found[self._segment.id_ranks[found].argsort()[:LOOKED_INTO]].tolist()
        return display_form(lexicon.words[word].decode(), map(prose, map(self._document, first)))

    def _document(self, number: int) -> Document:
        return _DOCUMENT.decode(self.volumes.document(number))
