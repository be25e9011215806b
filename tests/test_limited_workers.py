"""Worker processes with a CPU limit: order, and the loss of a process."""

import os
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from searchsvc.errors import ProcessLost
from searchsvc.limited_workers import LimitedWorkers, LostItem

LIMIT = 0.3  # seconds
LOST = f"took more than {LIMIT:g} s of CPU"
KILLED = "its process was killed, perhaps for lack of memory"


@dataclass(frozen=True)
class Squares:
    """Squares of numbers. "python" and "c" never end, "kill" ends the process, "raise" raises, "sleep" waits.

    "pid" yields the id of the process.
    """

    def prepare(self, items: Sequence[int | str]) -> None:
        pass

    def __call__(self, items: Sequence[int | str]) -> Iterator[int]:
        for item in items:
            if isinstance(item, int):
                yield item * item
            elif item == "python":
                while True:
                    pass
            elif item == "c":
                zlib.compress(bytes(100_000_000), 9)  # one call, which returns to no interpreter
            elif item == "pid":
                yield os.getpid()
            elif item == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            elif item == "raise":
                raise ValueError("not a number")
            elif item == "sleep":
                time.sleep(2 * LIMIT)
                yield 0
            else:
                yield from [1, 2]
                while True:
                    pass


def results(tasks: Sequence[Sequence[int | str]], count: int = 2) -> list[int | LostItem[int | str]]:
    with closing(LimitedWorkers(count, LIMIT)) as workers:
        return list(workers.run(Squares(), tasks))


@pytest.mark.parametrize("count", [1, 2])
def test_results_come_in_the_order_of_the_tasks(count: int) -> None:
    tasks = [[number, number + 1] for number in range(0, 40, 2)]
    assert results(tasks, count) == [number * number for number in range(40)]


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("hostile", ["python", "c"])
def test_item_over_the_limit_is_lost_and_its_neighbours_are_not(hostile: str, count: int) -> None:
    tasks: list[list[int | str]] = [[1, hostile, 2], [3, 4], [hostile], [5]]
    assert results(tasks, count) == [1, LostItem(hostile, LOST), 4, 9, 16, LostItem(hostile, LOST), 25]


def test_results_that_an_item_gave_before_it_was_lost_are_kept() -> None:
    assert results([["several"], [3]]) == [1, 2, LostItem("several", LOST), 9]


def test_waiting_does_not_count() -> None:
    assert results([["sleep"]]) == [0]


def test_killed_process_costs_its_item() -> None:
    assert results([[1, "kill", 2], [3]]) == [1, LostItem("kill", KILLED), 4, 9]


def test_many_killed_processes_end_the_build() -> None:
    with pytest.raises(ProcessLost, match="a build process was killed"):
        results([["kill"]] * 10)


def test_exception_of_the_work_is_raised_here() -> None:
    with pytest.raises(ValueError, match="not a number"):
        results([[1], ["raise"]])


def test_second_run_uses_the_same_processes_for_other_work() -> None:
    with closing(LimitedWorkers(1, LIMIT)) as workers:
        assert list(workers.run(Squares(), [[2]])) == [4]
        process = workers._processes[0]
        assert list(workers.run(Squares(), [[3]])) == [9]
        assert workers._processes == [process]


@dataclass(frozen=True)
class Loading:
    """Data that the template has loaded before it forked: the square of a number, by number."""

    number: int

    def __call__(self) -> None:
        LOADED[self.number] = self.number**2


LOADED: dict[int, int] = {}


@dataclass(frozen=True)
class Lookups:
    """The loaded data."""

    def prepare(self, items: Sequence[int]) -> None:
        pass

    def __call__(self, items: Sequence[int]) -> Iterator[int | None]:
        for item in items:
            yield LOADED.get(item)


def test_processes_have_what_the_template_has_loaded() -> None:
    with closing(LimitedWorkers(2, LIMIT)) as workers:
        workers.start(Loading(3))
        assert list(workers.run(Lookups(), [[3], [3, 4]])) == [9, 9, None]


def test_exception_while_loading_is_left_to_the_processes() -> None:
    with closing(LimitedWorkers(1, LIMIT)) as workers:
        workers.start(partial(int, "no number"))
        assert list(workers.run(Squares(), [[2]])) == [4]


def test_killed_template_ends_the_build() -> None:
    with closing(LimitedWorkers(1, LIMIT)) as workers:
        list(workers.run(Squares(), [[1]]))
        assert workers._template is not None
        os.kill(workers._template._process.pid, signal.SIGKILL)
        workers._template._process.wait()
        with pytest.raises(ProcessLost):
            list(workers.run(Squares(), [["kill"]]))


def test_no_process_is_left_behind() -> None:
    with closing(LimitedWorkers(2, 60)) as workers:
        running = workers.run(Squares(), [["pid"], ["python"], ["python"]])
        pid = next(running)
        assert isinstance(pid, int)
        group = os.getpgid(pid)
    with pytest.raises(ProcessLookupError):
        os.killpg(group, 0)


SCRIPT = """
import os, sys
from searchsvc.limited_workers import LimitedWorkers
from tests.test_limited_workers import Squares
workers = LimitedWorkers(1, 60)
running = workers.run(Squares(), [["pid"], ["python"]])
print(next(running), flush=True)
os.kill(os.getpid(), 9)
"""


def test_processes_end_with_a_killed_builder_that_guards_no_main_module(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    root = Path(__file__).parents[1]
    builder = subprocess.run(
        [sys.executable, script], env={**os.environ, "PYTHONPATH": str(root)}, stdout=subprocess.PIPE, check=False
    )
    pid = builder.stdout
    for _ in range(100):
        if not Path(f"/proc/{int(pid)}").exists() or "Z" in Path(f"/proc/{int(pid)}/stat").read_text().split()[2]:
            return
        time.sleep(0.05)
    pytest.fail("the process still runs")
