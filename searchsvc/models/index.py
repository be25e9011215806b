"""Generations, builds and their state."""

from collections.abc import Mapping
from dataclasses import dataclass

from searchsvc.models.documents import SeedProblem
from searchsvc.models.search import FacetValue


@dataclass(frozen=True, slots=True)
class GenerationInfo:
    """A published generation. `created` is UTC in ISO 8601, `size` in bytes."""

    name: str
    created: str
    documents: int
    size: int
    current: bool


@dataclass(frozen=True, slots=True)
class GenerationCheck:
    """Problems of a published generation by file; none if it is undamaged."""

    name: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IndexCheck:
    """Checks of all published generations, newest first, and the one in use with its warnings.

    `serving` is None if no generation can be used; `warnings` say why.
    """

    generations: tuple[GenerationCheck, ...]
    serving: str | None
    warnings: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether there is no problem at all."""
        return not self.warnings and not any(each.problems for each in self.generations)


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """The current generation, and its documents by facet value."""

    engine: str
    generation: GenerationInfo
    facets: Mapping[str, tuple[FacetValue, ...]]
    warnings: tuple[str, ...] = ()


class SeedProblems:
    """Counts of the problems of a build, which a report or preview has in `problems`."""

    __slots__ = ()
    problems: tuple[SeedProblem, ...]

    @property
    def needs_attention(self) -> tuple[SeedProblem, ...]:
        """Problems without skipped files."""
        return tuple(problem for problem in self.problems if not problem.skipped)

    @property
    def skipped(self) -> int:
        """Files that are no seeds by their name or place."""
        return sum(problem.skipped for problem in self.problems)


@dataclass(frozen=True, slots=True)
class BuildReport(SeedProblems):
    """Result of a build; `generation` is None if nothing was published.

    `up_to_date`: nothing had changed, so nothing was built, and `generation` is the one in use. `rebuild_reason`: why
    an update became a rebuild; empty otherwise. `reused`: documents taken from the previous generation without
    reading their seeds again. `lines_removed`: from all other documents. `seconds`: of the whole build, from listing
    the folder until the generation was published.

    The counts compare the generation with the one in use before. A document is identified by its id, and its content
    is the bytes that it was read from: of its file, unpacked, or of its line in a file of JSON Lines.

    - `added`: documents with a new id.
    - `changed`: documents with a known id and other content.
    - `deleted`: documents of the previous generation whose id is not in this one.
    - `unchanged`: documents with a known id and the same content. A moved file keeps its ids, so its documents are
      here. So are documents that were cleaned again because settings or recurring lines changed.

    `documents` is the sum of added, changed and unchanged. If no previous generation can be read, all are added. All
    counts are 0 if nothing was published.
    """

    generation: str | None
    documents: int
    lines_removed: int
    seconds: float
    problems: tuple[SeedProblem, ...] = ()
    reused: int = 0
    up_to_date: bool = False
    rebuild_reason: str = ""
    added: int = 0
    changed: int = 0
    deleted: int = 0
    unchanged: int = 0

    @property
    def documents_per_second(self) -> float:
        """Documents read, cleaned and indexed per second of the whole build; 0 if nothing was built."""
        return (self.documents - self.reused) / self.seconds if self.seconds > 0 else 0.0


@dataclass(frozen=True, slots=True)
class BuildPreview(SeedProblems):
    """Changes that a build would publish, by the same counts as in BuildReport.

    `added_paths`, `changed_paths`: paths of documents. `deleted_paths`: paths of files with a document that would be
    deleted. `rebuild_reason`: why an update would rebuild; empty otherwise. `is_needed`: whether an update would
    publish anything.
    """

    added: int
    changed: int
    deleted: int
    unchanged: int
    added_paths: tuple[str, ...]
    changed_paths: tuple[str, ...]
    deleted_paths: tuple[str, ...]
    problems: tuple[SeedProblem, ...]
    rebuild_reason: str
    is_needed: bool

    @property
    def documents(self) -> int:
        """Documents of the generation that would be published."""
        return self.added + self.changed + self.unchanged
