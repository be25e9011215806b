"""What a first pass over seeds found: the lines of their documents, for learning, and what each seed held."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.boilerplate import NO_LINE_KEYS, LineKeys
from searchsvc.models.documents import RawDocument, SeedProblem


@dataclass(frozen=True)
class FirstPass:
    """The lines of documents, with their paths and those of their seeds beside them.

    `digests`: of what each seed held, by its path; the same for the same documents and problems.
    """

    lines: LineKeys
    paths: tuple[str, ...]
    seeds: tuple[str, ...]
    digests: Mapping[str, str]

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {path: row for row, path in enumerate(self.paths)}

    def of(self, seeds: Collection[str]) -> "FirstPass":
        """What was read of some of the seeds."""
        chosen = np.array([seed in seeds for seed in self.seeds], np.bool_)
        pairs = [(path, seed) for path, seed in zip(self.paths, self.seeds, strict=True) if seed in seeds]
        digests = {seed: self.digests[seed] for seed in seeds if seed in self.digests}
        paths, of_seeds = zip(*pairs, strict=True) if pairs else ((), ())
        return FirstPass(self.lines.of(chosen), paths, of_seeds, digests)

    def __add__(self, other: "FirstPass") -> "FirstPass":
        digests = {**self.digests, **other.digests}
        return FirstPass(self.lines + other.lines, self.paths + other.paths, self.seeds + other.seeds, digests)

    def lines_at(self, path: str) -> tuple[np.uint64, NDArray[np.uint64]]:
        """The keys of the source and of the lines of a document; none if it was not there to be read."""
        row = self._rows.get(path)
        return (
            (np.uint64(0), NO_LINE_KEYS.keys) if row is None else (self.lines.sources[row], self.lines.of_document(row))
        )


NO_FIRST_PASS = FirstPass(NO_LINE_KEYS, (), (), {})


def seed_digest_input(read: RawDocument | SeedProblem) -> bytes:
    """What counts of a document or a problem in a seed, for telling whether the seed is another."""
    if isinstance(read, SeedProblem):
        return f"{read.reason}\n".encode("utf-8", "surrogatepass")
    return f"{read.content_hash} {read.line} {read.part} {read.note}\n".encode("utf-8", "surrogatepass")


def digest(content: bytes) -> str:
    """A hash of all that a seed said."""
    return blake2b(content, digest_size=12).hexdigest()
