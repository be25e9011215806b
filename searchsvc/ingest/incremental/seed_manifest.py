"""What a build knew of each seed, kept so that the next one can tell what changed.

A folder may hold a hundred thousand seeds of which one has changed, so what is known of them stands in
columns, and nothing is done seed by seed but looking up paths.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from searchsvc.array_ranges import concatenate_ranges
from searchsvc.ingest.discovery.safe_open import shown_path
from searchsvc.ingest.pipeline import Source
from searchsvc.models.documents import Seed, SeedProblem

_FRESH = 2_000_000_000  # nanoseconds within which a file may change twice without another time
_DIGEST = "S24"

Rows = NDArray[np.int64]
Numbers = NDArray[np.int64]
Ids = NDArray[np.uint64]
Problems = tuple[SeedProblem, ...]


@dataclass(frozen=True)
class SeedManifest:
    """The seeds of a generation, one row each; `build_fingerprint` covers settings and readers.

    `sizes` and `times` int64 as in Seed; `digests` S24, of what each held; `ids` uint64, those of the
    documents of all, row by row, and `starts` int64 (rows + 1), where each begins. `origins` and
    `problems` of the few that have any. `others`: problems of no seed.
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
    others: Problems = ()

    def to_bytes(self) -> bytes:
        arrays = (self.sizes, self.times, self.digests, self.starts, self.ids)
        origins = {row: _encoded(path) for row, path in self.origins.items()}
        paths = _encoded("\0".join(self.paths))
        packed = (
            self.build_fingerprint,
            paths,
            tuple(map(np.ndarray.tobytes, arrays)),
            origins,
            self.problems,
            self.others,
        )
        return msgspec.msgpack.encode(packed)

    @staticmethod
    def from_bytes(data: bytes) -> "SeedManifest":
        """Raises ValueError for what is no ledger."""
        try:
            made_by, paths, arrays, origins, problems, others = msgspec.msgpack.decode(data, type=_Packed)
        except msgspec.MsgspecError as error:
            raise ValueError("not a ledger") from error
        sizes, times, starts = (np.frombuffer(arrays[place], np.int64) for place in (0, 1, 3))
        return SeedManifest(
            made_by,
            _decoded(paths).split("\0") if len(sizes) else (),
            sizes,
            times,
            np.frombuffer(arrays[2], _DIGEST),
            starts,
            np.frombuffer(arrays[4], np.uint64),
            {row: _decoded(path) for row, path in origins.items()},
            problems,
            others,
        )

    @cached_property
    def rows(self) -> dict[str, int]:
        """The row of each path."""
        return dict(zip(self.paths, range(len(self.paths)), strict=True))

    def documents(self, rows: Rows) -> Ids:
        """The ids of the documents of some seeds."""
        return self.ids[concatenate_ranges(self.starts[rows], np.diff(self.starts)[rows])]

    def holding(self, ids: Ids) -> Rows:
        """The seeds that one of these documents is of."""
        owners = np.repeat(np.arange(len(self.paths)), np.diff(self.starts))
        return np.unique(owners[np.isin(self.ids, ids)])

    def origin(self, row: int) -> str:
        """The path that the ids of a seed's documents are made of."""
        return self.origins.get(row, self.paths[row])


# Paths as bytes, since file names need not be text; no path holds a zero byte.
_Packed = tuple[str, bytes, tuple[bytes, bytes, bytes, bytes, bytes], dict[int, bytes], dict[int, Problems], Problems]


def _encoded(paths: str) -> bytes:
    return paths.encode("utf-8", "surrogateescape")


def _decoded(paths: bytes) -> str:
    return paths.decode("utf-8", "surrogateescape")


_NONE = np.zeros(0, np.int64)
NO_SEED_MANIFEST = SeedManifest(
    "", (), _NONE, _NONE, np.zeros(0, _DIGEST), np.zeros(1, np.int64), np.zeros(0, np.uint64), {}, {}
)


def build_fingerprint(source: Source) -> str:
    """A hash of what decides what becomes of a seed, besides the seed: settings, libraries and our own code."""
    wishes = (source.max_bytes, source.language, source.overrides)
    said = f"{wishes!r} {_libraries()} {_code()}"
    return hashlib.sha256(said.encode("utf-8", "backslashreplace")).hexdigest()[:24]


@cache
def _libraries() -> list[str]:
    """The versions of the libraries that read seeds, those of the extras if they are installed."""
    return [_version(name) for name in _READERS]


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "none"


@cache
def _code() -> str:
    """A hash of the files that ingest seeds. It may differ where nothing that matters does; that costs a rebuild."""
    folder = Path(__file__).parents[1]
    hashed = hashlib.sha256()
    for path in sorted([*folder.rglob("*.py"), *folder.rglob("*.npz"), *folder.rglob("*.toml"), *_AROUND]):
        hashed.update(path.read_bytes())
    return hashed.hexdigest()


_PACKAGE = Path(__file__).parents[2]
_READERS = ("charset-normalizer", "lxml_html_clean", "markdown-it-py", "pathspec", "py3langid", "PyYAML", "trafilatura")
_AROUND = (_PACKAGE / "analysis.py", _PACKAGE / "models" / "documents.py")


