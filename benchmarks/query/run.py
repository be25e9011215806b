"""Measures the query language: no string is an error, none takes long, alone or over an index.

python -m benchmarks.query.run [--strings 1000000] [--documents 50000] [--hostile FOLDER]

With --hostile, a folder with queries.txt (id, kind and a string in Python's unicode_escape, parted
by tabs), those strings are searched for as well.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path

from benchmarks.engine.corpus import generate
from benchmarks.query.alphabets import LONGEST, repeated, strings
from searchsvc.analysis import analyzer
from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.models.search_request import SearchRequest
from searchsvc.query import parse_query
from searchsvc.query.parser import parse
from searchsvc.service import SearchService
from searchsvc.settings import Settings

ENGLISH, TODAY = analyzer("en"), date(2024, 3, 10)
SPELLED = "abcde fghij world state people nation school number office family minister country"


def milliseconds(run: Callable[[], object], times: int = 9) -> float:
    """The median CPU time of a run."""
    taken = []
    for _ in range(times):
        started = time.process_time()
        run()
        taken.append((time.process_time() - started) * 1000)
    return statistics.median(taken)


def generated(count: int) -> None:
    """Understand `count` random strings; any exception ends the run."""
    longest, started = 0.0, time.process_time()
    for text in strings(count):
        before = time.process_time()
        parse_query(text, ENGLISH, TODAY)
        longest = max(longest, time.process_time() - before)
    seconds = time.process_time() - started
    print(f"{count:,} strings, no exception: {seconds / count * 1e6:.0f} µs each, {longest * 1000:.1f} ms at most")


def alphabets() -> None:
    """The longest query of each alphabet, parsed, and understood (analysed, made a tree)."""
    times = [
        (milliseconds(partial(parse, text)), milliseconds(partial(parse_query, text, ENGLISH, TODAY)), text[:12])
        for text in repeated()
    ]
    parsed, understood = max(times), max(times, key=lambda each: each[1])
    print(f"{len(times)} alphabets at {LONGEST:,} characters: parsed in {parsed[0]:.2f} ms at most ({parsed[2]!r}), "
          f"understood in {understood[1]:.2f} ms ({understood[2]!r})")  # fmt: skip


def hostile(folder: Path | None) -> Iterator[str]:
    """Queries that may be slow to answer."""
    yield from repeated()
    yield " ".join(f"{word}~2" for word in SPELLED.split())
    yield " ".join(f"{a}{b}*" for a in "bcdfghkl" for b in ("ra", "en", "on"))
    yield "the of and to in a is that for it as was with be by on not he i this are or his from at which"
    yield '"the of" "of the" "in the" "to the" "and the" "on the" "for the" "to be" "of a" "in a"'
    for line in (folder / "queries.txt").read_text("utf-8").splitlines() if folder else ():
        if not line.startswith("#"):
            yield line.split("\t")[2].encode("ascii").decode("unicode_escape")


def answered(documents: int, folder: Path | None) -> None:
    """Search for every hostile query, by every strategy, over a made-up corpus."""
    with tempfile.TemporaryDirectory() as index:
        engine = EmbeddedEngine(Path(index), "en")
        with engine.new_generation() as generation:
            for document in generate(documents):
                generation.add(document, "")
        service = SearchService(engine, Settings(index=Path(index)))
        times = []
        for text in hostile(folder):
            for strategy in ("auto", "any", "all"):
                request = SearchRequest(text, strategy=strategy)
                times.append((milliseconds(partial(service.search, request), times=3), strategy, text[:40]))
    slowest = sorted(times, reverse=True)
    median = statistics.median(each[0] for each in times)
    print(f"{len(times)} searches over {documents:,} documents: median {median:.1f} ms")
    for taken, strategy, text in slowest[:8]:
        print(f"  {taken:6.1f} ms  {strategy:<4} {text!r}")


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--strings", type=int, default=1_000_000)
    parser.add_argument("--documents", type=int, default=50_000)
    parser.add_argument("--hostile", type=Path)
    asked = parser.parse_args()
    alphabets()
    generated(asked.strings)
    answered(asked.documents, asked.hostile)


if __name__ == "__main__":
    main()
