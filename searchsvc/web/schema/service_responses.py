"""JSON responses about the service and its index."""

from typing import Literal

from searchsvc.web.schema.json_object import Base


class GenerationReply(Base, frozen=True):
    """The serving generation: name, time of its build in ISO 8601 (UTC), size in bytes."""

    name: str
    created: str
    size: int


class SkippedReply(Base, frozen=True):
    """Number of files that were skipped for one reason."""

    reason: str
    files: int


class SeedProblemReply(Base, frozen=True):
    """A file of the seed folder, and its problem."""

    path: str
    reason: str


class RemovedLineReply(Base, frozen=True):
    """A line that was removed from several documents of a source; `keep` is the setting that keeps it."""

    source: str
    text: str
    rule: str
    reason: str
    documents: int
    example: str
    keep: str


class StatusReply(Base, frozen=True):
    """State of the index and of its last build.

    `failed` are files with errors, and `suspicious` files were indexed although they may be no articles, at most 200 of
    each. `removedLines` are counted over the newest 500 documents.
    """

    healthy: bool
    warnings: tuple[str, ...]
    engine: str
    documents: int
    generation: GenerationReply
    generations: tuple[GenerationReply, ...]
    skipped: tuple[SkippedReply, ...]
    failed: tuple[SeedProblemReply, ...]
    suspicious: tuple[SeedProblemReply, ...]
    removed_lines: tuple[RemovedLineReply, ...]


class StatsReply(Base, frozen=True):
    """State of the index."""

    version: str
    engine: str
    documents: int
    generation: GenerationReply
    facet_distribution: dict[str, dict[str, int]]
    warnings: tuple[str, ...]


class VersionReply(Base, frozen=True):
    """The version of the software."""

    version: str


class AliveReply(Base, frozen=True):
    """The process responds."""

    status: Literal["alive"] = "alive"


class ReadyReply(Base, frozen=True):
    """Searches are answered; `warnings` list problems that do not prevent that."""

    generation: str
    warnings: tuple[str, ...]
    status: Literal["ready"] = "ready"


class NotReadyReply(Base, frozen=True):
    """Searches are not answered, with the reason."""

    reason: str
    status: Literal["not ready"] = "not ready"