def _stamps(seeds: Sequence[Seed]) -> tuple[Numbers, Numbers]:
    """The sizes and the times of seeds."""
    sizes = np.fromiter((seed.size for seed in seeds), np.int64, len(seeds))
    return sizes, np.fromiter((seed.modified_ns for seed in seeds), np.int64, len(seeds))


class SeedManifestWriter:
    """Collects what becomes of seeds."""

    def __init__(self, source: Source, now_ns: int) -> None:
        """`now_ns`: when the folder was looked at. Files changed just before may change again unseen."""
        self._made_by, self._folder, self._now = build_fingerprint(source), source.folder, now_ns
        self._before, self._rows, self._stamps = NO_SEED_MANIFEST, _NONE, (_NONE, _NONE)
        self._seeds: list[Seed] = []
        self._digests: list[str] = []
        self._held: list[bool] = []
        self._shown: dict[str, str] = {}
        self._documents: dict[str, list[str]] = {}
        self._problems: dict[str, list[SeedProblem]] = {}

    def reuse(self, before: SeedManifest, rows: Rows, seeds: Sequence[Seed]) -> None:
        """Seeds whose documents are those of the generation before, and the rows they had; once, before any other."""
        self._before, self._rows, self._stamps = before, rows, _stamps(seeds)

    def expect(self, seed: Seed, digest: str, held: bool) -> None:
        """A seed that is built from now; `held`: whether it had documents when its digest was taken."""
        self._seeds.append(seed)
        self._digests.append(digest)
        self._held.append(held)
        self._shown[shown_path(seed.path)] = seed.path

    def document(self, seed: str, document_id: str) -> None:
        self._documents.setdefault(seed, []).append(document_id)

    def problem(self, problem: SeedProblem) -> None:
        """A problem, of a seed or of none."""
        seed = self._shown.get(problem.path) or self._shown.get(problem.path.rpartition(":")[0], "")
        self._problems.setdefault(seed, []).append(problem)

    def seed_manifest(self) -> SeedManifest:
        before, first = self._before, len(self._rows)
        places = dict(zip(self._rows.tolist(), range(first), strict=True))
        documents = [self._documents.get(seed.path, ()) for seed in self._seeds]
        counts = [np.diff(before.starts)[self._rows], np.array([len(own) for own in documents], np.int64)]
        new = _stamps(self._seeds)
        sizes, times = (np.concatenate([old, own]) for old, own in zip(self._stamps, new, strict=True))
        ids = np.array([int(each, 16) for own in documents for each in own], np.uint64)
        origins = {places[row]: origin for row, origin in before.origins.items() if row in places}
        origins |= {first + n: seed.origin for n, seed in enumerate(self._seeds) if seed.origin}
        return SeedManifest(
            self._made_by,
            [*map(before.paths.__getitem__, self._rows.tolist()), *(seed.path for seed in self._seeds)],
            sizes,
            np.where(times > self._now - _FRESH, 0, times),
            np.concatenate([before.digests[self._rows], np.array(list(self._sure_digests()), _DIGEST)]),
            np.append(0, np.concatenate(counts).cumsum()),
            np.concatenate([before.documents(self._rows), ids]),
            origins,
            self._problems_of(places),
            tuple(self._problems.get("", ())),
        )

    def _sure_digests(self) -> Iterator[str]:
        """The digest of each seed, "" if what was indexed may be something else than what the digest is of.

        Seeds are read twice. One that changed in between and then back, or was away for a moment, would else
        seem to be indexed as it is for ever after.
        """
        for seed, digest, held in zip(self._seeds, self._digests, self._held, strict=True):
            is_sure = self._is_untouched(seed) and (seed.path in self._documents or not held)
            yield digest if is_sure else ""

    def _is_untouched(self, seed: Seed) -> bool:
        """Whether a seed is what it was when the folder was looked at, by size and time."""
        try:
            found = os.lstat(os.path.join(self._folder, seed.path))  # noqa: PTH118 - a Path for each takes longer
        except OSError:
            return False
        return (found.st_size, found.st_mtime_ns) == (seed.size, seed.modified_ns)

    def _problems_of(self, places: Mapping[int, int]) -> dict[int, Problems]:
        """By the rows of the new ledger; `places` has those of the seeds that were taken over."""
        problems = {places[row]: own for row, own in self._before.problems.items() if row in places}
        rows = {seed.path: len(places) + number for number, seed in enumerate(self._seeds)}
        return problems | {rows[path]: tuple(own) for path, own in self._problems.items() if path}


def problems_in(ledger: SeedManifest) -> Iterator[SeedProblem]:
    """All problems, those of seeds and others, in the order of paths; those of one seed as they came."""
    every = [*ledger.others]
    for row in sorted(ledger.problems, key=lambda row: ledger.paths[row]):
        every += ledger.problems[row]
    yield from sorted(every, key=lambda problem: problem.path.partition(":")[0])
