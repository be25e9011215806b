"""The whole way of a folder: find, read, learn what recurs, clean, describe."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from searchsvc.analysis import analyzer
from searchsvc.ingest.boilerplate import (
    NO_OVERRIDES,
    NO_RECURRING_LINES,
    Overrides,
    RecurringLines,
    apply_overrides,
    clean_all,
    line_keys_of,
    source_of,
)
from searchsvc.ingest.boilerplate.batching import batches
from searchsvc.ingest.incremental.first_pass import FirstPass, digest, seed_digest_input
from searchsvc.ingest.metadata import describe
from searchsvc.ingest.near_duplicates import Signature, signature
from searchsvc.ingest.readers import read
from searchsvc.ingest.title_removal import remove_title_lines
from searchsvc.models.documents import CleanDocument, Document, RawDocument, Seed, SeedProblem
from searchsvc.worker_pool import WorkerPool

_SHARE = 1_500_000  # bytes of seeds ingested by one process at a time: a few batches of cleaning
_LEAST = 500  # bytes that a seed counts for besides its size: opening it takes time, too

FoundSeeds = Sequence[Seed | SeedProblem]


@dataclass(frozen=True, slots=True)
class Source:
    """A folder of seeds and how they are to be read."""

    folder: Path
    max_bytes: int
    language: str
    overrides: Overrides = NO_OVERRIDES


@dataclass(frozen=True, slots=True)
class IngestedDocument:
    """A document ready to be indexed, with what it came from and the signature of its body.

    `doubts`: why somebody should look at it, though it is indexed. `seed`: the path of the seed it is
    of, `path`: its own there, as its reading had it.
    """

    document: Document
    original: str
    signature: Signature
    doubts: tuple[SeedProblem, ...] = ()
    seed: str = ""
    path: str = ""


Outcome = IngestedDocument | SeedProblem


def learn_folder(source: Source, found: FoundSeeds) -> FirstPass:
    """The first pass: the lines of the folder, and what each seed held. Reads every seed once."""
    paths: list[str] = []
    seeds: list[str] = []
    held: dict[str, bytearray] = {}

    def pairs() -> Iterator[tuple[str, str]]:
        for seed, raw in _read(source, found):
            if seed is not None:
                held.setdefault(seed.path, bytearray()).extend(seed_digest_input(raw))
            if isinstance(raw, RawDocument):
                paths.append(raw.path)
                seeds.append(raw.seed.path)
                yield source_of(raw), raw.text

    lines = line_keys_of(pairs())
    digests = {seed: digest(bytes(said_of_it)) for seed, said_of_it in held.items()}
    return FirstPass(lines, tuple(paths), tuple(seeds), digests)


def clean_folder(
    source: Source, found: FoundSeeds, learnt: RecurringLines | None
) -> Iterator[CleanDocument | SeedProblem]:
    """Every seed of `found`, read and cleaned, and every problem; problems come when they are met."""
    problems: list[SeedProblem] = []
    for cleaned in clean_all(_readable(source, found, problems), learnt):
        yield from _taken(problems)
        yield apply_overrides(remove_title_lines(cleaned), source.overrides)
    yield from _taken(problems)


def ingest(
    source: Source, found: FoundSeeds, learnt: RecurringLines | None, processes: WorkerPool | None = None
) -> Iterator[Outcome]:
    """The second pass: documents ready to be indexed, and every problem on the way.

    The folder is cut into the same shares whether `processes` work on them or this process does,
    so the outcomes are the same in any case. Raises ProcessLost.
    """
    paths: dict[str, str] = {}
    for outcome in _outcomes(source, _shares(found), learnt, processes):
        if isinstance(outcome, SeedProblem):
            yield outcome
            continue
        document = outcome.document
        earlier = paths.setdefault(document.id, document.path)
        if earlier != document.path:
            yield SeedProblem(document.path, f"its id is the same as that of {earlier}; change one of them")
            continue
        yield from outcome.doubts
        yield outcome


def _shares(found: FoundSeeds) -> Iterator[list[Seed | SeedProblem]]:
    return batches(found, size=lambda seed: _LEAST + (seed.size if isinstance(seed, Seed) else 0), full=_SHARE)


def _outcomes(
    source: Source, shares: Iterable[FoundSeeds], learnt: RecurringLines | None, processes: WorkerPool | None
) -> Iterator[Outcome]:
    if processes is None:
        for share in shares:
            yield from _described(source, share, learnt)
        return
    with TemporaryDirectory(prefix="searchsvc-") as folder:
        file = Path(folder) / "learnt"
        file.write_bytes((learnt or NO_RECURRING_LINES).to_bytes())
        for outcomes in processes.map_in_order(_ingest_share, (_IngestTask(source, share, file) for share in shares)):
            yield from outcomes


@dataclass(frozen=True, slots=True)
class _IngestTask:
    """Neighbouring seeds to be ingested by another process, which reads what was learnt from a file."""

    source: Source
    found: FoundSeeds
    learnt: Path


def _ingest_share(share: _IngestTask) -> list[Outcome]:
    return list(_described(share.source, share.found, _learnt(share.learnt)))


@cache
def _learnt(file: Path) -> RecurringLines:
    return RecurringLines.from_bytes(file.read_bytes())


def _described(source: Source, found: FoundSeeds, learnt: RecurringLines | None) -> Iterator[Outcome]:
    for cleaned in clean_folder(source, found, learnt):
        if isinstance(cleaned, SeedProblem):
            yield cleaned
            continue
        document = describe(cleaned, source.language)
        terms = analyzer(source.language).terms(document.body)
        raw = cleaned.raw
        yield IngestedDocument(
            document, raw.text, signature(terms), tuple(_doubts(cleaned, document)), raw.seed.path, raw.path
        )


def clean_file(file: Path, source: Source, learnt: RecurringLines | None) -> CleanDocument | SeedProblem:
    """One file, cleaned; one that lies in the seed folder belongs to its source there."""
    folder, path = source.folder.resolve(), file.resolve()
    if not path.is_relative_to(folder):
        folder = path.parent
    seed = Seed(path.relative_to(folder).as_posix(), 0, 0)
    return next(clean_folder(replace(source, folder=folder), [seed], learnt))


def _read(source: Source, found: FoundSeeds) -> Iterator[tuple[Seed | None, RawDocument | SeedProblem]]:
    """Every document and problem with the seed it is of; problems of finding have none."""
    for seed in found:
        if isinstance(seed, SeedProblem):
            yield None, seed
            continue
        for raw in read(source.folder, seed, source.max_bytes):
            yield seed, raw


def _readable(source: Source, found: FoundSeeds, problems: list[SeedProblem]) -> Iterator[RawDocument]:
    for _, raw in _read(source, found):
        if isinstance(raw, SeedProblem):
            problems.append(raw)
        else:
            yield raw


def _taken(problems: list[SeedProblem]) -> Iterator[SeedProblem]:
    yield from problems
    problems.clear()


def _doubts(cleaned: CleanDocument, document: Document) -> Iterable[SeedProblem]:
    if cleaned.raw.note:
        yield SeedProblem(document.path, cleaned.raw.note, indexed=True)
    if cleaned.only_clutter:
        yield SeedProblem(document.path, "looks like nothing but debris; indexed whole", indexed=True)
