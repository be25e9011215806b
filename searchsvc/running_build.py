"""State of a running build: progress, counts, problems, near-duplicates, seed manifest."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from searchsvc.document_digests import DocumentChanges, DocumentDigests, DocumentDigestsWriter
from searchsvc.engine.interface import GenerationWriter, Snapshot
from searchsvc.ingest import (
    NO_FIRST_PASS,
    DuplicateFinder,
    FirstPass,
    FoundSeeds,
    IngestedDocument,
    PreviousDocuments,
    RecurringLines,
    Runs,
    SeedManifestWriter,
    SiteNames,
    count_and_sign,
    document_state,
    is_collision,
    problems_in,
)
from searchsvc.models.documents import Seed, SeedProblem
from searchsvc.models.index import BuildReport

# Names of user data in a generation.
RECURRING_LINES, SITE_NAMES = "recurring-lines", "site-names"
NEAR_DUPLICATES, NEAR_DUPLICATE_CHECKS = "near-duplicates", "near-duplicate-checks"
SEED_MANIFEST, DOCUMENT_DIGESTS = "seeds", "document-digests"
# Work of each step relative to the others: of a file in both passes, and of a document that is written, reused or not.
_READING, _INDEXING, _WRITING = 0.4, 2.4, 0.1


@dataclass(frozen=True, slots=True)
class BuildProgress:
    """Progress of a build: `done` of `total` files in a `step`: "reading", "indexing", "writing" or "importing".

    Files are read, then cleaned and indexed (large ones are read again for that); then the index is written. `total` is
    None if it is unknown. `share`: of the work of the whole build, 0 to 1; None if unknown. `files`: that the whole
    build reads. `seconds`: since its start.
    """

    step: str
    done: int
    total: int | None
    share: float | None = field(default=None, compare=False)
    files: int = field(default=0, compare=False)
    seconds: float = field(default=0.0, compare=False)

    @property
    def files_per_second(self) -> float:
        """Files per second of the whole build so far; a file that has only been read counts in part."""
        files = self.done if self.share is None else self.share * self.files
        return files / self.seconds if self.seconds > 0 else 0.0

    @property
    def remaining_seconds(self) -> float | None:
        """Estimated time until the end of the build; None if it is unknown."""
        return self.seconds * (1 - self.share) / self.share if self.share else None


@dataclass(frozen=True, slots=True)
class LearnedFolder:
    """What cleaning uses of the whole folder: lines that recur, and names of sites."""

    recurring: RecurringLines
    sites: SiteNames

    @staticmethod
    def of(first_pass: FirstPass) -> "LearnedFolder":
        """Learn from the documents of a first pass."""
        return LearnedFolder(first_pass.lines.recurring(), first_pass.sites.learned())


NOTHING_LEARNED = LearnedFolder.of(NO_FIRST_PASS)
Progress = Callable[[BuildProgress], None]


class ProgressReporter:
    """Reports the progress of one build, as a share of the work of all its steps."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._started = progress, time.monotonic()
        self._files = self._reused = 0
        self._share = 0.0

    @property
    def seconds(self) -> float:
        """Time since the start of the build."""
        return time.monotonic() - self._started

    def expect(self, files: int, reused: int) -> None:
        """Set the work of the build: files to read and index, and documents to reuse."""
        self._files, self._reused = files, reused

    def reading(self, total: int) -> Callable[[int], None]:
        """Begin the first pass over some files, and return a function that reports further files read."""
        done = 0

        def read(files: int) -> None:
            nonlocal done
            done += files
            self._report("reading", done, total, _READING * self._files * done / max(1, total))

        read(0)
        return read

    def indexing(self, done: int, total: int) -> None:
        """Report the number of files indexed."""
        self._report("indexing", done, total, self._files * (_READING + _INDEXING * done / max(1, total)))

    def importing(self, done: int) -> None:
        """Report the number of documents imported, of an unknown total."""
        self._progress(BuildProgress("importing", done, None, seconds=self.seconds))

    def writing(self, done: int) -> None:
        """Report that all files are indexed, and the index is being written."""
        self._report("writing", done, done, self._files * (_READING + _INDEXING))

    def _report(self, step: str, done: int, total: int, work: float) -> None:
        whole = self._files * (_READING + _INDEXING + _WRITING) + self._reused * _WRITING
        self._share = max(self._share, work / whole if whole else 0.0)  # more files can turn out to be affected
        self._progress(BuildProgress(step, done, total, self._share, self._files, self.seconds))


