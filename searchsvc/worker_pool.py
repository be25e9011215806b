"""Worker processes that share the work of the engine. No process outlives the builder.

Each process has a thread, which sends the next task while the builder reads documents. Unlike in `limited_workers`, a
killed process ends the build, as the index would lack documents.
"""

import importlib
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Any, Generic, TypeVar, cast

from searchsvc.errors import ProcessLost
from searchsvc.worker_process import WorkerProcess, WorkerTemplate

Task = TypeVar("Task")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _TaskResult:
    """Result of a task, or its exception."""

    value: Any
    error: Exception | None = None


class WorkerPool(Generic[Task, Result]):
    """Applies a function to tasks in `count` processes, started with the first tasks.

    Results are in the order of tasks. A killed process ends the build: its task and every later one raise ProcessLost.
    """

    def __init__(self, count: int, function: Callable[[Task], Result]) -> None:
        """`function`: a module-level function. It, tasks and results are pickled."""
        self._count, self._function = count, function
        self._pending: deque[Future[Result]] = deque()
        self._threads = ThreadPoolExecutor(count)  # each waits for one process
        self._idle: SimpleQueue[WorkerProcess] = SimpleQueue()
        self._forking = Lock()
        self._template: WorkerTemplate | None = None
        self._is_lost = False

    def submit(self, task: Task) -> list[Result]:
        """Submit a task. If enough tasks are pending, wait for the first and return its result.

        Raises ProcessLost and the exceptions of the function.
        """
        is_full = len(self._pending) > self._count  # one task waits, so that no process is idle
        results = [self._pending.popleft().result()] if is_full else []
        if self._is_lost:
            raise process_lost()
        if self._template is None:
            self._template = WorkerTemplate()
            self._template.load(partial(importlib.import_module, self._function.__module__))
        self._pending.append(self._threads.submit(self._run, self._template, task))
        return results

    def remaining(self) -> Iterator[Result]:
        """Wait for the pending tasks, and yield their results. Raises as `submit` does."""
        while self._pending:
            yield self._pending.popleft().result()

    def _run(self, template: WorkerTemplate, task: Task) -> Result:
        try:
            process = self._process(template)
            process.connection.send((self._function, task))
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
