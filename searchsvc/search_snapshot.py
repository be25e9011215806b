"""Searches over one snapshot: every answer of a request comes from the same generation."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import islice

from whoosh.query import Query

from searchsvc import highlight, matching_strategy
from searchsvc.analysis import SNOWBALL, Analyzer, fold
from searchsvc.engine.interface import Snapshot
from searchsvc.engine.query import NEWEST_FIRST, NO_DEADLINE, RELEVANCE, Deadline, EngineQuery
from searchsvc.models.documents import Document
from searchsvc.models.parameters import check
from searchsvc.models.search import (
    Completion,
    DocumentView,
    EngineHit,
    FacetValues,
    Fragment,
    QueryInfo,
    SearchHit,
    SearchResults,
    SearchStream,
    Suggestions,
)
from searchsvc.models.search_params import SUGGESTED, SimilarParams, SuggestParams, check_request
from searchsvc.models.search_request import MAX_BODIES, MAX_DEPTH, MAX_QUERY, SearchRequest
from searchsvc.query import (
    AUTO_SYNTAX,
    LITERAL,
    Correction,
    ParsedQuery,
    completion_input,
    correct_spelling,
    parse_query,
)
from searchsvc.query.synonyms import Synonyms

NOUNS_WITH_CAPITALS = frozenset({"de", "lb"})  # languages that write every noun with a capital
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
    ) -> None:
        """`timeout_ms`: time limit of a search; a request can only lower it."""
        self._snapshot, self._analyzer, self._synonyms = snapshot, analyzer, synonyms
        self._timeout_ms = timeout_ms

    @property
    def generation(self) -> str:
        """Name of the generation."""
        return self._snapshot.name

    @property
    def engine(self) -> Snapshot:
        """The engine's snapshot."""
        return self._snapshot

    def search(self, request: SearchRequest) -> SearchResults:
        """Return one page of results. Raises InvalidRequest."""
        check_request(request)
        started, deadline = time.perf_counter(), Deadline(self._time_limit(request))
        result = self.find(request, deadline)
        hits = result.hits
        matchers = highlight.MatchersPerLanguage(result.trees, self._analyzer.language)
        return SearchResults(
            query=request.query,
            hits=tuple(
                _search_hit(
                    hit,
                    matchers[hit.document.language] if deadline.allows_more() else matchers.nothing,
                    result.missing(hit),
                    request,
                )
                for hit in hits.hits
            ),
            total=hits.total,
            partial_matches=hits.partial_matches,
            page=request.start // request.hits_per_page + 1,
            hits_per_page=request.hits_per_page,
            reachable_pages=min(-(-hits.total // request.hits_per_page), MAX_DEPTH // request.hits_per_page),
            facets=hits.facets,
            info=result.info,
            typed=result.parsed.filters,
            partial=deadline.timed_out,
            generation=hits.generation,
            milliseconds=(time.perf_counter() - started) * 1000,
            months=hits.months,
        )

    def stream(self, request: SearchRequest) -> SearchStream:
        """Return all documents that match, in the order of the hits. Raises InvalidRequest.

        They are read one after the other while the stream is iterated. Page, facets and time limit have no effect.
        """
        whole = replace(request, cursor="", page=1, offset=None, hits_per_page=1, facets=(), months=False)
        check_request(whole)
        result = self.find(whole, NO_DEADLINE)
        query = _engine_query(result.parsed, whole, NO_DEADLINE)
        planned = matching_strategy.plan_query(query, result.parsed, request.strategy)
        return SearchStream(self._snapshot.stream(planned), result.hits.total, result.hits.generation)

    def _time_limit(self, request: SearchRequest) -> int | None:
        limits = [limit for limit in (request.timeout_ms, self._timeout_ms) if limit is not None]
        return min(limits, default=None)

    def suggest(self, typed: str, limit: int = SUGGESTED) -> Suggestions:
        """Return completions of a partial query, and documents that match the best one. Raises InvalidRequest.

        Every completion matches at least one document.
        """
        check(SuggestParams, {"q": typed, "limit": limit})
        partial = completion_input(typed)
        if partial is None:
            return Suggestions(typed, (), self._documents(typed, limit))
        context = self._parse(partial.context).tree
        words = self._snapshot.suggest(partial.prefix, context, limit) if partial.long_enough else ()
        completions = [Completion(partial.completed + word.text, word.documents) for word in words]
        if partial.plain:
            best = partial.query_with(word.text for word in words)
        else:  # in quotes, a field or an alternative, only a search can count the documents
            completions = [Completion(each.text, total) for each in completions if (total := self._total(each.text))]
            best = completions[0].text if completions else typed
        return Suggestions(typed, tuple(completions), self._documents(best, limit))

    def similar(self, document_id: str, limit: int = SUGGESTED) -> Sequence[EngineHit]:
        """Return similar documents, best first. Raises DocumentNotFound and InvalidRequest."""
        check(SimilarParams, {"limit": limit})
        return self._snapshot.similar(document_id, limit)

    def facet_values(self, request: SearchRequest, field: str, prefix: str, limit: int) -> FacetValues:
        """Return facet values of `field` with a word that starts with `prefix`, most frequent first.

        Counts are over the documents that match `request`. Raises InvalidRequest.
        """
        wide = replace(request, facets=(field,), page=1, hits_per_page=1)
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
        tree = self._parse(query).tree
        trees = () if tree is None else (tree,)
        matchers = highlight.MatchersPerLanguage(trees, self._analyzer.language)
        matcher = matchers[document.language]
        parts = highlight.text_parts(document.body)
        number = self._part_with_matches(document_id, tree, parts) if part is None else min(part, len(parts))
        body = document.body[slice(*parts[number - 1])]
        in_body = matcher.spans(body, "body")
        return DocumentView(
            document=document,
            original=self._snapshot.original(document_id),
            title=_highlighted_title(document, matcher),
            body=highlight.mark_matches(body, in_body),
            matches=len(in_body),
            part=number,
            parts=len(parts),
            duplicates=tuple(self._snapshot.near_duplicates(document_id)),
        )

    def _part_with_matches(self, document_id: str, tree: Query | None, parts: Sequence[highlight.Part]) -> int:
        """Number of the part with the best match of `tree`, from 1."""
        if tree is None or len(parts) == 1:
            return 1
        return highlight.part_at(parts, self._snapshot.best_offset(document_id, tree)) + 1

    def find(
        self, request: SearchRequest, deadline: Deadline, facet_limit: int | None = None
    ) -> matching_strategy.StrategyResult:
        """Search for `request`, with corrected spelling if few documents match and more match then.

        `facet_limit` replaces the limit of the request.
        """
        result = self._search_as_typed(request, deadline, facet_limit)
        if result.lacks_quotation and request.syntax == AUTO_SYNTAX and deadline.allows_more():
            result = self._without_quotation_marks(result, request, deadline, facet_limit)
        few = result.few or request.strategy == matching_strategy.ANY
        if not (request.typo and few and deadline.allows_more()):
            return result
        correction = correct_spelling(
            request.query,
            result.parsed.root,
            self._snapshot.vocabulary,
            capitals_mean_names=NOUNS_WITH_CAPITALS.isdisjoint(self._snapshot.languages),
        )
        if correction is None or len(correction.suggested_text or correction.text) > MAX_QUERY:
            return result
        if correction.changes:
            corrected = self._search_as_typed(replace(request, query=correction.text), deadline, facet_limit)
            if corrected.better_than(result):
                result = replace(corrected, info=_with_correction(corrected.info, correction))
        return self._with_suggestion(result, request, correction, deadline)

    def _with_suggestion(
        self,
        result: matching_strategy.StrategyResult,
        request: SearchRequest,
        correction: Correction,
        deadline: Deadline,
    ) -> matching_strategy.StrategyResult:
        """Add the query with doubtful corrections to the information about `result`, if it gives better results."""
        if correction.suggested_text is None or not deadline.allows_more():
            return result
        suggested = replace(request, query=correction.suggested_text, facets=(), page=1, offset=None, hits_per_page=1)
        if not self._search_as_typed(suggested, deadline, None).better_than(result):
            return result
        return replace(result, info=replace(result.info, suggested_query=correction.suggested_text))

    def _without_quotation_marks(
        self,
        result: matching_strategy.StrategyResult,
        request: SearchRequest,
        deadline: Deadline,
        facet_limit: int | None,
    ) -> matching_strategy.StrategyResult:
        """Search for the words of quotations that no document has, if that gives better results than `result`."""
        parsed = self._parse(request.query, request.syntax, quotations_as_words=True)
        loose = self._search_parsed(parsed, request, deadline, facet_limit)
        return loose if loose.better_than(result) else result

    def _search_as_typed(
        self, request: SearchRequest, deadline: Deadline, facet_limit: int | None
    ) -> matching_strategy.StrategyResult:
        parsed = self._parse_typing(request) if request.typing else self._parse(request.query, request.syntax)
        return self._search_parsed(parsed, request, deadline, facet_limit)

    def _search_parsed(
        self, parsed: ParsedQuery, request: SearchRequest, deadline: Deadline, facet_limit: int | None
    ) -> matching_strategy.StrategyResult:
        engine_query = _engine_query(parsed, request, deadline, facet_limit)
        return matching_strategy.search_with_strategy(self._snapshot, engine_query, parsed, request.strategy)

    def _parse_typing(self, request: SearchRequest) -> ParsedQuery:
        """Parse a query that is being typed. A word that begins no word of the index is taken as it is."""
        partial = completion_input(request.query) if request.syntax != LITERAL else None
        if partial is None or not partial.plain:
            return self._parse(request.query, request.syntax)
        if not partial.long_enough and partial.completed.strip():
            return self._parse(partial.completed)
        words = self._snapshot.suggest(partial.prefix, None, 1) if partial.long_enough else ()
        begins_word = any(fold(word.text).startswith(partial.prefix) for word in words)
        return self._parse(request.query, unfinished=begins_word)

    def _parse(
        self, query: str, syntax: str = AUTO_SYNTAX, *, unfinished: bool = False, quotations_as_words: bool = False
    ) -> ParsedQuery:
        languages = self._snapshot.languages
        stemmed = [language for language in languages if language in SNOWBALL and language != self._analyzer.language]
        return parse_query(
            query,
            self._analyzer,
            date.today(),
            syntax,
            self._synonyms,
            other_languages=stemmed,
            unfinished=unfinished,
            quotations_as_words=quotations_as_words,
        )

    def _documents(self, query: str, limit: int) -> tuple[Document, ...]:
        """Best documents for `query`; none if it has no searchable word."""
        tree = self._parse(query).tree
        if tree is None:
            return ()
        return tuple(hit.document for hit in self._snapshot.search(EngineQuery(tree, limit=limit)).hits)

    def _total(self, query: str) -> int:
        tree = self._parse(query).tree
        return self._snapshot.search(EngineQuery(tree, limit=0)).total if tree else 0


def _engine_query(
    parsed: ParsedQuery, request: SearchRequest, deadline: Deadline, facet_limit: int | None = None
) -> EngineQuery:
    """Return the options of `request` for an engine, without a tree."""
    return EngineQuery(
        tree=None,
        filters=request.filters,
        published=request.published,
        facets=request.facets,
        facet_limit=facet_limit or request.facet_limit,
        collapse=request.collapse,
        sort=request.sort or (RELEVANCE if parsed.tree else NEWEST_FIRST),
        offset=request.start,
        limit=request.hits_per_page,
        deadline=deadline,
        body_length=MAX_BODIES // request.hits_per_page if "body" in request.attributes else 0,
        max_excerpts=max(request.snippets, 1),
        months=request.months,
    )


def _with_correction(info: QueryInfo, correction: Correction) -> QueryInfo:
    pairs = tuple((change.typed, change.corrected) for change in correction.changes)
    undo = tuple(correction.without(change) for change in correction.changes)
    return replace(info, corrected=pairs, corrected_query=correction.text, undo_queries=undo)


def _search_hit(
    hit: EngineHit, matcher: highlight.Matcher, missing: tuple[str, ...], request: SearchRequest
) -> SearchHit:
    return SearchHit(
        hit.document,
        hit.score,
        _highlighted_title(hit.document, matcher),
        highlight.passages(hit.document, matcher, request.crop_length, request.snippets, hit.excerpts),
        missing,
        hit.partial_match,
        highlight.occurrences(hit.document, matcher, hit.excerpts) if request.explain else (),
        hit.duplicates,
        hit.excerpts is not None and len(hit.document.body) < hit.excerpts.length,
    )


def _highlighted_title(document: Document, matcher: highlight.Matcher) -> tuple[Fragment, ...]:
    return highlight.mark_matches(document.title, matcher.spans(document.title, "title"))


def _has_word_with_prefix(value: str, prefix: str) -> bool:
    """Whether a word of `value` starts with `prefix`; both are folded."""
    start = value.find(prefix)
    while start > 0 and value[start - 1].isalnum():
        start = value.find(prefix, start + 1)
    return start >= 0
