"""Lets each call that changes a file fail in turn, and fills a small disk: the build says so, and nothing is lost.

    python -m benchmarks.torture.faults [--build update] [--disk FOLDER]

Before each update a seed is edited, one way and then the other. The calls are made to fail by strace, so they
fail for libraries as for us. FOLDER is on a disk of a few megabytes, as `mount -t tmpfs -o size=4m none
FOLDER` makes one.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.torture.home import Home, answers, exit_code, run_warm

CALLS = {
    "write": "ENOSPC",
    "fsync": "EIO",
    "rename": "EIO",
    "ftruncate": "EFBIG",
    "mkdir": "ENOSPC",
    "unlink": "EIO",
    "flock": "ENOLCK",
    "link": "EIO",
}
PUBLISHED, NOT_BUILT = 0, 4
DOCUMENTS = 8  # of which an update takes seven over, so that files are linked
WORDS = ("harbour", "lantern")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--build", choices=["rebuild", "update"], default="rebuild")
    options.add_argument("--disk", type=Path)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.fill(DOCUMENTS)
        build = Build(home, chosen.build, WORDS if chosen.build == "update" else WORDS[:1])
        failures = sum(_each_call(build, name, error) for name, error in CALLS.items())
    if chosen.disk:
        failures += _full_disk(Home(chosen.disk))
    sys.exit(bool(failures))


class Build:
    """A command that builds, and the seeds that it builds from: edited so that one has each of `words` in turn."""

    def __init__(self, home: Home, command: str, words: Sequence[str]) -> None:
        self.home, self.command, self.words = home, command, words
        self.said: list[Any] = []  # by an index of the seeds with each of the words
        for word in words:
            home.edit(0, word)
            self._rebuild()
            self.said.append(answers(home.service()))

    def _rebuild(self) -> None:
        if exit_code(run_warm(self.home.arguments("rebuild"))):
            raise SystemExit("the first build failed")

    def prepare(self) -> tuple[Any, Any]:
        """Two generations, so that the next build has one to prune, and seeds that it can do something with.
        What is said now, and what is to be said after it."""
        if sum(name[:8].isdigit() for name in self.home.listing()) != 2:
            shutil.rmtree(self.home.index)
            self._rebuild()
            self._rebuild()
        now = self.said.index(answers(self.home.service()))
        then = (now + 1) % len(self.words)
        self.home.edit(0, self.words[then])
        return self.said[now], self.said[then]


def _each_call(build: Build, name: str, error: str) -> int:
    """How often something went wrong when the first, the second, ... call `name` of a build failed."""
    ended: Counter[str] = Counter()
    number = wrong = 0
    while True:
        number += 1
        now, then = build.prepare()
        before = build.home.listing()
        code, said, met = _faulty(build, f"{name}:error={error}:when={number}")
        if not met:
            break
        result = _result(build.home, code, said, before)
        if answers(build.home.service()) != (now if build.home.listing() == before else then):
            result = "WRONG ANSWERS"
        ended[result] += 1
        if result.isupper():
            wrong += 1
            print(f"{name} {number}: {result} (exit code {code}) {said[-300:]}", file=sys.stderr)
    print(
        f"{name} ({error}), each of {number - 1}: " + ", ".join(f"{n} {what}" for what, n in ended.items()), flush=True
    )
    return wrong


def _faulty(build: Build, fault: str) -> tuple[int, str, bool]:
    """Exit code of a build with a fault, what it said, and whether the fault was met."""
    said, trace = build.home.folder / "said", build.home.folder / "trace"
    call = fault.partition(":")[0]

    def attach() -> None:
        me = str(os.getpid())
        command = ["strace", "-f", "-qq", "-p", me, "-o", str(trace), "-e", f"trace={call}", "-e", f"inject={fault}"]
        subprocess.Popen(command)
        while "TracerPid:\t0\n" in Path("/proc/self/status").read_text():
            time.sleep(0.002)
        os.dup2(os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)

    code = exit_code(run_warm(build.home.arguments(build.command), attach))
    return code, said.read_text("utf-8", "replace"), "(INJECTED)" in trace.read_text("utf-8", "replace")


def _result(home: Home, code: int, said: str, before: list[str]) -> str:
    """What became of a build with a fault; in capitals if that must not be."""
    if home.service().status().warnings:
        return "A WARNING"
    if "Traceback" in said:
        return "TRACEBACK"
    if home.listing() == before:
        return "reported" if code == NOT_BUILT and ("can't be" in said or "cannot be" in said) else "NOT REPORTED"
    # The new generation was published, and what failed came after: deleting an old one, or saying so.
    fresh = [name for name in home.listing() if name not in before]
    if [name for name in fresh if not name[:8].isdigit() and not name.startswith(".building-gone-")]:
        return "SOMETHING LEFT"
    return "published, and pruning or printing failed" if code != PUBLISHED else "published all the same"


def _full_disk(home: Home) -> int:
    """How often something went wrong when less and less space was left."""
    home.fill(DOCUMENTS)
    shutil.rmtree(home.index, ignore_errors=True)
    if exit_code(run_warm(home.arguments("rebuild"))):
        raise SystemExit("the first build failed")
    before, expected = home.listing(), answers(home.service())
    ballast, ended = home.folder / "ballast", Counter[int]()
    free = os.statvfs(home.folder).f_bavail * os.statvfs(home.folder).f_frsize
    for left in range(0, 400_000, 8_192):
        ballast.write_bytes(bytes(max(0, free - left)))
        code = exit_code(run_warm(home.arguments("rebuild")))
        ended[code] += 1
        service = home.service()
        if code not in (PUBLISHED, NOT_BUILT) or answers(service) != expected or service.status().warnings:
            print(f"WRONG with {left} bytes left: exit code {code}", file=sys.stderr)
            ended[-1] += 1
        if code == PUBLISHED:
            break
        if home.listing() != before:
            print(f"LEFT with {left} bytes left: {home.listing()}", file=sys.stderr)
            ended[-1] += 1
        ballast.unlink()
    ballast.unlink(missing_ok=True)
    print(f"full disk: {ended[NOT_BUILT]} builds reported, then {ended[PUBLISHED]} published, {ended[-1]} wrong")
    return ended[-1]


if __name__ == "__main__":
    main()
