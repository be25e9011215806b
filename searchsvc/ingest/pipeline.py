"""Pipeline from seeds to ingested documents: first pass, cleaning, metadata, signatures."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from searchsvc.deferred import deferred
from searchsvc.ingest.boilerplate import Overrides, RecurringLines, apply_overrides, line_keys_of
from searchsvc.ingest.boilerplate.batching import CHARACTERS, batches
from searchsvc.ingest.document_paths import DocumentPaths
from searchsvc.ingest.ids import collision
from searchsvc.ingest.incremental.first_pass import NO_FIRST_PASS, FirstPass, SeedDigest
from searchsvc.ingest.incremental.read_seed import PackedSeeds, ReadSeed, SeedPacker
from searchsvc.ingest.ingested_document import IngestedDocument
from searchsvc.ingest.metadata.line_view import LineView
from searchsvc.ingest.seed_guard import load_readers, lost_seed, run_guarded, start_guard
from searchsvc.ingest.signatures import count_and_sign_all
from searchsvc.ingest.site_names import SiteFacts, SiteNames
from searchsvc.ingest.source import FoundSeeds, Source
from searchsvc.limited_workers import LimitedWorkers, LostItem
from searchsvc.models.clean_document import CleanDocument
from searchsvc.models.documents import RawDocument, Seed, SeedProblem

if TYPE_CHECKING:
    from searchsvc.ingest import suspicion, title_removal
    from searchsvc.ingest.boilerplate import apply
    from searchsvc.ingest.metadata import extract
    from searchsvc.ingest.readers import reader
else:  # the builder itself needs them for a few small seeds only
    apply, extract, reader, suspicion, title_removal = map(
        deferred,
        (
            "searchsvc.ingest.boilerplate.apply",
            "searchsvc.ingest.metadata.extract",
            "searchsvc.ingest.readers.reader",
            "searchsvc.ingest.suspicion",
            "searchsvc.ingest.title_removal",
        ),
    )

Outcome = IngestedDocument | SeedProblem
CleanBatch = tuple[Sequence[SeedProblem], Sequence[tuple[CleanDocument, LineView]]]


def read_first_pass(
    source: Source,
    folder_seeds: FoundSeeds,
    workers: LimitedWorkers | None = None,
    on_read: Callable[[int], None] = lambda files: None,
) -> FirstPass:
    """Read every seed once, and return the line keys of the folder and a digest of each seed. Raises ProcessLost.

    `on_read` is called with each further number of files that have been read.
    """
    seeds = [seed for seed in folder_seeds if isinstance(seed, Seed)]
    parts: list[FirstPass] = []
    packed_seeds = PackedSeeds()
    for part in run_guarded(_FirstPassWork(source), seeds, workers):
        if isinstance(part, LostItem):
            parts = [each for each in parts if part.item.path not in each.seeds]
            part = _first_pass_of_lost(part)
        packed_seeds.add(part.packed)
        parts.append(replace(part, packed={}))
        on_read(len(part.digests))
    return replace(FirstPass.joined(parts), packed=packed_seeds.documents)


def _first_pass_of_lost(lost: LostItem[Seed]) -> FirstPass:
    path = lost.item.path
    digest = SeedDigest()
    digest.add(lost_seed(lost))
    return replace(NO_FIRST_PASS, digests={path: digest.hexdigest()}, lost={path: lost.reason})


@dataclass(frozen=True, slots=True)
class _FirstPassWork:
    """First pass over some seeds, in parts of bounded size."""

    source: Source

    def prepare(self, items: Sequence[Seed]) -> None:
        load_readers(items)

    def __call__(self, items: Sequence[Seed]) -> Iterator[FirstPass]:
        documents: list[RawDocument] = []
        digests: dict[str, str] = {}
        packed: dict[str, bytes] = {}
        characters = 0
        for seed in items:
            digest, packer = SeedDigest(), SeedPacker()
            parts = set[str]()  # a second document of a part has the same id, and is not indexed
            for raw in _read(self.source, seed):
                digest.add(raw)
                packer.add(raw)
                if isinstance(raw, RawDocument) and raw.part not in parts:
                    parts.add(raw.part)
                    documents.append(raw)
                    characters += len(raw.text)
                if characters >= CHARACTERS:
                    yield _first_pass(documents, digests, packed)
                    documents, digests, packed, characters = [], {}, {}, 0
            digests[seed.path] = digest.hexdigest()
            if (of_seed := packer.packed()) is not None:
                packed[seed.path] = of_seed
        yield _first_pass(documents, digests, packed)


def _first_pass(documents: Sequence[RawDocument], digests: Mapping[str, str], packed: Mapping[str, bytes]) -> FirstPass:
    source_of = apply.source_of
    lines = line_keys_of((source_of(raw), raw.text) for raw in documents)
    paths, seeds = tuple(raw.path for raw in documents), tuple(raw.seed.path for raw in documents)
    return FirstPass(lines, SiteFacts.of_documents(documents), paths, seeds, digests, packed=packed)


def clean_folder(
    source: Source, seeds: FoundSeeds, recurring: RecurringLines | None, sites: SiteNames | None = None
) -> Iterator[CleanDocument | SeedProblem]:
    """Yield every document of `seeds`, cleaned, and every problem, in order. Raises ProcessLost."""
    for cleaned in run_guarded(_CleaningWork(source, recurring, sites), seeds, None):
        yield lost_seed(cleaned) if isinstance(cleaned, LostItem) else cleaned


@dataclass(frozen=True, slots=True)
class _CleaningWork:
    """Cleaning of the documents of some seeds."""

    source: Source
    recurring: RecurringLines | None
    sites: SiteNames | None = None

    def prepare(self, items: FoundSeeds) -> None:
        load_readers(items)
        _load_models(self.source.language)

    def __call__(self, items: FoundSeeds) -> Iterator[CleanDocument | SeedProblem]:
        for problems, documents in self.in_batches(items):
            yield from problems
            yield from (cleaned for cleaned, _ in documents)

    def in_batches(self, items: FoundSeeds) -> Iterator[CleanBatch]:
        """Yield batches of documents, each document with a view of its lines, and the problems before each batch."""
        problems: list[SeedProblem] = []
        readable = _readable(self.source, items, problems)
        cleaned = apply.clean_all(map(self.sites.cut, readable) if self.sites else readable, self.recurring)
        for group in batches(cleaned, size=lambda each: len(each.raw.text)):
            yield (
                _drained(problems),
                [
                    (apply_overrides(titled, self.source.overrides), view)
                    for titled, view in title_removal.remove_all_title_lines(group)
                ],
            )
        yield _drained(problems), []


def ingest(
    source: Source,
    seeds: FoundSeeds,
    recurring: RecurringLines | None,
    workers: LimitedWorkers | None = None,
    sites: SiteNames | None = None,
) -> Iterator[Outcome]:
    """Run the second pass: yield documents ready for indexing, and every problem.

    `recurring`, `sites`: learned from the whole folder. Seeds are split into the same tasks for any number of workers,
    so the results are the same. Raises ProcessLost.
    """
    paths = DocumentPaths()
    for outcome in run_guarded(_IngestWork(_CleaningWork(source, recurring, sites)), seeds, workers):
        if isinstance(outcome, LostItem):
            yield lost_seed(outcome)
            continue
        if isinstance(outcome, SeedProblem):
            yield outcome
            continue
        earlier = paths.add(outcome.document.id, outcome.document.path, outcome.seed)
        if earlier not in (None, (outcome.document.path, outcome.seed)):
            yield _same_id(outcome, *earlier)
            continue
        yield from outcome.doubts
        yield outcome


def _same_id(document: IngestedDocument, earlier: str, earlier_seed: str) -> SeedProblem:
    path = document.document.path
    if document.seed != earlier_seed:
        return collision(path, earlier)
    return SeedProblem(path, f"same id as {earlier}; change one of them")


@dataclass(frozen=True, slots=True)
class _IngestWork:
    """Cleaning, metadata and signatures of the documents of some seeds."""

    cleaning: _CleaningWork

    def prepare(self, items: FoundSeeds) -> None:
        self.cleaning.prepare(items)

    def __call__(self, items: FoundSeeds) -> Iterator[Outcome]:
        for problems, documents in self.cleaning.in_batches(items):
            yield from problems
            yield from _ingested(documents, self.cleaning.source.language, self.cleaning.sites)


def start_workers(source: Source, seeds: FoundSeeds, workers: LimitedWorkers) -> None:
    """Start the worker processes for both passes, if the seeds need them."""
    start_guard(_IngestWork(_CleaningWork(source, None)), seeds, workers)


@cache
def _load_models(language: str) -> None:
    """Load all that cleaning and metadata load when they are first used."""
    raw = RawDocument(Seed("text.txt", 0, 0), "A title\n\nA sentence of an article.\n", content_hash="")
    list(_ingested(list(title_removal.remove_all_title_lines(list(apply.clean_all([raw])))), language, None))


def _ingested(
    documents: Sequence[tuple[CleanDocument, LineView]], language: str, sites: SiteNames | None
) -> Iterator[IngestedDocument]:
    bodies = [cleaned.body for cleaned, _ in documents]
    describe, suspicion_of = extract.describe, suspicion.suspicion  # a deferred module is looked up for each name
    for (cleaned, view), signed in zip(documents, count_and_sign_all(bodies, language), strict=True):
        raw = cleaned.raw
        document = describe(cleaned, language, signed.words, view)
        reason = suspicion_of(cleaned, document.title, document.words)
        doubts = tuple(_doubts(cleaned, document.path, reason))
        yield IngestedDocument(
            sites.completed(document, raw) if sites else document,
            raw.text,
            signed.signature,
            signed.runs,
            doubts,
            raw.seed.path,
            raw.path,
        )


def clean_file(
    file: Path, source: Source, recurring: RecurringLines | None, sites: SiteNames | None = None
) -> CleanDocument | SeedProblem:
    """Clean one file. A file in the seed folder has the source of its place there."""
    folder, path = source.folder.resolve(), file.resolve()
    if not path.is_relative_to(folder):
        folder = path.parent
    seed = Seed(path.relative_to(folder).as_posix(), path.stat().st_size if path.exists() else 0, 0)
    return next(clean_folder(replace(source, folder=folder), [seed], recurring, sites))


def clean_text(text: str, source: str, overrides: Overrides) -> CleanDocument:
    """Clean a text that is in no file, as a `.txt` file is; `source` is its publisher, or empty."""
    (cleaned,) = apply.clean_all([reader.read_loose(text, source or None)])
    return apply_overrides(title_removal.remove_title_lines(cleaned), overrides)


def _readable(source: Source, seeds: FoundSeeds, problems: list[SeedProblem]) -> Iterator[RawDocument]:
    for seed in seeds:
        for raw in [seed] if isinstance(seed, SeedProblem) else _documents(source, seed):
            if isinstance(raw, SeedProblem):
                problems.append(raw)
            else:
                yield raw


def _documents(source: Source, seed: Seed) -> Iterator[RawDocument | SeedProblem]:
    return seed.unpacked() if isinstance(seed, ReadSeed) else _read(source, seed)


def _read(source: Source, seed: Seed) -> Iterator[RawDocument | SeedProblem]:
    return reader.read(source.folder, seed, source.max_bytes, source.names, source.max_text_bytes)


def _drained(problems: list[SeedProblem]) -> list[SeedProblem]:
    """Return the problems, and empty the list."""
    drained = problems.copy()
    problems.clear()
    return drained


def _doubts(cleaned: CleanDocument, path: str, reason: str | None) -> Iterable[SeedProblem]:
    if cleaned.raw.note:
        yield SeedProblem(path, cleaned.raw.note, indexed=True)
    if reason:
        yield SeedProblem(path, f"{reason}; indexed whole" if cleaned.only_clutter else reason, indexed=True)
