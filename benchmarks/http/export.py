"""Memory of a server that exports all documents of an index, and its work after the client has left.

    python -m benchmarks.http.export --documents 100000

A server with one worker runs on loopback over a synthetic corpus. `/search.csv` and `/search.ndjson` are read whole,
with and without the texts, while the server's resident memory is sampled. Then a client leaves after 2 MB, and the
server's CPU time and open files are counted before, during and after. Exits with 1 if the memory without the pages of
files grows by more than MOST_GROWTH during an export, if rows are missing, or if work or files remain.
"""

import argparse
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

from benchmarks.http.run import index
from benchmarks.torture.server import Server, serving

MOST_GROWTH = 8 << 20  # bytes
_CHUNK = 256 << 10
_BETWEEN_SAMPLES = 0.05  # seconds
_LEAVES_AFTER = 2 << 20  # bytes
_SETTLES = 2.0  # seconds until the server has noticed
_LOOKS = 3.0  # seconds of idleness that are measured
_IDLE = 0.02  # CPU seconds a second
_EXPORTS = ("/search.csv", "/search.ndjson", "/search.ndjson?attributesToRetrieve=title,body")


@dataclass(slots=True)
class Samples:
    """Anonymous memory and all resident memory of a server, in bytes, one after the other."""

    own: list[int] = field(default_factory=list)
    resident: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Export:
    """A whole export: bytes, rows and seconds; CPU seconds of the server; its memory before and meanwhile."""

    size: int
    rows: int
    seconds: float
    cpu: float
    before: int
    memory: Samples

    @property
    def growth(self) -> int:
        return max(self.memory.own) - self.before


@dataclass(frozen=True, slots=True)
class Idleness:
    """CPU seconds a second and open files of a server."""

    cpu: float
    files: int


@contextmanager
def requested(server: Server, path: str) -> Iterator[HTTPResponse]:
    """A response, of which the body is not read yet; its connection is closed at the end."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", path)
    response = connection.getresponse()
    try:
        if response.status != 200:
            raise RuntimeError(f"{path}: status {response.status}")
        yield response
    finally:
        response.close()
        connection.close()


@contextmanager
def sampled(server: Server) -> Iterator[Samples]:
    """Samples of the server's memory until the end of the context."""
    samples, ended = Samples(), threading.Event()

    def sample() -> None:
        while not ended.wait(_BETWEEN_SAMPLES):
            samples.own.append(server.memory())
            samples.resident.append(resident(server))

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield samples
    finally:
        ended.set()
        thread.join()


def resident(server: Server) -> int:
    """Bytes in memory, with the pages of the index that the server has read (proc(5), statm)."""
    pages = Path(f"/proc/{server.process.pid}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def open_files(server: Server) -> int:
    return sum(1 for _ in Path(f"/proc/{server.process.pid}/fd").iterdir())


def export(server: Server, path: str) -> Export:
    """Read an export whole. Rows are lines: no synthetic document has a line break in a field of one line."""
    size = rows = 0
    started, cpu, before = time.monotonic(), server.cpu(), server.memory()
    with sampled(server) as memory, requested(server, path) as response:
        while chunk := response.read(_CHUNK):
            size += len(chunk)
            rows += chunk.count(b"\n")
    rows -= path.startswith("/search.csv")  # its header
    return Export(size, rows, time.monotonic() - started, server.cpu() - cpu, before, memory)


def idleness(server: Server) -> Idleness:
    started = server.cpu()
    time.sleep(_LOOKS)
    return Idleness((server.cpu() - started) / _LOOKS, open_files(server))


def leave(server: Server, path: str) -> tuple[Idleness, int]:
    """Return the idleness after a client has left an export unfinished, and the open files during it."""
    with requested(server, path) as response:
        received = 0
        while received < _LEAVES_AFTER:
            received += len(response.read(_CHUNK))
        during = open_files(server)
    time.sleep(_SETTLES)
    return idleness(server), during


def whole(server: Server, documents: int) -> Iterator[str]:
    """Print a row for each export; yield the failed ones."""
    print("| | rows | MB | s | CPU s | memory before, MB | most, MB | most with pages of files, MB |")
    print("|---|---|---|---|---|---|---|---|")
    for path in _EXPORTS:
        done = export(server, path)
        memory = [done.before, max(done.memory.own), max(done.memory.resident)]
        cells = [f"`{path}`", f"{done.rows:,}", f"{done.size / 1e6:.0f}", f"{done.seconds:.1f}", f"{done.cpu:.1f}"]
        print("|", " | ".join([*cells, *(f"{each / 1e6:.0f}" for each in memory)]), "|", flush=True)
        if done.rows != documents or done.growth > MOST_GROWTH:
            yield path


def unfinished(server: Server) -> Iterator[str]:
    """Print what remains of each export that its client leaves; yield the failed ones."""
    before = idleness(server)
    for path in _EXPORTS:
        after, during = leave(server, path)
        print(
            f"left {path}: open files {before.files} before, {during} during, {after.files} after; "
            f"CPU {before.cpu:.1%} before, {after.cpu:.1%} after"
        )
        if after.files > before.files or after.cpu > before.cpu + _IDLE:
            yield f"left {path}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--work", type=Path, default=Path("build/benchmarks/http"))
    options = parser.parse_args()
    folder = options.work / str(options.documents) / "index"
    index(folder, options.documents)
    with serving(folder) as server:
        failures = [*whole(server, options.documents), *unfinished(server)]
    print(f"load {os.getloadavg()[0]:.1f}")
    sys.exit(f"failed: {', '.join(failures)}" if failures else 0)


if __name__ == "__main__":
    main()
