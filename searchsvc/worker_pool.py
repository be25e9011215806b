"""Worker processes that share the work of the engine. No process outlives the builder."""

import importlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Any, TypeVar, cast

from searchsvc.errors import ProcessLost
from searchsvc.worker_process import WorkerProcess, WorkerTemplate

Task = TypeVar("Task")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _TaskResult:
    """Result of a task, or its exception."""

    value: Any
    error: Exception | None = None


class WorkerPool:
    """Runs tasks in `count` processes, started with the first tasks.

    A killed process ends the build: its task and every later one raise ProcessLost.
    """

    def __init__(self, count: int) -> None:
        self._threads = ThreadPoolExecutor(count)  # each waits for one process
        self._idle: SimpleQueue[WorkerProcess] = SimpleQueue()
        self._forking = Lock()
        self._template: WorkerTemplate | None = None
        self._is_lost = False

    def submit(self, function: Callable[[Task], Result], task: Task) -> "Future[Result]":
        """Run `function`, a module-level function, on `task`. Function, task and result are pickled."""
        if self._is_lost:
            raise process_lost()
        if self._template is None:
            self._template = WorkerTemplate()
            self._template.load(partial(importlib.import_module, function.__module__))
        return self._threads.submit(self._run, self._template, function, task)

    def _run(self, template: WorkerTemplate, function: Callable[[Task], Result], task: Task) -> Result:
        try:
            process = self._process(template)
            process.connection.send((function, task))
            result: _TaskResult = process.connection.recv()
        except (EOFError, OSError) as error:
            self._is_lost = True
            raise process_lost() from error
        self._idle.put(process)
        if result.error is not None:
            raise result.error
        return cast(Result, result.value)

    def _process(self, template: WorkerTemplate) -> WorkerProcess:
        try:
            return self._idle.get_nowait()
        except Empty:
            with self._forking:
                return template.fork(serve)

    def close(self) -> None:
        """Kill the processes, and cancel tasks that have not ended."""
        if self._template is not None:
            self._template.close()
        self._threads.shutdown(cancel_futures=True)


def serve(connection: Connection) -> None:
    """Run tasks in a worker process until the builder closes the connection."""
    while True:
        try:
            function, task = connection.recv()
        except EOFError:
            return
        try:
            result = _TaskResult(function(task))
        except Exception as error:  # noqa: BLE001 - the outermost handler of this process; the builder raises it
            result = _TaskResult(None, error)
        connection.send(result)


def process_lost() -> ProcessLost:
    """Return the error for a build whose process was killed."""
    return ProcessLost(
        "a build process was killed, perhaps for lack of memory; the previous index is still in use; "
        "rebuild with fewer --jobs or less --memory"
    )
