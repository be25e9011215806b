"""A snapshot of the embedded engine: one generation, memory-mapped and open for reading."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from whoosh.query import Query

from searchsvc.analysis import SNOWBALL, analysed_as, analyzer
from searchsvc.engine.embedded.files import USER_DATA
from searchsvc.engine.embedded.index.doc_set import (
    DocSet,
    difference,
    intersection,
    masked,
)
from searchsvc.engine.embedded.index.doc_values import DocValues
from searchsvc.engine.embedded.index.generation_arrays import GenerationArrays
from searchsvc.engine.embedded.index.generation_documents import GenerationDocuments
from searchsvc.engine.embedded.index.index_reader import IndexReader
from searchsvc.engine.embedded.index.segment import Segment
from searchsvc.engine.embedded.index.stored_fields import StoredFields
from searchsvc.engine.embedded.search.bm25f import TrueBM25F
from searchsvc.engine.embedded.search.body_excerpts import body_excerpts, chunks_with_matches
from searchsvc.engine.embedded.search.recency_boost import RecencyBoost
from searchsvc.engine.embedded.search.relevance_feedback import FEEDBACK_DOCS, expand_query
from searchsvc.engine.embedded.search.searcher import (
    SearchState,
    TieredResult,
    search,
    search_with_fallback,
)
from searchsvc.engine.embedded.words.spell_index import GenerationVocabulary
from searchsvc.engine.embedded.words.word_completer import WordCompleter
from searchsvc.engine.excerpts import LONG_BODY, TermsPerLanguage
from searchsvc.engine.interface import DocumentStates
from searchsvc.engine.more_like_this import more_like_this
from searchsvc.engine.query import NEWEST_FIRST, RELEVANCE, EngineQuery
from searchsvc.engine.storage.manifest import Manifest, verify
from searchsvc.errors import IndexDamaged
from searchsvc.models.documents import FACETS, Document, DuplicateCluster, SeedProblem
from searchsvc.models.index import EngineStatus, GenerationInfo
from searchsvc.models.search import Completion, EngineHit, EngineHits, FacetValue, Filter
from searchsvc.pauses import pause_if_needed

Numbers = NDArray[np.int32]


def open_index(folder: Path) -> IndexReader:
    """Open the arrays of all segments of the generation in `folder`."""
    generation = GenerationArrays.load(folder)
    return IndexReader([Segment(folder, number) for number in generation.numbers], generation)


class EmbeddedSnapshot:
    """One generation of the embedded engine; implements `Snapshot`. Raises IndexDamaged and SchemaChanged when
    created.

    `configured`: language of documents in a language without a stemmer. `half_life_days`: of the recency boost, 0
    for off.
    """

    def __init__(self, folder: Path, fingerprint: str, configured: str, half_life_days: int = 0) -> None:
        self.manifest: Manifest = verify(folder, fingerprint)
        self.folder = folder
        try:
            self.reader = open_index(folder)
            self._recency_boost = RecencyBoost(self.reader, half_life_days)
            self.columns = DocValues(folder, self.reader)
            self.stored_fields = [StoredFields.of(folder, number) for number in self.reader.generation.numbers]
            self.contents = GenerationDocuments(self.reader, self.columns, self.stored_fields)
        except Exception as error:  # bytes altered by a disk can make numpy raise anything
            raise IndexDamaged(f"generation {folder.name} can't be opened: {error}") from error
        self._scorer = TrueBM25F(self.reader)
        self._configured = configured
        stemmed = [each for each in self.languages if each in SNOWBALL and each != configured]
        self.vocabulary = GenerationVocabulary(self.reader, self._scorer, (configured, *stemmed))
        self._word_completer = WordCompleter(self.reader, self.contents)

    @property
    def name(self) -> str:
        return self.manifest.name

    @property
    def languages(self) -> tuple[str, ...]:
        return self.reader.languages

    def search(self, query: EngineQuery) -> EngineHits:
        tiers = self._tiers(query)
        exact = tiers.exact.count
        hits = self._hits(tiers.first, query, 0, tiers.first.filtered.count > exact)
        if tiers.fallback is not None:
            partial = self._hits(tiers.fallback, query, tiers.first.filtered.count, True)
            hits += [msgspec.structs.replace(hit, partial_match=True) for hit in partial]
        total = tiers.combined.filtered.count
        facets, months = self._facets(tiers.combined, query), self._months(tiers.combined, query)
        return EngineHits(tuple(hits), total, facets, self.manifest.name, total - exact, months)

    def stream(self, query: EngineQuery) -> Iterator[Document]:
        tiers = self._tiers(query)
        states = [state for state in (tiers.first, tiers.fallback) if state is not None]
        numbers = np.concatenate([self._page(state, query, 0, state.filtered.count)[0] for state in states])
        return map(self.contents.document if query.body_length else self.contents.brief, map(int, numbers))

    def document(self, document_id: str) -> Document:
        return self.contents.document(self.contents.number_of(document_id))

    def original(self, document_id: str) -> str:
        return self.contents.original(self.contents.number_of(document_id))

    def documents(self) -> Iterator[tuple[Document, str]]:
        for number in self.reader.live_numbers():
            yield self.contents.document(number), self.contents.original(number)

    def suggest(self, prefix: str, context: Query | None, limit: int) -> list[Completion]:
        within = None if context is None else search(self.reader, self._scorer, context).filtered
        return self._word_completer.complete(prefix, within, limit)

    def sample(self, tree: Query, limit: int) -> list[str]:
        docs = search(self.reader, self._scorer, tree).filtered.docs_array()
        ids = self.columns.ids[docs]  # hashes: the smallest are of any documents, and the same after an update
        if len(docs) > limit:
            smallest = np.argpartition(ids, limit - 1)[:limit]
            docs, ids = docs[smallest], ids[smallest]
        docs = docs[np.argsort(ids)]
        _, first = np.unique(self.columns.canonicals[docs], return_index=True)
        return [self.contents.beginning(number) for number in docs[np.sort(first)].tolist()]

    def similar(self, document_id: str, limit: int) -> list[EngineHit]:
        number = self.contents.number_of(document_id)
        document = self.contents.document(number)
        stemmer = analyzer(analysed_as(document.language, self._configured))
        tree = more_like_this(document, stemmer, self.reader.doc_count, self.reader.term_frequencies)
        if tree is None:
            return []
        canonicals = self.columns.canonicals
        state = search(self.reader, self._scorer, tree, masked(canonicals != canonicals[number]))
        numbers, scores, first = self._page_of_clusters(state, limit)
        return [EngineHit(self.contents.brief(int(numbers[at])), float(scores[at])) for at in first.tolist()]

    def _page_of_clusters(
        self, state: SearchState, limit: int
    ) -> tuple[Numbers, NDArray[np.float64], NDArray[np.intp]]:
        """Return hits and scores, and the indices of the first `limit` that are the best of their near-duplicates."""
        size = limit
        while True:
            size *= 2
            numbers, scores = state.page(0, size)
            _, first = np.unique(self.columns.canonicals[numbers], return_index=True)
            if len(first) >= limit or len(numbers) < size:
                return numbers, scores, np.sort(first)[:limit]

    def best_offset(self, document_id: str, tree: Query) -> int:
        number = self.contents.number_of(document_id)
        stored = self.contents.stored(number)
        if not stored.has_long_body:
            return 0
        terms = TermsPerLanguage((tree,), self._configured)[stored.brief().language]
        chunk = next(iter(chunks_with_matches(*self.reader.locate(number), stored, terms, 1)), 0)
        return int(stored.chunks[0, chunk])

    def duplicates(self) -> list[DuplicateCluster]:
        return self.contents.clusters()

    def near_duplicates(self, document_id: str) -> tuple[Document, ...]:
        return self.contents.near_duplicates(self.contents.number_of(document_id))

    def states(self) -> DocumentStates:
        return self.contents.states()

    def segment_files(self, number: int) -> list[str]:
        """Return the names of the files of the segment `number`."""
        return [name for name in self.manifest.files if f".{number}." in name and not name.startswith(USER_DATA)]

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
        return (self.folder / f"{USER_DATA}{name}").read_bytes()

    def facet_counts(self, limit: int) -> dict[str, tuple[FacetValue, ...]]:
        """Return facet counts over all documents."""
        return {name: self.columns.facet(name).counts(self.reader.all_docs, limit) for name in FACETS}

    def _tiers(self, query: EngineQuery) -> TieredResult:
        mask = self.columns.filter_mask(query.filters, query.published)
        tiers = search_with_fallback(self.reader, self._scorer, query, None if mask is None else masked(mask))
        return tiers.excluding(self.columns.suppressed(tiers.combined.filtered)) if query.collapse else tiers

    def _hits(self, state: SearchState, query: EngineQuery, ahead: int, some: bool) -> list[EngineHit]:
        """Hits of `state` on the page, which `ahead` other hits precede.

        `some`: they may match only some of the parts.
        """
        offset, end = max(query.offset - ahead, 0), query.offset + query.limit - ahead
        if end <= offset:
            return []
        numbers, scores = self._page(state, query, offset, end)
        whole = query.fallback is not None and not some
        lacks = [()] * len(numbers) if whole else state.missing_parts(query.parts, numbers)
        terms = TermsPerLanguage((query.tree, query.fallback), self._configured)
        return [
            self._hit(number, score, lacked, query, terms)
            for number, score, lacked in zip(numbers.tolist(), scores.tolist(), lacks, strict=True)
        ]

    def _hit(
        self, number: int, score: float, lacked: tuple[int, ...], query: EngineQuery, terms: TermsPerLanguage
    ) -> EngineHit:
        pause_if_needed()
        stored = self.contents.stored(number)
        document, excerpts = stored.brief(), None
        if stored.has_long_body:
            excerpts = body_excerpts(*self.reader.locate(number), stored, terms[document.language], query.max_excerpts)
        if stored.is_long:
            document = replace(document, body=stored.beginning(query.body_length if excerpts else LONG_BODY))
        return EngineHit(document, score, lacked, duplicates=self.contents.near_duplicates(number), excerpts=excerpts)

    def _page(
        self, state: SearchState, query: EngineQuery, offset: int, end: int
    ) -> tuple[Numbers, NDArray[np.float64]]:
        if query.sort == RELEVANCE:
            return self._best(state, query, offset, end)
        numbers = self.columns.sorted_by_date(state.filtered.docs_array(), end, query.sort == NEWEST_FIRST)[offset:]
        ascending = np.argsort(numbers)  # scorers need ascending document numbers
        scores = np.empty(len(numbers))
        scores[ascending] = state.node.scores(numbers[ascending])
        return numbers, scores

    def _best(
        self, state: SearchState, query: EngineQuery, offset: int, end: int
    ) -> tuple[Numbers, NDArray[np.float64]]:
        """Hits with the highest scores, with relevance feedback and recency boost."""
        node, is_filtered, best = state.node, state.filtered is not state.matched, None
        if state.has_free_text and query.deadline.allows_more():
            # Feedback ignores filters, so that filters never change the order of hits.
            best = state.best(FEEDBACK_DOCS if is_filtered else max(FEEDBACK_DOCS, end))
            node = expand_query(self.reader, node, state.matched, best)
        node = self._recency_boost.boosted(node)
        if best is not None and node is state.node and not is_filtered:  # the order stays
            return best[0][offset:end], best[1][offset:end]
        return state._replace(node=node).page(offset, end - offset)

    def _facets(self, state: SearchState, query: EngineQuery) -> dict[str, tuple[FacetValue, ...]]:
        if not query.facets:
            return {}
        counts = {}
        for name in query.facets:
            if not query.deadline.allows_more():
                break
            other_filters = [each for each in query.filters if each.field != name or each.exclude]
            is_filtered = len(other_filters) < len(query.filters)
            counted_docs = self._within(state.matched, other_filters, query) if is_filtered else state.filtered
            counts[name] = self.columns.facet(name).counts(counted_docs, query.facet_limit)
        return counts

    def _months(self, state: SearchState, query: EngineQuery) -> dict[date, int]:
        if not query.months or not query.deadline.allows_more():
            return {}
        return self.columns.month_counts(state.filtered.docs_array())

    def _within(self, matched: DocSet, filters: Sequence[Filter], query: EngineQuery) -> DocSet:
        """`matched`, restricted by filters, dates and, if requested, without near-duplicates."""
        mask = self.columns.filter_mask(filters, query.published)
        filtered = matched if mask is None else intersection([matched, masked(mask)])
        return difference(filtered, self.columns.suppressed(filtered)) if query.collapse else filtered
