"""Processes that share the work of the engine: results, errors, and the loss of one."""

import gc
import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from time import sleep

import pytest

from searchsvc.errors import ProcessLost
from searchsvc.worker_pool import WorkerPool


def squared(number: int) -> int:
    return number * number


def refused(number: int) -> int:
    raise ValueError(f"not {number}")


def killed(number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return number


def slow_if_even(number: int) -> int:
    sleep(0.1 * (number % 2 == 0))
    return number


def sleeping(started: Path) -> None:
    started.touch()
    sleep(600)


def objects_until_collection(_number: int) -> tuple[int, str]:
    return gc.get_threshold()[0], os.environ["MALLOC_MMAP_THRESHOLD_"]


def test_results_are_in_the_order_of_tasks() -> None:
    with closing(WorkerPool(2, slow_if_even)) as pool:
        results = [result for number in range(9) for result in pool.submit(number)]
        assert [*results, *pool.remaining()] == list(range(9))


def test_one_task_more_than_processes_is_pending() -> None:
    with closing(WorkerPool(2, squared)) as pool:
        assert [pool.submit(number) for number in range(5)] == [[], [], [], [0], [1]]
        assert list(pool.remaining()) == [4, 9, 16]


def test_a_process_collects_garbage_rarely_and_reuses_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MALLOC_MMAP_THRESHOLD_", raising=False)
    with closing(WorkerPool(1, objects_until_collection)) as pool:
        pool.submit(0)
        assert list(pool.remaining()) == [(20_000, "4194304")]


def test_exception_of_a_task_is_raised() -> None:
    with closing(WorkerPool(2, refused)) as pool:
        pool.submit(1)
        with pytest.raises(ValueError, match="not 1"):
            list(pool.remaining())


def test_after_a_process_was_killed_no_task_is_accepted() -> None:
    with closing(WorkerPool(2, killed)) as pool:
        pool.submit(1)
        with pytest.raises(ProcessLost, match="a build process was killed"):
            list(pool.remaining())
        with pytest.raises(ProcessLost):
            pool.submit(2)


SCRIPT = """
from searchsvc.worker_pool import WorkerPool
from tests.test_processes import squared
print("once")
pool = WorkerPool(2, squared)
pool.submit(3)
print(*pool.remaining())
pool.close()
"""


def test_script_without_a_guarded_main_module_runs_once(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    process = subprocess.run(
        [sys.executable, tmp_path / "script.py"], env=environment, capture_output=True, text=True, timeout=60
    )
    assert process.stdout == "once\n9\n"


def test_closing_ends_running_tasks(tmp_path: Path) -> None:
    pool = WorkerPool(2, sleeping)
    pool.submit(tmp_path / "started")
    while not (tmp_path / "started").exists():
        sleep(0.01)
    pool.close()
    with pytest.raises(ProcessLost):
        list(pool.remaining())
