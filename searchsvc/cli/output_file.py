"""Files that commands write: replaced when complete, while pipes and devices are written as they are."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from searchsvc.engine.storage.durable_write import replacing

STDOUT = ("-", "/dev/stdout")


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """Yield a file for the content of `path`.

    A regular file is written next to the old one and renamed at the end of the block, so that an interrupted or failed
    command leaves the old one. A pipe or character device is opened and never replaced. Everything else is refused:
    a link, because somebody else may have placed it. Raises OSError and click.UsageError.
    """
    mode = _mode(path)
    if mode is None or stat.S_ISREG(mode):
        with replacing(path) as file:
            yield file
    elif _is_stream(_target_mode(path)):
        with _opened_stream(path) as file:
            yield file
    elif stat.S_ISLNK(mode):
        raise click.UsageError(f"{path} is a link; give the path of the file that it points to")
    else:
        raise click.UsageError(f"{path} is not a file, a pipe or a character device")


def _mode(path: Path) -> int | None:
    """Return type and permissions of `path` itself, None if there is none."""
    try:
        return path.lstat().st_mode
    except FileNotFoundError:
        return None


def _target_mode(path: Path) -> int:
    """Return type and permissions of the file that `path` leads to, 0 if there is none."""
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return 0


def _is_stream(mode: int) -> bool:
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


def _opened_stream(path: Path) -> BinaryIO:
    descriptor = os.open(path, os.O_WRONLY | os.O_NOCTTY | os.O_CLOEXEC)
    if _is_stream(os.fstat(descriptor).st_mode):  # it may have been replaced since
        return os.fdopen(descriptor, "wb")
    os.close(descriptor)
    raise click.UsageError(f"{path} was replaced in the meantime")
