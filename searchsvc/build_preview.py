"""Previews of builds: the changes that a build would publish. Nothing is written."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

import numpy as np

from searchsvc.document_digests import DocumentDigests, DocumentDigestsWriter, Ids
from searchsvc.engine.interface import Engine
from searchsvc.ingest import (
    FirstPass,
    FolderComparison,
    FoundSeeds,
    Outcome,
    Rows,
    SeedManifest,
    Source,
    build_fingerprint,
    changed,
    compare_folder,
    find_seeds,
    ingest,
    read_first_pass,
    with_origins,
)
from searchsvc.limited_workers import LimitedWorkers
from searchsvc.models.documents import SeedProblem
from searchsvc.models.index import BuildPreview
from searchsvc.previous_build import (
    CannotUpdate,
    document_digests_or_empty,
    model_key,
    seed_manifest,
    seed_manifest_or_empty,
)
from searchsvc.running_build import Progress, ProgressReporter


@dataclass(frozen=True, slots=True)
class _ChangedSeeds:
    """New and changed seeds, and the manifest rows of deleted and changed seeds, whose documents are not reused."""

    seeds: FoundSeeds
    first_pass: FirstPass
    stale_rows: Rows


class BuildPreviewer:
    """Compares a seed folder with the current generation of an engine."""

    def __init__(self, engine: Engine, source: Source, workers: LimitedWorkers, model: str) -> None:
        """`model`: key of the sentence embedding model, empty if there is none. The caller closes the workers."""
        self._engine, self._source, self._workers, self._model = engine, source, workers, model

    def preview(self, progress: Progress) -> BuildPreview:
        """Return the changes that an update or a rebuild would publish now.

        Reads and cleans new and changed seeds; all seeds if there is no index. Raises SettingsError and ProcessLost.
        """
        reporter = ProgressReporter(progress)
        manifest, folder = seed_manifest_or_empty(self._engine), find_seeds(self._source.folder)
        comparison = compare_folder(manifest, folder)
        changes = self._read(manifest, comparison, reporter)
        problems = [each for each in folder if isinstance(each, SeedProblem)]
        documents = _ReadDocuments(problems)
        documents.add(self._ingested(changes, reporter))
        reused_rows = comparison.excluding(changes.stale_rows)[0]
        problems += [each for row in reused_rows.tolist() for each in manifest.problems.get(row, ())]
        previous = document_digests_or_empty(self._engine)
        return documents.preview(previous, manifest, changes.stale_rows, reused_rows, self._rebuild_reason())

    def _read(self, manifest: SeedManifest, comparison: FolderComparison, reporter: ProgressReporter) -> _ChangedSeeds:
        reporter.expect(len(comparison.read), 0)
        on_read = reporter.reading(len(comparison.read))
        first_pass = read_first_pass(self._source, comparison.read, self._workers, on_read)
        seeds = changed(manifest, comparison.read, first_pass.digests)
        rows = [row for seed in seeds if (row := manifest.rows.get(seed.path)) is not None]
        return _ChangedSeeds(
            with_origins(seeds, manifest, comparison.deleted, first_pass.digests),
            first_pass,
            np.append(comparison.deleted, np.array(rows, np.int64)),
        )

    def _ingested(self, changes: _ChangedSeeds, reporter: ProgressReporter) -> Iterator[Outcome]:
        """Yield the documents of the changed seeds, cleaned with the recurring lines of these seeds."""
        first_pass, total = changes.first_pass, len(changes.seeds)
        recurring = first_pass.lines.recurring()
        outcomes = ingest(self._source, first_pass.second_pass(changes.seeds), recurring, self._workers)
        for number, outcome in enumerate(outcomes, 1):
            yield outcome
            reporter.indexing(number, max(number, total))

    def _rebuild_reason(self) -> str:
        """Return why an update would rebuild, empty if it would not."""
        try:
            manifest = seed_manifest(self._engine)
        except CannotUpdate as why:
            return str(why)
        if manifest.build_fingerprint != build_fingerprint(self._source):
            return "settings or versions changed since the last build"
        return "" if model_key(self._engine) == self._model else "the sentence embedding model changed"


class _ReadDocuments:
    """Collects the documents of new and changed seeds."""

    def __init__(self, problems: list[SeedProblem]) -> None:
        """`problems`: takes the problems of the seeds."""
        self._problems = problems
        self._digests = DocumentDigestsWriter()
        self._paths: dict[str, str] = {}  # by id

    def add(self, outcomes: Iterable[Outcome]) -> None:
        for outcome in outcomes:
            if isinstance(outcome, SeedProblem):
                self._problems.append(outcome)
                continue
            document = outcome.document
            self._digests.add(document.id, document.content_hash)
            self._paths[document.id] = document.path

    def preview(
        self, previous: DocumentDigests, manifest: SeedManifest, stale_rows: Rows, reused_rows: Rows, reason: str
    ) -> BuildPreview:
        """Return the changes since the `previous` documents, if documents of `reused_rows` are reused."""
        new = self._digests.document_digests()
        reused = manifest.documents(reused_rows)
        reused_digests = previous.of(reused[~np.isin(reused, new.ids)])
        old = dict(zip(previous.ids.tolist(), previous.digests.tolist(), strict=True))
        was = [old.get(number) for number in new.ids.tolist()]
        digests, paths = new.digests.tolist(), list(self._paths.values())
        return BuildPreview(
            added_paths=tuple(path for path, digest in zip(paths, was, strict=True) if digest is None),
            changed_paths=tuple(
                path for path, digest, now in zip(paths, was, digests, strict=True) if digest not in (None, now)
            ),
            deleted_paths=tuple(_deleted_paths(manifest, stale_rows, new.ids)),
            problems=tuple(sorted(self._problems, key=lambda problem: problem.path)),
            rebuild_reason=reason,
            is_needed=bool(reason or len(new.ids) or len(stale_rows)),
            **asdict(DocumentDigests.joined([reused_digests, new]).changes_since(previous)),
        )


def _deleted_paths(manifest: SeedManifest, stale_rows: Rows, new_ids: Ids) -> Iterator[str]:
    """Yield the path of each seed with a document that is no longer in it, or in a seed that was moved."""
    for row in stale_rows.tolist():
        ids = manifest.documents(np.array([row]))
        if not np.isin(ids, new_ids).all():
            yield manifest.paths[row]
