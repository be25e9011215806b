"""Notices and confirmations, which `--quiet` suppresses."""

import click
from rich.text import Text

from searchsvc.cli.options import shared_options
from searchsvc.cli.safe_console import err, out


def is_quiet() -> bool:
    """Return whether the running command has the option --quiet."""
    ctx = click.get_current_context(silent=True)
    return ctx is not None and shared_options(ctx).quiet


def notice(text: Text | str) -> None:
    """Print a remark on the work of a command to standard error, unless the command is quiet."""
    if not is_quiet():
        err.print(text)


def confirm(text: Text | str) -> None:
    """Print the effect of a command to standard output, unless the command is quiet. Raises OSError."""
    if not is_quiet():
        out.print(text)
