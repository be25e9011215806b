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


@dataclass(frozen=True, slots=True)
class BuildReport:
    """Result of a build; `generation` is None if nothing was published.

    `reused`: documents taken unchanged from the previous generation. `unchanged`: nothing had changed, so nothing
    was built, and `generation` is the one in use. `rebuild_reason`: why an update became a rebuild; empty
    otherwise.
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
        """Problems without skipped files."""
        return tuple(problem for problem in self.problems if not problem.skipped)
