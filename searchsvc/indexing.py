"""Builds of generations: from all seeds, from changed seeds, or from an export."""

import gc
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from io import BufferedReader

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.interface import DocumentStates, Engine, GenerationWriter
from searchsvc.errors import (
    IndexBusy,
    IndexDamaged,
    IndexMissing,
    NothingToIndex,
    SchemaChanged,
    StoreError,
)
from searchsvc.ingest import (
    NO_FIRST_PASS,
    NO_RECURRING_LINES,
    NO_SEED_MANIFEST,
    FirstPass,
    FolderComparison,
    FoundSeeds,
    PreviousDocuments,
    RecurringLines,
    Rows,
    SeedManifest,
    SeedManifestWriter,
    Source,
    build_fingerprint,
    changed,
    compare_folder,
    find_seeds,
    imported,
    ingest,
    read_first_pass,
    seed_workers,
    start_workers,
    with_origins,
)
from searchsvc.models.documents import Seed, SeedProblem
from searchsvc.models.index import BuildReport
from searchsvc.running_build import RECURRING_LINES, SEED_MANIFEST, BuildProgress, Progress, RunningBuild
from searchsvc.settings import Settings

_EXPORTED = 4  # ratio of the longest line of an export to max_file_bytes: it has the text twice, escaped
_COLLIDING = "documents of different files have the same id"


@dataclass(frozen=True, slots=True)
class _Changes:
    """Changes of the folder since the current generation was built.

    `changed`: new and changed seeds, read in `first_pass`. `problems`: of discovery.
    """

    problems: tuple[SeedProblem, ...]
    seen_ns: int
    manifest: SeedManifest
    comparison: FolderComparison
    changed: tuple[Seed, ...]
    first_pass: FirstPass

    @property
    def stale_rows(self) -> Rows:
        """Manifest rows of deleted and changed seeds, whose documents are not reused."""
        rows = [row for seed in self.changed if (row := self.manifest.rows.get(seed.path)) is not None]
        return np.append(self.comparison.deleted, np.array(rows, np.int64))

    @property
    def is_empty(self) -> bool:
        same = _needing_attention(self.problems) == _needing_attention(self.manifest.other_problems)
        return same and not self.changed and not len(self.comparison.deleted)


def _needing_attention(problems: Iterable[SeedProblem]) -> list[SeedProblem]:
    """Problems without skipped files, which come and go, as editors' hidden files do."""
    return [each for each in problems if not each.skipped]


class CannotUpdate(Exception):
    """The current generation cannot be updated incrementally; the message says why."""


