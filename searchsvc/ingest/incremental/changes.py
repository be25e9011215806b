"""Changes of a folder since the last build: new, changed, moved and deleted seeds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.incremental.seed_manifest import Rows, SeedManifest, _stamps
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
        others = (self.rows >= 0) & ~np.isin(self.rows, rows)
        return self.rows[others], self._where(others)

    def _where(self, chosen: NDArray[np.bool_]) -> list[Seed]:
        return list(compress(self.seeds, chosen.tolist()))


def compare_folder(ledger: SeedManifest, found: FoundSeeds) -> FolderComparison:
    """A seed is sure if size and time are as they were, unless a problem kept it from being indexed: it may
    be readable now, whatever its time says."""
    seeds = [each for each in found if isinstance(each, Seed)]
    known = ledger.rows
    rows = np.fromiter((known.get(seed.path, -1) for seed in seeds), np.int64, len(seeds))
    unread = [row for row, problems in ledger.problems.items() if not all(each.indexed for each in problems)]
    sure = rows >= 0
    own = rows[sure]
    sizes, times = _stamps(seeds)
    same = (ledger.sizes[own] == sizes[sure]) & (ledger.times[own] == times[sure])
    sure[sure] = same & ~np.isin(own, unread)
    there = np.zeros(len(ledger.paths), np.bool_)
    there[own] = True
    return FolderComparison(seeds, rows, sure, np.flatnonzero(~there))


def changed(ledger: SeedManifest, read: Iterable[Seed], digests: Mapping[str, str]) -> list[Seed]:
    """The seeds among those read that hold something else than the ledger says."""

    def is_same(seed: Seed) -> bool:
        row = ledger.rows.get(seed.path)
        return row is not None and bytes(ledger.digests[row]).decode() == digests.get(seed.path, "-")

    return [seed for seed in read if not is_same(seed)]


def with_origins(seeds: Iterable[Seed], ledger: SeedManifest, gone: Rows, digests: Mapping[str, str]) -> list[Seed]:
    """The seeds with the paths that their documents' ids are made of.

    A seed at a new path that holds what one that is gone held has moved: it keeps that one's.
    """
    seeds = sorted(seeds, key=lambda seed: seed.path)
    moved = _moved(ledger, gone)
    origins: dict[str, str] = {}
    for seed in seeds:
        if seed.path in ledger.rows:
            origins[seed.path] = ledger.origin(ledger.rows[seed.path])
        elif before := moved.get(digests.get(seed.path, "")):
            origins[seed.path] = before.pop()
    taken = _Taken(ledger, gone, set(origins.values()))
    for seed in seeds:
        if seed.path not in origins:
            origins[seed.path] = taken.free(seed.path)
    return [replace(seed, origin="" if origins[seed.path] == seed.path else origins[seed.path]) for seed in seeds]


def _moved(ledger: SeedManifest, gone: Rows) -> dict[str, list[str]]:
    """The origins of seeds that are gone and had documents, by what they held; the first in the order of paths last."""
    moved: dict[str, list[str]] = {}
    for row in sorted(gone.tolist(), key=lambda row: ledger.paths[row], reverse=True):
        if ledger.digests[row] and ledger.starts[row] < ledger.starts[row + 1]:
            moved.setdefault(bytes(ledger.digests[row]).decode(), []).append(ledger.origin(row))
    return moved


class _Taken:
    """The paths that ids are made of already."""

    def __init__(self, ledger: SeedManifest, gone: Rows, others: set[str]) -> None:
        self._ledger, self._gone = ledger, set(gone.tolist())
        self._others = others | {path for row, path in ledger.origins.items() if row not in self._gone}

    def free(self, path: str) -> str:
        """`path`, or if a document that moved has its id from there, another; taken from now on."""
        origin, number = path, 1
        while self._holds(origin):
            number += 1
            origin = f"{path}{_BEHIND}{number}"
        self._others.add(origin)
        return origin

    def _holds(self, origin: str) -> bool:
        row = self._ledger.rows.get(origin)
        is_own = row is not None and row not in self._gone and row not in self._ledger.origins
        return is_own or origin in self._others
