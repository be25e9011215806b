"""Safe opening of files that strangers may have placed, and safe display of their names."""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from searchsvc.models.documents import SeedProblem


def shown_path(path: str) -> str:
    """Return a path that is safe to print. Everything but printable Unicode is escaped."""
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def opened(folder: Path, path: str) -> BinaryIO | SeedProblem:
    """Open the regular file at `path` below `folder`, or return the problem."""
    try:
        file = _opened(folder / path)
    except OSError as error:
        reason = "a link; links are not followed" if error.errno == errno.ELOOP else f"can't be read: {error.strerror}"
        return SeedProblem(shown_path(path), reason)
    return file or SeedProblem(shown_path(path), "not a regular file")


def _opened(path: Path) -> BinaryIO | None:
    # O_NONBLOCK: opening a pipe must not wait for a writer. The file type is read from the descriptor, since the name
    # may refer to another file by then.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    return None
