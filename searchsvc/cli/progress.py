"""Progress of a build: a bar on a terminal, nothing elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from searchsvc.cli.safe_console import err
from searchsvc.running_build import BuildProgress


class _RateColumn(ProgressColumn):
    """Items per second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f}/s" if task.speed else "")


@contextmanager
def progress_bar() -> Iterator[Callable[[BuildProgress], None]]:
    """Show a bar while the block runs, and yield the function that moves it."""
    description, rate, left = TextColumn("{task.description}"), _RateColumn(), TimeRemainingColumn()
    columns = (description, BarColumn(), MofNCompleteColumn(), rate, left)
    with Progress(*columns, console=err.console, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("", total=None)
        yield lambda progress: bar.update(
            task, description=progress.step.capitalize(), completed=progress.done, total=progress.total
        )
