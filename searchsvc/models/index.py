"""Generations, builds and their state."""

from collections.abc import Mapping
from dataclasses import dataclass

from searchsvc.models.documents import SeedProblem
from searchsvc.models.search import FacetValue


@dataclass(frozen=True, slots=True)
class GenerationInfo:
    """A published generation: `created` is UTC in ISO 8601, `size` in bytes."""

    name: str
    created: str
    documents: int
    size: int
    current: bool


@dataclass(frozen=True, slots=True)
class GenerationCheck:
    """What is wrong with a published generation, file by file; nothing if it is as it was written."""

    name: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IndexCheck:
    """Every published generation checked, newest first, and what serves, with what is wrong with that.

    `serving` None: nothing can be served; `warnings` say why.
    """

    generations: tuple[GenerationCheck, ...]
    serving: str | None
    warnings: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong with anything."""
        return not self.warnings and not any(each.problems for each in self.generations)


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """What is serving, and the count of documents by language, source and so on."""

    engine: str
    generation: GenerationInfo
    facets: Mapping[str, tuple[FacetValue, ...]]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did; `generation` is None if there was nothing to publish.

    `reused`: how many of the documents come from the generation before as they were. `unchanged`:
    nothing had changed, so nothing was built, and `generation` is the one that serves. `rebuild_reason`: why all
    was built anew, though only what changed was to be; empty otherwise.
    """

    generation: str | None
    documents: int
    lines_removed: int
    seconds: float
    problems: tuple[SeedProblem, ...] = ()
    reused: int = 0
    unchanged: bool = False
    rebuild_reason: str = ""

    @property
    def needs_attention(self) -> tuple[SeedProblem, ...]:
        """The problems that need a person's eye: not the files that were never meant as seeds."""
        return tuple(problem for problem in self.problems if not problem.skipped)
