"""How generations are made: from nothing, from what changed since the last one, or from an export."""

import gc
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, closing, nullcontext
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
    DuplicateFinder,
    FirstPass,
    FolderComparison,
    FoundSeeds,
    IngestedDocument,
    PreviousDocuments,
    RecurringLines,
    Rows,
    SeedManifest,
    SeedManifestWriter,
    Source,
    build_fingerprint,
    changed,
    compare_folder,
    document_state,
    find_seeds,
    imported,
    ingest,
    problems_in,
    read_first_pass,
    with_origins,
)
from searchsvc.models.documents import Seed, SeedProblem
from searchsvc.models.index import BuildReport
from searchsvc.settings import Settings
from searchsvc.worker_pool import WorkerPool

RECURRING_LINES, SEED_MANIFEST = (
    "recurring-lines",
    "seeds",
)  # the names under which a generation keeps what builds want to know
_EXPORTED = 4  # times as long as a file a line of an export may be: it holds the text twice, escaped


@dataclass(frozen=True, slots=True)
class BuildProgress:
    """How far a build is: `done` of `total` files in this `step`, "learning", "indexing" or
    "importing"; `total` is None if nobody knows it."""

    step: str
    done: int
    total: int | None


Progress = Callable[[BuildProgress], None]


@dataclass(frozen=True, slots=True)
class _Changes:
    """What a folder holds now beside what the serving generation was built from.

    `changed`: seeds that are new or another, in `reading`. `problems`: of finding the seeds.
    """

    problems: tuple[SeedProblem, ...]
    seen_ns: int
    ledger: SeedManifest
    compared: FolderComparison
    changed: tuple[Seed, ...]
    reading: FirstPass

    @property
    def others(self) -> Rows:
        """The rows of the ledger whose documents are not to be taken over: those gone and those changed."""
        known = [row for seed in self.changed if (row := self.ledger.rows.get(seed.path)) is not None]
        return np.append(self.compared.deleted, np.array(known, np.int64))

    @property
    def none(self) -> bool:
        same = _troubles(self.problems) == _troubles(self.ledger.other_problems)
        return same and not self.changed and not len(self.compared.deleted)


def _troubles(problems: Iterable[SeedProblem]) -> list[SeedProblem]:
    """Those that a person should look at. What is passed over comes and goes, as editors' hidden files do."""
    return [each for each in problems if not each.skipped]


class CannotUpdate(Exception):
    """Nothing can be taken over from what serves; the message says why."""


