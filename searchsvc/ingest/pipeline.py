"""The whole way of a folder: find, read, clean, describe; one document or problem at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from searchsvc.ingest import seeds
from searchsvc.ingest.cleaning import clean
from searchsvc.ingest.metadata import describe
from searchsvc.models import CleanDocument, Document, RawDocument, Seed, SeedProblem


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: a document with the text it came from, a problem, or both."""

    document: Document | None = None
    original: str = ""
    problem: SeedProblem | None = None


def ingest(folder: Path, found: list[Seed | SeedProblem], max_bytes: int, language: str) -> Iterator[Outcome]:
    """Read, clean and describe what `seeds.find` found, in its order."""
    ids: dict[str, str] = {}
    for seed in found:
        raw = seeds.read(folder, seed, max_bytes) if isinstance(seed, Seed) else seed
        if isinstance(raw, SeedProblem):
            yield Outcome(problem=raw)
            continue
        outcome = _described(raw, language)
        assert outcome.document is not None
        earlier = ids.setdefault(outcome.document.id, outcome.document.path)
        if earlier != outcome.document.path:
            reason = f"its id is the same as that of {earlier}; rename one of them"
            yield Outcome(problem=SeedProblem(outcome.document.path, reason))
        else:
            yield outcome


def clean_file(file: Path, max_bytes: int) -> CleanDocument | SeedProblem:
    """One file outside of any folder, cleaned."""
    raw = seeds.read(file.parent, Seed(file.name, 0, 0), max_bytes)
    return raw if isinstance(raw, SeedProblem) else clean(raw)


def _described(raw: RawDocument, language: str) -> Outcome:
    cleaned = clean(raw)
    document = describe(cleaned, language)
    notes = [raw.note] if raw.note else []
    if cleaned.nothing_but_debris:
        notes.append("looks like nothing but debris; indexed whole")
    problem = SeedProblem(document.path, "; ".join(notes), indexed=True) if notes else None
    return Outcome(document, raw.text, problem)