class Indexer:
    """Build generations of one engine from the seed folder of the settings."""

    def __init__(self, engine: Engine, settings: Settings, source: Source) -> None:
        self._engine, self._settings, self._source = engine, settings, source
        self._workers = seed_workers(settings.jobs)

    def rebuild(self, progress: Progress) -> BuildReport:
        """Build a generation from all seeds and publish it; the previous one stays in use until then.

        A folder without a readable seed publishes nothing, and the report has no generation. Documents keep their
        ids when their seeds are moved. Raises SettingsError, IndexBusy, ProcessLost, StoreError.
        """
        with closing(self._workers):
            return self._rebuilt(progress)

    def _rebuilt(self, progress: Progress) -> BuildReport:
        started_ns = time.time_ns()
        seeds = _discover(self._source)
        start_workers(seeds, self._workers)
        manifest = self._seed_manifest_or_empty()
        build = RunningBuild(SeedManifestWriter(self._source, started_ns))
        try:
            with self._engine.new_generation() as generation:
                progress(BuildProgress("learning", 0, len(seeds)))
                first_pass = read_first_pass(self._source, seeds, self._workers)
                seeds = self._with_origins(seeds, manifest, compare_folder(manifest, seeds), first_pass)
                recurring = first_pass.lines.recurring()
                self._ingest(build, generation, seeds, first_pass, recurring, progress)
                build.finish(generation, recurring)
            self._engine.prune(self._settings.keep_generations)
        except NothingToIndex:
            return build.report(None)
        return build.report(generation.name)

    def rebuild_if_needed(self, progress: Progress) -> BuildReport:
        """Rebuild, unless seeds, settings and versions are the same as for the current generation."""
        with closing(self._workers):
            try:
                return self._unchanged() if self._changes().is_empty else self.rebuild(progress)
            except CannotUpdate as why:
                return self._rebuild_because(str(why), progress)

    def update(self, progress: Progress) -> BuildReport:
        """Publish the generation that a rebuild would give, reusing unchanged documents of the current one.

        Rebuilds if that is not possible, and the report says why. Raises as `rebuild`.
        """
        with closing(self._workers):
            try:
                changes = self._changes()
                return self._unchanged() if changes.is_empty else self._updated(changes, progress)
            except (CannotUpdate, IndexDamaged) as why:
                return self._rebuild_because(str(why), progress)

    def _updated(self, changes: _Changes, progress: Progress) -> BuildReport:
        if changes.manifest.has_collisions:
            raise CannotUpdate(_COLLIDING)
        build = RunningBuild(SeedManifestWriter(self._source, changes.seen_ns))
        try:
            with self._engine.next_generation() as generation:
                self._apply_changes(build, generation, changes, progress)
            self._engine.prune(self._settings.keep_generations)
        except NothingToIndex:
            return build.report(None)
        return build.report(generation.name)

    def import_documents(self, lines: BufferedReader, name: str, progress: Progress) -> BuildReport:
        """Build a generation from the lines of an export, without cleaning, and publish it.

        `name` is the name of the file in problems. One line is in memory at a time. A file without documents
        publishes nothing. Raises IndexBusy, StoreError.
        """
        build = RunningBuild(None)
        longest = _EXPORTED * self._settings.max_file_bytes
        try:
            with self._engine.new_generation() as generation:
                for outcome in imported(lines, name, self._settings.language, longest):
                    build.add(outcome, generation, NO_FIRST_PASS)
                    progress(BuildProgress("importing", build.files, None))
                build.finish(generation, NO_RECURRING_LINES)
            self._engine.prune(self._settings.keep_generations)
        except NothingToIndex:
            return build.report(None)
        return build.report(generation.name)

    def _apply_changes(
        self, build: RunningBuild, generation: GenerationWriter, changes: _Changes, progress: Progress
    ) -> None:
        """Reuse unchanged documents, then clean and add the changed ones."""
        if generation.user_data(SEED_MANIFEST) != self._engine.snapshot().user_data(SEED_MANIFEST):
            raise IndexBusy("another build has published meanwhile; run it again")
        states, manifest = generation.states(), changes.manifest
        previous = PreviousDocuments.of(states.data, states.starts, states.ends)
        deleted = _of_seeds(states, manifest, changes.stale_rows)
        first_pass = changes.first_pass.of({seed.path for seed in changes.changed})
        recurring = (previous.lines.of(~deleted) + first_pass.lines).recurring()
        differing = RecurringLines.from_bytes(generation.user_data(RECURRING_LINES)).differing(recurring)
        affected_rows = manifest.holding(states.ids[previous.lines.holding(differing) & ~deleted])
        deleted |= _of_seeds(states, manifest, affected_rows)
        affected = changes.comparison.at(affected_rows)
        if affected:
            first_pass = first_pass + read_first_pass(self._source, affected, self._workers)
        generation.delete(deleted)
        build.reuse(states.ids, previous, ~deleted)
        build.manifest.reuse(
            manifest, *changes.comparison.excluding(np.concatenate([changes.stale_rows, affected_rows]))
        )
        for problem in changes.problems:
            build.add(problem, generation, first_pass)
        seeds = self._with_origins([*changes.changed, *affected], manifest, changes.comparison, first_pass)
        self._ingest(build, generation, seeds, first_pass, recurring, progress)
        build.finish(generation, recurring)

    def _ingest(
        self,
        build: RunningBuild,
        generation: GenerationWriter,
        seeds: FoundSeeds,
        first_pass: FirstPass,
        recurring: RecurringLines,
        progress: Progress,
    ) -> None:
        build.expect(seeds, first_pass)
        for outcome in ingest(self._source, first_pass.without_lost(seeds), recurring, self._workers):
            if build.collides(outcome):
                raise CannotUpdate(_COLLIDING)
            build.add(outcome, generation, first_pass)
            # Files of several documents give more documents than there are files.
            progress(BuildProgress("indexing", build.files, max(build.files, len(seeds))))

    def _with_origins(
        self, discovered: FoundSeeds, manifest: SeedManifest, comparison: FolderComparison, first_pass: FirstPass
    ) -> FoundSeeds:
        """`discovered`, in the same order, with the paths that ids derive from."""
        seeds = [seed for seed in discovered if isinstance(seed, Seed)]
        seeds_by_path = {
            seed.path: seed for seed in with_origins(seeds, manifest, comparison.deleted, first_pass.digests)
        }
        return [seeds_by_path[each.path] if isinstance(each, Seed) else each for each in discovered]

    def _changes(self) -> _Changes:
        """Changes since the current generation was built. Reads seeds that may have changed.

        Raises SettingsError, and CannotUpdate if changes are unknown or unchanged seeds would now give other
        documents.
        """
        started_ns = time.time_ns()
        seeds = _discover(self._source)
        manifest = self._seed_manifest()
        if manifest.build_fingerprint != build_fingerprint(self._source):
            raise CannotUpdate("settings or versions changed since the last build")
        comparison = compare_folder(manifest, seeds)
        changed_seeds = comparison.read
        first_pass = read_first_pass(self._source, changed_seeds, self._workers)
        problems = tuple(each for each in seeds if isinstance(each, SeedProblem))
        return _Changes(
            problems,
            started_ns,
            manifest,
            comparison,
            tuple(changed(manifest, changed_seeds, first_pass.digests)),
            first_pass,
        )

    def _seed_manifest(self) -> SeedManifest:
        """Manifest of the current generation. Raises CannotUpdate."""
        try:
            return SeedManifest.from_bytes(self._engine.snapshot().user_data(SEED_MANIFEST))
        except IndexMissing as error:
            raise CannotUpdate("there was no index") from error
        except SchemaChanged as error:
            raise CannotUpdate("language, fields or analysis changed since the last build") from error
        except (StoreError, KeyError, ValueError) as error:
            raise CannotUpdate("the index is damaged, or was not built from seeds") from error

    def _seed_manifest_or_empty(self) -> SeedManifest:
        try:
            return self._seed_manifest()
        except CannotUpdate:
            return NO_SEED_MANIFEST

    def _rebuild_because(self, reason: str, progress: Progress) -> BuildReport:
        return replace(self.rebuild(progress), rebuild_reason=reason)

    def _unchanged(self) -> BuildReport:
        self._engine.sweep()
        serving = self._engine.snapshot().status().generation
        return BuildReport(serving.name, serving.documents, 0, 0.0, reused=serving.documents, unchanged=True)


def _discover(source: Source) -> FoundSeeds:
    """Seeds and problems of the folder.

    The garbage collector is off meanwhile: 100,000 new objects make it scan everything several times, in vain, for
    a third of the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return list(find_seeds(source.folder))
    finally:
        if was_enabled:
            gc.enable()


def _of_seeds(states: DocumentStates, manifest: SeedManifest, rows: Rows) -> NDArray[np.bool_]:
    """(docs,) bool: whether a document is of one of the seeds in these manifest rows."""
    return np.isin(states.ids, manifest.documents(rows))