class Indexer:
    """Builds generations through one engine from the seeds of the settings."""

    def __init__(self, engine: Engine, settings: Settings, source: Source) -> None:
        self._engine, self._settings, self._source = engine, settings, source

    def rebuild(self, progress: Progress) -> BuildReport:
        """Build a generation from all seeds and publish it; what served before serves until then.

        A folder without a single readable seed publishes nothing: the report names no generation.
        Documents keep their ids if their seeds moved. Raises SettingsError, IndexBusy, StoreError.
        """
        seen = time.time_ns()
        found = _found(self._source)
        ledger = self._ledger_if_any()
        build = _Build(SeedManifestWriter(self._source, seen))
        try:
            with self._engine.new_generation() as generation:
                progress(BuildProgress("learning", 0, len(found)))
                reading = read_first_pass(self._source, found)
                seeds = self._with_origins(found, ledger, compare_folder(ledger, found), reading)
                recurring_lines = reading.lines.recurring()
                self._ingest(build, generation, seeds, reading, recurring_lines, progress)
                build.finish(generation, recurring_lines)
            self._engine.prune(self._settings.keep_generations)
        except NothingToIndex:
            return build.report(None)
        return build.report(generation.name)

    def rebuild_if_needed(self, progress: Progress) -> BuildReport:
        """`rebuild`, if the seeds, the settings or the analysis are others than those of what serves."""
        try:
            return self._unchanged() if self._changes().none else self.rebuild(progress)
        except CannotUpdate as why:
            return self._rebuild_because(str(why), progress)

    def update(self, progress: Progress) -> BuildReport:
        """Publish a generation that answers as a rebuilt one would, made from the one that serves and
        what changed since. Rebuilds, and the report says why, if that can't be gone on from.

        Raises what `rebuild` raises.
        """
        try:
            changes = self._changes()
            return self._unchanged() if changes.none else self._updated(changes, progress)
        except (CannotUpdate, IndexDamaged) as why:
            return self._rebuild_because(str(why), progress)

    def _updated(self, changes: _Changes, progress: Progress) -> BuildReport:
        build = _Build(SeedManifestWriter(self._source, changes.seen_ns))
        try:
            with self._engine.next_generation() as generation:
                self._apply_changes(build, generation, changes, progress)
            self._engine.prune(self._settings.keep_generations)
        except NothingToIndex:
            return build.report(None)
        return build.report(generation.name)

    def import_documents(self, lines: BufferedReader, name: str, progress: Progress) -> BuildReport:
        """Build a generation from `lines` that `export` wrote, without cleaning, and publish it.

        `name` is what problems call the file. One line is held at a time. A file without a single
        document publishes nothing. Raises IndexBusy, StoreError.
        """
        build = _Build(None)
        longest = _EXPORTED * self._settings.max_file_bytes
        try:
            with self._engine.new_generation() as generation:
                for outcome in imported(lines, name, self._settings.language, longest):
                    build.take(outcome, generation, NO_FIRST_PASS)
                    progress(BuildProgress("importing", build.files, None))
                build.finish(generation, NO_RECURRING_LINES)
            self._engine.prune(self._settings.keep_generations)
        except NothingToIndex:
            return build.report(None)
        return build.report(generation.name)

    def _apply_changes(
        self, build: "_Build", generation: GenerationWriter, changes: _Changes, progress: Progress
    ) -> None:
        """Take over what stays as it is, clean and add the rest."""
        if generation.user_data(SEED_MANIFEST) != self._engine.user_data(SEED_MANIFEST):
            raise IndexBusy("another build has published meanwhile; run it again")
        memos, ledger = generation.states(), changes.ledger
        remembered = PreviousDocuments.of(memos.data, memos.starts, memos.ends)
        gone = _of_seeds(memos, ledger, changes.others)
        reading = changes.reading.of({seed.path for seed in changes.changed})
        learnt = (remembered.lines.of(~gone) + reading.lines).recurring()
        differing = RecurringLines.from_bytes(generation.user_data(RECURRING_LINES)).differing(learnt)
        told = ledger.holding(memos.ids[remembered.lines.holding(differing) & ~gone])
        gone |= _of_seeds(memos, ledger, told)
        again = changes.compared.at(told)
        if again:
            reading = reading + read_first_pass(self._source, again)
        generation.delete(gone)
        build.reuse(memos.ids, remembered, ~gone)
        build.ledger.reuse(ledger, *changes.compared.excluding(np.concatenate([changes.others, told])))
        for problem in changes.problems:
            build.take(problem, generation, reading)
        seeds = self._with_origins([*changes.changed, *again], ledger, changes.compared, reading)
        self._ingest(build, generation, seeds, reading, learnt, progress)
        build.finish(generation, learnt)

    def _ingest(
        self,
        build: "_Build",
        generation: GenerationWriter,
        seeds: FoundSeeds,
        reading: FirstPass,
        learnt: RecurringLines,
        progress: Progress,
    ) -> None:
        build.expect(seeds, reading)
        with self._processes() as processes:
            for outcome in ingest(self._source, seeds, learnt, processes):
                build.take(outcome, generation, reading)
                # Files that hold several documents make more of them than there are files.
                progress(BuildProgress("indexing", build.files, max(build.files, len(seeds))))

    def _with_origins(
        self, found: FoundSeeds, ledger: SeedManifest, beside: FolderComparison, reading: FirstPass
    ) -> FoundSeeds:
        """`found` with the paths that ids are made of, in the same order."""
        seeds = [seed for seed in found if isinstance(seed, Seed)]
        known = {seed.path: seed for seed in with_origins(seeds, ledger, beside.deleted, reading.digests)}
        return [known[each.path] if isinstance(each, Seed) else each for each in found]

    def _changes(self) -> _Changes:
        """What changed since the serving generation was built. Reads the seeds that may be others.

        Raises SettingsError, and _CanNotGoOn if it can't be told, or what did not change would be another, too.
        """
        seen = time.time_ns()
        found = _found(self._source)
        ledger = self._ledger()
        if ledger.build_fingerprint != build_fingerprint(self._source):
            raise CannotUpdate("settings or versions changed since the last build")
        beside = compare_folder(ledger, found)
        read = beside.read
        reading = read_first_pass(self._source, read)
        problems = tuple(each for each in found if isinstance(each, SeedProblem))
        return _Changes(problems, seen, ledger, beside, tuple(changed(ledger, read, reading.digests)), reading)

    def _ledger(self) -> SeedManifest:
        """That of the serving generation. Raises _CanNotGoOn."""
        try:
            return SeedManifest.from_bytes(self._engine.user_data(SEED_MANIFEST))
        except IndexMissing as error:
            raise CannotUpdate("there was no index") from error
        except SchemaChanged as error:
            raise CannotUpdate("language, fields or analysis changed since the last build") from error
        except (StoreError, KeyError, ValueError) as error:
            raise CannotUpdate("the index is damaged, or was not built from seeds") from error

    def _ledger_if_any(self) -> SeedManifest:
        try:
            return self._ledger()
        except CannotUpdate:
            return NO_SEED_MANIFEST

    def _rebuild_because(self, why: str, progress: Progress) -> BuildReport:
        return replace(self.rebuild(progress), rebuild_reason=why)

    def _unchanged(self) -> BuildReport:
        serving = self._engine.status().generation
        return BuildReport(serving.name, serving.documents, 0, 0.0, reused=serving.documents, unchanged=True)

    def _processes(self) -> AbstractContextManager[WorkerPool | None]:
        """Processes to share the work with; None for a build in one process."""
        return closing(WorkerPool(self._settings.jobs)) if self._settings.jobs > 1 else nullcontext()


