"""Pipeline from seeds to ingested documents: first pass, cleaning, metadata, signatures."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from searchsvc.analysis import analyzer
from searchsvc.ingest.boilerplate import (
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
from searchsvc.ingest.readers.charset import printable
from searchsvc.ingest.source import FoundSeeds, Source
from searchsvc.ingest.title_removal import remove_title_lines
from searchsvc.models.documents import CleanDocument, DeclaredMetadata, Document, RawDocument, Seed, SeedProblem
from searchsvc.worker_pool import WorkerPool

_SHARE = 1_500_000  # bytes of seeds per task of a worker process: a few batches of cleaning
_LEAST = 500  # bytes added to a seed's size, for the time to open it


@dataclass(frozen=True, slots=True)
class IngestedDocument:
    """A document ready for indexing, with its original text and the signature of its body.

    `doubts`: problems of a document that is indexed nevertheless. `seed`: path of its seed. `path`: path of the
    document as read, which differs from the seed's for JSON Lines.
    """

    document: Document
    original: str
    signature: Signature
    doubts: tuple[SeedProblem, ...] = ()
    seed: str = ""
    path: str = ""


Outcome = IngestedDocument | SeedProblem


def read_first_pass(source: Source, folder_seeds: FoundSeeds) -> FirstPass:
    """Read every seed once, and return the line keys of the folder and a digest of each seed."""
    paths: list[str] = []
    seeds: list[str] = []
    digest_inputs: dict[str, bytearray] = {}

    def pairs() -> Iterator[tuple[str, str]]:
        for seed, raw in _read(source, folder_seeds):
            if seed is not None:
                digest_inputs.setdefault(seed.path, bytearray()).extend(seed_digest_input(raw))
            if isinstance(raw, RawDocument):
                paths.append(raw.path)
                seeds.append(raw.seed.path)
                yield source_of(raw), raw.text

    lines = line_keys_of(pairs())
    digests = {seed: digest(bytes(said_of_it)) for seed, said_of_it in digest_inputs.items()}
    return FirstPass(lines, tuple(paths), tuple(seeds), digests)


def clean_folder(
    source: Source, seeds: FoundSeeds, recurring: RecurringLines | None
) -> Iterator[CleanDocument | SeedProblem]:
    """Yield every document of `seeds`, cleaned, and every problem, in order."""
    problems: list[SeedProblem] = []
    for cleaned in clean_all(_readable(source, seeds, problems), recurring):
        yield from _drained(problems)
        yield apply_overrides(remove_title_lines(cleaned), source.overrides)
    yield from _drained(problems)


def ingest(
    source: Source, seeds: FoundSeeds, recurring: RecurringLines | None, processes: WorkerPool | None = None
) -> Iterator[Outcome]:
    """Run the second pass: yield documents ready for indexing, and every problem.

    Seeds are split into the same tasks with or without `processes`, so the results are the same. Raises
    ProcessLost.
    """
    paths: dict[str, str] = {}
    for outcome in _outcomes(source, _shares(seeds), recurring, processes):
        if isinstance(outcome, SeedProblem):
            yield outcome
            continue
        document = outcome.document
        earlier = paths.setdefault(document.id, document.path)
        if earlier != document.path:
            yield SeedProblem(document.path, f"same id as {earlier}; change one of them")
            continue
        yield from outcome.doubts
        yield outcome


def _shares(seeds: FoundSeeds) -> Iterator[list[Seed | SeedProblem]]:
    return batches(seeds, size=lambda seed: _LEAST + (seed.size if isinstance(seed, Seed) else 0), full=_SHARE)


def _outcomes(
    source: Source, shares: Iterable[FoundSeeds], recurring: RecurringLines | None, processes: WorkerPool | None
) -> Iterator[Outcome]:
    if processes is None:
        for share in shares:
            yield from _described(source, share, recurring)
        return
    with TemporaryDirectory(prefix="searchsvc-") as folder:
        file = Path(folder) / "recurring-lines"
        file.write_bytes((recurring or NO_RECURRING_LINES).to_bytes())
        for outcomes in processes.map_in_order(_ingest_share, (_IngestTask(source, share, file) for share in shares)):
            yield from outcomes


@dataclass(frozen=True, slots=True)
class _IngestTask:
    """Neighbouring seeds for a worker process, which reads the recurring lines from a file."""

    source: Source
    seeds: FoundSeeds
    recurring_file: Path


def _ingest_share(share: _IngestTask) -> list[Outcome]:
    return list(_described(share.source, share.seeds, _recurring_lines(share.recurring_file)))


@cache
def _recurring_lines(file: Path) -> RecurringLines:
    return RecurringLines.from_bytes(file.read_bytes())


def _described(source: Source, seeds: FoundSeeds, recurring: RecurringLines | None) -> Iterator[Outcome]:
    for cleaned in clean_folder(source, seeds, recurring):
        if isinstance(cleaned, SeedProblem):
            yield cleaned
            continue
        document = describe(cleaned, source.language)
        terms = analyzer(source.language).terms(document.body)
        raw = cleaned.raw
        yield IngestedDocument(
            document, raw.text, signature(terms), tuple(_doubts(cleaned, document)), raw.seed.path, raw.path
        )


def clean_file(file: Path, source: Source, recurring: RecurringLines | None) -> CleanDocument | SeedProblem:
    """Clean one file. A file in the seed folder has the source of its place there."""
    folder, path = source.folder.resolve(), file.resolve()
    if not path.is_relative_to(folder):
        folder = path.parent
    seed = Seed(path.relative_to(folder).as_posix(), 0, 0)
    return next(clean_folder(replace(source, folder=folder), [seed], recurring))


def clean_text(text: str, source: str, overrides: Overrides) -> CleanDocument:
    """Clean a text that is in no file; `source` is its publisher, or empty."""
    declared = DeclaredMetadata(source=source or None)
    raw = RawDocument(Seed("text.txt", 0, 0), printable(text), content_hash="", declared=declared)
    (cleaned,) = clean_all([raw])
    return apply_overrides(remove_title_lines(cleaned), overrides)


def _read(source: Source, seeds: FoundSeeds) -> Iterator[tuple[Seed | None, RawDocument | SeedProblem]]:
    """Yield every document and problem with its seed; None for problems of discovery."""
    for seed in seeds:
        if isinstance(seed, SeedProblem):
            yield None, seed
            continue
        for raw in read(source.folder, seed, source.max_bytes):
            yield seed, raw


def _readable(source: Source, seeds: FoundSeeds, problems: list[SeedProblem]) -> Iterator[RawDocument]:
    for _, raw in _read(source, seeds):
        if isinstance(raw, SeedProblem):
            problems.append(raw)
        else:
            yield raw


def _drained(problems: list[SeedProblem]) -> Iterator[SeedProblem]:
    yield from problems
    problems.clear()


def _doubts(cleaned: CleanDocument, document: Document) -> Iterable[SeedProblem]:
    if cleaned.raw.note:
        yield SeedProblem(document.path, cleaned.raw.note, indexed=True)
    if cleaned.only_clutter:
        yield SeedProblem(document.path, "looks like nothing but clutter; indexed whole", indexed=True)
