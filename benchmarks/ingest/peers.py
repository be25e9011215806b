"""Documents a CPU second of a rebuild, of stock Whoosh and of trafilatura on the same articles, in one run.

    python -m benchmarks.ingest.peers FOLDER --rounds 3

`FOLDER` has articles as text files. `searchsvc rebuild` reads, cleans, describes, compares and indexes them, with one
process for the work. Stock Whoosh only indexes their text as it is (stemmed, positions, text stored). trafilatura only
extracts the text of each, from HTML with a paragraph for each line. CPU includes that of all processes.
"""

import argparse
import html
import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import trafilatura
from whoosh.analysis import StemmingAnalyzer
from whoosh.fields import ID, TEXT, Schema
from whoosh.index import create_in

from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.service import SearchService
from searchsvc.settings import Settings


def rebuild(folder: Path, index: Path) -> None:
    """Build an index of the folder as the command does."""
    settings = Settings(seeds=folder, index=index, jobs=1)
    SearchService(EmbeddedEngine(index, "en", jobs=1), settings).rebuild(lambda _: None)


def index_with_whoosh(texts: Sequence[str], index: Path) -> None:
    """Index the texts with stock Whoosh."""
    index.mkdir()
    schema = Schema(id=ID(stored=True), body=TEXT(analyzer=StemmingAnalyzer(), stored=True))
    writer = create_in(index, schema).writer(limitmb=512)
    for number, text in enumerate(texts):
        writer.add_document(id=str(number), body=text)
    writer.commit()


def extract_with_trafilatura(texts: Sequence[str]) -> None:
    """Extract the main text of a page for each text."""
    for text in texts:
        paragraphs = "".join(f"<p>{html.escape(line)}</p>" for line in text.split("\n") if line.strip())
        trafilatura.extract(f"<html><body><article>{paragraphs}</article></body></html>")


def cpu_seconds(run: Callable[[], object]) -> float:
    """User and system time of a run, with that of its processes."""

    def used() -> float:
        own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
        return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime

    before = used()
    run()
    return used() - before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    texts = [file.read_text("utf-8", "replace") for file in sorted(options.folder.rglob("*.txt"))]
    rates: dict[str, list[float]] = {}
    for number in range(options.rounds):
        with TemporaryDirectory() as work:
            runs: dict[str, Callable[[], object]] = {
                "searchsvc, whole rebuild": lambda work=work: rebuild(options.folder, Path(work) / "index"),  # type: ignore[misc]
                "stock Whoosh, indexing only": lambda work=work: index_with_whoosh(texts, Path(work) / "whoosh"),  # type: ignore[misc]
                "trafilatura, extraction only": lambda: extract_with_trafilatura(texts),
            }
            for name, run in runs.items():
                rates.setdefault(name, []).append(len(texts) / cpu_seconds(run))
        print(f"round {number + 1} at {time.strftime('%H:%M')}", flush=True)
    for name, values in rates.items():
        ratio = median(ours / theirs for ours, theirs in zip(next(iter(rates.values())), values, strict=True))
        print(f"{name}: {median(values):,.0f} documents a CPU second; a rebuild has {ratio:.1f} times the rate")


if __name__ == "__main__":
    main()
