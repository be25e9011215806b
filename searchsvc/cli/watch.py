"""Watching of the seed folder: update the index after each change, once the folder has been quiet for a while."""

import importlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from rich.text import Text

from searchsvc.cli.notices import notice
from searchsvc.cli.output import print_nothing_to_index, print_report
from searchsvc.cli.safe_console import err
from searchsvc.cli.stopping import Stopped, stoppable
from searchsvc.errors import ExtraBroken, ExtraMissing, SearchServiceError
from searchsvc.extras import importing
from searchsvc.running_build import BuildProgress
from searchsvc.service import SearchService

QUIET = 2.0  # seconds without a change before an update
_LONGEST = 30.0  # maximum delay of an update under continuous changes, in seconds
_LOOK = 60.0  # seconds between scans in case events were lost
_NOTHING = "nothing to index"

Scan = dict[str, tuple[int, int]]


def follow(service: SearchService, folder: Path) -> None:
    """Update the index now and after each change, until SIGTERM or Ctrl-C (KeyboardInterrupt).

    An error is printed once, and the update repeated at the next scan, when the folder may be back or the disk have
    space again. The previous index is in use meanwhile.
    """
    reported = ""
    try:
        with stoppable():
            for _ in changes(folder):
                reported = _updated(service, folder, reported)
    except (Stopped, KeyboardInterrupt) as end:
        notice(Text(f"Stopped watching {folder}."))
        if isinstance(end, KeyboardInterrupt):
            raise


def _updated(service: SearchService, folder: Path, reported: str) -> str:
    """Update once; return the error, printed unless it equals `reported`, the error of the previous update."""
    try:
        report = service.update(_silent)
    except (SearchServiceError, OSError) as error:
        if str(error) != reported:
            err.print(Text(f"searchsvc: {error}", style="red"))
        return str(error)
    if not report.up_to_date:
        print_report(report, folder)
    if report.generation is not None:
        return ""
    if reported != _NOTHING:
        print_nothing_to_index(folder, in_use=bool(service.generations()))
    return _NOTHING


def _silent(progress: BuildProgress) -> None:
    """Ignore the progress of an update, which runs unattended."""


def changes(folder: Path) -> Iterator[None]:
    """Yield once at the start, then after each change of the folder, when it has been quiet for a while.

    Changes come from file-system events with the extra `watch`, else from polling. Changes while the caller works
    count too.
    """
    watchfiles = _watchfiles()
    return _poll(folder) if watchfiles is None else _watch(watchfiles, folder)


def _watchfiles() -> ModuleType | None:
    """Return the library that reports changes, None if it is unusable and the folder must be polled."""
    try:
        with importing("watch", "watchfiles", "watching without scanning"):
            return importlib.import_module("watchfiles")
    except ExtraMissing:
        return None
    except ExtraBroken as error:
        err.print(Text(f"searchsvc: {error}", style="yellow"))
        return None


def _watch(watchfiles: ModuleType, folder: Path) -> Iterator[None]:
    last = scan(folder)
    yield
    while (now := scan(folder)) != last:  # the library does not report changes from before its start
        last = now
        yield
    while True:
        try:
            watched = folder.stat().st_ino
            events = watchfiles.watch(
                folder,
                debounce=int(_LONGEST * 1000),
                step=int(QUIET * 1000),
                rust_timeout=int(_LOOK * 1000),
                yield_on_timeout=True,
                raise_interrupt=True,
            )
            for _ in events:
                yield
                if folder.stat().st_ino != watched:
                    break
        except OSError:  # the folder has vanished, or contains more folders than the system can watch
            time.sleep(QUIET)
            yield


def _poll(folder: Path) -> Iterator[None]:
    while True:
        last = previous = scan(folder)
        yield
        began = time.monotonic()
        while time.monotonic() - began < _LOOK:
            time.sleep(QUIET)
            now = scan(folder)
            if now != last and (now == previous or time.monotonic() - began > _LONGEST):
                break
            previous = now


def scan(folder: Path) -> Scan:
    """Return size and time of every file in a folder, by path; unreadable files are left out."""
    files: Scan = {}
    for at, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(at, name)  # noqa: PTH118 - a Path for each of 100,000 files takes a second
            try:
                status = os.stat(path, follow_symlinks=False)  # noqa: PTH116
            except OSError:
                continue
            files[path] = (status.st_size, status.st_mtime_ns)
    return files
