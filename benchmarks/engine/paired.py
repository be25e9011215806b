"""Two engines asked in turn, query by query, in one process: for a machine with other work on it.

    python -m benchmarks.engine.run --engines searchsvc,tantivy
    python -m benchmarks.engine.paired searchsvc tantivy

Whatever slows one engine down slows the other, so that the ratio holds. The engines must have been
built by `run`. Times are milliseconds, the fastest of `--repeat` runs of a query: median (99th percentile).
"""

import argparse
import pickle
import time
from collections import defaultdict
from importlib import import_module
from pathlib import Path

import numpy as np

from benchmarks.engine.engines import Peer, Run
from benchmarks.engine.queries import SHOWN
from benchmarks.engine.run import ENGINES


def opened(name: str, work: Path) -> Peer:
    module, kind = ENGINES[name]
    peer: Peer = getattr(import_module(f"benchmarks.engine.{module}"), kind)()
    peer.open(work / name)
    return peer


def in_turn(runs: list[Run], repeat: int) -> list[float]:
    """Milliseconds of each, after one run of each that does not count."""
    taken: list[list[float]] = [[] for _ in runs]
    for run in runs:
        run()
    for _ in range(repeat):
        for run, times in zip(runs, taken, strict=True):
            start = time.perf_counter()
            run()
            times.append((time.perf_counter() - start) * 1e3)
    return [min(times) for times in taken]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("engines", nargs=2, choices=ENGINES)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=9)
    parser.add_argument("--work", type=Path, default=Path("build/benchmarks/engine"))
    options = parser.parse_args()
    work = options.work / str(options.documents)
    peers = [opened(name, work) for name in options.engines]
    by_kind = defaultdict(list)
    showing = {ENGINES[name][0] == "showing" for name in options.engines}
    if len(showing) > 1:
        parser.error("one of them shows hits and the other does not")
    for asked in pickle.loads((work / "queries.pkl").read_bytes()):
        if {asked.how in SHOWN} != showing:
            continue
        runs = [run for peer in peers if (run := peer.prepare(asked)) is not None]
        if len(runs) == len(peers):
            by_kind[asked.kind].append(in_turn(runs, options.repeat))
    print(f"| | {' | '.join(options.engines)} | ratio |\n|---|---|---|---|")
    for kind, times in by_kind.items():
        medians, highest = np.median(times, axis=0), np.percentile(times, 99, axis=0)
        cells = [f"{median:.3f} ({high:.2f})" for median, high in zip(medians, highest, strict=True)]
        print(f"| {kind} | {' | '.join(cells)} | {medians[0] / medians[1]:.2f} |")


if __name__ == "__main__":
    main()
