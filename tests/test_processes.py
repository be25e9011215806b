"""Processes of a build: order, errors, and what happens when one is killed."""

import os
import signal
from collections.abc import Iterator
from contextlib import closing

import pytest

from searchsvc.errors import ProcessLost
from searchsvc.worker_pool import WorkerPool, future_result


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


def test_results_come_in_the_order_of_the_shares(processes: WorkerPool) -> None:
    assert list(processes.map_in_order(squared, range(20))) == [number * number for number in range(20)]


def test_what_a_process_raises_is_raised_here(processes: WorkerPool) -> None:
    with pytest.raises(ValueError, match="not 1"):
        list(processes.map_in_order(refused, [1, 2]))


def test_killed_process_ends_the_work_and_says_so(processes: WorkerPool) -> None:
    with pytest.raises(ProcessLost, match="a build process was killed"):
        list(processes.map_in_order(killed, range(20)))


def test_after_a_process_was_killed_no_work_is_taken(processes: WorkerPool) -> None:
    with pytest.raises(ProcessLost):
        future_result(processes.submit(killed, 1))
    with pytest.raises(ProcessLost):
        processes.submit(squared, 2)
