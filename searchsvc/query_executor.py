"""Execution of a query on one snapshot: parsing, matching, spelling correction, re-ranking."""

from dataclasses import replace
from datetime import date

from searchsvc import matching_strategy
from searchsvc.analysis import SNOWBALL, Analyzer, fold
from searchsvc.engine.interface import Snapshot
from searchsvc.engine.query import NEWEST_FIRST, RELEVANCE, Deadline, EngineQuery
from searchsvc.models.search import QueryInfo
from searchsvc.models.search_params import SUGGESTED
from searchsvc.models.search_request import MAX_BODIES, MAX_EXCERPTS, MAX_QUERY, SearchRequest
from searchsvc.query import (
    AUTO_SYNTAX,
    LITERAL,
    OPERATORS,
    Correction,
    ParsedQuery,
    completion_input,
    correct_spelling,
    parse_query,
)
from searchsvc.query.search_scope import CLEAN_SCOPE
from searchsvc.query.synonyms import Synonyms
from searchsvc.reranker import Reranker
from searchsvc.semantic import RERANKED

NOUNS_WITH_CAPITALS = frozenset({"de", "lb"})  # languages that write every noun with a capital


class QueryExecutor:
    """Runs the queries of requests on one generation. Safe to use from several threads."""

    def __init__(
        self, snapshot: Snapshot, analyzer: Analyzer, synonyms: Synonyms, reranker: Reranker | None = None
    ) -> None:
        self._snapshot, self._analyzer, self._synonyms = snapshot, analyzer, synonyms
        self._reranker = reranker

    @property
    def has_vectors(self) -> bool:
        """Whether the documents have vectors of the sentence embedding model; true without a model."""
        return self._reranker is None or self._reranker.fits(self._snapshot)

    def find(
        self, request: SearchRequest, deadline: Deadline, facet_limit: int | None = None
    ) -> matching_strategy.StrategyResult:
        """Search for `request`, with corrected spelling if few documents match and more match then.

        The best hits are ordered by meaning as well, if the request asks for it and there is a model. `facet_limit`
        replaces the limit of the request.
        """
        result = self._find_by_words(request, deadline, facet_limit)
        return self._reranked(result, request, deadline) if self._reranks(request, result.parsed) else result

    def _reranks(self, request: SearchRequest, parsed: ParsedQuery) -> bool:
        """Whether hits of the page are ordered by meaning as well."""
        if self._reranker is None or parsed.tree is None or request.start >= RERANKED or request.typing:
            return False
        return (
            (request.sort or RELEVANCE) == RELEVANCE and self._reranker.applies_to(request.rerank) and self.has_vectors
        )

    def _reranked(
        self, result: matching_strategy.StrategyResult, request: SearchRequest, deadline: Deadline
    ) -> matching_strategy.StrategyResult:
        """Return the page of `result`, which has all hits from the first, in the order of words and meaning."""
        assert self._reranker is not None
        hits, page = result.hits.hits, slice(request.start, request.start + request.hits_per_page)
        is_in_time = deadline.allows_more()
        if is_in_time:
            hits = self._reranker.by_text(hits, result.info.corrected_query or request.query)
        info = replace(result.info, reranked=is_in_time)
        return replace(result, hits=replace(result.hits, hits=hits[page]), info=info)

    def _find_by_words(
        self, request: SearchRequest, deadline: Deadline, facet_limit: int | None
    ) -> matching_strategy.StrategyResult:
        result = self._search_as_typed(request, deadline, facet_limit)
        if result.lacks_quotation and request.syntax == AUTO_SYNTAX and deadline.allows_more():
            result = self._without_quotation_marks(result, request, deadline, facet_limit)
        few = result.few or request.strategy == matching_strategy.ANY
        is_clean = result.parsed.scope == CLEAN_SCOPE  # the words of removed lines are in no list of spellings
        if not (request.typo and few and is_clean and deadline.allows_more()):
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
        parsed = self.parse(request.query, request.syntax, scope=request.search_in, quotations_as_words=True)
        loose = self._search_parsed(parsed, request, deadline, facet_limit)
        return loose if loose.better_than(result) else result

    def _search_as_typed(
        self, request: SearchRequest, deadline: Deadline, facet_limit: int | None
    ) -> matching_strategy.StrategyResult:
        parse = self._parse_typing if request.typing else self._parse_request
        parsed = parse(request)
        return self._search_parsed(parsed, request, deadline, facet_limit)

    def _search_parsed(
        self, parsed: ParsedQuery, request: SearchRequest, deadline: Deadline, facet_limit: int | None
    ) -> matching_strategy.StrategyResult:
        planned = engine_query(parsed, request, deadline, facet_limit)
        if self._reranks(request, parsed):
            planned = replace(planned, offset=0, limit=max(request.start + request.hits_per_page, RERANKED))
        return matching_strategy.search_with_strategy(self._snapshot, planned, parsed, request.strategy)

    def _parse_request(self, request: SearchRequest) -> ParsedQuery:
        return self.parse(request.query, request.syntax, scope=request.search_in)

    def _parse_typing(self, request: SearchRequest) -> ParsedQuery:
        """Parse a query that is being typed. A word that begins no word of the index is taken as it is."""
        partial = completion_input(request.query) if request.syntax != LITERAL else None
        if partial is None or not partial.plain:
            return self._parse_request(request)
        if not partial.long_enough and partial.completed.strip():
            return self.parse(partial.completed, scope=request.search_in)
        words = self._snapshot.suggest(partial.prefix, None, SUGGESTED) if partial.long_enough else ()
        begins_word = any(fold(word.text).startswith(partial.prefix) for word in words)
        return self.parse(request.query, scope=request.search_in, unfinished=begins_word)

    def parse_operators(self, query: str, *, unfinished: bool = False) -> ParsedQuery:
        """Parse a query whose signs are operators."""
        return self.parse(query, OPERATORS, unfinished=unfinished)

    def parse(
        self,
        query: str,
        syntax: str = AUTO_SYNTAX,
        *,
        scope: str = CLEAN_SCOPE,
        unfinished: bool = False,
        quotations_as_words: bool = False,
    ) -> ParsedQuery:
        """Parse a query for the languages of the documents."""
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
            scope=scope,
        )


def engine_query(
    parsed: ParsedQuery, request: SearchRequest, deadline: Deadline, facet_limit: int | None = None
) -> EngineQuery:
    """Return the options of `request` for an engine, without a tree. With 0 hits per page it only counts."""
    hits = max(request.hits_per_page, 1)
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
        body_length=MAX_BODIES // hits if "body" in request.attributes else 0,
        max_excerpts=max(1, min(request.snippets, MAX_EXCERPTS // hits)),
        months=request.months,
    )


def _with_correction(info: QueryInfo, correction: Correction) -> QueryInfo:
    pairs = tuple((change.typed, change.corrected) for change in correction.changes)
    undo = tuple(correction.without(change) for change in correction.changes)
    return replace(info, corrected=pairs, corrected_query=correction.text, undo_queries=undo)
