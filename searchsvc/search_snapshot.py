"""Searches over one snapshot: every answer of a request comes from the same generation."""

import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from whoosh.query import Query

from searchsvc import highlight, matching_strategy
from searchsvc.analysis import Analyzer, fold
from searchsvc.engine.interface import Snapshot
from searchsvc.engine.query import NO_DEADLINE, Deadline
from searchsvc.models.parameters import check
from searchsvc.models.search import (
    DocumentView,
    EngineHit,
    FacetValues,
    SearchHit,
    SearchResults,
    SearchStream,
    Suggestions,
)
from searchsvc.models.search_params import SUGGESTED, SimilarParams, SuggestParams, check_request
from searchsvc.models.search_request import MAX_DEPTH, SearchRequest
from searchsvc.pauses import pause_if_needed
from searchsvc.query import highlight_terms
from searchsvc.query.offered_filters import offered_filters
from searchsvc.query.search_scope import REMOVED_SCOPE
from searchsvc.query.synonyms import Synonyms
from searchsvc.query_completer import QueryCompleter
from searchsvc.query_executor import QueryExecutor, engine_query
from searchsvc.reranker import Reranker
from searchsvc.schema import REMOVED_TEXT
from searchsvc.semantic import RERANKED

_ALL_VALUES = 1_000_000  # of a facet


