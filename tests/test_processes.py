"""Processes that share the work of the engine: results, errors, and the loss of one."""

import os
import signal
from collections.abc import Iterator
from contextlib import closing

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
