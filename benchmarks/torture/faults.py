"""Lets each call that changes a file fail in turn, and fills a small disk: the build says so, and nothing is lost.

    python -m benchmarks.torture.faults [--disk FOLDER]

The calls are made to fail by strace, so they fail for libraries as for us. FOLDER is on a disk of a few
megabytes, as `mount -t tmpfs -o size=4m none FOLDER` makes one.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
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
}
PUBLISHED, NOT_BUILT = 0, 4
DOCUMENTS = 3


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--disk", type=Path)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.fill(DOCUMENTS)
        failures = sum(_each_call(home, name, error) for name, error in CALLS.items())
    if chosen.disk:
        failures += _full_disk(Home(chosen.disk))
    sys.exit(bool(failures))


def _each_call(home: Home, name: str, error: str) -> int:
    """How often something went wrong when the first, the second, ... call `name` of a build failed."""
    ended: Counter[str] = Counter()
    number = wrong = 0
    while True:
        number += 1
        _begin_anew(home)
        before, expected = home.listing(), answers(home.service())
        code, said, met = _faulty(home, f"{name}:error={error}:when={number}")
        if not met:
            break
        result = _result(home, code, said, before, expected)
        ended[result] += 1
        if result.isupper():
            wrong += 1
            print(f"{name} {number}: {result} (exit code {code}) {said[-300:]}", file=sys.stderr)
    print(f"{name} ({error}), each of {number - 1}: " + ", ".join(f"{n} {what}" for what, n in ended.items()))
    return wrong


def _begin_anew(home: Home) -> None:
    """Two generations, so that the next build has one to prune."""
    if len([name for name in home.listing() if name[:8].isdigit()] if home.index.is_dir() else []) == 2:
        return
    shutil.rmtree(home.index, ignore_errors=True)
    for _ in range(2):
        if exit_code(run_warm(home.arguments("rebuild"))):
            raise SystemExit("the first build failed")


def _faulty(home: Home, fault: str) -> tuple[int, str, bool]:
    """Exit code of a rebuild with a fault, what it said, and whether the fault was met."""
    said, trace = home.folder / "said", home.folder / "trace"
    call = fault.partition(":")[0]

    def attach() -> None:
        me = str(os.getpid())
        command = ["strace", "-f", "-qq", "-p", me, "-o", str(trace), "-e", f"trace={call}", "-e", f"inject={fault}"]
        subprocess.Popen(command)
        while "TracerPid:\t0\n" in Path("/proc/self/status").read_text():
            time.sleep(0.002)
        os.dup2(os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)

    code = exit_code(run_warm(home.arguments("rebuild"), attach))
    return code, said.read_text("utf-8", "replace"), "(INJECTED)" in trace.read_text("utf-8", "replace")


def _result(home: Home, code: int, said: str, before: list[str], expected: list[Any]) -> str:
    """What became of a build with a fault; in capitals if that must not be."""
    service = home.service()
    if answers(service) != expected or service.status().warnings:
        return "WRONG ANSWERS"
    if "Traceback" in said:
        return "TRACEBACK"
    if home.listing() == before:
        return "reported" if code == NOT_BUILT and "can't be" in said else "NOT REPORTED"
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
