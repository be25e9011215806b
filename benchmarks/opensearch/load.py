"""How fast a cluster is loaded, and with how much: documents a second, CPU on both sides, memory, bytes a document.

    python -m benchmarks.opensearch.load URL... --documents 100000

The documents are made up before, by another process, into a file that is read while they are loaded.
"""

import argparse
import json
import resource
import time
import urllib.request
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from benchmarks.engine.corpus import generate
from searchsvc.engine.opensearch import ClusterAccess, ClusterLayout, OpenSearchEngine
from searchsvc.engine.query import EngineQuery
from searchsvc.models.documents import Document


def write(path: Path, count: int) -> None:
    """Made-up documents, each after its length."""
    with path.open("wb") as file:
        for document in generate(count):
            data = msgspec.msgpack.encode(document)
            file.write(len(data).to_bytes(4) + data)


def read(path: Path) -> Iterator[Document]:
    decode = msgspec.msgpack.Decoder(Document).decode
    with path.open("rb") as file:
        while size := file.read(4):
            yield decode(file.read(int.from_bytes(size)))


def cluster_cpu(url: str) -> float:
    """Seconds of CPU that the cluster has used; nodes of one process are counted once."""
    with urllib.request.urlopen(f"{url}/_nodes/process,transport") as about:
        processes = {name: (node["host"], node["process"]["id"]) for name, node in json.load(about)["nodes"].items()}
    with urllib.request.urlopen(f"{url}/_nodes/stats/process") as stats:
        nodes = json.load(stats)["nodes"]
    used = {processes[name]: node["process"]["cpu"]["total_in_millis"] for name, node in nodes.items()}
    return float(sum(used.values())) / 1000


def load(engine: OpenSearchEngine, path: Path) -> tuple[float, int]:
    """Publish what is in the file; seconds until all was handed over, and the characters of all texts."""
    started, characters = time.perf_counter(), 0
    with engine.new_generation() as generation:
        for document in read(path):
            characters += len(document.body)
            generation.add(document, document.body)
        handed_over = time.perf_counter() - started
    return handed_over, characters


def report(engine: OpenSearchEngine, path: Path, url: str, documents: int) -> None:
    started, cpu, cluster = time.perf_counter(), time.process_time(), cluster_cpu(url)
    handed_over, characters = load(engine, path)
    seconds, cpu, cluster = time.perf_counter() - started, time.process_time() - cpu, cluster_cpu(url) - cluster
    print(f"{documents:,} documents, {characters / documents:,.0f} characters each")
    print(f"{documents / seconds:,.0f} a second: published after {seconds:.1f} s, all sent after {handed_over:.1f} s")
    print(f"CPU a document: {cpu / documents * 1e6:,.0f} µs here, {cluster / documents * 1e6:,.0f} µs in the cluster")
    print(f"peak memory here: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")
    info = engine.snapshot().status().generation
    print(f"{info.size / documents:,.0f} bytes a document, copies included; {info.size / 1e6:,.0f} MB")
    assert engine.snapshot().search(EngineQuery(None)).total == documents


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("urls", nargs="+")
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--shards", type=int, default=3)
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1, help="processes that analyse documents")
    parser.add_argument("--keep", action="store_true", help="leave the generation there")
    options = parser.parse_args()
    layout = ClusterLayout(options.shards, options.copies, 30.0)
    engine = OpenSearchEngine(ClusterAccess(tuple(options.urls)), "benchmark", "en", layout, jobs=options.jobs)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "documents"
        writer = get_context("spawn").Process(target=write, args=(path, options.documents))
        writer.start()
        writer.join()
        report(engine, path, options.urls[0], options.documents)
    if not options.keep:
        engine._indices.delete([engine.snapshot().status().generation.name])
    engine.close()


if __name__ == "__main__":
    main()
