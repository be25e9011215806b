"""Near-duplicates of a generation and their canonical documents."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, islice


@dataclass(frozen=True, slots=True)
class NearDuplicates:
    """Canonical document of each near-duplicate, and near-duplicates of each canonical, in order; by id."""

    canonicals: dict[str, str]
    clusters: dict[str, list[str]]

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> "NearDuplicates":
        """Build from pairs of near-duplicate and canonical document, in the order of the near-duplicates."""
        canonicals = dict(pairs)
        clusters: dict[str, list[str]] = {}
        for duplicate, canonical in canonicals.items():
            clusters.setdefault(canonical, []).append(duplicate)
        return cls(canonicals, clusters)

    def canonical(self, document_id: str) -> str:
        """Return the canonical document of a document, which may be itself."""
        return self.canonicals.get(document_id, document_id)

    def cluster(self, document_id: str) -> list[str]:
        """Return the document and all its near-duplicates, the canonical document first."""
        canonical = self.canonical(document_id)
        return [canonical, *self.clusters.get(canonical, ())]

    def duplicates(self, document_id: str, limit: int) -> list[str]:
        """Return at most `limit` near-duplicates of a document, the canonical document first."""
        return list(islice((each for each in self.cluster(document_id) if each != document_id), limit))

    def suppressed(self, canonicals: Iterable[str]) -> list[str]:
        """Return the near-duplicates of `canonicals`."""
        return list(chain.from_iterable(self.clusters[canonical] for canonical in canonicals))
