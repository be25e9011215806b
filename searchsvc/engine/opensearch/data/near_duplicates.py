"""Which documents of a generation are copies, and of which."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, islice


@dataclass(frozen=True, slots=True)
class NearDuplicates:
    """Ids: the canonical document of each near-duplicate, and the near-duplicates of each canonical, in order."""

    canonicals: dict[str, str]
    clusters: dict[str, list[str]]

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> "NearDuplicates":
        """From pairs of a copy and its face, in the order of the copies."""
        faces = dict(pairs)
        clusters: dict[str, list[str]] = {}
        for copy, face in faces.items():
            clusters.setdefault(face, []).append(copy)
        return cls(faces, clusters)

    def canonical(self, document_id: str) -> str:
        """The document that stands for this one, which may be itself."""
        return self.canonicals.get(document_id, document_id)

    def alike(self, document_id: str) -> list[str]:
        """This document and all with nearly the same text, the face first."""
        face = self.canonical(document_id)
        return [face, *self.clusters.get(face, ())]

    def others(self, document_id: str, most: int) -> list[str]:
        """Those with nearly the same text, at most so many, the face first."""
        return list(islice((each for each in self.alike(document_id) if each != document_id), most))

    def suppressed(self, faces: Iterable[str]) -> list[str]:
        """The copies of `canonicals`."""
        return list(chain.from_iterable(self.clusters[face] for face in faces))
