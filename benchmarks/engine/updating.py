"""Measures updates of an index of many seeds: of none that changed, of some, and of some that are named.

    python -m benchmarks.engine.updating WORK --documents 100000 --changed 100

Seeds are made of the corpus of benchmarks.engine.build and built from first, which takes a while; a folder
WORK that has them is used again. Files changed in the last two seconds are read again by every update, so
it waits before it measures that of none.
"""

import argparse
import os
import random
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from statistics import median

from benchmarks.engine.build import GENERATED, prepared, read
from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.models.documents import Document
from searchsvc.running_build import BuildProgress
from searchsvc.service import SearchService
from searchsvc.settings import Settings

SITES, TOGETHER = 40, 1_000  # top folders, and seeds in one folder below
_SETTLED = 3.0  # seconds


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("work", type=Path)
    options.add_argument("--documents", type=int, default=100_000)
    options.add_argument("--changed", type=int, default=100)
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args()
    seeds = _made(chosen.work, chosen.documents)
    settings = Settings(seeds=seeds, index=chosen.work / "index")
    _updated(settings)
    for changed, are_named in ((0, False), (chosen.changed, False), (chosen.changed, True)):
        taken = []
        for number in range(chosen.rounds):
            paths = _edit(seeds, chosen.documents, changed, number + chosen.rounds * are_named)
            time.sleep(_SETTLED)
            taken.append(_updated(settings, paths if are_named else None))
        cpu, wall = (median(each) for each in zip(*taken, strict=True))
        load = f"load {os.getloadavg()[0]:.1f}"
        named = ", named as --watch does" if are_named else ""
        print(f"{changed} of {chosen.documents:,} changed{named}: {cpu:.2f} CPU s, {wall:.2f} s by the clock, {load}")
        if changed:
            print(f"  {_written(settings.index):.1%} of the index written by the last update")


def _written(index: Path) -> float:
    """The share of the newest generation's bytes that no older generation has."""
    files = [path.stat() for path in max(index.glob("2*")).iterdir()]
    return sum(each.st_size for each in files if each.st_nlink == 1) / sum(each.st_size for each in files)


def _made(work: Path, documents: int) -> Path:
    seeds = work / f"seeds-{documents}"
    if not seeds.exists():
        aside = work / "seeds.new"
        different = list(islice(read(prepared(work, documents)), min(documents, GENERATED)))
        for number in range(documents):
            document, path = different[number % GENERATED], aside / _path(number)
            path.parent.mkdir(parents=True, exist_ok=True)
            debris = f"Subscribe to the newsletter of desk {number % SITES}\nRead more on page {number % 3000}"
            body = _body(different, number)
            path.write_text(f"{document.title}\n\nBy {document.author or 'Nobody'}\n\n{body}\n\n{debris}\n")
        aside.rename(seeds)
    return seeds


def _body(different: Sequence[Document], number: int) -> str:
    """A body that no other number has: beyond GENERATED, of thirds of three documents."""
    turn, first = divmod(number, GENERATED)
    if not turn:
        return different[first].body
    thirds = []
    for third in range(3):
        lines = different[(first + turn * third * 7919) % len(different)].body.split("\n")
        thirds += lines[len(lines) * third // 3 : len(lines) * (third + 1) // 3]
    return "\n".join(thirds)


def _path(number: int) -> Path:
    return Path(f"site{number % SITES}", str(number // TOGETHER), f"{number}.txt")


def _edit(seeds: Path, documents: int, changed: int, round_number: int) -> list[str]:
    """Change some seeds, and return their paths."""
    draw = random.Random(f"{changed} {round_number}")
    paths = [_path(number) for number in draw.sample(range(documents), changed)]
    for path in paths:
        with (seeds / path).open("a") as file:
            file.write(f"\nA further sentence about {draw.random()} was added here.\n")
    return [path.as_posix() for path in paths]


def _updated(settings: Settings, paths: list[str] | None = None) -> tuple[float, float]:
    """CPU seconds of an update, of all its processes, and seconds by the clock. `paths`: only look at these."""
    service = SearchService(EmbeddedEngine(settings.index, settings.language), settings)
    cpu, wall = _cpu(), time.perf_counter()
    service.update(_silent, paths)
    return _cpu() - cpu, time.perf_counter() - wall


def _cpu() -> float:
    """CPU seconds of this process and of the processes it has started and that have ended."""
    return sum(os.times()[:4])


def _silent(progress: BuildProgress) -> None:
    """Nobody watches."""


if __name__ == "__main__":
    main()
