"""What a request costs over HTTP, beside the least that Starlette can be asked for.

    python -m benchmarks.http.run --documents 10000

Two servers run on loopback, one worker each: a bare one, and `searchsvc serve` over a made-up corpus.
Rounds go over all kinds of request, so that other work on the machine falls on all alike. CPU is that
of the server's process, its threads included; the load generator is another process.
"""

import argparse
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations, islice, repeat
from pathlib import Path
from statistics import median
from urllib.parse import quote_plus
from urllib.request import urlopen

import numpy as np

from benchmarks.engine.corpus import generate
from benchmarks.http.load import Load, request, send
from searchsvc.analysis import FUNCTION_WORDS, WORD
from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.models.documents import Document
from searchsvc.models.search_request import SearchRequest
from searchsvc.service import SearchService
from searchsvc.settings import Settings

BARE, SEARCHSVC = "bare", "searchsvc"
ANSWERED = "/search.json?q="
NO_FACETS = "&facets=,"
SEARCHED = 40  # searches a round whose cost without HTTP is measured


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of request: at which server, which requests, and the status they get."""

    server: str
    requests: Iterator[bytes]
    status: int = 200


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one kind in one round: answers a second, server CPU in ms an answer, bytes an answer."""

    rate: float
    cpu: float
    size: float


def queries(documents: list[Document], seed: int = 7) -> Iterator[str]:
    """Any of three common words, so that pages are full; never the same query twice."""
    sample = documents[:2_000]
    counts = Counter(word for each in sample for word in set(WORD.findall(each.body.lower())))
    common = [word for word, count in counts.items() if count > 0.03 * len(sample) and word not in FUNCTION_WORDS]
    chosen = [" OR ".join(words) for words in combinations(sorted(common), 3)]
    return iter(np.random.default_rng(seed).permutation(chosen).tolist())


def index(folder: Path, count: int) -> list[Document]:
    """The documents of a made-up corpus, with a generation of them in `folder`."""
    documents = list(generate(count))
    if not (folder / "CURRENT").exists():
        with EmbeddedEngine(folder, "en").new_generation() as generation:
            for document in documents:
                generation.add(document, document.body)
    return documents


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def serving(*command: str) -> Iterator[tuple[int, int]]:
    """The port and the process id of a server while it runs; `command` gets `--port` added."""
    port = free_port()
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = (sys.executable, *command, "--port", str(port))
    # Its log of requests is written as always; where it goes is not measured.
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(300):
                with socket.socket() as tried:
                    if tried.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            yield port, process.pid
        finally:
            process.terminate()


def cpu_seconds(process: int) -> float:
    """User and system time of a process so far (proc(5), fields 14 and 15)."""
    after_name = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def kinds(asked: Iterator[str], port: int) -> dict[str, Kind]:
    """Every kind of request that is measured; `port` is that of searchsvc."""

    def fresh(more: str = "", *headers: str) -> Kind:
        return Kind(SEARCHSVC, (request(ANSWERED + quote_plus(each) + more, *headers) for each in asked))

    kept = f"{ANSWERED}{quote_plus(next(asked))}"
    gzip = "Accept-Encoding: gzip"
    with urlopen(f"http://127.0.0.1:{port}{kept}", timeout=60) as answer:
        has = f"If-None-Match: {answer.headers['ETag']}"
    return {
        "bare Starlette, 18 bytes of JSON": Kind(BARE, repeat(request("/small"))),
        "bare Starlette, 20 KB": Kind(BARE, repeat(request("/long"))),
        "kept search": Kind(SEARCHSVC, repeat(request(kept))),
        "kept search, gzip": Kind(SEARCHSVC, repeat(request(kept, gzip))),
        "kept search, 304": Kind(SEARCHSVC, repeat(request(kept, has)), 304),
        "kept search page, gzip": Kind(SEARCHSVC, repeat(request(kept.replace(".json", ""), gzip))),
        "new search, 20 hits, five facets": fresh(),
        "new search, 20 hits, five facets, gzip": fresh("", gzip),
        "new search, ten hits, no facets": fresh(f"{NO_FACETS}&hitsPerPage=10"),
        "new search, one hit, no facets": fresh(f"{NO_FACETS}&hitsPerPage=1"),
    }


def measure(kind: Kind, port: int, process: int, options: argparse.Namespace) -> Figures:
    before = cpu_seconds(process)
    requests = islice(kind.requests, options.most)
    done: Load = send(port, requests, connections=options.connections, seconds=options.seconds, status=kind.status)
    return Figures(
        done.answers / done.seconds, (cpu_seconds(process) - before) * 1e3 / done.answers, done.size / done.answers
    )


def searched(service: SearchService, asked: Iterator[str], hits: int) -> float:
    """CPU in ms of a search without HTTP and facets."""
    chosen = list(islice(asked, SEARCHED))
    started = time.process_time()
    for query in chosen:
        service.search(SearchRequest(query, hits_per_page=hits, facets=()))
    return (time.process_time() - started) * 1e3 / SEARCHED


def table(measured: dict[str, list[Figures]]) -> str:
    bare = next(iter(measured.values()))
    lines = ["| | answers/s | of bare | CPU ms | KB |", "|---|---|---|---|---|"]
    for name, rounds in measured.items():
        share = median(each.rate / least.rate for each, least in zip(rounds, bare, strict=True))
        rate, cpu = median(each.rate for each in rounds), median(each.cpu for each in rounds)
        lines.append(f"| {name} | {rate:,.0f} | {share:.0%} | {cpu:.3f} | {median(e.size for e in rounds) / 1e3:.1f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each kind in a round")
    parser.add_argument("--most", type=int, default=50_000, help="requests of each kind in a round")
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--work", type=Path, default=Path("build/benchmarks/http"))
    options = parser.parse_args()
    folder = options.work / str(options.documents) / "index"
    documents = index(folder, options.documents)
    measured: dict[str, list[Figures]] = {}
    quiet = ("--no-access-log", "--no-server-header", "--no-proxy-headers", "--log-level", "warning")
    with (
        serving("-m", "uvicorn", "benchmarks.http.bare:app", *quiet) as bare,
        serving("-c", "from searchsvc.cli import main; main()", "--index", str(folder), "serve") as ours,
    ):
        asked = queries(documents)
        every = kinds(asked, ours[0])
        service = SearchService(EmbeddedEngine(folder, "en"), Settings(index=folder))
        alone: dict[int, list[float]] = {10: [], 1: []}
        for _ in range(options.rounds):
            for hits, costs in alone.items():
                costs.append(searched(service, asked, hits))
            for name, kind in every.items():
                port, process = bare if kind.server == BARE else ours
                measured.setdefault(name, []).append(measure(kind, port, process, options))
    print(table(measured))
    for hits, costs in alone.items():
        print(f"{hits} hits without facets and HTTP: {median(costs):.3f} ms of CPU")
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
