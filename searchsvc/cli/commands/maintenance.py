"""Commands about the index as a whole and the settings: stats, check, index, config."""

from typing import TYPE_CHECKING

import click
from rich.text import Text

from searchsvc import settings
from searchsvc.cli.exit_codes import NO_INDEX, NOTHING
from searchsvc.cli.notices import confirm
from searchsvc.cli.options import (
    Command,
    Group,
    as_json,
    shared_options,
)
from searchsvc.cli.output import (
    print_check,
    print_duplicates,
    print_generations,
    print_json,
    print_settings,
    problem_line,
    shown_value,
)
from searchsvc.cli.safe_console import err, out
from searchsvc.cli.services import service_of
from searchsvc.deferred import deferred
from searchsvc.plurals import counted
from searchsvc.service import SearchService

if TYPE_CHECKING:
    from searchsvc.web import replies
else:  # needed for --json only
    replies = deferred("searchsvc.web.replies")


@click.command(cls=Command)
@as_json
@click.option("--duplicates", is_flag=True, help="List near-duplicates instead.")
@click.pass_context
def stats(ctx: click.Context, wants_json: bool, duplicates: bool) -> None:
    """Show counts, size and build problems of the index."""
    service = service_of(ctx)
    if duplicates:
        _show_duplicates(service, wants_json)
        return
    status = service.status()
    if wants_json:
        print_json(replies.stats_reply(status))
        return
    generation = status.generation
    out.print(
        f"{counted(generation.documents, 'document')}, {generation.size / 1e6:,.1f} MB, built {generation.created}"
    )
    out.print(f"generation {generation.name}, engine {status.engine}")
    for name, values in status.facets.items():
        summary = ", ".join(f"{each.value} ({each.count:,})" for each in values[:10])
        out.print(Text(f"{name}: {summary or 'none'}{', …' if len(values) > 10 else ''}"))
    for warning in status.warnings:
        err.print(Text(warning, style="red"))
    for problem in service.problems():
        if not problem.skipped:
            err.print(problem_line(problem))


def _show_duplicates(service: SearchService, wants_json: bool) -> None:
    clusters = service.duplicates()
    if wants_json:
        print_json([replies.duplicates_reply(cluster) for cluster in clusters])
    else:
        print_duplicates(clusters)


@click.command(cls=Command)
@as_json
@click.pass_context
def check(ctx: click.Context, wants_json: bool) -> None:
    """Verify every file of the index.

    Exits with 1 if anything is damaged, with 4 if no intact generation is left.
    """
    checked = service_of(ctx).check()
    if wants_json:
        print_json(checked)
    else:
        print_check(checked)
    if checked.serving is None:
        ctx.exit(NO_INDEX)
    if not checked.sound:
        ctx.exit(NOTHING)


@click.group(cls=Group)
def index() -> None:
    """List generations of the index, or roll back."""


@index.command("list")
@as_json
@click.pass_context
def list_generations(ctx: click.Context, wants_json: bool) -> None:
    """List the published generations, newest first."""
    generations = service_of(ctx).generations()
    if wants_json:
        print_json(generations)
    else:
        print_generations(generations)
    if not generations:
        err.print("There is no index yet. Build it with `searchsvc rebuild`.")
        ctx.exit(NO_INDEX)


@index.command()
@click.pass_context
def rollback(ctx: click.Context) -> None:
    """Switch back to the previous generation."""
    generation = service_of(ctx).rollback()
    confirm(f"serving {generation.name}: {counted(generation.documents, 'document')}, built {generation.created}")


@click.group(cls=Group)
def config() -> None:
    """Show the settings."""


@config.command("show")
@as_json
@click.pass_context
def show_config(ctx: click.Context, wants_json: bool) -> None:
    """Show each setting in force, and where it was set.

    The output is a valid searchsvc.toml, without secrets.
    """
    shared = shared_options(ctx)
    effective = settings.origins(shared.flags, shared.file)
    if wants_json:
        print_json([{"name": each.name, "value": shown_value(each), "origin": each.origin} for each in effective])
    else:
        print_settings(effective)
