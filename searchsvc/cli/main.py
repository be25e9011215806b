"""The command group: names and summaries of all commands; a command is imported only when it runs."""

import difflib
import errno
import gc
import importlib
import io
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from searchsvc import __version__
from searchsvc.cli.exit_codes import INTERRUPTED, IO_FAILED, NOTHING, exit_code
from searchsvc.cli.options import Group
from searchsvc.errors import LOG_FORMAT, SearchServiceError
from searchsvc.terminal_text import log_to_stderr, terminal_text

# By name: module and function in searchsvc.cli.commands, and the first sentence of the function's help.
COMMANDS: Mapping[str, tuple[str, str]] = {
    "rebuild": ("indexing.rebuild", "Rebuild the index and switch to it when complete."),
    "update": ("indexing.update", "Update the index to match the folder."),
    "serve": ("serving.serve", "Serve the search page and the JSON endpoints."),
    "demo": ("serving.demo", "Try it: serve a dozen sample articles."),
    "search": ("searching.search", "Search the index."),
    "show": ("documents.show", "Show a document."),
    "similar": ("documents.similar", "List documents similar to one."),
    "suggest": ("searching.suggest", "Complete a partial query."),
    "clean": ("documents.clean", "Clean one file, or report on a folder."),
    "stats": ("maintenance.stats", "Show counts, size and build problems of the index."),
    "eval": ("searching.evaluate", "Measure ranking quality with judged queries."),
    "check": ("maintenance.check", "Verify every file of the index."),
    "index": ("maintenance.index", "List generations of the index, or roll back."),
    "config": ("maintenance.config", "Show the settings."),
    "export": ("documents.export_documents", "Export every clean document as JSON Lines."),
    "import": ("indexing.import_documents", "Build the index from an export."),
    "alerts": ("alerts.alerts", "Report articles that are new for saved queries."),
    "mcp": ("mcp.mcp", "Serve the index to language models, as an MCP server."),
    "model": ("sentence_model.model", "Try a sentence embedding model."),
    "openapi": ("serving.openapi", "Print the OpenAPI document of the JSON endpoints."),
    "completion": ("completion.completion", "Print the completion script of a shell."),
    "version": ("version.version", "Print the version."),
}


class _LazyGroup(Group):
    """A group that imports a command when it is called, and turns errors into messages and exit codes."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run the command line; every error of a file or stream is one line and an exit code."""
        with _failing_in_one_line():
            return super().main(*args, **extra)

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        with _safe_messages():
            return super().make_context(*args, **extra)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        is_typo = name not in COMMANDS and not ctx.resilient_parsing  # of which completion prints nothing
        near = difflib.get_close_matches(name, COMMANDS, n=1) if is_typo else []
        if near:
            raise click.UsageError(f"No such command {name!r}. Did you mean {near[0]!r}?", ctx)
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, function = COMMANDS[cmd_name][0].partition(".")
        gc.disable()  # imported objects are permanent, so collections during imports are wasted
        try:
            command: click.Command = getattr(importlib.import_module(f"searchsvc.cli.commands.{module}"), function)
        finally:
            gc.enable()
        gc.freeze()
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem[str]]":
        """Complete a command or an option; the method of click would import every command for its help."""
        summaries = {name: summary for name, (_, summary) in COMMANDS.items() if name.startswith(incomplete)}
        commands = [CompletionItem(name, help=summary) for name, summary in summaries.items()]
        return [*commands, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with _safe_messages():
                return super().invoke(ctx)
        except SearchServiceError as error:
            _complain(str(error))
            ctx.exit(exit_code(error))


@contextmanager
def _safe_messages() -> Iterator[None]:
    """Print the messages of click with escapes, as they repeat arguments and file names, and one line for Ctrl-C."""
    try:
        yield
    except click.ClickException as error:
        message = io.StringIO()
        error.show(message)
        with suppress(OSError):
            click.echo(terminal_text(message.getvalue()), nl=False, err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:  # click's own handler prints "Aborted!" and exits with code 1
        _complain("interrupted")
        sys.exit(INTERRUPTED)


@contextmanager
def _failing_in_one_line() -> Iterator[None]:
    """End with an exit code on an OSError, such as that of a full disk; without a message if the reader has gone."""
    try:
        try:
            yield
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except OSError as error:
        _discard_output()
        if error.errno == errno.EPIPE:
            sys.exit(NOTHING)
        place = f"{os.fsdecode(error.filename)}: " if error.filename is not None else ""
        _complain(f"{place}{error.strerror or error}")
        sys.exit(IO_FAILED)


def _discard_output() -> None:
    """Let the interpreter flush its buffers to nowhere when it ends; to a full disk it would fail once more."""
    with suppress(OSError, AttributeError), Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())  # no attribute if the process was started without the stream


def _complain(message: str) -> None:
    with suppress(OSError):
        click.secho(f"searchsvc: {terminal_text(message)}", fg="red", err=True)


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(version)s")
def main() -> None:
    """Search a folder of scraped articles.

    New here? Run `searchsvc demo`, or put articles into ./seeds and run `searchsvc serve`.

    \b
    Exit codes:
      0    success
      1    no results, or problems found
      2    wrong usage or settings
      3    success, but some files need attention
      4    no usable index, or it cannot be written
      5    another build is running
      6    search engine unreachable
      7    address or port not available
      8    a file, the disk, standard output or an alert failed
      130  interrupted
    """
    log_to_stderr(LOG_FORMAT)
