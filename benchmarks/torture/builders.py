"""Starts several builders at once: one wins, the others say who holds the lock, and nothing is left behind.

python -m benchmarks.torture.builders --rounds 50
"""

import argparse
import os
import sys
import tempfile
from collections import Counter
from functools import partial
from pathlib import Path

from benchmarks.torture.home import Home, answers, exit_code, run_warm

BUILDERS = 8
PUBLISHED, BUSY = 0, 5
DOCUMENTS = 40


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=50)
    rounds = options.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.fill(DOCUMENTS)
        if exit_code(run_warm(home.arguments("rebuild"))):
            raise SystemExit("the first build failed")
        ended: Counter[str] = Counter()
        for _ in range(rounds):
            ended.update(_round(home))
    print(f"{rounds} rounds of {BUILDERS} builders: " + ", ".join(f"{n} {what}" for what, n in sorted(ended.items())))
    sys.exit(any(what.isupper() for what in ended))


def _round(home: Home) -> list[str]:
    expected = answers(home.service())
    old = home.service().status().generation.name
    messages = [home.folder / f"said{number}" for number in range(BUILDERS)]
    processes = [run_warm(home.arguments("rebuild"), partial(_say_to, file)) for file in messages]
    ended = dict(zip(processes, map(exit_code, processes), strict=True))
    winners = [process for process, code in ended.items() if code == PUBLISHED]
    said = [file.read_text() for process, file in zip(processes, messages, strict=True) if ended[process] == BUSY]
    result = ["published"] * len(winners) + ["refused"] * len(said)
    if not winners or len(winners) + len(said) != BUILDERS:
        result.append(f"EXIT CODES {sorted(ended.values())}")
    if not all(any(f"(process {winner} on " in each for winner in winners) for each in said):
        result.append("NOT TOLD WHO HOLDS THE LOCK")
    service = home.service()
    if answers(service) != expected or service.status().warnings or service.status().generation.name == old:
        result.append("WRONG ANSWERS")
    if len(home.listing()) > 4:  # CURRENT, LOCK, two generations
        result.append("SOMETHING LEFT")
    return result


def _say_to(file: Path) -> None:
    os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)


if __name__ == "__main__":
    main()
