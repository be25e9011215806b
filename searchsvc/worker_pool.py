"""Worker processes that share the work of the engine. No process outlives the builder."""

import signal
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from os import _exit
from threading import Thread
from typing import TypeVar

from searchsvc.errors import ProcessLost

Task = TypeVar("Task")
Result = TypeVar("Result")


class WorkerPool:
    """Runs tasks in `count` processes, started with the first task.

    A killed process ends the build: every wait for a result raises ProcessLost.
    """

    def __init__(self, count: int) -> None:
        context = get_context("forkserver")  # forking a process with threads may deadlock
        self._count = count
        self._pool = ProcessPoolExecutor(count, context, initializer=_initialize_worker)

    def submit(self, function: Callable[[Task], Result], task: Task) -> "Future[Result]":
        """Run `function`, a module-level function, on `task`. Function, task and result are pickled."""
        try:
            return self._pool.submit(function, task)
        except BrokenProcessPool as error:
            raise process_lost() from error

    def close(self) -> None:
        """Stop the processes after their current tasks."""
        self._pool.shutdown(cancel_futures=True)


def future_result(future: "Future[Result]") -> Result:
    """Wait for a result. Raises the exception of the task, and ProcessLost if the process was killed."""
    try:
        return future.result()
    except BrokenProcessPool as error:
        raise process_lost() from error


def process_lost() -> ProcessLost:
    """Return the error for a build whose process was killed."""
    return ProcessLost(
        "a build process was killed, perhaps for lack of memory; the previous index is still in use; "
        "rebuild with fewer --jobs or less --memory"
    )


def _initialize_worker() -> None:
    """Leave Ctrl-C to the builder, and exit when the builder exits."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_exit_with_parent, daemon=True).start()


def _exit_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        _exit(1)
