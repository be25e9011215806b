"""The command line."""

from searchsvc.cli.main import main

__all__ = ["main"]
