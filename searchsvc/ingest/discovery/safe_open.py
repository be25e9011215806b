"""Opens files that strangers may have put there, and shows their names."""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from searchsvc.models.documents import SeedProblem


def shown_path(path: str) -> str:
    """A path that is safe to print: what is no printable Unicode is escaped."""
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def opened(folder: Path, path: str) -> BinaryIO | SeedProblem:
    """The regular file at `path` below `folder`, open for reading, or why it can't be had."""
    try:
        file = _opened(folder / path)
    except OSError as error:
        reason = "a link; links are not followed" if error.errno == errno.ELOOP else f"can't be read: {error.strerror}"
        return SeedProblem(shown_path(path), reason)
    return file or SeedProblem(shown_path(path), "not a regular file")


def _opened(path: Path) -> BinaryIO | None:
    # O_NONBLOCK: opening a pipe must not wait for a writer. The kind of file is asked of what
    # was opened, since the name may mean another file by then.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    return None