def _found(source: Source) -> FoundSeeds:
    """What the folder holds. Each seed is an object, and a hundred thousand new ones make Python's collector look
    through all there are several times, in vain: that takes a third of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return list(find_seeds(source.folder))
    finally:
        if was_enabled:
            gc.enable()


def _of_seeds(memos: DocumentStates, ledger: SeedManifest, rows: Rows) -> NDArray[np.bool_]:
    """(documents,) bool: those of the seeds at these rows of the ledger."""
    return np.isin(memos.ids, ledger.documents(rows))


class _Build:
    """What a build has done so far."""

    def __init__(self, ledger: SeedManifestWriter | None) -> None:
        """`ledger`: None for documents that are not made from seeds."""
        self._started = time.monotonic()
        self.files = self.documents = self.lines_removed = self._taken_over = 0
        self._problems: list[SeedProblem] = []
        self._duplicates = DuplicateFinder()
        self._ledger = ledger

    @property
    def ledger(self) -> SeedManifestWriter:
        assert self._ledger is not None
        return self._ledger

    def expect(self, seeds: FoundSeeds, reading: FirstPass) -> None:
        held = set(reading.seeds)
        for seed in seeds:
            if isinstance(seed, Seed):
                self.ledger.expect(seed, reading.digests.get(seed.path, ""), seed.path in held)

    def reuse(self, ids: NDArray[np.uint64], remembered: PreviousDocuments, live: NDArray[np.bool_]) -> None:
        """Documents of the generation before that are `live`."""
        days, words = remembered.days[live], remembered.words[live]
        self._duplicates.reuse(ids[live], days, words, remembered.signatures[live])
        self._taken_over = int(np.count_nonzero(live))
        self.documents += self._taken_over

    def take(self, outcome: IngestedDocument | SeedProblem, generation: GenerationWriter, reading: FirstPass) -> None:
        if isinstance(outcome, SeedProblem):
            self._problems.append(outcome)
            if self._ledger:
                self._ledger.problem(outcome)
            self.files += not outcome.indexed  # an indexed one is counted with its document
            return
        document = outcome.document
        self.files += 1
        self.documents += 1
        self.lines_removed += sum(block.text.count("\n") + 1 for block in document.removed)
        self._duplicates.add(document, outcome.signature)
        generation.add(
            document, outcome.original, document_state(document, outcome.signature, *reading.lines_at(outcome.path))
        )
        if self._ledger:
            self._ledger.document(outcome.seed, document.id)

    def finish(self, generation: GenerationWriter, learnt: RecurringLines) -> None:
        """Keep beside the documents what is known of all of them."""
        generation.set_duplicates(self._duplicates.canonicals())
        generation.put_user_data(RECURRING_LINES, learnt.to_bytes())
        if self._ledger:
            ledger = self._ledger.seed_manifest()
            generation.put_user_data(SEED_MANIFEST, ledger.to_bytes())
            self._problems = list(problems_in(ledger))
        generation.set_problems(self._problems)

    def report(self, generation: str | None) -> BuildReport:
        """What was done, and the name under which it was published; None if there was nothing to publish."""
        seconds = time.monotonic() - self._started
        return BuildReport(
            generation, self.documents, self.lines_removed, seconds, tuple(self._problems), self._taken_over
        )
