"""A snapshot of the embedded engine: one generation, memory-mapped and open for reading."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path

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
from searchsvc.engine.embedded.index.index_reader import IndexReader
from searchsvc.engine.embedded.index.segment import Segment
from searchsvc.engine.embedded.index.stored_document import StoredDocument
from searchsvc.engine.embedded.index.stored_fields import StoredFields, StoredStates
from searchsvc.engine.embedded.index.weak_lru_cache import weak_lru_cache
from searchsvc.engine.embedded.search.bm25f import TrueBM25F
from searchsvc.engine.embedded.search.body_excerpts import body_excerpts, chunks_with_matches
from searchsvc.engine.embedded.search.more_like_this import more_like_this
from searchsvc.engine.embedded.search.recency_boost import RecencyBoost
from searchsvc.engine.embedded.search.relevance_feedback import expand_query
from searchsvc.engine.embedded.search.searcher import (
    SearchState,
    TieredResult,
    search,
    search_with_fallback,
)
from searchsvc.engine.embedded.words.autocomplete import complete
from searchsvc.engine.embedded.words.display_form import display_form, prose
from searchsvc.engine.embedded.words.spell_index import GenerationVocabulary
from searchsvc.engine.excerpts import LONG_BODY, TermsPerLanguage
from searchsvc.engine.interface import MAX_DUPLICATES, DocumentStates
from searchsvc.engine.query import NEWEST_FIRST, RELEVANCE, EngineQuery
from searchsvc.engine.storage.manifest import Manifest, verify
from searchsvc.errors import DocumentNotFound, IndexDamaged
from searchsvc.models.documents import FACETS, Document, DuplicateCluster, SeedProblem
from searchsvc.models.index import EngineStatus, GenerationInfo
from searchsvc.models.search import Completion, EngineHit, EngineHits, FacetValue, Filter
from searchsvc.pauses import pause_if_needed
from searchsvc.query import HighlightTerm

Numbers = NDArray[np.int32]

LOOKED_INTO = 4  # documents read for the display form of a word


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
        except Exception as error:  # bytes altered by a disk can make numpy raise anything
            raise IndexDamaged(f"generation {folder.name} can't be opened: {error}") from error
        self._scorer = TrueBM25F(self.reader)
        self._configured = configured
        stemmed = [each for each in self.languages if each in SNOWBALL and each != configured]
        self.vocabulary = GenerationVocabulary(self.reader, self._scorer, (configured, *stemmed))
        self._display_form = weak_lru_cache(self._display_form_of, 20_000)
        self._words = weak_lru_cache(self._words_of_all, 256)  # a search while typing and its suggestions ask the same

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
            hits += [replace(hit, partial_match=True) for hit in partial]
        total = tiers.combined.filtered.count
        facets, months = self._facets(tiers.combined, query), self._months(tiers.combined, query)
        return EngineHits(tuple(hits), total, facets, self.manifest.name, total - exact, months)

    def stream(self, query: EngineQuery) -> Iterator[Document]:
        tiers = self._tiers(query)
        states = [state for state in (tiers.first, tiers.fallback) if state is not None]
        numbers = np.concatenate([self._page(state, query, 0, state.filtered.count)[0] for state in states])
        return map(self._document if query.body_length else self._brief, map(int, numbers))

    def document(self, document_id: str) -> Document:
        return self._document(self._number(document_id))

    def original(self, document_id: str) -> str:
        return self._original(self._number(document_id))

    def documents(self) -> Iterator[tuple[Document, str]]:
        for number in self.reader.live_numbers():
            yield self._document(number), self._original(number)

    def suggest(self, prefix: str, context: Query | None, limit: int) -> list[Completion]:
        if context is None:
            return list(self._words(prefix, limit))
        return self._completions(prefix, search(self.reader, self._scorer, context).filtered, limit)

    def _words_of_all(self, prefix: str, limit: int) -> tuple[Completion, ...]:
        return tuple(self._completions(prefix, None, limit))

    def _completions(self, prefix: str, within: DocSet | None, limit: int) -> list[Completion]:
        words = complete(self.reader, prefix, within, limit)
        return [Completion(self._display_form(each.word_id), each.documents) for each in words]

    def sample(self, tree: Query, limit: int) -> list[str]:
        docs = search(self.reader, self._scorer, tree).filtered.docs_array()
        ids = self.columns.ids[docs]  # hashes: the smallest are of any documents, and the same after an update
        if len(docs) > limit:
            smallest = np.argpartition(ids, limit - 1)[:limit]
            docs, ids = docs[smallest], ids[smallest]
        docs = docs[np.argsort(ids)]
        _, first = np.unique(self.columns.canonicals[docs], return_index=True)
        return [self._beginning(number) for number in docs[np.sort(first)].tolist()]

    def _beginning(self, number: int) -> str:
        """Body of a document; of a long one, its beginning."""
        stored = self.stored(number)
        return stored.beginning(LONG_BODY) if stored.has_long_body else stored.document().body

    def similar(self, document_id: str, limit: int) -> list[EngineHit]:
        number = self._number(document_id)
        document = self._document(number)
        tree = more_like_this(self.reader, document, analyzer(analysed_as(document.language, self._configured)))
        if tree is None:
            return []
        canonicals = self.columns.canonicals
        state = search(self.reader, self._scorer, tree, masked(canonicals != canonicals[number]))
        numbers, scores, first = self._page_of_clusters(state, limit)
        return [EngineHit(self._brief(int(numbers[at])), float(scores[at])) for at in first.tolist()]

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
        number = self._number(document_id)
        stored = self.stored(number)
        if not stored.has_long_body:
            return 0
        terms = TermsPerLanguage((tree,), self._configured)[stored.brief().language]
        chunk = next(iter(chunks_with_matches(*self.reader.locate(number), stored, terms, 1)), 0)
        return int(stored.chunks[0, chunk])

    def duplicates(self) -> list[DuplicateCluster]:
        clusters = [
            DuplicateCluster(self._brief(canonical), tuple(map(self._brief, duplicates)))
            for canonical, duplicates in self.columns.clusters.items()
        ]
        return sorted(clusters, key=lambda cluster: (-len(cluster.duplicates), cluster.canonical.id))

    def near_duplicates(self, document_id: str) -> tuple[Document, ...]:
        return self._duplicates(self._number(document_id))

    def states(self) -> DocumentStates:
        live = [np.flatnonzero(flags) for flags in self.live_flags()]
        states = StoredStates.joined(self.stored_fields, live)
        return DocumentStates(
            self.columns.ids[self.reader.all_docs.docs_array()], states.data, states.starts, states.ends
        )

    def segment_files(self, number: int) -> list[str]:
        """Return the names of the files of the segment `number`."""
        return [name for name in self.manifest.files if f".{number}." in name and not name.startswith(USER_DATA)]

    def canonical_ids(self) -> dict[str, str]:
        """Return the id of each near-duplicate, mapped to the id of its canonical document."""
        generation, ids = self.reader.generation, self.columns.ids
        numbers = zip(generation.duplicates.tolist(), generation.canonicals.tolist(), strict=True)
        return {f"{ids[duplicate]:016x}": f"{ids[canonical]:016x}" for duplicate, canonical in numbers}

    def live_flags(self) -> list[NDArray[np.bool_]]:
        """Return for each segment (documents,) bool: whether each document is live."""
        flags = self.reader.all_docs.flags()
        return [flags[part.docs] for part in self.reader.parts]

    def stored(self, number: int) -> StoredDocument:
        """Return the stored form of a document by its number."""
        place, doc = self.reader.place(number)
        return self.stored_fields[place].document(doc)

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
        stored = self.stored(number)
        document, excerpts = stored.brief(), None
        if stored.has_long_body:
            excerpts = body_excerpts(*self.reader.locate(number), stored, terms[document.language], query.max_excerpts)
        if stored.is_long:
            document = replace(document, body=stored.beginning(query.body_length if excerpts else LONG_BODY))
        return EngineHit(document, score, lacked, duplicates=self._duplicates(number), excerpts=excerpts)

    def _page(
        self, state: SearchState, query: EngineQuery, offset: int, end: int
    ) -> tuple[Numbers, NDArray[np.float64]]:
        if query.sort == RELEVANCE:
            # Feedback ignores filters, so that filters never change the order of hits.
            node, limit = state.node, end if state.filtered is state.matched else 0
            if state.has_free_text and query.deadline.allows_more():
                node = expand_query(self.reader, node, state.matched, limit)
            return state._replace(node=self._recency_boost.boosted(node)).page(offset, end - offset)
        numbers = self.columns.sorted_by_date(state.filtered.docs_array(), end, query.sort == NEWEST_FIRST)[offset:]
        ascending = np.argsort(numbers)  # scorers need ascending document numbers
        scores = np.empty(len(numbers))
        scores[ascending] = state.node.scores(numbers[ascending])
        return numbers, scores

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

    def _number(self, document_id: str) -> int:
        number = self.columns.number_of(document_id)
        if number is None:
            raise DocumentNotFound("no document has this address; it may have been removed since")
        return number

    def _duplicates(self, number: int) -> tuple[Document, ...]:
        canonical = int(self.columns.canonicals[number])
        duplicates = self.columns.clusters.get(canonical)
        if duplicates is None:
            return ()
        numbers = islice((each for each in (canonical, *duplicates) if each != number), MAX_DUPLICATES)
        return tuple(map(self._brief, numbers))

    def _original(self, number: int) -> str:
        place, doc = self.reader.place(number)
        return self.stored_fields[place].originals[doc].decode("utf-8")

    def _display_form_of(self, word: int) -> str:
        """The most usual written form of a word, given by its number in the lexicon."""
        lexicon = self.reader.lexicon
        docs = self.reader.live_only(self.reader.all_fields(int(lexicon.term_ids[word])).doc_set).docs_array()
        first = docs[self.reader.id_ranks[docs].argsort()[:LOOKED_INTO]].tolist()
        term = HighlightTerm("body", (self.reader.terms[int(lexicon.term_ids[word])].decode(),))
        return display_form(lexicon.words[word].decode(), (self._prose(number, term) for number in first))

    def _prose(self, number: int, term: HighlightTerm) -> str:
        """Text of a document written as sentences; of a long one, around `term`."""
        stored = self.stored(number)
        excerpts = body_excerpts(*self.reader.locate(number), stored, (term,), 1)
        text = "\n".join(part.text for part in excerpts.parts) if excerpts else stored.document().body
        return prose(replace(stored.brief(), body=text))

    def _document(self, number: int) -> Document:
        return self.stored(number).document()

    def _brief(self, number: int) -> Document:
        """The document; a long one without body and removed blocks."""
        return self.stored(number).brief()
