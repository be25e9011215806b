"""Worker processes with a limit on CPU time: an item that exceeds it costs its process, not the build.

The processes are forked from a template that has loaded libraries and data, so that a further process costs a hundredth
of a second. Items arrive and results leave through a socket. Unlike in `worker_pool`, a killed process is replaced: its
task is repeated item by item, and an item at fault keeps the results that it gave.
"""

import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from multiprocessing.connection import Connection, wait
from typing import Generic, Protocol, TypeVar, cast

from searchsvc.worker_pool import process_lost
from searchsvc.worker_process import WorkerProcess, WorkerTemplate

CPU_SECONDS = 10.0  # of one item, or between two results of one item
_MOST_KILLED = 5  # items whose process was killed by another than the limit; then the machine is at fault
_MOST_WAITING = 4  # messages that are received ahead of their turn

Item = TypeVar("Item")
Result = TypeVar("Result")
Item_contra = TypeVar("Item_contra", contravariant=True)
Result_co = TypeVar("Result_co", covariant=True)


class LimitedWork(Protocol[Item_contra, Result_co]):
    """Work on items, pickled once for each process."""

    def prepare(self, items: Sequence[Item_contra]) -> None:
        """Load libraries and data, outside the limit."""

    def __call__(self, items: Sequence[Item_contra]) -> Iterator[Result_co]:
        """Yield the results of the items. The limit applies to the time between two results."""


@dataclass(frozen=True, slots=True)
class LostItem(Generic[Item]):
    """An item whose process ended before the item did, and the reason."""

    item: Item
    reason: str


_Work = LimitedWork[object, object]


@dataclass(eq=False, slots=True)
class _Task:
    """Neighbouring items for one process, and the results received so far."""

    work: _Work
    items: Sequence[object]
    results: deque[Sequence[object]] = field(default_factory=deque)
    is_started: bool = False
    is_done: bool = False


@dataclass(frozen=True, slots=True)
class _Message:
    """Results on their way to the builder. `error`: exception of the work, which ends the build."""

    results: Sequence[object]
    is_last: bool = False
    error: Exception | None = None


class LimitedWorkers:
    """Runs work on tasks of items in up to `count` processes, started when they are first needed.

    A task that loses its process is repeated item by item. The item at fault becomes a LostItem in place of its
    results, or after the results that it gave.
    """

    def __init__(self, count: int, cpu_seconds: float) -> None:
        self.count, self._limit = count, cpu_seconds
        self._template: WorkerTemplate | None = None
        self._processes: list[_LimitedProcess] = []
        self._order: deque[_Task] = deque()
        self._killed = 0

    @property
    def is_started(self) -> bool:
        return self._template is not None

    def start(self, loading: Callable[[], object]) -> None:
        """Start the template of the processes, which calls `loading`, while the builder does other work.

        `loading` is pickled. Its exceptions are ignored: processes load what they lack.
        """
        if self._template is None:
            self._template = WorkerTemplate()
            self._template.load(loading)

    def run(
        self, work: LimitedWork[Item, Result], tasks: Iterable[Sequence[Item]]
    ) -> Iterator[Result | LostItem[Item]]:
        """Yield the results of all tasks, in order. A few tasks are read ahead. Raises ProcessLost.

        To be exhausted, or ended by `close`, before the next call.
        """
        started = (_Task(cast(_Work, work), items) for items in tasks)
        return cast(Iterator[Result | LostItem[Item]], self._run(started))

    def _run(self, remaining: Iterator[_Task]) -> Iterator[object]:
        while True:
            self._start_tasks(remaining)
            if not self._order:
                return
            head = self._order[0]
            if head.results:
                yield from head.results.popleft()
            elif head.is_done:
                self._order.popleft()
            else:
                self._receive()

    def close(self) -> None:
        """Kill the processes. Another run starts new ones."""
        if self._template is not None:
            self._template.close()
            self._template = None
        self._processes.clear()
        self._order.clear()

    def _start_tasks(self, remaining: Iterator[_Task]) -> None:
        self._order.extend(islice(remaining, max(0, 2 * self.count - len(self._order))))
        waiting = deque(task for task in self._order if not task.is_started)
        while waiting and (process := self._idle_process()) is not None:
            if process.start(waiting[0]):
                waiting.popleft()
            else:
                self._lose(process)

    def _idle_process(self) -> "_LimitedProcess | None":
        idle = next((process for process in self._processes if process.task is None), None)
        if idle is None and len(self._processes) < self.count:
            idle = _LimitedProcess(self._forked())
            self._processes.append(idle)
        return idle

    def _forked(self) -> WorkerProcess:
        if self._template is None:
            self._template = WorkerTemplate()
        try:
            return self._template.fork(partial(serve, self._limit))
        except OSError as error:
            raise process_lost() from error

    def _receive(self) -> None:
        """Wait for messages. A process whose results have no turn yet waits with further results."""
        running = {
            process.connection: process
            for process in self._processes
            if process.task is not None
            and (process.task is self._order[0] or len(process.task.results) < _MOST_WAITING)
        }
        for connection in wait(list(running)):
            process = running[cast(Connection, connection)]
            if not process.receive():
                self._lose(process)

    def _lose(self, process: "_LimitedProcess") -> None:
        """Replace a process that has ended. Its task is repeated item by item, or its only item is lost."""
        self._processes.remove(process)
        over_limit, task = process.was_over_limit(), process.task
        if task is not None and len(task.items) > 1:
            at = self._order.index(task)
            self._order.remove(task)
            for item in reversed(task.items):
                self._order.insert(at, _Task(task.work, [item]))
            return
        self._killed += not over_limit
        if self._killed > _MOST_KILLED:
            raise process_lost()
        if task is not None:
            reason = f"took more than {self._limit:g} s of CPU" if over_limit else _KILLED
            task.results.append([LostItem(task.items[0], reason)])
            task.is_done = True


