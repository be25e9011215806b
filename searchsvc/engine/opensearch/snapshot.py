"""A snapshot of the OpenSearch engine: requests to the index of one generation, which never changes."""

import base64
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import msgspec
import numpy as np
from whoosh.query import Query

from searchsvc.analysis import SNOWBALL, analysed_as, analyzer
from searchsvc.engine.excerpts import LONG_BODY, TermsPerLanguage, in_excerpts, likely_offset
from searchsvc.engine.interface import MAX_DUPLICATES, DocumentStates
from searchsvc.engine.more_like_this import more_like_this
from searchsvc.engine.opensearch.data.documents import as_document, as_original
from searchsvc.engine.opensearch.data.mapping import PROBLEMS, USER_DATA
from searchsvc.engine.opensearch.data.near_duplicates import NearDuplicates
from searchsvc.engine.opensearch.generation_reader import GenerationReader
from searchsvc.engine.opensearch.query.query_dsl import Clause, translate
from searchsvc.engine.opensearch.query.search_request import (
    HITS,
    SearchBody,
    SearchResponse,
    facets,
    filtered_clause,
    months,
    other_filters,
)
from searchsvc.engine.opensearch.query.term_expansion import NOTHING_EXPANDED, TermExpansions
from searchsvc.engine.opensearch.words.autocomplete import Completer
from searchsvc.engine.opensearch.words.vocabulary import IndexVocabulary
from searchsvc.engine.query import EngineQuery
from searchsvc.models.documents import FACETS, Document, DuplicateCluster, SeedProblem
from searchsvc.models.index import EngineStatus
from searchsvc.models.search import Completion, EngineHit, EngineHits, Filter
from searchsvc.models.search_request import MAX_DEPTH

_PAGE = 50  # documents per request of an export
_IDS = 10_000  # in one answer
_MEMOS = 1_000  # in one answer; each has 8 bytes for each line of its document
_LANGUAGES = 1_000  # at most


