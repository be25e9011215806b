"""Ctrl-C during a build: one line that says which index is in use, and its exit code."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.text import Text

from searchsvc.cli.exit_codes import INTERRUPTED
from searchsvc.cli.safe_console import err
from searchsvc.errors import SearchServiceError
from searchsvc.service import SearchService


@contextmanager
def interruptible(ctx: click.Context, service: SearchService) -> Iterator[None]:
    """Run the block, which builds an index, until its end or Ctrl-C."""
    previous = _in_use(service)
    try:
        yield
    except KeyboardInterrupt:
        err.print(Text(f"searchsvc: interrupted; {_state(previous, _in_use(service))}", style="red"))
        ctx.exit(INTERRUPTED)


def _in_use(service: SearchService) -> str | None:
    """Return the name of the generation in use, None if there is none or it is unknown."""
    try:
        return next((each.name for each in service.generations() if each.current), None)
    except SearchServiceError:
        return None


def _state(previous: str | None, current: str | None) -> str:
    if current is None:
        return "there is no index yet"
    return "the previous index is still in use" if current == previous else "the new index is already in use"
