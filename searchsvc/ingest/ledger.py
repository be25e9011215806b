"""What a build knew of each seed, kept so that the next one can tell what changed."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

from searchsvc.ingest.files import shown_path
from searchsvc.ingest.pipeline import Found, Source
from searchsvc.models import Seed, SeedProblem

_FRESH = 2_000_000_000  # nanoseconds within which a file may change twice without another time
_BEHIND = "//"  # before the number that tells origins of one path apart; no path holds it


@dataclass(frozen=True, slots=True)
class Entry:
    """A seed as it was built from: the `digest` of what it held, the ids of its documents, its problems."""

    seed: Seed
    digest: str
    documents: tuple[str, ...] = ()
    problems: tuple[SeedProblem, ...] = ()

    def is_sure(self, seed: Seed) -> bool:
        """Whether a seed found now need not be read to know that it holds the same.

        One that could not be read may be readable now, whatever its time says.
        """
        stamp = (self.seed.size, self.seed.modified_ns)
        return stamp == (seed.size, seed.modified_ns) and all(each.indexed for each in self.problems)


@dataclass(frozen=True, slots=True)
class Ledger:
    """The seeds of a generation, by path. `made_by` tells settings and readers that made it apart from others."""

    made_by: str
    entries: dict[str, Entry]

    def to_bytes(self) -> bytes:
        return msgspec.msgpack.encode((self.made_by, [_packed(each) for each in self.entries.values()]))

    @staticmethod
    def from_bytes(data: bytes) -> "Ledger":
        """Raises msgspec.MsgspecError."""
        made_by, packed = msgspec.msgpack.decode(data, type=tuple[str, list[_Packed]])
        entries = (_unpacked(each) for each in packed)
        return Ledger(made_by, {each.seed.path: each for each in entries})


# Paths as bytes, since file names need not be text.
_Packed = tuple[bytes, int, int, bytes, str, tuple[str, ...], tuple[SeedProblem, ...]]


def _packed(entry: Entry) -> _Packed:
    seed = entry.seed
    names = seed.path.encode("utf-8", "surrogateescape"), seed.origin.encode("utf-8", "surrogateescape")
    return (names[0], seed.size, seed.modified_ns, names[1], entry.digest, entry.documents, entry.problems)


def _unpacked(packed: _Packed) -> Entry:
    path, size, modified, origin, digest, documents, problems = packed
    seed = Seed(path.decode("utf-8", "surrogateescape"), size, modified, origin.decode("utf-8", "surrogateescape"))
    return Entry(seed, digest, documents, problems)


NO_LEDGER = Ledger("", {})


def made_by(source: Source) -> str:
    """A hash of what decides what becomes of a seed, besides the seed: settings, libraries and our own code."""
    wishes = (source.max_bytes, source.language, source.wishes)
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
    folder = Path(__file__).parent
    hashed = hashlib.sha256()
    for path in sorted([*folder.rglob("*.py"), *folder.rglob("*.npz"), *folder.rglob("*.toml"), *_AROUND]):
        hashed.update(path.read_bytes())
    return hashed.hexdigest()


_READERS = ("charset-normalizer", "markdown-it-py", "pathspec", "py3langid", "PyYAML", "trafilatura")
_AROUND = (Path(__file__).parents[1] / "analysis.py", Path(__file__).parents[1] / "models.py")


@dataclass(frozen=True, slots=True)
class Compared:
    """A folder beside the ledger: seeds that must be `read` to know whether they changed, and entries whose
    seeds are `gone`."""

    read: tuple[Seed, ...]
    gone: tuple[Entry, ...]


def compared(ledger: Ledger, found: Found) -> Compared:
    seeds = {each.path: each for each in found if isinstance(each, Seed)}
    known = ledger.entries
    read = [seed for path, seed in seeds.items() if path not in known or not known[path].is_sure(seed)]
    return Compared(tuple(read), tuple(entry for path, entry in known.items() if path not in seeds))


def changed(ledger: Ledger, read: Iterable[Seed], digests: Mapping[str, str]) -> list[Seed]:
    """The seeds among those read that hold something else than the ledger says."""
    none = Entry(Seed("", 0, 0), "")
    return [seed for seed in read if ledger.entries.get(seed.path, none).digest != digests.get(seed.path, "-")]


def with_origins(
    seeds: Iterable[Seed], ledger: Ledger, gone: Collection[Entry], digests: Mapping[str, str]
) -> list[Seed]:
    """The seeds with the paths that their documents' ids are made of.

    A seed at a new path that holds what one that is gone held has moved: it keeps that one's.
    """
    seeds = sorted(seeds, key=lambda seed: seed.path)
    moved: dict[str, list[str]] = {}
    for entry in sorted(gone, key=lambda entry: entry.seed.path, reverse=True):
        if entry.documents:
            moved.setdefault(entry.digest, []).append(entry.seed.origin or entry.seed.path)
    gone_paths = {entry.seed.path for entry in gone}
    taken = {entry.seed.origin or path for path, entry in ledger.entries.items() if path not in gone_paths}
    origins: dict[str, str] = {}
    for seed in seeds:
        if seed.path in ledger.entries:
            origins[seed.path] = ledger.entries[seed.path].seed.origin
        elif before := moved.get(digests.get(seed.path, "")):
            origins[seed.path] = before.pop()
            taken.add(origins[seed.path])
    for seed in seeds:
        if seed.path not in origins:
            origins[seed.path] = _free(seed.path, taken)
            taken.add(origins[seed.path])
    return [replace(seed, origin="" if origins[seed.path] == seed.path else origins[seed.path]) for seed in seeds]


def _free(path: str, taken: Collection[str]) -> str:
    """`path`, or if a document that moved has its id from there, another."""
    origin, number = path, 1
    while origin in taken:
        number += 1
        origin = f"{path}{_BEHIND}{number}"
    return origin


class LedgerWriter:
    """Collects what becomes of seeds."""

    def __init__(self, source: Source, now_ns: int) -> None:
        """`now_ns`: when the folder was looked at. Files changed just before may change again unseen."""
        self._made_by, self._now = made_by(source), now_ns
        self._entries: dict[str, Entry] = {}
        self._shown: dict[str, str] = {}
        self._documents: dict[str, list[str]] = {}
        self._problems: dict[str, list[SeedProblem]] = {}

    def take_over(self, entry: Entry, seed: Seed) -> None:
        """A seed whose documents are those of the generation before."""
        if (seed.size, seed.modified_ns) != (entry.seed.size, entry.seed.modified_ns) or self._is_fresh(seed):
            entry = replace(entry, seed=self._stamped(replace(seed, origin=entry.seed.origin)))
        self._entries[seed.path] = entry

    def expect(self, seed: Seed, digest: str) -> None:
        """A seed that is built from now."""
        self._entries[seed.path] = Entry(self._stamped(seed), digest)
        self._shown[shown_path(seed.path)] = seed.path

    def document(self, seed: str, document_id: str) -> None:
        self._documents.setdefault(seed, []).append(document_id)

    def problem(self, problem: SeedProblem) -> None:
        """A problem, of a seed or of none."""
        seed = self._shown.get(problem.path) or self._shown.get(problem.path.rpartition(":")[0], "")
        self._problems.setdefault(seed, []).append(problem)

    def _is_fresh(self, seed: Seed) -> bool:
        return seed.modified_ns > self._now - _FRESH

    def _stamped(self, seed: Seed) -> Seed:
        return replace(seed, modified_ns=0) if self._is_fresh(seed) else seed

    def ledger(self) -> Ledger:
        entries = {path: self._whole(path, entry) for path, entry in sorted(self._entries.items())}
        return Ledger(self._made_by, entries)

    def problems(self) -> Iterator[SeedProblem]:
        """All problems, those of seeds and others, in the order of paths; those of one seed as they came."""
        every = [*self._problems.get("", ())]
        every += [problem for entry in self.ledger().entries.values() for problem in entry.problems]
        yield from sorted(every, key=lambda problem: problem.path.partition(":")[0])

    def _whole(self, path: str, entry: Entry) -> Entry:
        if path not in self._documents and path not in self._problems:
            return entry
        own = tuple(self._documents.get(path, ())), tuple(self._problems.get(path, ()))
        return replace(entry, documents=own[0], problems=own[1])
