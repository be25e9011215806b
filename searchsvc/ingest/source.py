"""Seed folder and the settings for reading it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from searchsvc.ingest.boilerplate import (
    NO_OVERRIDES,
    Overrides,
)
from searchsvc.ingest.readers.bounded_io import LONGEST_TEXT
from searchsvc.ingest.readers.field_names import STANDARD_NAMES, FieldNames
from searchsvc.models.documents import Seed, SeedProblem

FoundSeeds = Sequence[Seed | SeedProblem]


@dataclass(frozen=True, slots=True)
class Source:
    """A folder of seeds with the settings for reading it.

    `max_bytes`: limit of an unpacked file. `names`: names of declared fields. `max_text_bytes`: limit of the text of a
    document.
    """

    folder: Path
    max_bytes: int
    language: str
    overrides: Overrides = NO_OVERRIDES
    names: FieldNames = STANDARD_NAMES
    max_text_bytes: int = LONGEST_TEXT
