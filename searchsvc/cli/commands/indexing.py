"""Commands that build the index: rebuild, update, import."""

import io
import os
from pathlib import Path

import click

from searchsvc.cli.exit_codes import INTERRUPTED, SOME_FAILED
from searchsvc.cli.interruption import interruptible
from searchsvc.cli.options import (
    Command,
    jobs,
    memory,
    output_format,
    shared_options,
)
from searchsvc.cli.output import print_nothing_to_index, print_report, print_report_json
from searchsvc.cli.preview_output import print_preview, print_preview_json
from searchsvc.cli.progress import shown_progress
from searchsvc.cli.services import service_of
from searchsvc.cli.watch import follow
from searchsvc.models.index import BuildReport
from searchsvc.service import SearchService

_dry_run = click.option("--dry-run", is_flag=True, help="Report what would change, and write nothing.")


@click.command(cls=Command)
@output_format()
@memory
@jobs
@_dry_run
@click.option("--if-needed", is_flag=True, help="Do nothing if files, settings and versions are unchanged.")
@click.pass_context
def rebuild(
    ctx: click.Context, form: str, memory: int | None, jobs: int | None, dry_run: bool, if_needed: bool
) -> None:
    """Rebuild the index and switch to it when complete."""
    chosen = shared_options(ctx).settings({"build_memory_mb": memory, "jobs": jobs})
    service = service_of(ctx, chosen)
    if dry_run:
        _show_preview(ctx, service, chosen.seeds, form)
        return
    with interruptible(ctx, service), shown_progress() as progress:
        report = service.rebuild_if_needed(progress) if if_needed else service.rebuild(progress)
    _show_report(ctx, service, report, chosen.seeds, form)


@click.command(cls=Command)
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1)
@output_format()
@memory
@jobs
@_dry_run
@click.option("--watch", is_flag=True, help="Keep running, update on change.")
@click.pass_context
def update(
    ctx: click.Context,
    paths: tuple[Path, ...],
    form: str,
    memory: int | None,
    jobs: int | None,
    dry_run: bool,
    watch: bool,
) -> None:
    """Update the index to match the folder.

    Only new and changed files are cleaned and indexed. With PATHS, only these files and folders are looked at, and
    all others count as unchanged. --watch ends with SIGTERM or Ctrl-C.
    """
    chosen = shared_options(ctx).settings({"build_memory_mb": memory, "jobs": jobs})
    service = service_of(ctx, chosen)
    if (dry_run, watch, bool(paths)).count(True) > 1:
        raise click.UsageError("give only one of --dry-run, --watch and paths")
    if dry_run:
        _show_preview(ctx, service, chosen.seeds, form)
        return
    if watch:
        try:
            follow(service, chosen.seeds)
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)
        return
    places = [_below(chosen.seeds, path) for path in paths] if paths else None
    with interruptible(ctx, service), shown_progress() as progress:
        report = service.update(progress, places)
    _show_report(ctx, service, report, chosen.seeds, form)


def _below(seeds: Path, path: Path) -> str:
    """Return the path relative to the seed folder, with slashes. Raises UsageError for a path that is not in it."""
    for place in (Path(os.path.abspath(path)), path.parent.resolve() / path.name):  # noqa: PTH100 - resolves no links
        for root in (seeds.absolute(), seeds.resolve()):
            if place.is_relative_to(root):
                return place.relative_to(root).as_posix()
    raise click.UsageError(f"{path} is not in the seed folder {seeds}")


@click.command("import", cls=Command)
@click.argument("file", type=click.File("rb"))
@output_format()
@click.pass_context
def import_documents(ctx: click.Context, file: io.BufferedReader, form: str) -> None:
    """Build the index from an export.

    The documents are not cleaned again.
    """
    service = service_of(ctx)
    with interruptible(ctx, service), shown_progress() as progress:
        report = service.import_documents(file, file.name, progress)
    _show_report(ctx, service, report, file.name, form)


def _show_preview(ctx: click.Context, service: SearchService, origin: Path, form: str) -> None:
    with shown_progress() as progress:
        preview = service.preview(progress)
    if form == "json":
        print_preview_json(preview)
    else:
        print_preview(preview, origin)
    if preview.needs_attention or not preview.documents:
        ctx.exit(SOME_FAILED)


def _show_report(
    ctx: click.Context, service: SearchService, report: BuildReport, origin: Path | str, form: str
) -> None:
    if form == "json":
        print_report_json(report)
    else:
        print_report(report, origin)
        if report.generation is None:
            print_nothing_to_index(origin, in_use=bool(service.generations()))
    if report.needs_attention or report.generation is None:
        ctx.exit(SOME_FAILED)
