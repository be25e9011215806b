"""Changes of a folder since the last build: new, changed, moved and deleted seeds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, repeat
from operator import attrgetter

import msgspec
import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.incremental.seed_manifest import Rows, SeedManifest, is_lasting, sizes_and_times
from searchsvc.ingest.source import FoundSeeds
from searchsvc.models.documents import Seed

_BEHIND = "//"  # separates a path from a number that makes its origin unique; no path holds it


@dataclass(frozen=True, slots=True)
class FolderComparison:
    """A folder compared with the seed manifest.

    `rows`: (seeds,) int64, row of each seed in the manifest, -1 for a new seed. `unchanged`: (seeds,) bool, seeds
    that need no reading. `deleted`: int64, rows of deleted seeds, ascending.
    """

    seeds: Sequence[Seed]
    rows: Rows
    unchanged: NDArray[np.bool_]
    deleted: Rows

    @property
    def read(self) -> list[Seed]:
        """Seeds that must be read, as they may have changed."""
        return self._where(~self.unchanged)

    def at(self, rows: Rows) -> list[Seed]:
        """Return the seeds at some rows of the manifest."""
        return self._where(np.isin(self.rows, rows))

    def excluding(self, rows: Rows) -> tuple[Rows, list[Seed]]:
        """Return all rows but the given rows, and the seeds at these rows."""
        is_other = (self.rows >= 0) & ~np.isin(self.rows, rows)
        return self.rows[is_other], self._where(is_other)

    def _where(self, chosen: NDArray[np.bool_]) -> list[Seed]:
        return list(compress(self.seeds, chosen.tolist()))


def compare_folder(manifest: SeedManifest, folder: FoundSeeds) -> FolderComparison:
    """Compare the folder with the manifest. A seed with equal size and time is unchanged.

    A seed that a problem kept out of the index is read again: it may be readable now, with the same time. A seed with
    a lasting problem is not: a seed over the CPU limit would take as long in each update.
    """
    seeds = [each for each in folder if isinstance(each, Seed)]
    paths = map(attrgetter("path"), seeds)
    rows = np.fromiter(map(manifest.rows.get, paths, repeat(-1)), np.int64, len(seeds))
    unread = [
        row
        for row, problems in manifest.problems.items()
        if not all(each.indexed or is_lasting(each) for each in problems)
    ]
    unchanged = rows >= 0
    listed = rows[unchanged]
    sizes, times = sizes_and_times(seeds)
    same = (manifest.sizes[listed] == sizes[unchanged]) & (manifest.times[listed] == times[unchanged])
    unchanged[unchanged] = same & ~np.isin(listed, unread)
    is_present = np.zeros(len(manifest.paths), np.bool_)
    is_present[listed] = True
    return FolderComparison(seeds, rows, unchanged, np.flatnonzero(~is_present))


def changed(manifest: SeedManifest, read: Iterable[Seed], digests: Mapping[str, str]) -> list[Seed]:
    """Return the seeds whose digest differs from the manifest's."""

    def is_same(seed: Seed) -> bool:
        row = manifest.rows.get(seed.path)
        return row is not None and bytes(manifest.digests[row]).decode() == digests.get(seed.path, "-")

    return [seed for seed in read if not is_same(seed)]


def with_origins(
    seeds: Iterable[Seed], manifest: SeedManifest, deleted: Rows, digests: Mapping[str, str]
) -> list[Seed]:
    """Return the seeds with the paths that the ids of their documents derive from.

    A new path with the content of a deleted seed is a moved seed: it keeps the origin of the deleted seed.
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
    return [
        msgspec.structs.replace(seed, origin="" if origins[seed.path] == seed.path else origins[seed.path])
        for seed in seeds
    ]


def _moved(manifest: SeedManifest, deleted: Rows) -> dict[str, list[str]]:
    """Return the origins of deleted seeds that had documents, by digest; the first path is the last of its list."""
    moved: dict[str, list[str]] = {}
    for row in sorted(deleted.tolist(), key=lambda row: manifest.paths[row], reverse=True):
        if manifest.digests[row] and manifest.starts[row] < manifest.starts[row + 1]:
            moved.setdefault(bytes(manifest.digests[row]).decode(), []).append(manifest.origin(row))
    return moved


class _UsedOrigins:
    """Origins that ids already derive from."""

    def __init__(self, manifest: SeedManifest, deleted: Rows, origins: set[str]) -> None:
        self._ledger, self._deleted = manifest, set(deleted.tolist())
        self._origins = origins | {path for row, path in manifest.origins.items() if row not in self._deleted}

    def free(self, path: str) -> str:
        """Reserve and return an unused origin: `path`, or `path` with a number if a moved seed uses it."""
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
