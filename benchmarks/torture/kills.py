"""Kills rebuilds or updates at random moments under a live service: no query fails, nothing is lost or left behind.

    python -m benchmarks.torture.kills --kills 500
    python -m benchmarks.torture.kills --kills 500 --build update

Half of the kills fall anywhere in a build; half between the sealing of the generation and the end, which
would hardly ever be met otherwise. Before each update some seeds are edited, one way and then the other; what
serves must be an index of the seeds before or after.
"""

import argparse
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.torture.home import COMMAND, Home, answers, exit_code, kill, run_warm

DOCUMENTS = 60
EACH = 7  # one seed in EACH is edited
WORDS = ("harbour", "lantern")
_PATIENCE = 60  # seconds for a server to start
_MOST_ROUNDS = 5  # builds for each kill


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=500, help="builds killed; those that end before are repeated")
    options.add_argument("--jobs", type=int, default=1)
    options.add_argument("--build", choices=["rebuild", "update"], default="rebuild")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.fill(DOCUMENTS)
        words = WORDS if chosen.build == "update" else WORDS[:1]
        failures = attack(home, chosen.kills, home.arguments(chosen.build, "--jobs", str(chosen.jobs)), words)
    sys.exit(bool(failures))


def attack(home: Home, kills: int, build: list[str], words: Sequence[str]) -> int:
    """Return the number of failures. Seeds are edited to have each of `words` in turn."""
    draw = random.Random(kills)
    expected, lasting = [], 0.0
    for word in (*words, words[0]):
        _edit(home, word)
        started = time.monotonic()
        if exit_code(run_warm(build)):
            raise SystemExit("the first builds failed")
        lasting = time.monotonic() - started
        expected.append(answers(home.service()))
    ended: Counter[str] = Counter()
    with _asked(home) as asking:
        for number in range(kills * _MOST_ROUNDS):
            if ended["killed"] == kills:
                break
            _edit(home, words[number % len(words)])
            process = run_warm(build)
            if number % 2:
                time.sleep(draw.uniform(0, lasting))
            else:
                _await_seal(home, lasting * 3)
                time.sleep(draw.uniform(0, 0.02))
            before = home.listing()
            ended["killed" if kill(process) < 0 else "faster than the kill"] += 1
            ended["with something left behind"] += any(name.startswith(".") for name in home.listing())
            service = home.service()
            if answers(service) not in expected or service.status().warnings:
                ended["INDEX WRONG"] += 1
                print(before, home.listing(), service.status().warnings, file=sys.stderr)
        said, _ = asking.communicate()
    asked, wrong, slowest = said.split()
    unswept = False
    for word, after in zip(words, expected, strict=False):  # the last of them has something to build for sure
        _edit(home, word)
        unswept = exit_code(run_warm(build)) != 0 or answers(home.service()) != after
    unswept = unswept or bool(_leftovers(home))
    print(f"builds of {lasting:.2f} s: " + ", ".join(f"{n} {what}" for what, n in sorted(ended.items())))
    print(f"{asked} queries meanwhile, {wrong} failed, the slowest {slowest} ms; left after the next build: {unswept}")
    return ended["INDEX WRONG"] + int(wrong) + bool(unswept) + (ended["killed"] < kills)


def _edit(home: Home, word: str) -> None:
    for number in range(0, DOCUMENTS, EACH):
        home.edit(number, word)


def _await_seal(home: Home, most: float) -> None:
    deadline = time.monotonic() + most
    while time.monotonic() < deadline and not list(home.index.glob(".building-*/manifest.json")):
        time.sleep(0.001)


def _leftovers(home: Home) -> list[str]:
    """What lies in the index folder besides two generations, CURRENT and LOCK."""
    names = home.listing()
    generations = [name for name in names if name[:8].isdigit()]
    return [name for name in names if name not in ("CURRENT", "LOCK") and name not in generations[-2:]]


@contextmanager
def _asked(home: Home) -> Iterator["subprocess.Popen[str]"]:
    """A server over the index, and a process that asks it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    serve = [*COMMAND, *home.arguments("serve", "--port", str(port))]
    ask = [sys.executable, "-m", "benchmarks.torture.asking", str(port), str(DOCUMENTS)]
    with subprocess.Popen(serve, stderr=subprocess.DEVNULL) as server:
        try:
            _await_port(port)
            with subprocess.Popen(ask, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as asking:
                yield asking
        finally:
            server.terminate()


def _await_port(port: int) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server did not start")


if __name__ == "__main__":
    main()
