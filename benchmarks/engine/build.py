"""Measures building a whole generation: documents described already, through analysis to published.

    python -m benchmarks.engine.build --documents 100000
    python -m benchmarks.engine.build --documents 1000000 --jobs 1

One process builds after the other. At most 100,000 documents are generated; a larger number is
made of those again and again under other ids. Memory is read from /proc, ten times a second, of
the builder and the processes it starts: `anonymous` is its own, `mapped` is the pages of files
that the system may take back at any time.
"""

import argparse
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import count, islice
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from benchmarks.engine.corpus import generate
from benchmarks.engine.engines import Searchsvc
from benchmarks.engine.queries import draw
from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.models.documents import Document

GENERATED = 100_000
SEARCHED = ("postings.1.arrays", "impacts.1.arrays", "forward_index.1.arrays")
_QUERIES = 40


def prepared(work: Path, documents: int) -> Path:
    """The file of generated documents, each behind its length in four bytes; made once."""
    file = work / f"documents-{min(documents, GENERATED)}.msgpack"
    if not file.exists():
        work.mkdir(parents=True, exist_ok=True)
        aside = file.with_suffix(".new")
        with aside.open("wb") as out:
            for document in generate(min(documents, GENERATED)):
                encoded = msgspec.msgpack.encode(document)
                out.write(len(encoded).to_bytes(4, "little") + encoded)
        aside.rename(file)
    return file


def read(file: Path) -> Iterator[Document]:
    """The documents in `file`, again and again, each with an id of its own."""
    number = count()
    while True:
        with file.open("rb") as stored:
            while size := stored.read(4):
                document = msgspec.msgpack.decode(stored.read(int.from_bytes(size, "little")), type=Document)
                yield replace(document, id=f"{next(number):016x}")


def measure(file: Path, documents: int, jobs: int, index: Path) -> dict[str, float]:
    """Build in this process and with `jobs`; with one, time searching, too."""
    engine = EmbeddedEngine(index, "en", jobs=jobs)
    characters = 0
    reading = 0.0  # CPU seconds, which are none of the builder's
    cpu, wall = time.process_time(), time.perf_counter()
    with engine.new_generation() as generation:
        coming = iter(islice(read(file), documents))
        while True:
            before = time.process_time()
            share = list(islice(coming, 1_000))
            reading += time.process_time() - before
            if not share:
                break
            for document in share:
                characters += len(document.title) + len(document.body)
                generation.add(document, document.body)
    cpu, wall = time.process_time() - cpu - reading, time.perf_counter() - wall
    (folder,) = (index / info.name for info in engine.generations())
    sizes = {path.name: path.stat().st_size / characters for path in folder.iterdir()}
    originals = sum(size for name, size in sizes.items() if name.startswith("originals"))
    figures = {
        "wall s": wall,
        "searched / text": sum(sizes[name] for name in SEARCHED),
        "all but originals / text": sum(sizes.values()) - originals,
        "originals / text": originals,
    }
    if jobs == 1:  # of several, the work of the others is not in this process's time
        figures |= {"documents / CPU s": documents / cpu, "MB / CPU s": characters / cpu / 1e6}
        figures |= searched(folder, list(islice(read(file), 20_000)))
    return figures


def searched(folder: Path, sample: list[Document]) -> dict[str, float]:
    peer = Searchsvc()
    start = time.perf_counter()
    peer.open(folder)
    figures = {"opening ms": (time.perf_counter() - start) * 1e3}
    taken = []
    for asked in draw(sample, _QUERIES):
        if asked.kind == "OR of 5, common":
            run = peer.prepare(asked)
            run()
            start = time.process_time()
            run()
            taken.append((time.process_time() - start) * 1e3)
    return figures | {"OR of 5, common, CPU ms": float(np.median(taken))}


def apart(options: argparse.Namespace, file: Path, jobs: int) -> dict[str, float]:
    """`measure` in a process of its own, watched from here."""
    index = options.work / f"generation-{options.documents}-{jobs}"
    shutil.rmtree(index, ignore_errors=True)
    command = [sys.executable, "-m", "benchmarks.engine.build", "--one", str(jobs), "--index", str(index)]
    command += ["--documents", str(options.documents), "--work", str(options.work)]
    peaks = np.zeros(2)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        while process.poll() is None:
            peaks = np.maximum(peaks, _memory(process.pid))
            time.sleep(0.1)
        assert process.stdout is not None
        figures: dict[str, Any] = json.loads(process.stdout.read())
    return figures | {"peak MB anonymous": peaks[0], "peak MB with mapped": peaks[1]}


def _memory(session: int) -> tuple[float, float]:
    """Megabytes of all processes of a session: anonymous, and with mapped files."""
    anonymous = whole = 0.0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            if int(status.with_name("stat").read_text().rpartition(")")[2].split()[3]) != session:
                continue
            found = dict(line.split(":", 1) for line in status.read_text().splitlines() if line.startswith("Rss"))
        except OSError:
            continue  # it has ended
        held = {name: int(value.split()[0]) / 1024 for name, value in found.items()}
        anonymous += held.get("RssAnon", 0)
        whole += sum(held.values())
    return anonymous, whole


def gained(processes: int) -> float:
    """How many times the work of one process several that share nothing do here: the most that `jobs` can gain."""
    alone, together = _sorted_by(1), _sorted_by(processes)
    return processes * alone / together


def _sorted_by(processes: int) -> float:
    """Seconds in which each of so many processes sorts and counts."""
    work = "import numpy; [numpy.arange(3_000_000)[::-1].copy().sort() for _ in range(20)]; sum(range(30_000_000))"
    start = time.perf_counter()
    running = [subprocess.Popen([sys.executable, "-c", work]) for _ in range(processes)]
    if any(process.wait() for process in running):
        raise RuntimeError("the work to compare with failed")
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--jobs", default="1,2")
    parser.add_argument("--work", type=Path, default=Path("build/benchmarks/building"))
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--index", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    file = prepared(options.work, options.documents)
    if options.one:
        print(json.dumps(measure(file, options.documents, options.one, options.index)))
        return
    results = {jobs: apart(options, file, jobs) for jobs in map(int, options.jobs.split(","))}
    print("|", *(f"| jobs {jobs} " for jobs in results), "|", sep="")
    print("|---" * (len(results) + 1), "|", sep="")
    for name in dict.fromkeys(name for figures in results.values() for name in figures):
        cells = [f"{figures[name]:,.2f}" if name in figures else "" for figures in results.values()]
        print("|", " | ".join([name, *cells]), "|")
    if (most := max(results)) > 1:
        print(f"{most} processes that share nothing do {gained(most):.2f} times the work of one here")


if __name__ == "__main__":
    main()
