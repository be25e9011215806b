"""Watching of the seed folder: update the index after each change, once the folder has been quiet for a while."""

import importlib
import os
import time
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
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
_SCAN_INTERVAL = 60.0  # seconds between scans of the whole folder, in case events were lost
_SCAN_SHARE = 50  # the interval is at least the time of the last update with a scan, multiplied by this
_NOTHING = "nothing to index"

Scan = dict[str, tuple[int, int]]
Paths = AbstractSet[str]


def follow(service: SearchService, folder: Path) -> None:
    """Update the index now and after each change, until SIGTERM or Ctrl-C (KeyboardInterrupt).

    An error is printed once, and the update repeated at the next scan, when the folder may be back or the disk have
    space again. The previous index is in use meanwhile.
    """
    watched = _FolderWatch(service, folder)
    try:
        with stoppable():
            for paths in changes(folder):
                watched.update(paths)
    except (Stopped, KeyboardInterrupt) as end:
        notice(Text(f"Stopped watching {folder}."))
        if isinstance(end, KeyboardInterrupt):
            raise


class _FolderWatch:
    """The index of a watched folder, with the result of the last update."""

    def __init__(self, service: SearchService, folder: Path) -> None:
        self._service, self._folder = service, folder
        self._reported = ""  # error of the last update
        self._generation: str | None = None  # of the last update that looked at all changes until then
        self._next_scan = 0.0  # time of the next update that looks at the whole folder

    def update(self, paths: Paths | None) -> None:
        """Update once, unless `paths` is empty. An error is printed unless it is that of the previous update.

        The whole folder is looked at, not only `paths`, from time to time, after an error, and if the index in use is
        not that of the last update.
        """
        began = time.monotonic()
        try:
            if began >= self._next_scan or self._current() != self._generation:
                paths = None
            elif paths is not None and not paths:
                return
            report = self._service.update(_silent, paths)
        except (SearchServiceError, OSError) as error:
            self._generation = None
            self._report(str(error))
            return
        self._generation = report.generation
        if paths is None:
            ended = time.monotonic()
            self._next_scan = ended + max(_SCAN_INTERVAL, _SCAN_SHARE * (ended - began))
        if not report.up_to_date:
            print_report(report, self._folder)
        if report.generation is None and self._reported != _NOTHING:
            print_nothing_to_index(self._folder, in_use=bool(self._service.generations()))
        self._reported = "" if report.generation else _NOTHING

    def _current(self) -> str | None:
        return next((each.name for each in self._service.generations() if each.current), None)

    def _report(self, error: str) -> None:
        if error != self._reported:
            err.print(Text(f"searchsvc: {error}", style="red"))
        self._reported = error


def _silent(progress: BuildProgress) -> None:
    """Ignore the progress of an update, which runs unattended."""


def changes(folder: Path) -> Iterator[Paths | None]:
    """Yield once at the start, then after each change of the folder, when it has been quiet for a while.

    Yields the changed paths, relative to the folder; None if anything may have changed; no paths after a minute without
    a change. Changes come from file-system events with the extra `watch`, else from polling. Changes while the caller
    works count too.
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


def _watch(watchfiles: ModuleType, folder: Path) -> Iterator[Paths | None]:
    last = scan(folder)
    yield None
    while (now := scan(folder)) != last:  # the library does not report changes from before its start
        yield difference(folder, last, now)
        last = now
    while True:
        try:
            watched, root = folder.stat().st_ino, str(folder.resolve())
            events = watchfiles.watch(
                root,
                watch_filter=None,
                debounce=int(_LONGEST * 1000),
                step=int(QUIET * 1000),
                rust_timeout=int(_SCAN_INTERVAL * 1000),
                yield_on_timeout=True,
                raise_interrupt=True,
            )
            for events_at_once in events:
                yield _relative(root, [path for _, path in events_at_once])
                if folder.stat().st_ino != watched:
                    break
        except OSError:  # the folder has vanished, or contains more folders than the system can watch
            time.sleep(QUIET)
            yield None
        except RuntimeError as error:  # of the library: a name is not UTF-8
            err.print(Text(f"searchsvc: watching by scanning from now on: {error}", style="yellow"))
            yield from _poll(folder)


def _relative(root: str, paths: Iterable[str]) -> Paths | None:
    """Return paths relative to the folder, None if one is not in it."""
    below = frozenset(path.removeprefix(f"{root}/") for path in paths)
    return None if any(path.startswith("/") for path in below) else below


def _poll(folder: Path) -> Iterator[Paths | None]:
    before = scan(folder)
    yield None
    while True:
        now = _changed(folder, before)
        yield difference(folder, before, now)
        before = now


def _changed(folder: Path, before: Scan) -> Scan:
    """Return a scan of the folder when it has changed and is quiet again, or after _SCAN_INTERVAL seconds."""
    previous, began = before, time.monotonic()
    while time.monotonic() - began < _SCAN_INTERVAL:
        time.sleep(QUIET)
        now = scan(folder)
        if now != before and (now == previous or time.monotonic() - began > _LONGEST):
            return now
        previous = now
    return previous


def difference(folder: Path, earlier: Scan, later: Scan) -> Paths | None:
    """Return the paths in which two scans of a folder differ, relative to it."""
    return _relative(str(folder), {path for path, _ in earlier.items() ^ later.items()})


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
