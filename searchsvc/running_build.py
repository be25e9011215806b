"""State of a running build: progress, counts, problems, near-duplicates, seed manifest."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.interface import GenerationWriter
from searchsvc.ingest import (
    DuplicateFinder,
    FirstPass,
    FoundSeeds,
    IngestedDocument,
    PreviousDocuments,
    RecurringLines,
    SeedManifestWriter,
    document_state,
    is_collision,
    problems_in,
)
from searchsvc.models.documents import Seed, SeedProblem
from searchsvc.models.index import BuildReport

RECURRING_LINES, SEED_MANIFEST = "recurring-lines", "seeds"  # names of user data in a generation


@dataclass(frozen=True, slots=True)
class BuildProgress:
    """Progress of a build: `done` of `total` files in a `step`, "learning", "indexing" or "importing".

    `total` is None if it is unknown.
    """

    step: str
    done: int
    total: int | None


Progress = Callable[[BuildProgress], None]


class RunningBuild:
    """Counts, problems, near-duplicates and seed manifest of a build that is running."""

    def __init__(self, manifest: SeedManifestWriter | None) -> None:
        """`manifest`: None for documents that do not come from seeds."""
        self._started = time.monotonic()
        self.files = self.documents = self.lines_removed = self._reused = 0
        self._problems: list[SeedProblem] = []
        self._duplicates = DuplicateFinder()
        self._manifest = manifest
        self._reused_ids: frozenset[int] | None = None

    @property
    def manifest(self) -> SeedManifestWriter:
        assert self._manifest is not None
        return self._manifest

    def expect(self, seeds: FoundSeeds, first_pass: FirstPass) -> None:
        read_paths = set(first_pass.seeds)
        for seed in seeds:
            if isinstance(seed, Seed):
                self.manifest.expect(seed, first_pass.digests.get(seed.path, ""), seed.path in read_paths)

    def reuse(self, ids: NDArray[np.uint64], previous: PreviousDocuments, live: NDArray[np.bool_]) -> None:
        """Count the documents of the previous generation that are `live`, (docs,) bool."""
        days, words = previous.days[live], previous.words[live]
        self._duplicates.reuse(ids[live], days, words, previous.signatures[live])
        self._reused = int(np.count_nonzero(live))
        self.documents += self._reused
        self._reused_ids = frozenset(ids[live].tolist())

    def collides(self, outcome: IngestedDocument | SeedProblem) -> bool:
        """Return whether a document of an update has the id of another seed's document.

        The path decides between them, so that it takes a rebuild.
        """
        if self._reused_ids is None:
            return False
        if isinstance(outcome, SeedProblem):
            return is_collision(outcome)
        return int(outcome.document.id, 16) in self._reused_ids

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
        self._duplicates.add(document, outcome.signature)
        generation.add(
            document, outcome.original, document_state(document, outcome.signature, *reading.lines_at(outcome.path))
        )
        if self._manifest:
            self._manifest.document(outcome.seed, document.id)

    def finish(self, generation: GenerationWriter, recurring: RecurringLines) -> None:
        """Store the results of the whole build in the generation."""
        generation.set_duplicates(self._duplicates.canonicals())
        generation.put_user_data(RECURRING_LINES, recurring.to_bytes())
        if self._manifest:
            manifest = self._manifest.seed_manifest()
            generation.put_user_data(SEED_MANIFEST, manifest.to_bytes())
            self._problems = list(problems_in(manifest))
        generation.set_problems(self._problems)

    def report(self, generation: str | None) -> BuildReport:
        """Return the report; `generation` is None if nothing was published."""
        seconds = time.monotonic() - self._started
        return BuildReport(generation, self.documents, self.lines_removed, seconds, tuple(self._problems), self._reused)
