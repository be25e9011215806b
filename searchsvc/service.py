"""The verbs of the product: the page, the JSON endpoint and the command line call only these."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from io import BufferedReader
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from searchsvc import highlight, matching_strategy
from searchsvc.analysis import SNOWBALL, analyzer, fold
from searchsvc.deferred import deferred
from searchsvc.engine.interface import Engine
from searchsvc.engine.query import NEWEST_FIRST, NO_DEADLINE, RELEVANCE, Deadline, EngineQuery
from searchsvc.errors import InvalidRequest, StoreError
from searchsvc.models.documents import CleanDocument, Document, DuplicateCluster, RemovedLine, SeedProblem
from searchsvc.models.index import BuildReport, EngineStatus, GenerationInfo, IndexCheck
from searchsvc.models.parameters import check
from searchsvc.models.search import (
    Completion,
    DocumentView,
    EngineHit,
    FacetValues,
    Fragment,
    SearchHit,
    SearchResults,
    Suggestions,
)
from searchsvc.models.search_params import SUGGESTED, SimilarParams, SuggestParams, check_request
from searchsvc.models.search_request import MAX_DEPTH, MAX_QUERY, SearchRequest
from searchsvc.query import (
    NO_SYNONYMS,
    OPERATORS,
    ParsedQuery,
    completion_input,
    correct_spelling,
    parse_query,
)
from searchsvc.query.synonym_file import SynonymFile
from searchsvc.settings import Settings

if TYPE_CHECKING:
    from searchsvc import evaluation, indexing, ingest
else:  # a search needs none of them
    indexing, evaluation, ingest = map(deferred, ("searchsvc.indexing", "searchsvc.evaluation", "searchsvc.ingest"))

_ALL_VALUES = 1_000_000  # of a facet


class SearchService:
    """Searches and builds through one engine. Safe from several threads."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        """Raises SettingsError if the file of synonyms can't be used."""
        self._engine = engine
        self._settings = settings
        self._analyzer = analyzer(settings.language)
        self._surfaces = highlight.token_caches()
        self._synonyms = SynonymFile(settings.synonyms, self._analyzer) if settings.synonyms else None

    @property
    def engine_name(self) -> str:
        return self._engine.name

    def search(self, request: SearchRequest) -> SearchResults:
        """Answer `request`. Raises InvalidRequest, and what the engine raises."""
        check_request(request)
        started, budget = time.perf_counter(), Deadline(request.timeout_ms)
        found = self._find(request, budget)
        hits = found.hits
        markers = highlight.MatchersPerLanguage(found.trees, self._settings.language, self._surfaces)
        return SearchResults(
            query=request.query,
            hits=tuple(
                _shown(
                    hit,
                    markers[hit.document.language] if budget.allows_more() else markers.nothing,
                    found.missing(hit),
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
            info=found.info,
            typed=found.parsed.filters,
            partial=budget.timed_out,
            generation=hits.generation,
            milliseconds=(time.perf_counter() - started) * 1000,
        )

    def suggest(self, typed: str, limit: int = SUGGESTED) -> Suggestions:
        """What a query that is being typed may go on to be, and documents that it finds already.

        Nothing is given that finds nothing. Raises InvalidRequest, and what the engine raises.
        """
        check(SuggestParams, {"q": typed, "limit": limit})
        last = completion_input(typed)
        if last is None:
            return Suggestions(typed, (), self._documents(typed, limit))
        before = self._parsed(last.context).tree
        words = self._engine.suggest(last.beginning, before, limit) if last.long_enough else ()
        completions = [Completion(last.before + each.text, each.documents) for each in words]
        if last.plain:
            wanted_next = last.gone_on(each.text for each in words)
        else:  # in quotes, a field or an alternative: only a search tells what is found there
            completions = [Completion(each.text, total) for each in completions if (total := self._total(each.text))]
            wanted_next = completions[0].text if completions else typed
        return Suggestions(typed, tuple(completions), self._documents(wanted_next, limit))

    def similar(self, document_id: str, limit: int = SUGGESTED) -> Sequence[EngineHit]:
        """More like a document, the most alike first. Raises DocumentNotFound, InvalidRequest."""
        check(SimilarParams, {"limit": limit})
        return self._engine.similar(document_id, limit)

    def snapshot(self, generation: str) -> "SearchService":
        """The same service with one generation for good. Raises StoreError."""
        return SearchService(self._engine.at(generation), self._settings)

    def evaluate(
        self, judged: "Sequence[evaluation.JudgedQuery]", strategy: str = matching_strategy.AUTO
    ) -> "evaluation.Evaluation":
        """How well each of the queries finds what was judged relevant to it; one too long is cut.

        Raises SettingsError, and what the engine raises.
        """
        return evaluation.evaluate(judged, [self._ranked(query, strategy) for query in judged])

    def _ranked(self, query: "evaluation.JudgedQuery", strategy: str) -> "evaluation.Ranked":
        request = SearchRequest(query.text[:MAX_QUERY], hits_per_page=evaluation.DEPTH, facets=(), strategy=strategy)
        started = time.perf_counter()
        found = self._find(request, NO_DEADLINE).hits
        milliseconds = (time.perf_counter() - started) * 1000
        names = (hit.document.path if hit.document.path in query.grades else hit.document.id for hit in found.hits)
        return evaluation.Ranked(tuple(names), milliseconds)

    def facet_values(self, request: SearchRequest, field: str, beginning: str, limit: int) -> FacetValues:
        """The values of `field` among what `request` finds that have a word which begins like
        `beginning`, the most frequent first. Raises InvalidRequest, and what the engine raises."""
        wide = replace(request, facets=(field,), page=1, hits_per_page=1)
        check_request(wide)
        folded = fold(beginning).strip()
        # The engine counts them all anyway; which of them are wanted only their text tells.
        found = self._find(wide, NO_DEADLINE, facet_limit=limit if not folded else _ALL_VALUES)
        values = (each for each in found.hits.facets[field] if not folded or _has_word_like(fold(each.value), folded))
        return FacetValues(field, tuple(islice(values, limit)), found.hits.generation)

    def document(self, document_id: str, query: str = "") -> DocumentView:
        """A document with the matches of `query` marked. Raises DocumentNotFound."""
        check(SuggestParams, {"q": query})
        document = self._engine.document(document_id)
        tree = self._parsed(query).tree
        trees = () if tree is None else (tree,)
        marker = highlight.MatchersPerLanguage(trees, self._settings.language, self._surfaces)[document.language]
        in_body = marker.spans(document.body, "body")
        return DocumentView(
            document=document,
            original=self._engine.original(document_id),
            title=_marked_title(document, marker),
            body=highlight.mark_matches(document.body, in_body),
            matches=len(in_body),
            duplicates=tuple(self._engine.near_duplicates(document_id)),
        )

    def status(self) -> EngineStatus:
        """What is serving. Raises what the engine raises."""
        return self._engine.status()

    def current(self) -> str | None:
        """The name of the generation that answers now, None if it is time to `look`. Never waits."""
        return None if self._synonyms and self._synonyms.due else self._engine.current()

    @property
    def synonyms_stamp(self) -> tuple[int, ...]:
        """Another one whenever the file of synonyms is another; empty if there is none."""
        return self._synonyms.stamp if self._synonyms else ()

    def refresh(self) -> None:
        """Change over to a newer generation and to newer synonyms if there are any. Raises what
        the engine raises."""
        if self._synonyms:
            self._synonyms.current()
        self._engine.refresh()

    def problems(self) -> Sequence[SeedProblem]:
        """What the build of the serving generation reported."""
        return self._engine.problems()

    def generations(self) -> Sequence[GenerationInfo]:
        """Every published generation, newest first."""
        return self._engine.generations()

    def check(self) -> IndexCheck:
        """Read everything that is published and compare it with what was written.

        Raises StoreError if the index can't be read at all.
        """
        checked = tuple(self._engine.check())
        try:
            status = self._engine.status()
        except StoreError as error:
            return IndexCheck(checked, None, (str(error),))
        return IndexCheck(checked, status.generation.name, tuple(status.warnings))

    def rollback(self) -> GenerationInfo:
        """Serve the generation before the current one. Raises InvalidRequest if there is none."""
        serving = self._engine.status().generation.name
        older = [each for each in self._engine.generations() if each.name < serving]
        if not older:
            raise InvalidRequest("generation", "there is no older generation")
        self._engine.activate(older[0].name)
        return replace(older[0], current=True)

    def clean(self, file: Path, *, against_index: bool = False) -> CleanDocument | SeedProblem:
        """What cleaning makes of one file; with the lines that the serving index learnt to recur,
        if `against_index`."""
        learnt = (
            ingest.RecurringLines.from_bytes(self._engine.user_data(indexing.RECURRING_LINES))
            if against_index
            else None
        )
        return ingest.clean_file(file, self._source(), learnt)

    def describe(self, cleaned: CleanDocument) -> Document:
        """The fields that a cleaned text gives."""
        return ingest.describe(cleaned, self._settings.language)

    def removals(self, folder: Path) -> list[RemovedLine]:
        """What cleaning takes out of a folder's files, by source, the most frequent lines first."""
        source = replace(self._source(), folder=folder)
        found = list(ingest.find_seeds(folder))
        return ingest.removed_lines(
            ingest.clean_folder(source, found, ingest.learn_folder(source, found).lines.recurring())
        )

    def duplicates(self) -> Sequence[DuplicateCluster]:
        """Documents with nearly the same text. Raises what the engine raises."""
        return self._engine.duplicates()

    def rebuild(self, progress: "indexing.Progress") -> BuildReport:
        """Build a generation from all seeds and publish it; see Builder for this and what follows."""
        return self._builder().rebuild(progress)

    def rebuild_if_needed(self, progress: "indexing.Progress") -> BuildReport:
        """Rebuild, unless seeds, settings and analysis are those of what serves."""
        return self._builder().rebuild_if_needed(progress)

    def update(self, progress: "indexing.Progress") -> BuildReport:
        """Publish what a rebuild would, from what serves and what changed since."""
        return self._builder().update(progress)

    def import_documents(self, lines: BufferedReader, name: str, progress: "indexing.Progress") -> BuildReport:
        """Build a generation from `lines` that `export` wrote, without cleaning, and publish it."""
        return self._builder().import_documents(lines, name, progress)

    def export(self) -> Iterator[bytes]:
        """Every document of the serving generation as a line of JSON. Raises what the engine raises."""
        return (ingest.exported(document, original) for document, original in self._engine.documents())

    def close(self) -> None:
        """Let go of the engine."""
        self._engine.close()

    def _find(
        self, request: SearchRequest, budget: Deadline, facet_limit: int | None = None
    ) -> matching_strategy.StrategyResult:
        """What `request` finds, or if that is little, what it finds when its words are put right.
        `facet_limit` replaces the one of the request."""
        found = self._found(request, budget, facet_limit)
        if not (request.typo and found.few and budget.allows_more()):
            return found
        put = correct_spelling(request.query, found.parsed.root, self._engine.vocabulary())
        if put is None or len(put.text) > MAX_QUERY:
            return found
        again = self._found(replace(request, query=put.text), budget, facet_limit)
        if not again.better_than(found):
            return found
        pairs = tuple((change.typed, change.corrected) for change in put.changes)
        return replace(again, info=replace(again.info, corrected=pairs, corrected_query=put.text))

    def _found(
        self, request: SearchRequest, budget: Deadline, facet_limit: int | None
    ) -> matching_strategy.StrategyResult:
        parsed = self._parsed(request.query, request.syntax)
        asked = EngineQuery(
            tree=None,
            filters=request.filters,
            published=request.published,
            facets=request.facets,
            facet_limit=facet_limit or request.facet_limit,
            collapse=request.collapse,
            sort=request.sort or (RELEVANCE if parsed.tree else NEWEST_FIRST),
            offset=request.start,
            limit=request.hits_per_page,
            deadline=budget,
        )
        return matching_strategy.search_with_strategy(self._engine, asked, parsed, request.strategy)

    def _parsed(self, query: str, syntax: str = OPERATORS) -> ParsedQuery:
        synonyms = self._synonyms.current() if self._synonyms else NO_SYNONYMS
        languages = self._engine.languages()
        others = [each for each in languages if each in SNOWBALL and each != self._analyzer.language]
        return parse_query(query, self._analyzer, date.today(), syntax, synonyms, others=others)

    def _documents(self, query: str, limit: int) -> tuple[Document, ...]:
        """The best documents for `query`, none if nothing in it can be looked up."""
        tree = self._parsed(query).tree
        return tuple(hit.document for hit in self._engine.search(EngineQuery(tree, limit=limit)).hits) if tree else ()

    def _total(self, query: str) -> int:
        tree = self._parsed(query).tree
        return self._engine.search(EngineQuery(tree, limit=0)).total if tree else 0

    def _builder(self) -> "indexing.Indexer":
        return indexing.Indexer(self._engine, self._settings, self._source())

    def _source(self) -> "ingest.Source":
        chosen = self._settings
        wishes = ingest.Overrides(
            tuple(map(ingest.Pattern, chosen.keep_lines)), tuple(map(ingest.Pattern, chosen.drop_lines))
        )
        return ingest.Source(chosen.seeds, chosen.max_file_bytes, chosen.language, wishes)


def _shown(hit: EngineHit, marker: highlight.Matcher, missing: tuple[str, ...], request: SearchRequest) -> SearchHit:
    return SearchHit(
        hit.document,
        hit.score,
        _marked_title(hit.document, marker),
        highlight.passages(hit.document, marker, request.crop_length, request.snippets),
        missing,
        hit.partial_match,
        highlight.occurrences(hit.document, marker) if request.explain else (),
        hit.duplicates,
    )


def _marked_title(document: Document, marker: highlight.Matcher) -> tuple[Fragment, ...]:
    return highlight.mark_matches(document.title, marker.spans(document.title, "title"))


def _has_word_like(value: str, beginning: str) -> bool:
    """Whether a word of `value` begins with `beginning`; both are folded."""
    at = value.find(beginning)
    while at > 0 and value[at - 1].isalnum():
        at = value.find(beginning, at + 1)
    return at >= 0
