"""The operations of the product: page, API and command line call only these."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from io import BufferedReader
from pathlib import Path
from posixpath import normpath
from typing import TYPE_CHECKING, TypeVar

from searchsvc import matching_strategy
from searchsvc.analysis import analyzer
from searchsvc.deferred import deferred
from searchsvc.engine.interface import Engine
from searchsvc.engine.query import NO_DEADLINE
from searchsvc.errors import IndexMissing, InvalidRequest, StoreError
from searchsvc.job_count import job_count
from searchsvc.models.clean_document import CleanDocument
from searchsvc.models.documents import DOCUMENT_ID, Document, DuplicateCluster, RemovedLine, SeedProblem
from searchsvc.models.index import BuildPreview, BuildReport, EngineStatus, GenerationInfo, IndexCheck
from searchsvc.models.search import (
    DocumentView,
    EngineHit,
    FacetValues,
    SearchResults,
    SearchStream,
    Suggestions,
)
from searchsvc.models.search_params import SUGGESTED
from searchsvc.models.search_request import MAX_QUERY, SearchRequest
from searchsvc.query import NO_SYNONYMS
from searchsvc.query.synonym_file import SynonymFile
from searchsvc.reranker import Reranker
from searchsvc.semantic import SentenceModel
from searchsvc.settings import Settings

if TYPE_CHECKING:
    from searchsvc import build_preview, document_lookup, evaluation, indexing, ingest, running_build, search_snapshot
    from searchsvc.ingest import export_import, removal_report
    from searchsvc.ingest.metadata import extract
    from searchsvc.search_snapshot import SearchSnapshot
else:  # a search needs only the last of them, a build only some of the others
    build_preview, document_lookup, evaluation, indexing, ingest, running_build = map(
        deferred,
        (
            "searchsvc.build_preview",
            "searchsvc.document_lookup",
            "searchsvc.evaluation",
            "searchsvc.indexing",
            "searchsvc.ingest",
            "searchsvc.running_build",
        ),
    )
    export_import, extract, removal_report, search_snapshot = map(
        deferred,
        (
            "searchsvc.ingest.export_import",
            "searchsvc.ingest.metadata.extract",
            "searchsvc.ingest.removal_report",
            "searchsvc.search_snapshot",
        ),
    )

Result = TypeVar("Result")
_NO_VECTORS = "the index has no vectors of the sentence embedding model; run `searchsvc rebuild`"


def _no_progress(progress: "running_build.BuildProgress") -> None:
    """Ignore the progress of a build."""


class SearchService:
    """Searches and builds an index through one engine. Safe to use from several threads.

    Searches raise the errors of `Engine.snapshot` and `Snapshot`.
    """

    def __init__(self, engine: Engine, settings: Settings) -> None:
        """Raises SettingsError if the synonym file or the sentence embedding model cannot be used."""
        self._engine = engine
        self._settings = settings
        self._analyzer = analyzer(settings.language)
        self._created = ("", "")  # of a generation, by its name
        self._synonyms = SynonymFile(settings.synonyms, self._analyzer) if settings.synonyms else None
        self._model = SentenceModel(settings.semantic_model) if settings.semantic_model else None
        self._reranker = Reranker(self._model, settings.rerank) if self._model else None

    @property
    def engine_name(self) -> str:
        return self._engine.name

    def snapshot(self, generation: str | None = None) -> "SearchSnapshot":
        """Return the current generation, or the one named, for several operations on the same documents."""
        synonyms = self._synonyms.current() if self._synonyms else NO_SYNONYMS
        engine_snapshot, time_limit = self._engine.snapshot(generation), self._settings.search_timeout_ms
        return search_snapshot.SearchSnapshot(engine_snapshot, self._analyzer, synonyms, time_limit, self._reranker)

    def run(self, operation: Callable[["SearchSnapshot"], Result]) -> Result:
        """Return the result of `operation` on one snapshot.

        If its generation is deleted meanwhile, which only a cluster does, run it again on the current one.
        """
        try:
            return operation(self.snapshot())
        except IndexMissing:
            self._engine.refresh()
            return operation(self.snapshot())

    def search(self, request: SearchRequest) -> SearchResults:
        """Return one page of results, of the generation that the request's cursor names. Raises InvalidRequest."""
        generation = request.cursor.rpartition(".")[0]
        return self.run(lambda snapshot: self._of_generation(snapshot, generation).search(request))

    def _of_generation(self, snapshot: "SearchSnapshot", name: str) -> "SearchSnapshot":
        """Return the snapshot of the generation `name`, `snapshot` itself if that is its generation or `name` empty."""
        if name in ("", snapshot.generation):
            return snapshot
        try:
            return self.snapshot(name)
        except StoreError as error:
            raise InvalidRequest("cursor", "the index has been updated since; search again without cursor") from error

    def created(self) -> str:
        """Return the time of the build of the current generation, UTC in ISO 8601."""
        return self.run(self._created_of)

    def _created_of(self, snapshot: "SearchSnapshot") -> str:
        name, created = self._created
        if name != snapshot.generation:  # reading the status takes as long as a search
            name, created = self._created = snapshot.generation, snapshot.engine.status().generation.created
        return created

    def stream(self, request: SearchRequest) -> SearchStream:
        """Return all documents that match, from one snapshot. Raises InvalidRequest."""
        return self.run(lambda snapshot: snapshot.stream(request))

    def suggest(self, typed: str, limit: int = SUGGESTED) -> Suggestions:
        """Return completions of a partial query, and matching documents. Raises InvalidRequest."""
        return self.run(lambda snapshot: snapshot.suggest(typed, limit))

    def similar(self, document_id: str, limit: int = SUGGESTED) -> Sequence[EngineHit]:
        """Return similar documents, best first. Raises DocumentNotFound and InvalidRequest."""
        return self.run(lambda snapshot: snapshot.similar(document_id, limit))

    def facet_values(self, request: SearchRequest, field: str, prefix: str, limit: int) -> FacetValues:
        """Return facet values with a word that starts with `prefix`, most frequent first. Raises InvalidRequest."""
        return self.run(lambda snapshot: snapshot.facet_values(request, field, prefix, limit))

    def document(self, document_id: str, query: str = "", part: int | None = None) -> DocumentView:
        """Return a document with the matches of `query` highlighted in one part of its body; see SearchSnapshot.

        Raises DocumentNotFound.
        """
        return self.run(lambda snapshot: snapshot.document(document_id, query, part))

    def original(self, document_id: str) -> str:
        """Return the original text of a document. Raises DocumentNotFound."""
        return self.run(lambda snapshot: snapshot.original(document_id))

    def find_document(self, id_or_path: str) -> str:
        """Return the id of a document, given that id or the path of its seed; see document_lookup."""
        if DOCUMENT_ID.fullmatch(id_or_path):
            return id_or_path
        return document_lookup.find_document(self._engine, self._settings.seeds, id_or_path)

    def duplicates(self) -> Sequence[DuplicateCluster]:
        """Return all clusters of near-duplicates, the largest first."""
        return self.run(lambda snapshot: snapshot.engine.duplicates())

    def status(self) -> EngineStatus:
        """Return size, age and facet counts of the current generation, and warnings about the index."""
        return self.run(self.status_of)

    def status_of(self, snapshot: "SearchSnapshot") -> EngineStatus:
        """Return size, age and facet counts of a snapshot's generation, and warnings about the index."""
        warnings = [*self._engine.warnings, *(() if snapshot.has_vectors else (_NO_VECTORS,))]
        return replace(snapshot.engine.status(), warnings=tuple(warnings))

    def problems(self) -> Sequence[SeedProblem]:
        """Return the problems that the build of the current generation reported."""
        return self.run(lambda snapshot: snapshot.engine.problems())

    def export(self) -> Iterator[bytes]:
        """Return every document of the current generation as a line of JSON."""
        documents = self.run(lambda snapshot: snapshot.engine.documents())
        return (export_import.exported(document, original) for document, original in documents)

    def evaluate(
        self,
        judged: "Sequence[evaluation.JudgedQuery]",
        strategy: str = matching_strategy.AUTO,
        generation: str | None = None,
    ) -> "evaluation.Evaluation":
        """Measure the ranking of judged queries on a generation. A query that is too long is cut. Raises StoreError."""
        snapshot = self.snapshot(generation)
        return evaluation.evaluate(judged, [_ranked(snapshot, query, strategy) for query in judged])

    def current(self) -> str | None:
        """Return the name of the current generation, or None if it is time to call `refresh`. Never blocks."""
        return None if self._synonyms and self._synonyms.due else self._engine.current()

    def refresh(self) -> None:
        """Switch to a newer generation and newer synonyms, if there are any."""
        self.snapshot()

    @property
    def synonyms_stamp(self) -> tuple[int, ...]:
        """A value that changes with the synonym file; empty if there is none."""
        return self._synonyms.stamp if self._synonyms else ()

    def generations(self) -> Sequence[GenerationInfo]:
        """Return all published generations, newest first."""
        return self._engine.generations()

    def check(self) -> IndexCheck:
        """Read and verify everything that is published. Raises StoreError if the index cannot be read."""
        checked = tuple(self._engine.check())
        try:
            status = self.status()
        except StoreError as error:
            return IndexCheck(checked, None, (str(error),))
        return IndexCheck(checked, status.generation.name, tuple(status.warnings))

    def rollback(self) -> GenerationInfo:
        """Make the generation before the current one current. Raises InvalidRequest if there is none."""
        current = self._engine.snapshot().name
        older = [generation for generation in self._engine.generations() if generation.name < current]
        if not older:
            raise InvalidRequest("generation", "there is no older generation")
        self._engine.activate(older[0].name)
        return replace(older[0], current=True)

    def clean(self, file: Path, *, against_index: bool = False) -> CleanDocument | SeedProblem:
        """Clean one file; if `against_index`, with the recurring lines and names of sites of the current generation."""
        recurring = sites = None
        if against_index:
            stored = self._engine.snapshot().user_data
            recurring = ingest.RecurringLines.from_bytes(stored(running_build.RECURRING_LINES))
            sites = ingest.SiteNames.from_bytes(stored(running_build.SITE_NAMES))
        return ingest.clean_file(file, self._source(), recurring, sites)

    def describe(self, cleaned: CleanDocument) -> Document:
        """Return the document with the metadata of a cleaned text."""
        return extract.describe(cleaned, self._settings.language)

    def removals(self, folder: Path) -> list[RemovedLine]:
        """Return the lines that cleaning removes from a folder's files, by source, the most frequent first."""
        source = replace(self._source(), folder=folder)
        seeds = ingest.find_seeds(folder)
        first_pass = ingest.read_first_pass(source, seeds)
        recurring, sites = first_pass.lines.recurring(), first_pass.sites.learned()
        return removal_report.removed_lines(ingest.clean_folder(source, seeds, recurring, sites))

    def rebuild(self, progress: "running_build.Progress" = _no_progress) -> BuildReport:
        """Build a generation from all seeds and publish it; see Indexer."""
        return self._indexer().rebuild(progress)

    def rebuild_if_needed(self, progress: "running_build.Progress" = _no_progress) -> BuildReport:
        """Rebuild, unless seeds, settings and versions are the same as for the current generation."""
        return self._indexer().rebuild_if_needed(progress)

    def update(
        self, progress: "running_build.Progress" = _no_progress, paths: Iterable[str] | None = None
    ) -> BuildReport:
        """Publish the generation that a rebuild would give, reusing unchanged documents of the current one.

        `paths`: files and folders that may have changed, relative to the seed folder, with slashes; None for any. Only
        these are looked at, unless they are many, and other files count as unchanged since the last build. Raises
        InvalidRequest for a path outside the folder; else see Indexer.
        """
        return self._indexer().update(progress, None if paths is None else set(map(_in_seed_folder, paths)))

    def preview(self, progress: "running_build.Progress" = _no_progress) -> BuildPreview:
        """Return the changes that an update or a rebuild would publish now, and write nothing; see BuildPreviewer."""
        with closing(ingest.seed_workers(job_count(self._settings.jobs))) as workers:
            key = self._model.key if self._model else ""
            return build_preview.BuildPreviewer(self._engine, self._source(), workers, key).preview(progress)

    def import_documents(
        self, lines: BufferedReader, name: str, progress: "running_build.Progress" = _no_progress
    ) -> BuildReport:
        """Build a generation from the lines of an export, without cleaning, and publish it."""
        return self._indexer().import_documents(lines, name, progress)

    def close(self) -> None:
        """Close the engine."""
        self._engine.close()

    def _indexer(self) -> "indexing.Indexer":
        return indexing.Indexer(self._engine, self._settings, self._source(), self._model)

    def _source(self) -> "ingest.Source":
        chosen = self._settings
        overrides = ingest.Overrides.of(chosen.keep_lines, chosen.drop_lines)
        names = ingest.FieldNames(chosen.fields)
        return ingest.Source(
            chosen.seeds, chosen.max_file_bytes, chosen.language, overrides, names, chosen.max_document_bytes
        )


def _ranked(snapshot: "SearchSnapshot", query: "evaluation.JudgedQuery", strategy: str) -> "evaluation.Ranked":
    request = SearchRequest(query.text[:MAX_QUERY], hits_per_page=evaluation.DEPTH, facets=(), strategy=strategy)
    started = time.perf_counter()
    hits = snapshot.find(request, NO_DEADLINE).hits
    milliseconds = (time.perf_counter() - started) * 1000
    names = (hit.document.path if hit.document.path in query.grades else hit.document.id for hit in hits.hits)
    return evaluation.Ranked(tuple(names), milliseconds)


def _in_seed_folder(path: str) -> str:
    """Return a path relative to the seed folder in its shortest form; "" for the folder. Raises InvalidRequest."""
    shortest = normpath(path)
    if "\0" in path or shortest.startswith("/") or shortest.split("/")[0] == "..":
        raise InvalidRequest("paths", f"{ingest.shown_path(path)} is not a path below the seed folder")
    return "" if shortest == "." else shortest
