"""Updates in a row under a live service that is asked without pause: every change is served within a second, no
request fails, and neither memory, open files nor disk grow.

    python -m benchmarks.torture.updates --rounds 200 --documents 2000

Each round edits a few seeds, one of which gets a word of its own, and updates. The change is served
when a search for that word finds it.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.request import urlopen

from benchmarks.torture.home import Home, exit_code, run_warm
from benchmarks.torture.server import Server, serving

EDITED = 5  # seeds a round
SOON = 1.0  # seconds from the end of an update until it must be served
_PATIENCE = 30.0  # seconds
_SETTLED = 0.5  # share of the rounds, with several merges of segments, after which nothing should grow
_SLACK = 1.25  # times as much as in those rounds


@dataclass(frozen=True, slots=True)
class Measured:
    """After a round: seconds of the update, seconds until it was served, and what server and index hold."""

    update: float
    served: float
    memory: int
    files: int
    disk: int


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=200)
    options.add_argument("--documents", type=int, default=2_000)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.fill(chosen.documents)
        if exit_code(run_warm(home.arguments("update"))):
            raise SystemExit("the first build failed")
        with serving(home.index) as server:
            ask = [sys.executable, "-m", "benchmarks.torture.asking", str(server.port), str(chosen.documents)]
            with subprocess.Popen(ask, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as asking:
                rounds = [_round(home, server, number) for number in range(chosen.rounds)]
                asked, wrong, slowest = asking.communicate()[0].split()
    print(f"{asked} queries meanwhile, {wrong} failed, the slowest {slowest} ms")
    sys.exit(bool(int(wrong)) | _broken(rounds))


def _round(home: Home, server: Server, number: int) -> Measured:
    word = f"zyx{number}"
    for place in range(EDITED):
        home.edit((number * EDITED + place) % len(list(home.seeds.iterdir())), word if not place else "again")
    began = time.monotonic()
    if exit_code(run_warm(home.arguments("update"))):
        raise SystemExit(f"update {number} failed")
    updated = time.monotonic()
    while not _finds(server.port, word):
        if time.monotonic() - updated > _PATIENCE:
            raise SystemExit(f"update {number} is not served")
        time.sleep(0.02)
    served = time.monotonic() - updated
    files = len(list(Path(f"/proc/{server.process.pid}/fd").iterdir())) + _mapped(server)
    return Measured(updated - began, served, server.memory(), files, _disk(home.index))


def _finds(port: int, word: str) -> bool:
    with urlopen(f"http://127.0.0.1:{port}/search.json?q={word}&typo=off", timeout=_PATIENCE) as answer:
        return bool(json.loads(answer.read())["totalHits"])


def _mapped(server: Server) -> int:
    """How many files the server has mapped, deleted ones included."""
    lines = Path(f"/proc/{server.process.pid}/maps").read_text().splitlines()
    return len({line.split(maxsplit=4)[4] for line in lines if "/index/" in line})


def _disk(index: Path) -> int:
    """Bytes that the index takes; files that generations share count once."""
    found = {}
    for at, _, names in os.walk(index):
        for name in names:
            status = (Path(at) / name).stat()
            found[status.st_ino] = status.st_blocks * 512
    return sum(found.values())


def _broken(rounds: list[Measured]) -> int:
    """Print the figures; return the number of promises that were broken."""
    late = sum(each.served > SOON for each in rounds)
    updates, served = [each.update for each in rounds], [each.served for each in rounds]
    print(f"{len(rounds)} updates of {median(updates):.2f} s at the median, {max(updates):.2f} at most; served")
    print(f"  {median(served):.2f} s later at the median, {max(served):.2f} at most, {late} later than {SOON} s")
    grown, settled = 0, max(1, int(_SETTLED * len(rounds)))
    for name in ("memory", "files", "disk"):
        values = [getattr(each, name) for each in rounds]
        early, last = max(values[:settled]), max(values[settled:] or values)
        grown += last > early * _SLACK
        print(f"  {name}: at most {early:,} in the first {settled} rounds, {last:,} later, {values[-1]:,} at the end")
    return late + grown


if __name__ == "__main__":
    main()
