"""Processes that work for a build: results in order, bounded work under way, none outlives the builder."""

import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from os import _exit
from threading import Thread
from typing import TypeVar

from searchsvc.errors import ProcessLost

Share = TypeVar("Share")
Result = TypeVar("Result")


class WorkerPool:
    """Works on shares in `count` processes, started when the first share comes.

    A process that is killed ends the build: ProcessLost is raised, by whatever asks for a result.
    """

    def __init__(self, count: int) -> None:
        context = get_context("forkserver")  # a fork of a process with threads may hang
        self._count = count
        self._pool = ProcessPoolExecutor(count, context, initializer=_begin)

    def submit(self, work: Callable[[Share], Result], share: Share) -> "Future[Result]":
        """`work`, a function of a module, done on `share`. Both, and the result, are pickled."""
        try:
            return self._pool.submit(work, share)
        except BrokenProcessPool as error:
            raise _lost() from error

    def in_order(self, work: Callable[[Share], Result], shares: Iterable[Share]) -> Iterator[Result]:
        """What `work` makes of each share; one share more than there are processes is read ahead."""
        under_way: deque[Future[Result]] = deque()
        for share in shares:
            under_way.append(self.submit(work, share))
            if len(under_way) > self._count:
                yield result(under_way.popleft())
        while under_way:
            yield result(under_way.popleft())

    def close(self) -> None:
        """Stop the processes, once each has ended its share."""
        self._pool.shutdown(cancel_futures=True)


def result(future: "Future[Result]") -> Result:
    """What the process made. Raises what it raised, and ProcessLost if it was killed."""
    try:
        return future.result()
    except BrokenProcessPool as error:
        raise _lost() from error


def _lost() -> ProcessLost:
    return ProcessLost(
        "a process of the build was killed, perhaps for want of memory; the previous index is still in use: "
        "rebuild with fewer --jobs or less --memory"
    )


def _begin() -> None:
    """What a process does first: leave Ctrl-C to the builder, and never outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_the_builder, daemon=True).start()


def _end_with_the_builder() -> None:
    builder = parent_process()
    if builder is not None:
        builder.join()
        _exit(1)
