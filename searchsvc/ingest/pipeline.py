"""The whole way of a folder: find, read, learn what recurs, clean, describe."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from searchsvc.analysis import analyzer
from searchsvc.ingest.cleaning import NO_WISHES, Learnt, Wishes, as_wished, clean_all, learn, source_of
from searchsvc.ingest.duplicates import Signature, signature
from searchsvc.ingest.formats import read
from searchsvc.ingest.headlines import without_headline
from searchsvc.ingest.metadata import describe
from searchsvc.models import CleanDocument, Document, RawDocument, Seed, SeedProblem

Found = Sequence[Seed | SeedProblem]


@dataclass(frozen=True, slots=True)
class Source:
    """A folder of seeds and how they are to be read."""

    folder: Path
    max_bytes: int
    language: str
    wishes: Wishes = NO_WISHES


@dataclass(frozen=True, slots=True)
class Described:
    """A document ready to be indexed, with what it came from and the signature of its body."""

    document: Document
    original: str
    signature: Signature


Outcome = Described | SeedProblem


def learn_folder(source: Source, found: Found) -> Learnt:
    """The first pass: which lines recur in the folder. Reads every seed once."""
    return learn((source_of(raw), raw.text) for raw in _readable(source, found, []))


def clean_folder(source: Source, found: Found, learnt: Learnt | None) -> Iterator[CleanDocument | SeedProblem]:
    """Every seed of `found`, read and cleaned, and every problem; problems come when they are met."""
    problems: list[SeedProblem] = []
    for cleaned in clean_all(_readable(source, found, problems), learnt):
        yield from _taken(problems)
        yield as_wished(without_headline(cleaned), source.wishes)
    yield from _taken(problems)


def ingest(source: Source, found: Found, learnt: Learnt | None) -> Iterator[Outcome]:
    """The second pass: documents ready to be indexed, and every problem on the way."""
    paths: dict[str, str] = {}
    for cleaned in clean_folder(source, found, learnt):
        if isinstance(cleaned, SeedProblem):
            yield cleaned
            continue
        document = describe(cleaned, source.language)
        earlier = paths.setdefault(document.id, document.path)
        if earlier != document.path:
            yield SeedProblem(document.path, f"its id is the same as that of {earlier}; change one of them")
            continue
        yield from _doubts(cleaned, document)
        terms = analyzer(source.language).terms(document.body)
        yield Described(document, cleaned.raw.text, signature(terms))


def clean_file(file: Path, source: Source, learnt: Learnt | None) -> CleanDocument | SeedProblem:
    """One file, cleaned; one that lies in the seed folder belongs to its source there."""
    folder, path = source.folder.resolve(), file.resolve()
    if not path.is_relative_to(folder):
        folder = path.parent
    seed = Seed(path.relative_to(folder).as_posix(), 0, 0)
    return next(clean_folder(replace(source, folder=folder), [seed], learnt))


def _readable(source: Source, found: Found, problems: list[SeedProblem]) -> Iterator[RawDocument]:
    for seed in found:
        for raw in read(source.folder, seed, source.max_bytes) if isinstance(seed, Seed) else (seed,):
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
    if cleaned.nothing_but_debris:
        yield SeedProblem(document.path, "looks like nothing but debris; indexed whole", indexed=True)
