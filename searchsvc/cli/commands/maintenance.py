"""Commands about the index as a whole and the settings: stats, check, index, config."""

from typing import TYPE_CHECKING

import click

from searchsvc import settings
from searchsvc.cli.exit_codes import NO_INDEX, NOTHING
from searchsvc.cli.notices import confirm
from searchsvc.cli.options import (
    Command,
    Group,
    output_format,
    shared_options,
)
from searchsvc.cli.output import (
    in_camel_case,
    print_check,
    print_duplicates,
    print_generations,
    print_json,
    print_settings,
    shown_value,
)
from searchsvc.cli.records import RECORDS, print_records
from searchsvc.cli.safe_console import err
from searchsvc.cli.services import service_of
from searchsvc.cli.stats_output import print_stats
from searchsvc.deferred import deferred
from searchsvc.models.index import GenerationInfo
from searchsvc.models.search_params import camel_case
from searchsvc.models.search_request import SearchRequest
from searchsvc.plurals import counted
from searchsvc.service import SearchService

if TYPE_CHECKING:
    from searchsvc.web import replies
else:  # needed for --json only
    replies = deferred("searchsvc.web.replies")


@click.command(cls=Command)
@output_format(*RECORDS, note="ndjson and csv are for --duplicates.")
@click.option("--duplicates", is_flag=True, help="List near-duplicates instead.")
@click.option("--all", "whole", is_flag=True, help="Cut nothing: all problems, and skipped files by ending.")
@click.pass_context
def stats(ctx: click.Context, form: str, duplicates: bool, whole: bool) -> None:
    """Show counts, size and build problems of the index.

    Long lines and lists are cut to fit one screen, unless --all is given.
    """
    service = service_of(ctx)
    if duplicates:
        _show_duplicates(service, form)
        return
    if form in RECORDS:
        raise click.UsageError(f"--format {form} is for --duplicates")
    status = service.status()
    if form == "json":
        print_json(replies.stats_reply(status))
        return
    by_month = service.search(SearchRequest("", hits_per_page=1, facets=(), months=True, collapse=False)).months
    print_stats(status, by_month, service.problems(), whole=whole)


def _show_duplicates(service: SearchService, form: str) -> None:
    clusters = service.duplicates()
    if form == "json":
        print_json([replies.duplicates_reply(cluster) for cluster in clusters])
    elif form in RECORDS:
        records = (
            {"id": each.id, "title": each.title, "path": each.path, "canonical": cluster.canonical.id}
            for cluster in clusters
            for each in cluster.duplicates
        )
        print_records(records, ("id", "title", "path", "canonical"), form)
    else:
        print_duplicates(clusters)


@click.command(cls=Command)
@output_format()
@click.pass_context
def check(ctx: click.Context, form: str) -> None:
    """Verify every file of the index.

    Exits with 1 if anything is damaged, with 4 if no intact generation is left.
    """
    checked = service_of(ctx).check()
    if form == "json":
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
@output_format(*RECORDS)
@click.pass_context
def list_generations(ctx: click.Context, form: str) -> None:
    """List the published generations, newest first."""
    generations = service_of(ctx).generations()
    if form == "json":
        print_json(generations)
    elif form in RECORDS:
        print_records(map(in_camel_case, generations), map(camel_case, GenerationInfo.__dataclass_fields__), form)
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
@output_format()
@click.pass_context
def show_config(ctx: click.Context, form: str) -> None:
    """Show each setting in force, and where it was set.

    The output is a valid searchsvc.toml, without secrets.
    """
    shared = shared_options(ctx)
    effective = settings.origins(shared.flags, shared.file)
    if form == "json":
        print_json([{"name": each.name, "value": shown_value(each), "origin": each.origin} for each in effective])
    else:
        print_settings(effective)
