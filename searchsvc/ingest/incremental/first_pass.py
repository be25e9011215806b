"""First pass over the seeds: line keys of their documents, facts of their sites, and a digest of each seed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b

import numpy as np

from searchsvc.ingest.boilerplate import NO_LINE_KEYS, LineKeys
from searchsvc.ingest.discovery.safe_open import shown_path
from searchsvc.ingest.incremental.document_state import NO_FACTS, DocumentFacts
from searchsvc.ingest.incremental.read_seed import ReadSeed
from searchsvc.ingest.site_names import NO_SITE_FACTS, SiteFacts
from searchsvc.ingest.source import FoundSeeds
from searchsvc.models.documents import RawDocument, Seed, SeedProblem


@dataclass(frozen=True)
class FirstPass:
    """Line keys of documents and facts of their sites, with the path of each document and of its seed.

    `digests`: by seed path; equal for equal documents and problems. `lost`: by seed path, the reason why a seed is not
    to be read again: reading it cost a worker process. `packed`: documents by seed path, as in ReadSeed; other
    seeds are read again.
    """

    lines: LineKeys
    sites: SiteFacts
    paths: tuple[str, ...]
    seeds: tuple[str, ...]
    digests: Mapping[str, str]
    lost: Mapping[str, str] = field(default_factory=dict)
    packed: Mapping[str, bytes] = field(default_factory=dict)

    @staticmethod
    def joined(parts: Sequence["FirstPass"]) -> "FirstPass":
        """Concatenate the documents of all parts."""
        return FirstPass(
            LineKeys.joined([part.lines for part in parts]),
            SiteFacts.joined([part.sites for part in parts]),
            tuple(path for part in parts for path in part.paths),
            tuple(seed for part in parts for seed in part.seeds),
            {seed: digest for part in parts for seed, digest in part.digests.items()},
            {seed: reason for part in parts for seed, reason in part.lost.items()},
            {seed: documents for part in parts for seed, documents in part.packed.items()},
        )

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {path: row for row, path in enumerate(self.paths)}

    def of(self, seeds: Collection[str]) -> "FirstPass":
        """Return the part that belongs to some seeds."""
        chosen = np.array([seed in seeds for seed in self.seeds], np.bool_)
        pairs = [(path, seed) for path, seed in zip(self.paths, self.seeds, strict=True) if seed in seeds]
        digests = {seed: self.digests[seed] for seed in seeds if seed in self.digests}
        paths, of_seeds = zip(*pairs, strict=True) if pairs else ((), ())
        lost = {seed: reason for seed, reason in self.lost.items() if seed in seeds}
        packed = {seed: documents for seed, documents in self.packed.items() if seed in seeds}
        return FirstPass(self.lines.of(chosen), self.sites.of(chosen), paths, of_seeds, digests, lost, packed)

    def __add__(self, other: "FirstPass") -> "FirstPass":
        return FirstPass.joined([self, other])

    def without_digests(self) -> "FirstPass":
        """Return this without the digests, which a large build needs only until the seed manifest has them."""
        return replace(self, digests={})

    def second_pass(self, seeds: FoundSeeds) -> FoundSeeds:
        """Return the seeds to ingest: with their documents if they are packed, a problem for each lost seed."""
        return [self._for_second_pass(seed) if isinstance(seed, Seed) else seed for seed in seeds]

    def _for_second_pass(self, seed: Seed) -> Seed | SeedProblem:
        if seed.path in self.lost:
            return SeedProblem(shown_path(seed.path), self.lost[seed.path])
        documents = self.packed.get(seed.path)
        return ReadSeed(seed.path, seed.size, seed.modified_ns, seed.origin, documents) if documents else seed

    def facts_at(self, path: str) -> DocumentFacts:
        """Return the facts of a document, empty if it was not read."""
        row = self._rows.get(path)
        if row is None:
            return NO_FACTS
        return DocumentFacts(self.sites.rows[row], self.lines.sources[row], self.lines.of_document(row))


NO_FIRST_PASS = FirstPass(NO_LINE_KEYS, NO_SITE_FACTS, (), (), {})


def seed_digest_input(read: RawDocument | SeedProblem) -> bytes:
    """Return the bytes of a document or problem that count for the digest of its seed."""
    if isinstance(read, SeedProblem):
        return f"{read.reason}\n".encode("utf-8", "surrogatepass")
    return f"{read.content_hash} {read.line} {read.part} {read.note}\n".encode("utf-8", "surrogatepass")


class SeedDigest:
    """Hash of the documents and problems of a seed, in the order in which they are read."""

    def __init__(self) -> None:
        self._hash = blake2b(digest_size=12)

    def add(self, read: RawDocument | SeedProblem) -> None:
        self._hash.update(seed_digest_input(read))

    def hexdigest(self) -> str:
        return self._hash.hexdigest()