@dataclass(frozen=True, slots=True)
class PreviousTexts:
    """Texts of the previous generation, to check near-duplicates. `language`: of the analysis.

    `checks`, `clusters`: results of the previous build.
    """

    snapshot: Snapshot
    language: str
    checks: bytes
    clusters: bytes

    def runs(self, document_id: int) -> Runs:
        """Return the runs of a document, by id."""
        return count_and_sign(self.snapshot.document(f"{document_id:016x}").body, self.language).runs


class RunningBuild:
    """Counts, problems, near-duplicates and seed manifest of a build that is running."""

    def __init__(self, manifest: SeedManifestWriter | None, previous: DocumentDigests) -> None:
        """`manifest`: None for documents that do not come from seeds. `previous`: documents in use until now."""
        self.files = self.documents = self.lines_removed = self._reused = 0
        self._problems: list[SeedProblem] = []
        self._duplicates = DuplicateFinder()
        self._manifest = manifest
        self._reused_ids: NDArray[np.uint64] | None = None  # ascending
        self._previous_digests, self._digests = previous, DocumentDigestsWriter()
        self._changes = DocumentChanges()

    @property
    def manifest(self) -> SeedManifestWriter:
        assert self._manifest is not None
        return self._manifest

    def expect(self, seeds: FoundSeeds, first_pass: FirstPass) -> None:
        read_paths = set(first_pass.seeds)
        for seed in seeds:
            if isinstance(seed, Seed):
                self.manifest.expect(seed, first_pass.digests.get(seed.path, ""), seed.path in read_paths)

    def reuse(
        self, ids: NDArray[np.uint64], previous: PreviousDocuments, live: NDArray[np.bool_], texts: PreviousTexts
    ) -> None:
        """Count the documents of the previous generation that are `live`, (docs,) bool."""
        self._reused_ids = np.sort(ids[live])
        self._duplicates.checks.reuse(texts.runs, texts.checks, self._reused_ids)
        self._duplicates.reuse(previous.signed(ids), live, texts.clusters)
        self._reused = int(np.count_nonzero(live))
        self.documents += self._reused
        self._digests.reuse(self._previous_digests.of(ids[live]))

    def collides(self, outcome: IngestedDocument | SeedProblem) -> bool:
        """Return whether a document of an update has the id of another seed's document.

        The path decides between them, so that it takes a rebuild.
        """
        if self._reused_ids is None:
            return False
        if isinstance(outcome, SeedProblem):
            return is_collision(outcome)
        document_id = np.uint64(int(outcome.document.id, 16))
        place = int(self._reused_ids.searchsorted(document_id))
        return place < len(self._reused_ids) and bool(self._reused_ids[place] == document_id)

    def add(self, outcome: IngestedDocument | SeedProblem, generation: GenerationWriter, reading: FirstPass) -> None:
        if isinstance(outcome, SeedProblem):
            self._problems.append(outcome)
            if self._manifest:
                self._manifest.problem(outcome)
            self.files += not outcome.indexed  # indexed files are counted with their documents
            return
        document = outcome.document
        self.files += 1
        self.documents += 1
        self.lines_removed += sum(block.text.count("\n") + 1 for block in document.removed)
        self._duplicates.add(document, outcome.signature, outcome.runs)
        self._digests.add(document.id, document.content_hash)
        generation.add(
            document, outcome.original, document_state(document, outcome.signature, reading.facts_at(outcome.path))
        )
        if self._manifest:
            self._manifest.document(outcome.seed, document.id)

    def finish(self, generation: GenerationWriter, learned: LearnedFolder) -> None:
        """Store the results of the whole build in the generation."""
        clusters = self._duplicates.clusters()
        generation.set_duplicates(
            {f"{duplicate:016x}": f"{canonical:016x}" for duplicate, canonical in clusters.tolist()}
        )
        generation.put_user_data(NEAR_DUPLICATES, clusters.tobytes())
        generation.put_user_data(NEAR_DUPLICATE_CHECKS, self._duplicates.checks.to_bytes())
        generation.put_user_data(RECURRING_LINES, learned.recurring.to_bytes())
        generation.put_user_data(SITE_NAMES, learned.sites.to_bytes())
        digests = self._digests.document_digests()
        self._changes = digests.changes_since(self._previous_digests)
        generation.put_user_data(DOCUMENT_DIGESTS, digests.to_bytes())
        if self._manifest:
            manifest = self._manifest.seed_manifest()
            generation.put_user_data(SEED_MANIFEST, manifest.to_bytes())
            self._problems = list(problems_in(manifest))
        generation.set_problems(self._problems)

    def report(self, generation: str | None, seconds: float) -> BuildReport:
        """Return the report after `seconds`; `generation` is None if nothing was published."""
        report = BuildReport(
            generation, self.documents, self.lines_removed, seconds, tuple(self._problems), self._reused
        )
        return report if generation is None else replace(report, **asdict(self._changes))
