"""Worker processes with a limit on CPU time: an item that exceeds it costs its process, not the build.

A process is a Python interpreter of its own, which loads nothing of the main program. So builds run in scripts and in
threads. Items arrive and results leave through a socket; standard input only shows that the builder has exited.
"""

import json
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing.connection import Connection, Pipe, wait
from threading import Thread
from typing import Generic, Protocol, TypeVar, cast

from searchsvc.worker_pool import process_lost

CPU_SECONDS = 10.0  # of one item, or between two results of one item
_MOST_KILLED = 5  # items whose process was killed by another than the limit; then the machine is at fault
_MOST_WAITING = 4  # messages that are received ahead of their turn
_BOOT = """\
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from searchsvc.limited_workers import serve
serve(int(sys.argv[2]), float(sys.argv[3]))
"""

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
        self._processes: list[_Process] = []
        self._order: deque[_Task] = deque()
        self._killed = 0

    def start(self) -> None:
        """Start a process, which takes half a second, while the builder does other work."""
        if not self._processes:
            self._processes.append(_Process(self._limit))

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
        for process in self._processes:
            process.kill()
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

    def _idle_process(self) -> "_Process | None":
        idle = next((process for process in self._processes if process.task is None), None)
        if idle is None and len(self._processes) < self.count:
            idle = _Process(self._limit)
            self._processes.append(idle)
        return idle

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

    def _lose(self, process: "_Process") -> None:
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


class _Process:
    """One worker process, its work and its current task."""

    def __init__(self, limit: float) -> None:
        self.task: _Task | None = None
        self._work: _Work | None = None
        self.connection, theirs = Pipe()
        with theirs:
            arguments = [json.dumps(sys.path), str(theirs.fileno()), str(limit)]
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _BOOT, *arguments],
                stdin=subprocess.PIPE,
                pass_fds=[theirs.fileno()],
                process_group=0,  # Ctrl-C is for the builder
            )

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
        self._close()
        code = self._process.wait()
        if code >= 0:
            raise process_lost()
        return code == -signal.SIGPROF

    def kill(self) -> None:
        self._process.kill()
        self._close()
        self._process.wait()

    def _close(self) -> None:
        self.connection.close()
        assert self._process.stdin is not None
        self._process.stdin.close()


def serve(descriptor: int, limit: float) -> None:
    """Run tasks in a worker process until the builder closes the connection."""
    Thread(target=_exit_with_builder, daemon=True).start()
    # The default action ends the process at once, also while C code runs that never returns to the interpreter.
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    connection = Connection(descriptor)
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


def _exit_with_builder() -> None:
    os.read(0, 1)
    os._exit(1)


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
