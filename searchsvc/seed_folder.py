"""Seed folder of a build: its seeds, their first pass, and the changes since the current generation was built."""

import gc
import time
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from searchsvc.engine.interface import Engine
from searchsvc.ingest import (
    FirstPass,
    FolderComparison,
    FoundSeeds,
    Rows,
    SeedManifest,
    Source,
    build_fingerprint,
    changed,
    compare_places,
    find_seeds,
    list_paths,
    read_first_pass,
    start_workers,
    uncertain_paths,
)
from searchsvc.limited_workers import LimitedWorkers
from searchsvc.models.documents import Seed, SeedProblem
from searchsvc.previous_build import CannotUpdate, model_key, seed_manifest
from searchsvc.running_build import ProgressReporter

_FEW = 1_000  # paths that are listed one by one in any case
_PER_PATH = 20  # files of the folder that are listed in the time of one path


@dataclass(frozen=True, slots=True)
class FolderChanges:
    """Changes of a seed folder since the current generation was built.

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
    """Problems by path, without skipped files, which come and go, as editors' hidden files do."""
    return sorted((each for each in problems if not each.skipped), key=lambda each: (each.path, each.reason))


class SeedFolder:
    """Find and read the seeds of a source."""

    def __init__(self, source: Source, workers: LimitedWorkers) -> None:
        """The caller closes the workers."""
        self._source, self._workers = source, workers

    def seeds(self) -> FoundSeeds:
        """Return the seeds and problems of the folder."""
        with _no_garbage_collection():
            return find_seeds(self._source.folder)

    def read(self, seeds: FoundSeeds, reporter: ProgressReporter) -> FirstPass:
        """Return the first pass over `seeds`, by worker processes if the seeds need them."""
        start_workers(self._source, seeds, self._workers)
        on_read = reporter.reading(sum(isinstance(each, Seed) for each in seeds))
        return read_first_pass(self._source, seeds, self._workers, on_read)

    def changes(
        self, engine: Engine, model: str, reporter: ProgressReporter, paths: AbstractSet[str] | None = None
    ) -> FolderChanges:
        """Return the changes since the current generation of `engine` was built. Reads seeds that may have changed.

        `model`: key of the sentence embedding model, empty if there is none. `paths`: only look at these, relative to
        the folder. Raises SettingsError, and CannotUpdate if changes are unknown or unchanged seeds would now give
        other documents.
        """
        started_ns = time.time_ns()
        manifest = seed_manifest(engine)
        if manifest.build_fingerprint != build_fingerprint(self._source):
            raise CannotUpdate("settings or versions changed since the last build")
        if model_key(engine) != model:
            raise CannotUpdate("the sentence embedding model changed since the last build")
        with _no_garbage_collection():
            listing = list_paths(self._source.folder, _paths_to_list(paths, manifest))
        comparison = compare_places(manifest, listing)
        reporter.expect(len(comparison.read), len(manifest.ids))
        first_pass = self.read(comparison.read, reporter)
        problems = [each for each in listing.listed if isinstance(each, SeedProblem)]
        return FolderChanges(
            (*listing.elsewhere(manifest.other_problems), *problems),
            started_ns,
            manifest,
            comparison,
            tuple(changed(manifest, comparison.read, first_pass.digests)),
            first_pass,
        )


def _paths_to_list(paths: AbstractSet[str] | None, manifest: SeedManifest) -> AbstractSet[str]:
    """Return `paths`, and those that every update looks at; or the whole folder, if listing many paths takes longer."""
    if paths is None:
        return {""}
    paths = {*paths, *uncertain_paths(manifest)}
    return {""} if len(paths) > max(_FEW, len(manifest.paths) // _PER_PATH) else paths


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Turn the garbage collector off: 100,000 new objects make it scan everything several times, in vain, for a third
    of the time of a listing."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
