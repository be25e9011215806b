"""Compares engines on one generated corpus.

    python -m benchmarks.engine.run --documents 100000
    python -m benchmarks.engine.run --documents 20000 --engines searchsvc,whoosh --fresh

Each engine builds (unless it has) and searches in a process of its own, one after the other, on
one thread. Prints a table of medians, 99th percentiles and ratios to the best, and draws the ratios.
"""

import argparse
import json
import os
import pickle
import resource
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.engine.corpus import generate
from benchmarks.engine.engines import Peer
from benchmarks.engine.plot import draw_ratios
from benchmarks.engine.queries import SHOWN, BenchQuery, draw
from searchsvc.models.documents import Document

ENGINES = {  # the module is imported only in the process that measures the engine
    "searchsvc": ("engines", "Searchsvc"),
    "tantivy": ("peers", "Tantivy"),
    "searchsvc-showing": ("showing", "Searchsvc"),
    "tantivy-showing": ("showing", "Tantivy"),
    "fts5": ("engines", "Fts5"),
    "bm25s": ("peers", "Bm25s"),
    "xapian": ("peers", "Xapian"),
    "whoosh": ("engines", "StockWhoosh"),
}
BUILT = "built.json"


def measure(name: str, work: Path, repeat: int) -> dict[str, Any]:
    """Build with one engine, unless it has, and search."""
    module, kind = ENGINES[name]
    peer: Peer = getattr(import_module(f"benchmarks.engine.{module}"), kind)()
    folder = work / name
    if not (folder / BUILT).exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        figures = built(peer, folder, pickle.loads((work / "documents.pkl").read_bytes()))
        (folder / BUILT).write_text(json.dumps(figures))
    figures = json.loads((folder / BUILT).read_text())
    start = time.perf_counter()
    peer.open(folder)
    figures["open ms"] = (time.perf_counter() - start) * 1e3
    every = pickle.loads((work / "queries.pkl").read_bytes())
    asked = [each for each in every if (each.how in SHOWN) == (module == "showing")]
    return {"build": figures, "search": timed(peer, asked[: len(asked) // 8] if name == "whoosh" else asked, repeat)}


def built(peer: Peer, folder: Path, documents: Sequence[Document]) -> dict[str, float]:
    """What building cost; `peak MB above start` tells of the whole process, mapped files included."""
    characters = sum(len(each.title) + len(each.body) for each in documents)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    cpu, wall = time.process_time(), time.perf_counter()
    peer.build(folder, documents)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return {
        "documents/s": len(documents) / cpu,
        "MB/s": characters / cpu / 1e6,
        "wall s": wall,
        "index/text": size / characters,
        "peak MB above start": (peak - before) / 1024,
    }


def timed(peer: Peer, asked: Sequence[BenchQuery], repeat: int) -> dict[str, list[float]]:
    """Milliseconds (median, 99th percentile) and mean total by kind; the fastest of `repeat` runs
    counts, and one before them does not."""
    times, totals = defaultdict(list), defaultdict(list)
    for each in asked:
        run = peer.prepare(each)
        if run is None:
            continue
        totals[each.kind].append(run())
        taken = []
        for _ in range(repeat):
            start = time.perf_counter()
            run()
            taken.append(time.perf_counter() - start)
        times[each.kind].append(min(taken) * 1e3)
    return {
        kind: [float(np.median(each)), float(np.percentile(each, 99)), float(np.mean(totals[kind]))]
        for kind, each in times.items()
    }


def prepared(work: Path, documents: int, queries: int) -> None:
    """The corpus and the queries, made once."""
    work.mkdir(parents=True, exist_ok=True)
    corpus, asked = work / "documents.pkl", work / "queries.pkl"
    if not corpus.exists():
        corpus.write_bytes(pickle.dumps(list(generate(documents))))
    if not asked.exists():
        asked.write_bytes(pickle.dumps(draw(pickle.loads(corpus.read_bytes()), queries)))


def apart(name: str, options: argparse.Namespace) -> dict[str, Any] | None:
    """`measure` in a process of its own; None if that fails."""
    command = [sys.executable, "-m", "benchmarks.engine.run", "--one", name]
    command += ["--documents", str(options.documents), "--work", str(options.work), "--repeat", str(options.repeat)]
    one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False, text=True, env=os.environ | one_thread)
    if done.returncode != 0:
        print(f"{name} did not run", file=sys.stderr)
        return None
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def table(results: dict[str, Any]) -> str:
    lines = [["", *results], ["---"] * (len(results) + 1)]
    for figure in next(iter(results.values()))["build"]:
        lines.append([figure, *(f"{each['build'][figure]:,.1f}" for each in results.values())])
    for kind in dict.fromkeys(kind for each in results.values() for kind in each["search"]):
        cells = [each["search"].get(kind) for each in results.values()]
        best = min(cell[0] for cell in cells if cell)
        shown = [f"{cell[0]:.3f} ({cell[1]:.2f}) {cell[0] / best:.1f}x" if cell else "" for cell in cells]
        lines.append([kind, *shown])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=60, help="of each kind")
    parser.add_argument("--repeat", type=int, default=2)
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--work", type=Path, default=Path("build/benchmarks/engine"))
    parser.add_argument("--fresh", action="store_true", help="build anew")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    work = options.work / str(options.documents)
    if options.one:
        print(json.dumps(measure(options.one, work, options.repeat)))
        return
    prepared(work, options.documents, options.queries)
    results = {}
    for name in options.engines.split(","):
        if options.fresh:
            shutil.rmtree(work / name, ignore_errors=True)
        if figures := apart(name, options):
            results[name] = figures
    print(table(results))
    (work / "results.json").write_text(json.dumps(results, indent=1))
    medians = {name: {kind: each[0] for kind, each in found["search"].items()} for name, found in results.items()}
    draw_ratios(medians, work / "ratios.svg")
    print(f"\nRatios to the fastest are drawn in {work / 'ratios.svg'}")


if __name__ == "__main__":
    main()
