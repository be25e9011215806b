"""Changes of a folder since the last build: new, changed, moved and deleted seeds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress, repeat
from operator import attrgetter

import msgspec
import numpy as np

from searchsvc.ingest.discovery.partial_listing import PartialListing
from searchsvc.ingest.incremental.seed_manifest import Numbers, Rows, SeedManifest, is_lasting, sizes_and_times
from searchsvc.ingest.source import FoundSeeds
from searchsvc.models.documents import Seed

_BEHIND = "//"  # separates a path from a number that makes its origin unique; no path holds it


@dataclass(frozen=True, slots=True)
class FolderComparison:
    """A folder compared with the seed manifest.

    `rows`: rows of seeds that are still in the folder; their present `sizes` in bytes and `times` in nanoseconds. All
    (rows,) int64. `read`: new seeds, and seeds that may have changed. `deleted`: int64, rows of deleted seeds,
    ascending.
    """

    manifest: SeedManifest
    rows: Rows
    sizes: Numbers
    times: Numbers
    read: Sequence[Seed]
    deleted: Rows

    def at(self, rows: Rows) -> list[Seed]:
        """Return the seeds at some rows of the manifest."""
        places = np.flatnonzero(np.isin(self.rows, rows))
        columns = (each[places].tolist() for each in (self.rows, self.sizes, self.times))
        return [Seed(self.manifest.paths[row], size, time) for row, size, time in zip(*columns, strict=True)]

    def excluding(self, rows: Rows) -> tuple[Rows, Numbers, Numbers]:
        """Return all rows but the given rows, and the present sizes and times of these seeds."""
        is_other = ~np.isin(self.rows, rows)
        return self.rows[is_other], self.sizes[is_other], self.times[is_other]


def compare_folder(manifest: SeedManifest, folder: FoundSeeds) -> FolderComparison:
    """Compare the folder with the manifest. A seed with equal size and time is unchanged.

    A seed that a problem kept out of the index is read again: it may be readable now, with the same time. A seed with
    a lasting problem is not: a seed over the CPU limit would take as long in each update.
    """
    return _compared(manifest, folder, np.arange(len(manifest.paths)))


def compare_places(manifest: SeedManifest, listing: PartialListing) -> FolderComparison:
    """Compare some places of the folder with the manifest. All seeds elsewhere count as unchanged."""
    covered = manifest.rows_within(listing.places)
    elsewhere = np.ones(len(manifest.paths), np.bool_)
    elsewhere[covered] = False
    others = np.flatnonzero(elsewhere)
    here = _compared(manifest, listing.listed, covered)
    return replace(
        here,
        rows=np.append(others, here.rows),
        sizes=np.append(manifest.sizes[others], here.sizes),
        times=np.append(manifest.times[others], here.times),
    )


def _compared(manifest: SeedManifest, listed: FoundSeeds, covered: Rows) -> FolderComparison:
    """Compare the seeds listed with the `covered` rows, ascending."""
    seeds = [each for each in listed if isinstance(each, Seed)]
    paths = map(attrgetter("path"), seeds)
    rows = np.fromiter(map(manifest.rows.get, paths, repeat(-1)), np.int64, len(seeds))
    is_known = rows >= 0
    known = rows[is_known]
    sizes, times = sizes_and_times(seeds)
    is_unchanged = is_known.copy()
    is_unchanged[is_known] = (manifest.sizes[known] == sizes[is_known]) & (manifest.times[known] == times[is_known])
    is_unchanged &= ~np.isin(rows, unread_rows(manifest))
    read = list(compress(seeds, (~is_unchanged).tolist()))
    deleted = covered[~np.isin(covered, known)]
    return FolderComparison(manifest, known, sizes[is_known], times[is_known], read, deleted)


def unread_rows(manifest: SeedManifest) -> list[int]:
    """Return the rows of seeds that a problem kept out of the index, and that may be readable now."""
    return [
        row
        for row, problems in manifest.problems.items()
        if not all(each.indexed or is_lasting(each) for each in problems)
    ]


def uncertain_paths(manifest: SeedManifest) -> list[str]:
    """Return the paths of seeds that every update looks at: unread ones, and those changed just before the build."""
    return [manifest.paths[row] for row in {*unread_rows(manifest), *np.flatnonzero(manifest.times == 0).tolist()}]


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
