"""The command version, in a module of its own because it imports nothing else."""

import click

from searchsvc import __version__
from searchsvc.cli.options import Command


@click.command(cls=Command)
def version() -> None:
    """Print the version."""
    click.echo(__version__)