class SearchSnapshot:
    """One generation and the synonyms of one moment. Safe to use from several threads.

    Every method raises the errors of `Snapshot`.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        analyzer: Analyzer,
        synonyms: Synonyms,
        timeout_ms: int | None = None,
        reranker: Reranker | None = None,
    ) -> None:
        """`timeout_ms`: time limit of a search; a request can only lower it."""
        self._snapshot, self._analyzer, self._reranker = snapshot, analyzer, reranker
        self._executor = QueryExecutor(snapshot, analyzer, synonyms, reranker)
        self._timeout_ms = timeout_ms

    @property
    def generation(self) -> str:
        """Name of the generation."""
        return self._snapshot.name

    @property
    def engine(self) -> Snapshot:
        """The engine's snapshot."""
        return self._snapshot

    @property
    def has_vectors(self) -> bool:
        """Whether the documents have vectors of the sentence embedding model; true without a model."""
        return self._executor.has_vectors

    def search(self, request: SearchRequest) -> SearchResults:
        """Return one page of results. Raises InvalidRequest."""
        check_request(request)
        started, deadline = time.perf_counter(), Deadline(self._time_limit(request))
        result = self.find(request, deadline)
        hits = result.hits
        matchers = highlight.MatchersPerLanguage(result.trees, self._analyzer.language)
        offered = tuple(offered_filters(request, hits.facets))
        in_bodies = request.snippets > 0 or request.explain
        matches = highlight.hit_matches(hits.hits, matchers, deadline.allows_more, in_bodies=in_bodies)
        return SearchResults(
            query=request.query,
            hits=tuple(
                _search_hit(hit, here, result.missing(hit), request)
                for hit, here in zip(hits.hits, matches, strict=True)
            ),
            total=hits.total,
            partial_matches=hits.partial_matches,
            page=request.start // request.hits_per_page + 1,
            hits_per_page=request.hits_per_page,
            reachable_pages=min(-(-hits.total // request.hits_per_page), MAX_DEPTH // request.hits_per_page),
            facets=hits.facets,
            info=replace(result.info, offered_filters=offered) if offered else result.info,
            typed=result.parsed.filters,
            partial=deadline.timed_out,
            generation=hits.generation,
            milliseconds=(time.perf_counter() - started) * 1000,
            months=hits.months,
        )

    def stream(self, request: SearchRequest) -> SearchStream:
        """Return all documents that match, in the order of the words alone. Raises InvalidRequest.

        They are read one after the other while the stream is iterated. Page, facets and time limit have no effect.
        """
        whole = replace(request, cursor="", page=1, offset=None, hits_per_page=1, facets=(), months=False, rerank="off")
        check_request(whole)
        result = self.find(whole, NO_DEADLINE)
        query = engine_query(result.parsed, whole, NO_DEADLINE)
        planned = matching_strategy.plan_query(query, result.parsed, request.strategy)
        return SearchStream(self._snapshot.stream(planned), result.hits.total, result.hits.generation)

    def count_removed(self, request: SearchRequest) -> int:
        """Return the number of documents whose removed lines have all words of a query; 0 for a query without words."""
        removed = SearchRequest(
            request.query,
            request.filters,
            request.published_from,
            request.published_to,
            facets=(),
            strategy=matching_strategy.ALL,
            syntax=request.syntax,
            search_in=REMOVED_SCOPE,
            typo=False,
            hits_per_page=0,  # a count needs no ranking, no relevance feedback and no documents
            rerank="off",
        )
        result = self.find(removed, Deadline(self._timeout_ms))
        terms = highlight_terms(result.parsed.tree)
        return result.hits.total if any(each.field == REMOVED_TEXT for each in terms) else 0

    def _time_limit(self, request: SearchRequest) -> int | None:
        limits = [limit for limit in (request.timeout_ms, self._timeout_ms) if limit is not None]
        return min(limits, default=None)

    def suggest(self, typed: str, limit: int = SUGGESTED) -> Suggestions:
        """Return completions of a partial query, and its first results, or else those of the best completion.

        Raises InvalidRequest.

        Completions are words, and phrases that articles have as they are. Every completion matches a document. Of
        near-duplicates, one is a result.
        """
        check(SuggestParams, {"q": typed, "limit": limit})
        request = SearchRequest(typed, typing=True, facets=(), hits_per_page=limit, collapse=True)
        hits = self.find(request, NO_DEADLINE).hits.hits if typed.strip() else ()
        completions = QueryCompleter(self._snapshot, self._analyzer, self._executor.parse_operators).completions(
            typed, limit
        )
        if completions and not hits:  # the last word is in a quotation or a field
            completed = replace(request, query=completions[0].text, typing=False)
            hits = self.find(completed, NO_DEADLINE).hits.hits
        return Suggestions(typed, completions, tuple(hit.document for hit in hits))

    def similar(self, document_id: str, limit: int = SUGGESTED) -> Sequence[EngineHit]:
        """Return similar documents, best first. Raises DocumentNotFound and InvalidRequest."""
        check(SimilarParams, {"limit": limit})
        if self._reranker is None or not self.has_vectors:
            return self._snapshot.similar(document_id, limit)
        vector = self._snapshot.document(document_id).vector
        return self._reranker.by_vector(self._snapshot.similar(document_id, max(limit, RERANKED)), vector)[:limit]

    def facet_values(self, request: SearchRequest, field: str, prefix: str, limit: int) -> FacetValues:
        """Return facet values of `field` with a word that starts with `prefix`, most frequent first.

        Counts are over the documents that match `request`. Raises InvalidRequest.
        """
        wide = replace(request, facets=(field,), page=1, hits_per_page=1, rerank="off")
        check_request(wide)
        folded = fold(prefix).strip()
        # The engine counts all values in any case; only their text says which of them start with the prefix.
        result = self.find(wide, NO_DEADLINE, facet_limit=limit if not folded else _ALL_VALUES)
        values = (
            value
            for value in result.hits.facets[field]
            if not folded or _has_word_with_prefix(fold(value.value), folded)
        )
        return FacetValues(field, tuple(islice(values, limit)), result.hits.generation)

    def document(self, document_id: str, query: str = "", part: int | None = None) -> DocumentView:
        """Return a document with the matches of `query` highlighted in one part of its body.

        Short bodies have one part. `part` counts from 1; None is the part with the best match. Raises
        DocumentNotFound and InvalidRequest.
        """
        check(SuggestParams, {"q": query})
        document = self._snapshot.document(document_id)
        tree = self._executor.parse(query).tree
        trees = () if tree is None else (tree,)
        matchers = highlight.MatchersPerLanguage(trees, self._analyzer.language)
        matcher = matchers[document.language]
        pause_if_needed()
        parts = highlight.text_parts(document.body)
        number = self._part_with_matches(document_id, tree, parts) if part is None else min(part, len(parts))
        pause_if_needed()
        body = document.body[slice(*parts[number - 1])]
        in_body = matcher.spans(body, "body")
        pause_if_needed()
        return DocumentView(
            document=document,
            title=highlight.mark_matches(document.title, matcher.spans(document.title, "title")),
            body=highlight.mark_matches(body, in_body),
            matches=len(in_body),
            part=number,
            parts=len(parts),
            duplicates=tuple(self._snapshot.near_duplicates(document_id)),
        )

    def original(self, document_id: str) -> str:
        """Return the original text of a document. Raises DocumentNotFound."""
        return self._snapshot.original(document_id)

    def _part_with_matches(self, document_id: str, tree: Query | None, parts: Sequence[highlight.Part]) -> int:
        """Number of the part with the best match of `tree`, from 1."""
        if tree is None or len(parts) == 1:
            return 1
        return highlight.part_at(parts, self._snapshot.best_offset(document_id, tree)) + 1

    def find(
        self, request: SearchRequest, deadline: Deadline, facet_limit: int | None = None
    ) -> matching_strategy.StrategyResult:
        """Return the hits of a request without highlights; see QueryExecutor."""
        return self._executor.find(request, deadline, facet_limit)


def _search_hit(
    hit: EngineHit, matches: highlight.HitMatches, missing: tuple[str, ...], request: SearchRequest
) -> SearchHit:
    pause_if_needed()
    return SearchHit(
        hit.document,
        hit.score,
        highlight.mark_matches(hit.document.title, matches.title),
        highlight.passages(hit.document, matches, request.crop_length, request.snippets),
        missing,
        hit.partial_match,
        highlight.occurrences(hit.document, matches) if request.explain else (),
        hit.duplicates,
        hit.excerpts is not None and len(hit.document.body) < hit.excerpts.length,
    )


def _has_word_with_prefix(value: str, prefix: str) -> bool:
    """Whether a word of `value` starts with `prefix`; both are folded."""
    start = value.find(prefix)
    while start > 0 and value[start - 1].isalnum():
        start = value.find(prefix, start + 1)
    return start >= 0
