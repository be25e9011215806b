"""Builds of generations: from all seeds, from changed seeds, or from an export."""

import time
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from contextlib import closing
from dataclasses import replace
from io import BufferedReader
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from searchsvc.array_ranges import is_in
from searchsvc.deferred import deferred
from searchsvc.document_vectors import PreviousVectors, with_vectors
from searchsvc.engine.interface import DocumentStates, Engine, GenerationWriter
from searchsvc.errors import (
    IndexBusy,
    IndexDamaged,
    NothingToIndex,
)
from searchsvc.ingest import (
    NO_FIRST_PASS,
    FirstPass,
    FolderComparison,
    FoundSeeds,
    Outcome,
    PreviousDocuments,
    RecurringLines,
    Rows,
    SeedManifest,
    SeedManifestWriter,
    SiteFacts,
    SiteNames,
    Source,
    compare_folder,
    ingest,
    seed_workers,
    start_workers,
    with_origins,
)
from searchsvc.job_count import job_count
from searchsvc.models.documents import Seed
from searchsvc.models.index import BuildReport
from searchsvc.previous_build import (
    CannotUpdate,
    document_digests,
    document_digests_or_empty,
    seed_manifest_or_empty,
)
from searchsvc.running_build import (
    NEAR_DUPLICATE_CHECKS,
    NEAR_DUPLICATES,
    NOTHING_LEARNED,
    RECURRING_LINES,
    SEED_MANIFEST,
    SITE_NAMES,
    LearnedFolder,
    PreviousTexts,
    Progress,
    ProgressReporter,
    RunningBuild,
)
from searchsvc.seed_folder import FolderChanges, SeedFolder
from searchsvc.semantic import MODEL_KEY, SentenceModel
from searchsvc.settings import Settings

if TYPE_CHECKING:
    from searchsvc.ingest import export_import
else:  # only an import needs it
    export_import = deferred("searchsvc.ingest.export_import")

_EXPORTED = 4  # ratio of the longest line of an export to max_file_bytes: it has the text twice, escaped
_COLLIDING = "documents of different files have the same id"


