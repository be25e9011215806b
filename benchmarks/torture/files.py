"""Ingests nasty files one by one and all together, and compares what becomes of them with their manifest.

    python -m benchmarks.torture.files SEEDS

SEEDS is a folder of nasty files, beside it SEEDS.manifest.json: for each its `path` (as Python writes
bytes), what is expected (`indexed`, `reported`, `either` or `ignored`) and a word that finds it, `marker`.
Run it as somebody for whom permissions hold: root reads what it must not.
"""

import argparse
import ast
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.torture.home import COMMAND, Home
from searchsvc.ingest.discovery.safe_open import shown_path
from searchsvc.models.search_request import SearchRequest

SLOW, LARGE = 10, 512  # CPU seconds, and megabytes beyond those of a small file, that no file may take


@dataclass(frozen=True, slots=True)
class Case:
    """A row of the manifest, its path relative to the folder."""

    id: str
    path: bytes
    expect: str
    marker: str | None
    note: str

    @property
    def shown(self) -> str:
        return shown_path(os.fsdecode(self.path))


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one rebuild: CPU seconds, and megabytes of memory at the peak, of all its processes."""

    seconds: float
    megabytes: float


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("seeds", type=Path)
    seeds = options.parse_args().seeds.absolute()
    rows = json.loads(Path(f"{seeds}.manifest.json").read_text())
    cases = [Case(row["id"], ast.literal_eval(row["path"]), row["expect"], row["marker"], row["note"]) for row in rows]
    forbidden = [case for case in cases if _only_root_reads(seeds / os.fsdecode(case.path))]
    if forbidden and not os.geteuid():
        print("left out, since root may read them:", ", ".join(case.shown for case in forbidden))
        cases = [case for case in cases if case not in forbidden]
    with tempfile.TemporaryDirectory() as folder:
        wrong = _together(seeds, Path(folder) / "index", cases)
        wrong += _apart(seeds, Path(folder) / "each", cases)
    sys.exit(bool(wrong))


def _only_root_reads(seed: Path) -> bool:
    status = seed.lstat()
    return stat.S_ISREG(status.st_mode) and not status.st_mode & (stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)


def _rebuilt(seeds: Path, index: Path) -> tuple[dict[str, Any], Cost]:
    """The report of a rebuild as a process of its own, and what it cost. Raises ValueError if it gave none."""
    command = [*COMMAND, "--seeds", str(seeds), "--index", str(index), "rebuild", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout
        report = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 3):
        raise ValueError(f"rebuild ended with {process.returncode}")
    return json.loads(report), Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _together(seeds: Path, index: Path, cases: list[Case]) -> int:
    report, cost = _rebuilt(seeds, index)
    problems = {problem["path"]: problem for problem in report["problems"]}
    service = Home(index.parent).service()
    wrong = 0
    for case in cases:
        found = service.search(SearchRequest(case.marker, typo=False)).total if case.marker else 0
        reported = any(f"{case.shown}/".startswith(f"{path.rstrip('/')}/") for path in problems)  # or a folder above
        fits = {
            "indexed": found > 0,
            "reported": reported and not found,
            "either": found > 0 or reported,
            "ignored": not found,
        }
        if not fits[case.expect]:
            wrong += 1
            print(f"WRONG {case.id} {case.shown[:60]}: {case.expect}, but found {found}, reported {reported}")
    print(
        f"{len(cases)} files together: {wrong} not as expected; {report['documents']} documents,"
        f" {len(problems)} problems, {cost.seconds:.1f} s of CPU, {cost.megabytes:.0f} MB"
    )
    return wrong


def _apart(seeds: Path, folder: Path, cases: list[Case]) -> int:
    costs: list[tuple[Cost, Case]] = []
    wrong = 0
    for case in cases:
        source = seeds / os.fsdecode(case.path)
        readable = stat.S_ISREG(source.lstat().st_mode) and os.access(source, os.R_OK, effective_ids=True)
        if not readable or (case.note == "control" and costs):
            continue
        alone = folder / "seeds" / os.fsdecode(case.path)
        alone.parent.mkdir(parents=True)
        shutil.copy2(source, alone)
        try:
            costs.append((_rebuilt(folder / "seeds", folder / "index")[1], case))
        except ValueError as error:
            wrong += 1
            print(f"WRONG {case.id} {case.shown[:60]}: {error}")
        shutil.rmtree(folder)
    least = min(cost.megabytes for cost, _ in costs)
    wrong += sum(cost.seconds > SLOW or cost.megabytes > least + LARGE for cost, _ in costs)
    print(f"{len(costs)} files alone; the least takes {least:.0f} MB, and the dearest:")
    for cost, case in sorted(costs, key=lambda each: -each[0].seconds)[:6]:
        print(f"  {cost.seconds:5.1f} s {cost.megabytes:5.0f} MB  {case.note[:60]}")
    largest, of = max(costs, key=lambda each: each[0].megabytes)
    print(f"  {largest.seconds:5.1f} s {largest.megabytes:5.0f} MB  {of.note[:60]} (the most memory)")
    return wrong


if __name__ == "__main__":
    main()
