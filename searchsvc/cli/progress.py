"""Progress of a build: a bar on a terminal, elsewhere a line every ten seconds."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
from rich.text import Text

from searchsvc.cli.notices import is_quiet
from searchsvc.cli.safe_console import err
from searchsvc.plurals import counted
from searchsvc.running_build import BuildProgress

EVERY = 10.0  # seconds between two lines
_MINUTE, _HOUR = 60, 3600


class _DetailsColumn(ProgressColumn):
    """Files, rate and remaining time of a build."""

    def render(self, task: Task) -> Text:
        progress: BuildProgress | None = task.fields["progress"]
        return Text(_details(progress) if progress else "")


@contextmanager
def shown_progress() -> Iterator[Callable[[BuildProgress], None]]:
    """Show the progress of a build while the block runs, and yield the function that takes it."""
    if is_quiet():
        yield _ignore
        return
    if not err.is_terminal:
        yield _lines()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), _DetailsColumn())
    with Progress(*columns, console=err.console, transient=True) as bar:
        task = bar.add_task("", total=None, progress=None)

        def move(progress: BuildProgress) -> None:
            total = None if progress.share is None else 1.0
            bar.update(task, description=_step(progress), completed=progress.share or 0, total=total, progress=progress)

        yield move


def _ignore(progress: BuildProgress) -> None:
    """Show nothing."""


def _lines() -> Callable[[BuildProgress], None]:
    """Return a function that prints a line for the first progress after each ten seconds."""
    last = time.monotonic()

    def show(progress: BuildProgress) -> None:
        nonlocal last
        if time.monotonic() - last >= EVERY:
            last = time.monotonic()
            err.print(f"{_step(progress)}: {_details(progress)}")

    return show


def _step(progress: BuildProgress) -> str:
    return progress.step.capitalize()


def _details(progress: BuildProgress) -> str:
    """Return files, share, rate and remaining time; for an import the total and therefore the time are unknown."""
    rate = f"{progress.files_per_second:,.0f}/s"
    if progress.total is None:
        return f"{counted(progress.done, 'document')}, {rate}"
    remaining = progress.remaining_seconds
    left = [] if remaining is None else [f"{_duration(remaining)} left"]
    files = f"{progress.done:,} of {counted(progress.total, 'file')}"
    return ", ".join([files, f"{progress.share or 0:.0%} of the build", rate, *left])


def _duration(seconds: float) -> str:
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"
