"""Changes of a folder since the last build: new, changed, moved and deleted seeds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.incremental.seed_manifest import Rows, SeedManifest, sizes_and_times
from searchsvc.ingest.source import FoundSeeds
from searchsvc.models.documents import Seed

_BEHIND = "//"  # before the number that tells origins of one path apart; no path holds it


@dataclass(frozen=True, slots=True)
class FolderComparison:
    """A folder beside a ledger.

    `rows` (seeds,) int64: where each of the seeds stands there, -1 if nowhere; `unchanged` (seeds,) bool: whether it
    need not be read to know that it holds the same; `deleted`: rows whose seeds are not there any more.
    """

    seeds: Sequence[Seed]
    rows: Rows
    unchanged: NDArray[np.bool_]
    deleted: Rows

    @property
    def read(self) -> list[Seed]:
        """The seeds that must be read to know whether they changed."""
        return self._where(~self.unchanged)

    def at(self, rows: Rows) -> list[Seed]:
        """The seeds that stand at some rows of the ledger."""
        return self._where(np.isin(self.rows, rows))

    def excluding(self, rows: Rows) -> tuple[Rows, list[Seed]]:
        """The other rows, and the seeds that stand there."""
        is_other = (self.rows >= 0) & ~np.isin(self.rows, rows)
        return self.rows[is_other], self._where(is_other)

    def _where(self, chosen: NDArray[np.bool_]) -> list[Seed]:
        return list(compress(self.seeds, chosen.tolist()))


def compare_folder(manifest: SeedManifest, folder: FoundSeeds) -> FolderComparison:
    """A seed is sure if size and time are as they were, unless a problem kept it from being indexed: it may
    be readable now, whatever its time says."""
    seeds = [each for each in folder if isinstance(each, Seed)]
    row_of = manifest.rows
    rows = np.fromiter((row_of.get(seed.path, -1) for seed in seeds), np.int64, len(seeds))
    unread = [row for row, problems in manifest.problems.items() if not all(each.indexed for each in problems)]
    unchanged = rows >= 0
    listed = rows[unchanged]
    sizes, times = sizes_and_times(seeds)
    same = (manifest.sizes[listed] == sizes[unchanged]) & (manifest.times[listed] == times[unchanged])
    unchanged[unchanged] = same & ~np.isin(listed, unread)
    is_present = np.zeros(len(manifest.paths), np.bool_)
    is_present[listed] = True
    return FolderComparison(seeds, rows, unchanged, np.flatnonzero(~is_present))


def changed(manifest: SeedManifest, read: Iterable[Seed], digests: Mapping[str, str]) -> list[Seed]:
    """The seeds among those read that hold something else than the ledger says."""

    def is_same(seed: Seed) -> bool:
        row = manifest.rows.get(seed.path)
        return row is not None and bytes(manifest.digests[row]).decode() == digests.get(seed.path, "-")

    return [seed for seed in read if not is_same(seed)]


def with_origins(
    seeds: Iterable[Seed], manifest: SeedManifest, deleted: Rows, digests: Mapping[str, str]
) -> list[Seed]:
    """The seeds with the paths that their documents' ids are made of.

    A seed at a new path that holds what one that is gone held has moved: it keeps that one's.
    """
    seeds = sorted(seeds, key=lambda seed: seed.path)
    moved = _moved(manifest, deleted)
    origins: dict[str, str] = {}
    for seed in seeds:
        if seed.path in manifest.rows:
            origins[seed.path] = manifest.origin(manifest.rows[seed.path])
        elif origins_left := moved.get(digests.get(seed.path, "")):
            origins[seed.path] = origins_left.pop()
    used = _UsedOrigins(manifest, deleted, set(origins.values()))
    for seed in seeds:
        if seed.path not in origins:
            origins[seed.path] = used.free(seed.path)
    return [replace(seed, origin="" if origins[seed.path] == seed.path else origins[seed.path]) for seed in seeds]


def _moved(manifest: SeedManifest, deleted: Rows) -> dict[str, list[str]]:
    """The origins of seeds that are gone and had documents, by what they held; the first in the order of paths last."""
    moved: dict[str, list[str]] = {}
    for row in sorted(deleted.tolist(), key=lambda row: manifest.paths[row], reverse=True):
        if manifest.digests[row] and manifest.starts[row] < manifest.starts[row + 1]:
            moved.setdefault(bytes(manifest.digests[row]).decode(), []).append(manifest.origin(row))
    return moved


class _UsedOrigins:
    """The paths that ids are made of already."""

    def __init__(self, manifest: SeedManifest, deleted: Rows, origins: set[str]) -> None:
        self._ledger, self._deleted = manifest, set(deleted.tolist())
        self._origins = origins | {path for row, path in manifest.origins.items() if row not in self._deleted}

    def free(self, path: str) -> str:
        """`path`, or if a document that moved has its id from there, another; taken from now on."""
        origin, number = path, 1
        while self._holds(origin):
            number += 1
            origin = f"{path}{_BEHIND}{number}"
        self._origins.add(origin)
        return origin

    def _holds(self, origin: str) -> bool:
        row = self._ledger.rows.get(origin)
        is_own = row is not None and row not in self._deleted and row not in self._ledger.origins
        return is_own or origin in self._origins
