"""Users who may write an index folder, and so decide what the service answers.

The rules are those of ssh for its keys, except that a group may write: a warning shows it.
"""

import logging
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

_log = logging.getLogger("searchsvc.engine")


def access_problem(folder: Path) -> str | None:
    """Return why `folder` must not be opened: another user owns it, or every user may write it.

    Root is accepted as its owner: root can change every index anyway, and the files of an image belong to root.
    """
    with suppress(OSError):
        status, user = folder.stat(), os.geteuid()
        if status.st_uid not in (0, user):
            return (
                f"the index {folder} belongs to user {status.st_uid}, and searchsvc runs as user {user}; "
                f"run it as user {status.st_uid}, or give the folder to user {user}"
            )
        if status.st_mode & stat.S_IWOTH:
            return f"every user may write the index {folder}; run `chmod o-w {folder}`, and rebuild it if in doubt"
    return None


def access_warnings(folder: Path) -> tuple[str, ...]:
    """Return warnings, also logged once: a group may write `folder`, or every user may replace it."""
    warnings = tuple(_warnings(folder))
    for warning in warnings:
        _log_once(warning)
    return warnings


def _warnings(folder: Path) -> Iterator[str]:
    with suppress(OSError):
        if folder.stat().st_mode & stat.S_IWGRP:
            yield f"a group may write the index {folder}; run `chmod g-w {folder}`"
        for parent in folder.resolve().parents:
            mode = parent.stat().st_mode
            if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:  # in a sticky folder, only owners rename entries
                yield f"every user may replace the index in {parent}; run `chmod o-w {parent}`"


@lru_cache(maxsize=64)
def _log_once(warning: str) -> None:
    _log.warning("%s", warning)
