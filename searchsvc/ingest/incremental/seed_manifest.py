"""Seed manifest: path, size, time stamp and digest of each seed of a generation, for the next update.

A folder may hold 100,000 seeds of which one has changed. So the manifest is columnar, and only path lookups are
done per seed.
"""

import os
from array import array
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter

import msgspec
import numpy as np
from numpy.typing import NDArray

from searchsvc.array_ranges import concatenate_ranges, is_in
from searchsvc.ingest.discovery.discovery import modified_ns
from searchsvc.ingest.discovery.partial_listing import with_parents
from searchsvc.ingest.discovery.safe_open import shown_path
from searchsvc.ingest.ids import is_collision
from searchsvc.ingest.incremental.build_fingerprint import build_fingerprint
from searchsvc.ingest.seed_guard import is_over_limit
from searchsvc.ingest.source import Source
from searchsvc.models.documents import Seed, SeedProblem

_FRESH = 2_000_000_000  # nanoseconds within which a file may change twice without a new time stamp
_DIGEST_BYTES = 24
_DIGEST = f"S{_DIGEST_BYTES}"

Rows = NDArray[np.int64]
Numbers = NDArray[np.int64]
Ids = NDArray[np.uint64]
Problems = tuple[SeedProblem, ...]


@dataclass(frozen=True)
class SeedManifest:
    """The seeds of a generation, one row each. `build_fingerprint` covers settings, libraries and code.

    `sizes`, `times`: (rows,) int64, as in Seed. `digests`: (rows,) S24. `ids`: (docs,) uint64, ids of documents,
    row by row. `starts`: (rows + 1,) int64 into `ids`. `origins`, `problems`: by row, for the few seeds that have
    any. `other_problems`: problems without a seed.
    """

    build_fingerprint: str
    paths: Sequence[str]
    sizes: Numbers
    times: Numbers
    digests: NDArray[np.bytes_]
    starts: Numbers
    ids: Ids
    origins: Mapping[int, str]
    problems: Mapping[int, Problems]
    other_problems: Problems = ()

    def to_bytes(self) -> bytes:
        """Return the manifest as MessagePack."""
        arrays = (self.sizes, self.times, self.digests, self.starts, self.ids)
        origins = {row: _encoded(path) for row, path in self.origins.items()}
        paths = _encoded("\0".join(self.paths))
        packed = (
            self.build_fingerprint,
            paths,
            tuple(map(np.ndarray.tobytes, arrays)),
            origins,
            self.problems,
            self.other_problems,
        )
        return msgspec.msgpack.encode(packed)

    @staticmethod
    def from_bytes(data: bytes) -> "SeedManifest":
        """Read the bytes of `to_bytes`. Raises ValueError for other data."""
        try:
            fingerprint, paths, arrays, origins, problems, other_problems = msgspec.msgpack.decode(data, type=_Packed)
        except msgspec.MsgspecError as error:
            raise ValueError("not a seed manifest") from error
        sizes, times, starts = (np.frombuffer(arrays[place], np.int64) for place in (0, 1, 3))
        return SeedManifest(
            fingerprint,
            _decoded(paths).split("\0") if len(sizes) else (),
            sizes,
            times,
            np.frombuffer(arrays[2], _DIGEST),
            starts,
            np.frombuffer(arrays[4], np.uint64),
            {row: _decoded(path) for row, path in origins.items()},
            problems,
            other_problems,
        )

    @cached_property
    def rows(self) -> dict[str, int]:
        """Row of each path."""
        return dict(zip(self.paths, range(len(self.paths)), strict=True))

    def rows_within(self, places: AbstractSet[str]) -> Rows:
        """Return the rows of seeds at these places or in folders there, int64, ascending. "" is the whole folder."""
        if "" in places:
            return np.arange(len(self.paths))
        rows = [row for place in places if (row := self.rows.get(place)) is not None]
        if len(rows) < len(places):
            folders = [path.rpartition("/")[0] for path in self.paths]
            within = {folder for folder in set(folders) if not places.isdisjoint(with_parents(folder))}
            rows += [row for row, folder in enumerate(folders) if folder in within] if within else []
        return np.array(sorted(rows), np.int64)

    def documents(self, rows: Rows) -> Ids:
        """Return the ids of the documents of some seeds, uint64. `rows`: int64."""
        return self.ids[concatenate_ranges(self.starts[rows], np.diff(self.starts)[rows])]

    def holding(self, ids: Ids) -> Rows:
        """Return the rows of seeds with one of these documents, int64, ascending. `ids`: uint64."""
        owners = np.repeat(np.arange(len(self.paths)), np.diff(self.starts))
        return np.unique(owners[is_in(self.ids, np.sort(ids))])

    @property
    def has_collisions(self) -> bool:
        """Whether documents of different seeds have the same id."""
        return any(is_collision(problem) for problems in self.problems.values() for problem in problems)

    def origin(self, row: int) -> str:
        """Return the path that the ids of a seed's documents derive from."""
        return self.origins.get(row, self.paths[row])


