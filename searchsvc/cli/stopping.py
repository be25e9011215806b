"""SIGTERM as an exception, so that a command ends in order and exits with 0."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Stopped(BaseException):
    """SIGTERM has arrived. Not an Exception, so that no handler mistakes it for an error, as with KeyboardInterrupt."""


@contextmanager
def stoppable() -> Iterator[None]:
    """Raise Stopped in the block on SIGTERM. For the main thread."""
    requested = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal requested
        requested = True
        raise Stopped

    previous = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except KeyboardInterrupt as error:
        if requested:  # watchfiles turns any exception of a signal handler into KeyboardInterrupt
            raise Stopped from error
        raise
    finally:
        signal.signal(signal.SIGTERM, previous)
