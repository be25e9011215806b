"""Alters, cuts and removes every file of an index: each time it is found and the generation before serves, or
the answers are unchanged.

    python -m benchmarks.torture.damage --flips 200 --cuts 50

Each file is also altered as a failing disk would do it, with its times as they were. Opening a generation
trusts these, so that only `check` is held to find that; what opening does then is told.
"""

import argparse
import logging
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.torture.home import Home, answers, exit_code, run_warm
from searchsvc.engine.storage.manifest import MANIFEST, read_manifest, write_manifest

OLDER, NEWER = 12, 15  # documents


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--flips", type=int, default=200)
    options.add_argument("--cuts", type=int, default=50)
    chosen = options.parse_args()
    logging.disable()  # what is found is counted here, ten thousand times
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(bool(attack(Home(Path(folder)), chosen.flips, chosen.cuts)))


def attack(home: Home, flips: int, cuts: int) -> int:
    """How often damage was not found."""
    said: list[list[Any]] = []
    for documents in (OLDER, NEWER):
        home.fill(documents)
        if exit_code(run_warm(home.arguments("rebuild"))):
            raise SystemExit("the first build failed")
        said.append(answers(home.service()))
    newest = home.index / home.service().status().generation.name
    ended: Counter[str] = Counter()
    files = [home.index / "CURRENT", *sorted(newest.iterdir())]
    for file in files:
        whole = file.read_bytes()
        for damaged in _damaged(whole, flips, cuts):
            file.unlink() if damaged is None else file.write_bytes(damaged)
            result = _result(home, file, said)
            ended[result] += 1
            if result.isupper():
                print(f"{file.name}: {result}", file=sys.stderr)
            file.write_bytes(whole)
        if file.parent == newest and file.name != MANIFEST:
            ended.update(_rotten(home, file, flips, said))
    print(f"{len(files)} files: " + ", ".join(f"{n:,} {what}" for what, n in sorted(ended.items())))
    return sum(n for what, n in ended.items() if what.isupper())


def _damaged(whole: bytes, flips: int, cuts: int) -> Iterator[bytes | None]:
    """`whole` with one byte altered, cut somewhere, and removed."""
    draw = random.Random(len(whole))
    for _ in range(flips if whole else 0):
        yield _flipped(whole, draw)
    for _ in range(cuts if whole else 0):
        yield whole[: draw.randrange(len(whole))]
    yield None


def _flipped(whole: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(whole))
    return whole[:at] + bytes([whole[at] ^ draw.randrange(1, 256)]) + whole[at + 1 :]


def _result(home: Home, file: Path, said: list[list[Any]]) -> str:
    try:
        service = home.service()
        checked, now, told = service.check(), answers(service), service.status().warnings
    except Exception as error:  # noqa: BLE001 - that nothing escapes is what is tested
        return f"RAISED {type(error).__name__}".upper()
    named = any(file.name in warning for warning in told)
    if now == said[0] and named and not checked.sound:
        return "found, the generation before serves"
    if now == said[1]:
        return "found, the same serves" if named and not checked.sound else "the answers are unchanged"
    return "WRONG ANSWERS"


def _rotten(home: Home, file: Path, flips: int, said: list[list[Any]]) -> Iterator[str]:
    """What `check` and opening make of a file altered by its disk."""
    draw, whole, manifest = random.Random(1), file.read_bytes(), read_manifest(file.parent)
    for _ in range(flips if whole else 0):
        file.write_bytes(_flipped(whole, draw))
        # What the manifest says of the file's times is brought in line, what it says of the contents stays.
        found = file.stat()
        stamp = found.st_ino, found.st_mtime_ns, found.st_ctime_ns
        unnoticed = replace(manifest.files[file.name], stamp=stamp)
        write_manifest(file.parent, replace(manifest, files=manifest.files | {file.name: unnoticed}))
        try:
            yield f"by the disk: before check, answers {'un' if answers(home.service()) == said[1] else ''}changed"
        except Exception:  # noqa: BLE001 - counted only
            yield "by the disk: before check, an error"
        result = _result(home, file, said)
        yield f"by the disk: {result}" if result.startswith("found") else f"NOT FOUND BY CHECK: {result}".upper()
    file.write_bytes(whole)
    write_manifest(file.parent, manifest)


if __name__ == "__main__":
    main()
