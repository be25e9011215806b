"""Processes that share the work of the engine: results, errors, and the loss of one."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
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


def sleeping(seconds: int) -> None:
    sleep(seconds)


@pytest.fixture
def processes() -> Iterator[WorkerPool]:
    with closing(WorkerPool(2)) as running:
        yield running


def test_result_of_a_task_is_returned(processes: WorkerPool) -> None:
    assert processes.submit(squared, 7).result() == 49


def test_what_a_process_raises_is_raised_here(processes: WorkerPool) -> None:
    with pytest.raises(ValueError, match="not 1"):
        processes.submit(refused, 1).result()


def test_after_a_process_was_killed_no_work_is_taken(processes: WorkerPool) -> None:
    with pytest.raises(ProcessLost, match="a build process was killed"):
        processes.submit(killed, 1).result()
    with pytest.raises(ProcessLost):
        processes.submit(squared, 2)


SCRIPT = """
from searchsvc.worker_pool import WorkerPool
from tests.test_processes import squared
print("once")
pool = WorkerPool(2)
print(pool.submit(squared, 3).result())
pool.close()
"""


def test_script_without_a_guarded_main_module_runs_once(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    process = subprocess.run(
        [sys.executable, tmp_path / "script.py"], env=environment, capture_output=True, text=True, timeout=60
    )
    assert process.stdout == "once\n9\n"


def test_closing_ends_running_tasks(processes: WorkerPool) -> None:
    running = processes.submit(sleeping, 600)
    processes.submit(squared, 1).result()
    processes.close()
    with pytest.raises(ProcessLost):
        running.result()