@dataclass(frozen=True)
class OpenSearchSnapshot:
    """One generation in a cluster; implements `Snapshot`.

    `configured`: language of documents in a language without a stemmer. `half_life_days`: of the recency boost, 0
    for off.
    """

    reader: GenerationReader
    configured: str
    half_life_days: int = 0

    @property
    def name(self) -> str:
        return self.reader.serving.name

    @cached_property
    def languages(self) -> tuple[str, ...]:
        hits = self.search(EngineQuery(None, facets=("language",), facet_limit=_LANGUAGES, limit=0))
        return tuple(each.value for each in hits.facets["language"])

    @cached_property
    def vocabulary(self) -> IndexVocabulary:
        stemmed = [each for each in self.languages if each in SNOWBALL and each != self.configured]
        return IndexVocabulary(self.reader.search_json, self.reader.multi_search_json, (self.configured, *stemmed))

    @cached_property
    def _near_duplicates(self) -> NearDuplicates:
        """All near-duplicates, read once; about 200 bytes each."""
        clause = {"exists": {"field": "copy"}}
        fields = (
            hit["fields"]
            for hit in self.reader.sorted_hits(clause, "copy", _IDS, {"docvalue_fields": ["copy", "face"]})
        )
        return NearDuplicates.of((each["copy"][0], each["face"][0]) for each in fields)

    def search(self, query: EngineQuery) -> EngineHits:
        words = self.expansions(query.tree, query.fallback, *query.parts)
        clause = None if query.tree is None else translate(query.tree, words)
        parts = [translate(part, words) for part in query.parts]
        if query.fallback is None:
            body = SearchBody(query, clause, parts, None, self._suppressed(query, clause), self.half_life_days)
            reply = self.reader.search(body, query.offset, query.limit)
            return self._hits(query, reply.engine_hits(len(parts)), reply, reply.hits.total.value)
        first = self.reader.search(SearchBody(query, clause, freshness=self.half_life_days), query.offset, query.limit)
        is_enough = first.hits.total.value >= query.min_exact or not query.deadline.allows_more()
        fallback_clause = clause if is_enough else translate(query.fallback, words)
        if suppressed := self._suppressed(query, fallback_clause):  # collapsed near-duplicates count too
            first = self.reader.search(
                SearchBody(query, clause, (), None, suppressed, self.half_life_days), query.offset, query.limit
            )
        hits, ahead = first.engine_hits(0), first.hits.total.value
        if is_enough:
            return self._hits(query, hits, first, ahead)
        if query.interleave:
            body = SearchBody(query, fallback_clause, parts, None, suppressed, self.half_life_days)
            reply = self.reader.search(body, query.offset, query.limit)
            total = reply.hits.total.value
            return self._hits(query, reply.engine_hits(len(parts)), reply, total, total - ahead)
        partial_body = SearchBody(query, fallback_clause, parts, clause, suppressed, self.half_life_days)
        partial = self.reader.search(partial_body, max(query.offset - ahead, 0), query.limit - len(hits))
        hits += partial.engine_hits(len(parts), partial_match=True)
        return self._hits(query, hits, partial, ahead + partial.hits.total.value, partial.hits.total.value)

    def stream(self, query: EngineQuery) -> Iterator[Document]:
        bodies = list(self._tiers(replace(query, facets=())))
        return (
            as_document(base64.b64decode(each["fields"]["stored"][0]))
            for body in bodies
            for each in self.reader.all_hits(body)
        )

    def document(self, document_id: str) -> Document:
        return as_document(self.reader.stored_field(document_id, "stored"))

    def best_offset(self, document_id: str, tree: Query) -> int:
        document = self.document(document_id)
        return likely_offset(document.body, TermsPerLanguage((tree,), self.configured)[document.language])

    def original(self, document_id: str) -> str:
        return as_original(self.reader.stored_field(document_id, "original"))

    def documents(self) -> Iterator[tuple[Document, str]]:
        for _, (stored, original) in self.reader.stored_fields_of_all(_PAGE, "stored", "original"):
            yield as_document(stored), as_original(original)

    def stored(self) -> Iterator[tuple[Document, str, bytes]]:
        """Yield every document with its original text and its state, in document order."""
        for _, (stored, original, memo) in self.reader.stored_fields_of_all(_PAGE, "stored", "original", "memo"):
            yield as_document(stored), as_original(original), memo

    def states(self) -> DocumentStates:
        states = [(int(each, 16), memo) for each, (memo,) in self.reader.stored_fields_of_all(_MEMOS, "memo")]
        edges = np.cumsum([0, *(len(memo) for _, memo in states)], dtype=np.int64)
        data = np.frombuffer(b"".join(memo for _, memo in states), np.uint8)
        return DocumentStates(np.array([each for each, _ in states], np.uint64), data, edges[:-1], edges[1:])

    def near_duplicates(self, document_id: str) -> tuple[Document, ...]:
        self.document(document_id)  # raises DocumentNotFound
        ids = self._near_duplicates.duplicates(document_id, MAX_DUPLICATES)
        return tuple(map(self.reader.documents(ids).__getitem__, ids))

    def similar(self, document_id: str, limit: int) -> list[EngineHit]:
        document = self.document(document_id)
        stemmer = analyzer(analysed_as(document.language, self.configured))
        tree = more_like_this(
            document, stemmer, self.reader.serving.manifest.documents, self.vocabulary.term_frequencies
        )
        if tree is None:
            return []
        clause = translate(tree, NOTHING_EXPANDED)
        excluded = _with_ids(self._near_duplicates.cluster(document_id))
        best: dict[str, EngineHit] = {}
        size = limit
        while len(best) < limit:
            size = min(2 * size, MAX_DEPTH)
            query = EngineQuery(tree, limit=size)
            hits = self.reader.search(SearchBody(query, clause, excluded=excluded), 0, size).engine_hits(0)
            for hit in hits:
                best.setdefault(self._near_duplicates.canonical(hit.document.id), hit)
            if len(hits) < size or size == MAX_DEPTH:
                break
        return list(best.values())[:limit]

    def duplicates(self) -> list[DuplicateCluster]:
        ordered = sorted(self._near_duplicates.clusters.items(), key=lambda each: (-len(each[1]), each[0]))
        documents = self.reader.documents([each for face, copies in ordered for each in (face, *copies)])
        return [
            DuplicateCluster(documents[face], tuple(map(documents.__getitem__, copies))) for face, copies in ordered
        ]

    def suggest(self, prefix: str, context: Query | None, limit: int) -> list[Completion]:
        clause = None if context is None else translate(context, self.expansions(context))
        return Completer(self, clause).complete(prefix, limit)

    def sample(self, tree: Query, limit: int) -> list[str]:
        hits = self.hits_of(translate(tree, self.expansions(tree)), EngineQuery(None, limit=limit))
        first = {self._near_duplicates.canonical(hit.document.id): hit for hit in reversed(hits)}
        return [hit.document.body[:LONG_BODY] for hit in first.values()]

    def status(self) -> EngineStatus:
        counted = self.search(EngineQuery(None, facets=FACETS, limit=0))
        infos = [info for info in self.reader.indices.infos() if info.name == self.name]
        if not infos:
            raise self.reader.deleted_error()
        return EngineStatus("opensearch", infos[0], counted.facets)

    def user_data(self, name: str) -> bytes:
        return self.reader.stored_bytes(USER_DATA + name)

    def problems(self) -> Sequence[SeedProblem]:
        return msgspec.msgpack.decode(self.reader.stored_bytes(PROBLEMS), type=list[SeedProblem])

    def damage(self) -> Iterator[str]:
        """Read everything that is stored, and yield a message for each problem."""
        if self.reader.health() == "red":
            yield "a part of the index is lost"
            return
        manifest = self.reader.serving.manifest
        try:
            read = sum(1 for _ in self.documents())
        except (msgspec.DecodeError, zlib.error, UnicodeDecodeError) as error:
            yield f"a document can't be read: {error}"
        else:
            if read != manifest.documents:
                yield f"{manifest.documents:,} documents were written, but {read:,} are there"
        for name in manifest.piece_counts:
            if not all(self.reader.pieces(name)):
                yield f"a part of {name} is lost"

    def expansions(self, *trees: Query | None) -> TermExpansions:
        """Look up the terms of prefixes and fuzzy words in `trees`. Raises InvalidRequest."""
        return TermExpansions.of(filter(None, trees), lambda clauses, most: self.vocabulary.terms(clauses, most))

    def hits_of(self, clause: Clause, query: EngineQuery) -> list[EngineHit]:
        """Return the hits of `clause`, in place of the query's tree."""
        return self.reader.search(SearchBody(query, clause), query.offset, query.limit).engine_hits(0)

    def _tiers(self, query: EngineQuery) -> Iterator[SearchBody]:
        """Yield the searches whose hits are all hits of `query`, one after the other."""
        words = self.expansions(query.tree, query.fallback)
        clause = None if query.tree is None else translate(query.tree, words)

        def tier(of: Clause | None, excluded: Clause | None = None, within: Clause | None = clause) -> SearchBody:
            return SearchBody(query, of, (), excluded, self._suppressed(query, within), self.half_life_days)

        if query.fallback is None or self._count(SearchBody(query, clause)) >= query.min_exact:
            yield tier(clause)
            return
        fallback_clause = translate(query.fallback, words)
        if not query.interleave:
            yield tier(clause, None, fallback_clause)
        yield tier(fallback_clause, None if query.interleave else clause, fallback_clause)

    def _count(self, body: SearchBody) -> int:
        return self.reader.search(body, 0, 0).hits.total.value

    def _hits(
        self, query: EngineQuery, hits: Sequence[EngineHit], last: SearchResponse, total: int, relaxed: int = 0
    ) -> EngineHits:
        """The page of hits, with facet counts of the response `last`."""
        terms = TermsPerLanguage((query.tree, query.fallback), self.configured)
        hits = [in_excerpts(hit, query, terms[hit.document.language]) for hit in hits]
        return EngineHits(
            self._with_duplicates(hits),
            total,
            facets(last, query.facet_limit),
            self.reader.serving.name,
            relaxed,
            months(last),
        )

    def _with_duplicates(self, hits: Sequence[EngineHit]) -> tuple[EngineHit, ...]:
        duplicate_ids = {
            hit.document.id: self._near_duplicates.duplicates(hit.document.id, MAX_DUPLICATES) for hit in hits
        }
        documents = self.reader.documents(list(dict.fromkeys(each for some in duplicate_ids.values() for each in some)))
        return tuple(
            msgspec.structs.replace(hit, duplicates=tuple(map(documents.__getitem__, duplicate_ids[hit.document.id])))
            for hit in hits
        )

    def _suppressed(self, query: EngineQuery, clause: Clause | None) -> dict[str, Clause]:
        """Clauses for near-duplicates whose canonical document matches too, by facet; empty unless collapsed."""
        if not query.collapse or not self._near_duplicates.canonicals:
            return {}
        contexts = {name: tuple(other_filters(query.filters, name)) for name in query.facets} | {HITS: query.filters}
        clauses = {filters: self._suppressed_within(query, clause, filters) for filters in set(contexts.values())}
        return {name: clauses[filters] for name, filters in contexts.items()}

    def _suppressed_within(self, query: EngineQuery, clause: Clause | None, filters: tuple[Filter, ...]) -> Clause:
        faces = [filtered_clause(clause, filters, query.published), _with_ids(self._near_duplicates.clusters)]
        hits = self.reader.sorted_hits({"bool": {"filter": faces}}, "id", _IDS, {"stored_fields": "_none_"})
        return _with_ids(self._near_duplicates.suppressed(hit["sort"][0] for hit in hits))


def _with_ids(ids: Iterable[str]) -> Clause:
    return {"terms": {"id": list(ids)}}
