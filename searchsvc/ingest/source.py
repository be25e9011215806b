"""A folder of seeds and the settings that decide how its seeds are read."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from searchsvc.ingest.boilerplate import (
    NO_OVERRIDES,
    Overrides,
)
from searchsvc.models.documents import Seed, SeedProblem

FoundSeeds = Sequence[Seed | SeedProblem]


@dataclass(frozen=True, slots=True)
class Source:
    """A folder of seeds and how they are to be read."""

    folder: Path
    max_bytes: int
    language: str
    overrides: Overrides = NO_OVERRIDES
