"""Safe opening of files that strangers may have placed, and safe display of their names."""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from searchsvc.models.documents import SeedProblem

LINK = "a link; links are not followed"
_IN_LINK = "in a folder that became a link; links are not followed"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


def shown_path(path: str) -> str:
    """Return a path that is safe to print. Everything but printable Unicode is escaped."""
    if path.isprintable():
        return path
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def opened(folder: Path, path: str) -> BinaryIO | SeedProblem:
    """Open the regular file at `path` below `folder`, or return the problem.

    Folders are opened one by one, and none of them may be a link: a folder may become a link while seeds are read.
    """
    *parents, name = path.split("/")
    descriptors: list[int] = []
    try:
        descriptors.append(open_folder(folder))
        for parent in parents:
            descriptors.append(open_subfolder(descriptors[-1], parent))
    except OSError as error:
        reason = _IN_LINK if error.errno == errno.ELOOP else _reason(error)
        return SeedProblem(shown_path(path), reason)
    else:
        return opened_in(descriptors[-1], name, path)
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def opened_in(folder: int, name: str, path: str) -> BinaryIO | SeedProblem:
    """Open the regular file `name` in an open folder, or return the problem of `path`."""
    try:
        file = _opened(folder, name)
    except OSError as error:
        return SeedProblem(shown_path(path), _reason(error))
    return file or SeedProblem(shown_path(path), "not a regular file")


def open_folder(folder: Path) -> int:
    """Return a descriptor of the seed folder, which itself may be a link. Raises OSError."""
    return os.open(folder, _FOLDER)


def open_subfolder(folder: int, name: str) -> int:
    """Return a descriptor of a folder in an open folder. Raises OSError, with ELOOP for a link."""
    try:
        return os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)
    except NotADirectoryError as error:
        if stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from error
        raise


def _reason(error: OSError) -> str:
    return LINK if error.errno == errno.ELOOP else f"can't be read: {error.strerror}"


def _opened(folder: int, name: str) -> BinaryIO | None:
    # O_NONBLOCK: opening a pipe must not wait for a writer. The file type is read from the descriptor, since the name
    # may refer to another file by then.
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    return None