_KILLED = "its process was killed, perhaps for lack of memory"


class _LimitedProcess:
    """One worker process, its work and its current task."""

    def __init__(self, process: WorkerProcess) -> None:
        self.task: _Task | None = None
        self._work: _Work | None = None
        self._process = process
        self.connection = process.connection

    def start(self, task: _Task) -> bool:
        """Send a task; return whether the process still runs."""
        try:
            self.connection.send((None if task.work is self._work else task.work, list(task.items)))
        except OSError:
            return False
        self.task, self._work, task.is_started = task, task.work, True
        return True

    def receive(self) -> bool:
        """Receive a message; return whether the process still runs. Raises the exception of the work."""
        assert self.task is not None
        try:
            message: _Message = self.connection.recv()
        except (EOFError, OSError):
            return False
        if message.error is not None:
            raise message.error
        self.task.results.append(message.results)
        if message.is_last:
            self.task.is_done, self.task = True, None
        return True

    def was_over_limit(self) -> bool:
        """Return whether the limit ended the process. Raises ProcessLost if it failed by itself."""
        try:
            code = self._process.exit_code()
        except (EOFError, OSError) as error:
            raise process_lost() from error
        if code >= 0:
            raise process_lost()
        return code == -signal.SIGPROF


def serve(limit: float, connection: Connection) -> None:
    """Run tasks in a worker process until the builder closes the connection."""
    # The default action ends the process at once, also while C code runs that never returns to the interpreter.
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    work: _Work | None = None
    while True:
        try:
            other_work, items = connection.recv()
        except EOFError:
            return
        work = other_work or work
        assert work is not None
        for message in _messages(work, items, limit):
            connection.send(message)


def _messages(work: _Work, items: Sequence[object], limit: float) -> Iterator[_Message]:
    """Yield the results of one item as they come, of several items together: so several items can be repeated."""
    together: list[object] = []
    try:
        for result in _results(work, items, limit):
            if len(items) == 1:
                yield _Message([result])
            else:
                together.append(result)
    except Exception as error:  # noqa: BLE001 - the outermost handler of this process; the builder raises it
        signal.setitimer(signal.ITIMER_PROF, 0)
        yield _Message([], is_last=True, error=error)
        return
    yield _Message(together, is_last=True)


def _results(work: _Work, items: Sequence[object], limit: float) -> Iterator[object]:
    work.prepare(items)
    signal.setitimer(signal.ITIMER_PROF, limit)
    for result in work(items):
        signal.setitimer(signal.ITIMER_PROF, limit)
        yield result
    signal.setitimer(signal.ITIMER_PROF, 0)
