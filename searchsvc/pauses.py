"""Pauses of expensive work while other requests need the processor.

Python runs one thread at a time, so an expensive search slows down every other. It calls `pause_if_needed` between its
steps, and the web server decides whether it pauses. Without a web server, nothing pauses.
"""

import math
import time
from collections.abc import Callable
from contextvars import ContextVar

EXPENSIVE = 0.02  # seconds of CPU time after its first step, from which a request pauses
MAX_SECONDS = 1.0  # of the pauses of one request
_INTERVAL = 0.001  # seconds between two checks


class Pauses:
    """Pauses of one request while `is_needed` returns True."""

    def __init__(self, is_needed: Callable[[], bool]) -> None:
        self._is_needed = is_needed
        self._seconds_left = MAX_SECONDS
        self._cpu_at_first_step: float | None = None

    def pause(self, until: float = math.inf) -> None:
        """Pause as long as needed, and up to the time `until` of the monotonic clock.

        Waiting, for a cluster or for a client, is no CPU time and makes no request expensive.
        """
        if self._cpu_at_first_step is None:
            self._cpu_at_first_step = time.thread_time()
        # Reading the CPU time is a system call of 2 µs, so it comes last.
        if not self._is_needed() or time.thread_time() - self._cpu_at_first_step < EXPENSIVE:
            return
        started = now = time.monotonic()
        end = min(until, started + self._seconds_left)
        while now < end and self._is_needed():
            time.sleep(_INTERVAL)
            now = time.monotonic()
        self._seconds_left -= now - started


_PAUSES: ContextVar[Pauses | None] = ContextVar("pauses", default=None)


def set_pauses(pauses: Pauses) -> None:
    """Let the rest of this request pause by `pauses`, in its threads too."""
    _PAUSES.set(pauses)


def pause_if_needed(until: float = math.inf) -> None:
    """Pause if the request is expensive and others need the processor. To be called between steps.

    `until`: time of the monotonic clock at which the pause ends in any case.
    """
    pauses = _PAUSES.get()
    if pauses is not None:
        pauses.pause(until)