class Indexer:
    """Build generations of one engine from the seed folder of the settings."""

    def __init__(self, engine: Engine, settings: Settings, source: Source, model: SentenceModel | None = None) -> None:
        """`model`: makes a vector of each document."""
        self._engine, self._settings, self._source, self._model = engine, settings, source, model
        self._workers = seed_workers(job_count(settings.jobs))
        self._folder = SeedFolder(source, self._workers)

    def rebuild(self, progress: Progress) -> BuildReport:
        """Build a generation from all seeds and publish it; the previous one stays in use until then.

        A folder without a readable seed publishes nothing, and the report has no generation. Documents keep their
        ids when their seeds are moved. Raises SettingsError, IndexBusy, ProcessLost, StoreError.
        """
        with closing(self._workers):
            return self._rebuilt(ProgressReporter(progress))

    def _rebuilt(self, reporter: ProgressReporter) -> BuildReport:
        started_ns = time.time_ns()
        seeds = self._folder.seeds()
        start_workers(self._source, seeds, self._workers)
        manifest = seed_manifest_or_empty(self._engine)
        build = RunningBuild(SeedManifestWriter(self._source, started_ns), document_digests_or_empty(self._engine))
        reporter.expect(len(seeds), 0)
        try:
            with self._engine.new_generation() as generation:
                first_pass = self._folder.read(seeds, reporter)
                seeds = self._with_origins(seeds, manifest, compare_folder(manifest, seeds), first_pass)
                learned = LearnedFolder.of(first_pass)
                build.expect(seeds, first_pass)
                first_pass = first_pass.without_digests()
                self._ingest(build, generation, seeds, first_pass, learned, reporter)
                self._finish(build, generation, learned)
            self._engine.prune(self._settings.keep_generations)
        except NothingToIndex:
            return build.report(None, reporter.seconds)
        return build.report(generation.name, reporter.seconds)

    def rebuild_if_needed(self, progress: Progress) -> BuildReport:
        """Rebuild, unless seeds, settings and versions are the same as for the current generation."""
        reporter = ProgressReporter(progress)
        with closing(self._workers):
            try:
                changes = self._changes(reporter)
                return self._up_to_date(changes) if changes.is_empty else self._rebuilt(reporter)
            except CannotUpdate as why:
                return self._rebuild_because(str(why), reporter)

    def update(self, progress: Progress, paths: AbstractSet[str] | None = None) -> BuildReport:
        """Publish the generation that a rebuild would give, reusing unchanged documents of the current one.

        `paths`: only look at these, relative to the seed folder. Rebuilds if an update is not possible, and the report
        says why. Raises as `rebuild`.
        """
        reporter = ProgressReporter(progress)
        with closing(self._workers):
            try:
                changes = self._changes(reporter, paths)
                return self._up_to_date(changes) if changes.is_empty else self._updated(changes, reporter)
            except (CannotUpdate, IndexDamaged) as why:
                return self._rebuild_because(str(why), reporter)

    def _updated(self, changes: FolderChanges, reporter: ProgressReporter) -> BuildReport:
        if changes.manifest.has_collisions:
            raise CannotUpdate(_COLLIDING)
        build = RunningBuild(SeedManifestWriter(self._source, changes.seen_ns), document_digests(self._engine))
        try:
            with self._engine.next_generation() as generation:
                self._apply_changes(build, generation, changes, reporter)
            self._engine.prune(self._settings.keep_generations)
        except NothingToIndex:
            return build.report(None, reporter.seconds)
        return build.report(generation.name, reporter.seconds)

    def import_documents(self, lines: BufferedReader, name: str, progress: Progress) -> BuildReport:
        """Build a generation from the lines of an export, without cleaning, and publish it.

        `name` is the name of the file in problems. One line is in memory at a time. A file without documents
        publishes nothing. Raises IndexBusy, StoreError.
        """
        reporter = ProgressReporter(progress)
        build = RunningBuild(None, document_digests_or_empty(self._engine))
        longest = _EXPORTED * self._settings.max_file_bytes
        try:
            with self._engine.new_generation() as generation:
                documents = export_import.imported(lines, name, self._settings.language, longest)
                for outcome in self._with_vectors(documents):
                    build.add(outcome, generation, NO_FIRST_PASS)
                    reporter.importing(build.files)
                self._finish(build, generation, NOTHING_LEARNED)
            self._engine.prune(self._settings.keep_generations)
        except NothingToIndex:
            return build.report(None, reporter.seconds)
        return build.report(generation.name, reporter.seconds)

    def _apply_changes(
        self, build: RunningBuild, generation: GenerationWriter, changes: FolderChanges, reporter: ProgressReporter
    ) -> None:
        """Reuse unchanged documents, then clean and add the changed ones."""
        if generation.user_data(SEED_MANIFEST) != self._engine.snapshot().user_data(SEED_MANIFEST):
            raise IndexBusy("another build has published meanwhile; run it again")
        states, manifest = generation.states(), changes.manifest
        previous = PreviousDocuments.of(states.data, states.starts, states.ends)
        deleted = _of_seeds(states, manifest, changes.stale_rows)
        first_pass = changes.first_pass.of({seed.path for seed in changes.changed})
        before = _learned(generation)
        known = SiteFacts(previous.sites.rows[~deleted], before.sites.names)
        learned = LearnedFolder(
            (previous.lines.of(~deleted) + first_pass.lines).recurring(),
            SiteFacts.joined([known, first_pass.sites]).learned(),
        )
        differs = previous.lines.holding(before.recurring.differing(learned.recurring))
        differs |= previous.sites.affected(before.sites, learned.sites)
        affected_rows = manifest.holding(states.ids[differs & ~deleted])
        deleted |= _of_seeds(states, manifest, affected_rows)
        affected = changes.comparison.at(affected_rows)
        reporter.expect(len(changes.changed) + len(affected), int(np.count_nonzero(~deleted)))
        if affected:
            first_pass = first_pass + self._folder.read(affected, reporter)
        generation.delete(deleted)
        checked, clusters = map(generation.user_data, (NEAR_DUPLICATE_CHECKS, NEAR_DUPLICATES))
        texts = PreviousTexts(self._engine.snapshot(), self._source.language, checked, clusters)
        build.reuse(states.ids, previous, ~deleted, texts)
        build.manifest.reuse(
            manifest, *changes.comparison.excluding(np.concatenate([changes.stale_rows, affected_rows]))
        )
        for problem in changes.problems:
            build.add(problem, generation, first_pass)
        seeds = self._with_origins([*changes.changed, *affected], manifest, changes.comparison, first_pass)
        build.expect(seeds, first_pass)
        self._ingest(build, generation, seeds, first_pass, learned, reporter)
        self._finish(build, generation, learned)

    def _ingest(
        self,
        build: RunningBuild,
        generation: GenerationWriter,
        seeds: FoundSeeds,
        first_pass: FirstPass,
        learned: LearnedFolder,
        reporter: ProgressReporter,
    ) -> None:
        ingested = ingest(self._source, first_pass.second_pass(seeds), learned.recurring, self._workers, learned.sites)
        for outcome in self._with_vectors(ingested):
            if build.collides(outcome):
                raise CannotUpdate(_COLLIDING)
            build.add(outcome, generation, first_pass)
            # Files of several documents give more documents than there are files.
            reporter.indexing(build.files, max(build.files, len(seeds)))
        reporter.writing(build.files)

    def _with_vectors(self, outcomes: Iterable[Outcome]) -> Iterable[Outcome]:
        """Give each document its vector, if there is a model."""
        if self._model is None:
            return outcomes
        previous = PreviousVectors.of(self._engine, self._model)
        return with_vectors(outcomes, self._model, previous, job_count(self._settings.jobs))

    def _finish(self, build: RunningBuild, generation: GenerationWriter, learned: LearnedFolder) -> None:
        build.finish(generation, learned)
        if self._model is not None:
            generation.put_user_data(MODEL_KEY, self._model.key.encode("ascii"))

    def _with_origins(
        self, discovered: FoundSeeds, manifest: SeedManifest, comparison: FolderComparison, first_pass: FirstPass
    ) -> FoundSeeds:
        """`discovered`, in the same order, with the paths that ids derive from."""
        seeds = [seed for seed in discovered if isinstance(seed, Seed)]
        seeds_by_path = {
            seed.path: seed for seed in with_origins(seeds, manifest, comparison.deleted, first_pass.digests)
        }
        return [seeds_by_path[each.path] if isinstance(each, Seed) else each for each in discovered]

    def _changes(self, reporter: ProgressReporter, paths: AbstractSet[str] | None = None) -> FolderChanges:
        return self._folder.changes(self._engine, self._model.key if self._model else "", reporter, paths)

    def _rebuild_because(self, reason: str, reporter: ProgressReporter) -> BuildReport:
        return replace(self._rebuilt(reporter), rebuild_reason=reason)

    def _up_to_date(self, changes: FolderChanges) -> BuildReport:
        self._engine.sweep()
        count = len(changes.manifest.ids)
        return BuildReport(self._engine.snapshot().name, count, 0, 0.0, reused=count, up_to_date=True, unchanged=count)


def _learned(generation: GenerationWriter) -> LearnedFolder:
    """Return what the previous generation was cleaned with."""
    return LearnedFolder(
        RecurringLines.from_bytes(generation.user_data(RECURRING_LINES)),
        SiteNames.from_bytes(generation.user_data(SITE_NAMES)),
    )


def _of_seeds(states: DocumentStates, manifest: SeedManifest, rows: Rows) -> NDArray[np.bool_]:
    """(docs,) bool: whether a document is of one of the seeds in these manifest rows."""
    return is_in(states.ids, np.sort(manifest.documents(rows)))
