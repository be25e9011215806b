"""SIGTERM as an exception, so that a command ends in order, says so, and exits with 0."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Stopped(BaseException):
    """SIGTERM has come. Not an Exception, so that nothing mistakes it for an error, as with KeyboardInterrupt."""


@contextmanager
def stoppable() -> Iterator[None]:
    """Raise Stopped in the block when SIGTERM comes. For the main thread."""
    requested = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal requested
        requested = True
        raise Stopped

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except KeyboardInterrupt as error:
        if requested:  # watchfiles makes a KeyboardInterrupt of any exception of a signal handler
            raise Stopped from error
        raise
    finally:
        signal.signal(signal.SIGTERM, before)
