"""Options that every command accepts, before its name and after it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from searchsvc.deferred import deferred

if TYPE_CHECKING:
    from searchsvc import settings
else:  # --help and --version need no settings
    settings = deferred("searchsvc.settings")


Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def output_format(*more: str, note: str = "") -> Decorator:
    """Return the option --format with text, json and `more` formats, and --json, which is short for one of them."""
    option = click.option(
        "--format", "form", type=click.Choice(["text", "json", *more]), default="text", show_default=True,
        help=f"Output format.{note and f' {note}'}",
    )  # fmt: skip
    short = click.option("--json", "form", flag_value="json", help="The same as --format json.")
    return lambda command: option(short(command))


memory = click.option("--memory", type=int, metavar="MB", help="Memory for indexing, in MB. [default: 512]")
jobs = click.option("--jobs", type=int, metavar="N", help="Parallel processes; 0 for one per core. [default: 0]")


def complete_files(ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem[str]]":
    """Let the shell complete an argument with files."""
    return [CompletionItem(incomplete, type="file")]


@dataclass(slots=True)
class SharedOptions:
    """Shared options from the command line; the last value of a repeated option.

    `quiet`: whether only results and problems are printed, no progress, confirmations and notices.
    """

    flags: dict[str, Any] = field(default_factory=dict)
    config: Path | None = None
    quiet: bool = False

    @property
    def file(self) -> Path:
        return self.config or settings.FILE

    def settings(self, flags: Mapping[str, Any] | None = None) -> "settings.Settings":
        """Return the settings in force; `flags` are a command's own options. Raises SettingsError."""
        return settings.load(self.flags | dict(flags or {}), self.file)


def shared_options(ctx: click.Context) -> SharedOptions:
    """Return the shared options of the running command."""
    shared: SharedOptions = ctx.find_root().ensure_object(SharedOptions)
    return shared


def _store_flag(ctx: click.Context, option: click.Parameter, value: Any) -> None:
    shared = shared_options(ctx)
    if value is not None:
        shared.flags[str(option.name)] = value


def _store_config(ctx: click.Context, _: click.Parameter, value: Path | None) -> None:
    shared = shared_options(ctx)
    shared.config = value or shared.config


def _store_quiet(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    shared = shared_options(ctx)
    shared.quiet = shared.quiet or value


_PATH, _FILE = click.Path(path_type=Path), click.Path(exists=True, path_type=Path)
_SHARED = (
    click.Option(
        ["--seeds"], type=_PATH, expose_value=False, callback=_store_flag,
        help="Folder of source articles. [default: seeds]",
    ),
    click.Option(
        ["--index"], type=_PATH, expose_value=False, callback=_store_flag,
        help="Folder of the built index. [default: index]",
    ),
    click.Option(
        ["--language"], expose_value=False, callback=_store_flag, help="Language of the articles. [default: en]"
    ),
    click.Option(
        ["--config"], type=_FILE, expose_value=False, callback=_store_config,
        help="Settings file. [default: searchsvc.toml, if any]",
    ),
    click.Option(
        ["-q", "--quiet"], is_flag=True, expose_value=False, callback=_store_quiet,
        help="Print only results and problems.",
    ),
)  # fmt: skip


class Command(click.Command):
    """A command that accepts the shared options, listed after its own."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        *own, help_option = super().get_params(ctx)
        return [*own, *_SHARED, help_option]


class Group(Command, click.Group):
    """A group that accepts the shared options, as its commands do."""

    command_class = Command
