"""Exclusive lock on a file, which names the holder. A killed holder loses it."""

import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from searchsvc.errors import IndexBusy

_WRITE_SECONDS = 0.1  # a new holder has written its name within this time


@contextmanager
def exclusive_lock(path: Path, task: str) -> Iterator[None]:
    """Lock a file, created if missing, for the block. `task`, for the error, as in "rebuild".

    Raises IndexBusy if another process holds the lock, and OSError.
    """
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            time.sleep(_WRITE_SECONDS)  # until then the file may name a killed holder
            file.seek(0)
            holder = file.read(200).strip() or "another process"
            raise IndexBusy(f"another {task} is running ({holder}); wait for it to finish") from error
        file.truncate(0)
        file.write(f"process {os.getpid()} on {socket.gethostname()} since {datetime.now(UTC):%Y-%m-%d %H:%M:%S}Z")
        file.flush()
        try:
            yield
        finally:
            with suppress(OSError):
                file.truncate(0)
