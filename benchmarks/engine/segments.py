"""Measures the engine's medians with one segment and with eight, with and without deleted documents.

    python -m benchmarks.engine.segments WORK --documents 100000

The same documents, of the corpus of benchmarks.engine.build, are indexed in one segment, and in eight by updates: nine
tenths in the first, the others of sizes that halve. `deleted`: eight segments of which one document in a hundred is
deleted. Each query is asked of all three in turn; `first` is the first time, when no term is cached.
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.engine.build import prepared, read
from benchmarks.engine.engines import Run, Searchsvc
from benchmarks.engine.queries import SHOWN, draw
from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.models.documents import Document

SEGMENTS = 8
_QUERIES, _REPEAT = 40, 7


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("work", type=Path)
    options.add_argument("--documents", type=int, default=100_000)
    chosen = options.parse_args()
    documents = list(islice(read(prepared(chosen.work, chosen.documents)), chosen.documents))
    tail = len(documents) // 10
    ends = [len(documents) - (tail >> step) for step in range(SEGMENTS - 1)]
    bounds = {"one": [len(documents)], "eight": [*ends, len(documents)], "deleted": [*ends, len(documents)]}
    peers = {}
    for name, ends in bounds.items():
        peers[name] = Searchsvc()
        peers[name].open(_built(chosen.work / f"{name}-{len(documents)}", documents, ends, name == "deleted"))
        print(f"{name}: {len(peers[name].reader.parts)} segments, {peers[name].reader.doc_count:,} documents")
    queries = [query for query in draw(documents, _QUERIES) if query.how not in SHOWN]
    times: dict[tuple[str, str], list[list[float]]] = defaultdict(list)
    for query in queries:
        for name, peer in peers.items():
            run = peer.prepare(query)
            times[query.kind, name].append([_seconds(run) for _ in range(_REPEAT)])
    print(f"{'median, us':24}" + "".join(f"{name:>10}{'ratio':>7}{'first':>9}" for name in peers))
    for kind in dict.fromkeys(query.kind for query in queries):
        row, base = f"{kind:24}", 0.0
        for name in peers:
            table = np.array(times[kind, name]) * 1e6
            median = float(np.median(np.median(table[:, 1:], axis=1)))
            base = base or median
            row += f"{median:10.0f}{median / base:7.2f}{np.median(table[:, 0]):9.0f}"
        print(row)


def _built(folder: Path, documents: Sequence[Document], ends: Sequence[int], deletes: bool) -> Path:
    """Return the current generation of an index of `documents`, a segment up to each of `ends`."""
    engine = EmbeddedEngine(folder, "en")
    if not folder.exists():
        start = 0
        for end in ends:
            with engine.next_generation() if start else engine.new_generation() as generation:
                generation.delete(
                    np.arange(start) % 100 == 50 if deletes and end == ends[-1] else np.zeros(start, bool)
                )
                for document in documents[start:end]:
                    generation.add(document, "")
            start = end
            engine.prune(1)
    return engine.snapshot().folder


def _seconds(run: Run) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
