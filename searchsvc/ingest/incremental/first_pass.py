"""First pass over the seeds: line keys of their documents, and a digest of each seed."""

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
    """Line keys of documents, with the path of each document and of its seed.

    `digests`: by seed path; equal for equal documents and problems.
    """

    lines: LineKeys
    paths: tuple[str, ...]
    seeds: tuple[str, ...]
    digests: Mapping[str, str]

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {path: row for row, path in enumerate(self.paths)}

    def of(self, seeds: Collection[str]) -> "FirstPass":
        """Return the part that belongs to some seeds."""
        chosen = np.array([seed in seeds for seed in self.seeds], np.bool_)
        pairs = [(path, seed) for path, seed in zip(self.paths, self.seeds, strict=True) if seed in seeds]
        digests = {seed: self.digests[seed] for seed in seeds if seed in self.digests}
        paths, of_seeds = zip(*pairs, strict=True) if pairs else ((), ())
        return FirstPass(self.lines.of(chosen), paths, of_seeds, digests)

    def __add__(self, other: "FirstPass") -> "FirstPass":
        digests = {**self.digests, **other.digests}
        return FirstPass(self.lines + other.lines, self.paths + other.paths, self.seeds + other.seeds, digests)

    def lines_at(self, path: str) -> tuple[np.uint64, NDArray[np.uint64]]:
        """Return a document's source key and line keys, (lines,) uint64; no keys if it was not read."""
        row = self._rows.get(path)
        return (
            (np.uint64(0), NO_LINE_KEYS.keys) if row is None else (self.lines.sources[row], self.lines.of_document(row))
        )


NO_FIRST_PASS = FirstPass(NO_LINE_KEYS, (), (), {})


def seed_digest_input(read: RawDocument | SeedProblem) -> bytes:
    """Return the bytes of a document or problem that count for the digest of its seed."""
    if isinstance(read, SeedProblem):
        return f"{read.reason}\n".encode("utf-8", "surrogatepass")
    return f"{read.content_hash} {read.line} {read.part} {read.note}\n".encode("utf-8", "surrogatepass")


def digest(content: bytes) -> str:
    """Return a hash of the digest inputs of a seed."""
    return blake2b(content, digest_size=12).hexdigest()
