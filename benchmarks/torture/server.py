"""A server over an index, as a process of its own on loopback."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from benchmarks.http.run import free_port

COMMAND = [sys.executable, "-c", "from searchsvc.cli import main; main()"]
_START = 60  # seconds


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers on `port`; its process."""

    port: int
    process: "subprocess.Popen[bytes]"

    def memory(self) -> int:
        """Bytes that are its own: without the pages of files, such as the index (proc(5), RssAnon)."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) << 10
        raise RuntimeError("this system does not tell what memory a process has")

    def cpu(self) -> float:
        """Seconds that its threads have worked so far."""
        # What clock_getcpuclockid(3) gives: the process, and 2 for the time that the scheduler counts.
        return time.clock_gettime((~self.process.pid << 3) | 2)


@contextmanager
def serving(index: Path, *more: str, **environment: str) -> Iterator[Server]:
    """A server over `index` while it runs, ready to answer. Raises RuntimeError if it does not become so."""
    port = free_port()
    command = [*COMMAND, "--index", str(index), "serve", "--port", str(port), *more]
    variables = (
        os.environ
        | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "SEARCHSVC_ACCESS_LOG": "false"}
        | environment
    )
    with subprocess.Popen(command, env=variables) as process:
        try:
            _until_ready(port)
            yield Server(port, process)
        finally:
            process.terminate()


def on_cores_of_their_own(server: Server) -> None:
    """Leave one core to this program, and the others to the server, if there are several."""
    first, *others = sorted(os.sched_getaffinity(0))
    if others:
        os.sched_setaffinity(0, {first})
        for thread in Path(f"/proc/{server.process.pid}/task").iterdir():
            os.sched_setaffinity(int(thread.name), others)


def _until_ready(port: int) -> None:
    deadline = time.monotonic() + _START
    while time.monotonic() < deadline:
        try:
            with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except (URLError, ConnectionError):
            time.sleep(0.05)
    raise RuntimeError("the server did not become ready")