# Paths are bytes, since file names need not be text. No path holds a zero byte.
_Packed = tuple[str, bytes, tuple[bytes, bytes, bytes, bytes, bytes], dict[int, bytes], dict[int, Problems], Problems]


def _encoded(paths: str) -> bytes:
    return paths.encode("utf-8", "surrogateescape")


def _decoded(paths: bytes) -> str:
    return paths.decode("utf-8", "surrogateescape")


_NONE = np.zeros(0, np.int64)
NO_SEED_MANIFEST = SeedManifest(
    "", (), _NONE, _NONE, np.zeros(0, _DIGEST), np.zeros(1, np.int64), np.zeros(0, np.uint64), {}, {}
)


def sizes_and_times(seeds: Sequence[Seed]) -> tuple[Numbers, Numbers]:
    """Return sizes in bytes and times in nanoseconds, (seeds,) int64 each."""
    sizes = np.fromiter(map(attrgetter("size"), seeds), np.int64, len(seeds))
    return sizes, np.fromiter(map(attrgetter("modified_ns"), seeds), np.int64, len(seeds))


class SeedManifestWriter:
    """Collects the results of a build for the seed manifest, in columns."""

    def __init__(self, source: Source, now_ns: int) -> None:
        """`now_ns`: time of discovery. Files that changed just before may change again with the same time stamp."""
        self._fingerprint, self._folder, self._now = build_fingerprint(source), source.folder, now_ns
        self._previous, self._rows, self._stamps = NO_SEED_MANIFEST, _NONE, (_NONE, _NONE)
        self._seeds: list[Seed] = []
        self._digests, self._had_documents = bytearray(), bytearray()  # of each seed
        self._ids, self._seed_numbers = array("Q"), array("q")  # of each document
        self._problems: list[SeedProblem] = []

    def reuse(self, previous: SeedManifest, rows: Rows, sizes: Numbers, times: Numbers) -> None:
        """Add unchanged seeds: their rows in the previous manifest, and their present sizes in bytes and times in
        nanoseconds, (rows,) int64 each. Call once, before any other method."""
        self._previous, self._rows, self._stamps = previous, rows, (sizes, times)

    def expect(self, seed: Seed, digest: str, had_documents: bool) -> None:
        """Add a seed that this build ingests. `had_documents`: whether the first pass found documents in it."""
        self._seeds.append(seed)
        self._digests += digest.encode("ascii").ljust(_DIGEST_BYTES, b"\0")
        self._had_documents.append(had_documents)

    def document(self, seed: str, document_id: str) -> None:
        """Record a document of a seed. Documents come in the order of the expected seeds."""
        number = self._seed_numbers[-1] if self._seed_numbers else 0
        while self._seeds[number].path != seed:
            number += 1
        self._seed_numbers.append(number)
        self._ids.append(int(document_id, 16))

    def problem(self, problem: SeedProblem) -> None:
        """Record a problem, of a seed or of the folder."""
        self._problems.append(problem)

    def seed_manifest(self) -> SeedManifest:
        """Return the manifest of this build."""
        previous, first = self._previous, len(self._rows)
        places = dict(zip(self._rows.tolist(), range(first), strict=True))
        counts = np.bincount(np.array(self._seed_numbers, np.int64), minlength=len(self._seeds))
        new = sizes_and_times(self._seeds)
        sizes, times = (np.concatenate([old, added]) for old, added in zip(self._stamps, new, strict=True))
        origins = {places[row]: origin for row, origin in previous.origins.items() if row in places}
        origins |= {first + n: seed.origin for n, seed in enumerate(self._seeds) if seed.origin}
        problems, others = self._problems_by_seed()
        return SeedManifest(
            self._fingerprint,
            [*map(previous.paths.__getitem__, self._rows.tolist()), *(seed.path for seed in self._seeds)],
            sizes,
            np.where(times > self._now - _FRESH, 0, times),
            np.concatenate([previous.digests[self._rows], self._sure_digests(counts, problems)]),
            np.append(0, np.concatenate([np.diff(previous.starts)[self._rows], counts]).cumsum()),
            np.concatenate([previous.documents(self._rows), np.array(self._ids, np.uint64)]),
            origins,
            {places[row]: of_seed for row, of_seed in previous.problems.items() if row in places}
            | {first + number: tuple(of_seed) for number, of_seed in problems.items()},
            others,
        )

    def _problems_by_seed(self) -> tuple[dict[int, list[SeedProblem]], Problems]:
        """Return the problems by number of the seed, and those of no seed."""
        named = {name for each in self._problems for name in (each.path, each.path.rpartition(":")[0])}
        numbers = {path: number for number, seed in enumerate(self._seeds) if (path := shown_path(seed.path)) in named}
        problems: dict[int, list[SeedProblem]] = {}
        others: list[SeedProblem] = []
        for each in self._problems:
            number = numbers.get(each.path, numbers.get(each.path.rpartition(":")[0]))
            (others if number is None else problems.setdefault(number, [])).append(each)
        return problems, tuple(others)

    def _sure_digests(self, counts: Numbers, problems: Mapping[int, Sequence[SeedProblem]]) -> NDArray[np.bytes_]:
        """Return the digest of each seed, "" if the indexed content may differ from the digest's, (seeds,) S24.

        Seeds are read twice. A seed that changed between both reads and then back, or was absent for a moment,
        would else count as indexed in its present state from then on. `counts`: (seeds,) int64, documents of each seed.
        """
        is_explained = (counts > 0) | (np.frombuffer(self._had_documents, np.uint8) == 0)
        is_explained[[number for number, of_seed in problems.items() if any(map(is_lasting, of_seed))]] = True
        is_sure = is_explained & np.fromiter(map(self._is_untouched, self._seeds), np.bool_, len(self._seeds))
        return np.where(is_sure, np.frombuffer(self._digests, _DIGEST), b"")

    def _is_untouched(self, seed: Seed) -> bool:
        """Return whether size and time of a seed are those of its discovery."""
        try:
            status = os.lstat(os.path.join(self._folder, seed.path))  # noqa: PTH118 - a Path for each takes longer
        except OSError:
            return False
        return (status.st_size, modified_ns(status)) == (seed.size, seed.modified_ns)


def is_lasting(problem: SeedProblem) -> bool:
    """Return whether a seed has this problem for as long as it is unchanged, as far as updates are concerned.

    Documents that share an id are decided on in rebuilds.
    """
    return is_over_limit(problem) or is_collision(problem)


def problems_in(manifest: SeedManifest) -> Iterator[SeedProblem]:
    """Yield all problems in the order of paths; problems of one seed in their original order."""
    problems = [*manifest.other_problems]
    for row in sorted(manifest.problems, key=lambda row: manifest.paths[row]):
        problems += manifest.problems[row]
    yield from sorted(problems, key=lambda problem: problem.path.partition(":")[0])
