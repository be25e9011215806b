"""Pauses of expensive work while other requests need the processor.

Python runs one thread at a time, so an expensive search slows down every other. It checks between its steps whether
it is to pause. The web server says when; without it, nothing pauses.
"""

import time
from collections.abc import Callable
from contextvars import ContextVar

MOST = 0.3  # seconds of pauses of one request
_STEP = 0.001  # seconds


class Pauses:
    """Pauses of one request, of MOST seconds in all, while `is_needed` returns True."""

    def __init__(self, is_needed: Callable[[], bool]) -> None:
        self._is_needed = is_needed
        self._left = MOST

    def take(self) -> None:
        """Pause as long as needed and allowed."""
        while self._left > 0 and self._is_needed():
            time.sleep(_STEP)
            self._left -= _STEP


_PAUSES: ContextVar[Pauses | None] = ContextVar("pauses", default=None)


def use_pauses(pauses: Pauses) -> None:
    """Let the rest of this request, in its threads too, take `pauses`."""
    _PAUSES.set(pauses)


def pause_if_needed() -> None:
    """Pause if the request is expensive and others need the processor. To be called between steps."""
    pauses = _PAUSES.get()
    if pauses is not None:
        pauses.take()
