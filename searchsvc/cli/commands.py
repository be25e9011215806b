"""The command line: `searchsvc --help` tells the rest."""

import io
from contextlib import closing
from pathlib import Path
from typing import IO, Any

import click
from rich.text import Text
from starlette.datastructures import QueryParams

from searchsvc import __version__, settings
from searchsvc.cli import server
from searchsvc.cli.terminal import (
    err,
    out,
    print_check,
    print_completions,
    print_diff,
    print_duplicates,
    print_evaluation,
    print_generations,
    print_json,
    print_removals,
    print_removed,
    print_report,
    print_results,
    print_settings,
    print_titles,
    problem_line,
    progress_bar,
    shown_value,
)
from searchsvc.cli.watching import follow
from searchsvc.errors import (
    DocumentNotFound,
    EngineUnavailable,
    IndexBusy,
    JudgementsUnreadable,
    ProcessLost,
    RequestError,
    SearchServiceError,
    SettingsError,
    StoreError,
)
from searchsvc.evaluation import compared, read_judged
from searchsvc.models import BuildReport, SeedProblem
from searchsvc.service import SUGGESTED, SearchService
from searchsvc.strategy import AUTO, STRATEGIES
from searchsvc.web import api, params
from searchsvc.web.openapi import description

NOTHING, USAGE, SOME_FAILED, NO_INDEX, BUSY, UNREACHABLE, INTERRUPTED = 1, 2, 3, 4, 5, 6, 130

# The first class that fits decides.
EXIT_CODES: tuple[tuple[type[SearchServiceError], int], ...] = (
    (DocumentNotFound, NOTHING),
    (RequestError, USAGE),
    (SettingsError, USAGE),
    (JudgementsUnreadable, USAGE),
    (IndexBusy, BUSY),
    (StoreError, NO_INDEX),
    (EngineUnavailable, UNREACHABLE),
    (ProcessLost, NOTHING),
)

as_json = click.option("--json", "wants_json", is_flag=True, help="Print JSON.")


class _Group(click.Group):
    """Turns our errors into a message on stderr and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SearchServiceError as error:
            err.print(Text(f"searchsvc: {error}", style="red"))
            ctx.exit(next((code for kind, code in EXIT_CODES if isinstance(error, kind)), NOTHING))
        except KeyboardInterrupt:
            err.print("searchsvc: interrupted; what was published before still serves")
            ctx.exit(INTERRUPTED)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--seeds", type=click.Path(path_type=Path), help="Folder of source articles. [default: seeds]")
@click.option("--index", type=click.Path(path_type=Path), help="Folder of the built index. [default: index]")
@click.option("--language", help="Language of the articles. [default: en]")
@click.option(
    "--config", type=click.Path(exists=True, path_type=Path), help="File of settings. [default: searchsvc.toml, if any]"
)
@click.pass_context
def main(ctx: click.Context, seeds: Path | None, index: Path | None, language: str | None, config: Path | None) -> None:
    """Search that people trust over a folder of scraped articles.

    Exit codes: 0 done; 1 nothing found or trouble found; 2 usage or settings; 3 done, but some
    files need a look; 4 no usable index; 5 another rebuild is running; 6 engine unreachable;
    130 interrupted.
    """
    server.log_to_stderr()
    ctx.obj = settings.load({"seeds": seeds, "index": index, "language": language}, config or settings.FILE)


def _service(ctx: click.Context) -> SearchService:
    service = server.service(ctx.obj)
    ctx.call_on_close(service.close)
    return service


@main.command()
@as_json
@click.option("--memory", type=int, metavar="MB", help="Megabytes that inverting may take. [default: 512]")
@click.option("--jobs", type=int, metavar="N", help="Processes that clean and index. [default: 1]")
@click.option("--if-needed", is_flag=True, help="Do nothing if neither files, settings nor the analysis changed.")
@click.pass_context
def rebuild(ctx: click.Context, wants_json: bool, memory: int | None, jobs: int | None, if_needed: bool) -> None:
    """Build the index anew from the seeds, and publish it when it is whole."""
    ctx.obj = settings.overridden(ctx.obj, {"memory": memory, "jobs": jobs})
    service = _service(ctx)
    with progress_bar() as progress:
        report = service.rebuild_if_needed(progress) if if_needed else service.rebuild(progress)
    _show_report(ctx, report, ctx.obj.seeds, wants_json)


@main.command()
@as_json
@click.option("--memory", type=int, metavar="MB", help="Megabytes that inverting may take. [default: 512]")
@click.option("--jobs", type=int, metavar="N", help="Processes that clean and index. [default: 1]")
@click.option("--watch", is_flag=True, help="Go on, and update whenever the folder changes, until Ctrl-C.")
@click.pass_context
def update(ctx: click.Context, wants_json: bool, memory: int | None, jobs: int | None, watch: bool) -> None:
    """Bring the index up to the seeds: only what changed is cleaned and indexed."""
    ctx.obj = settings.overridden(ctx.obj, {"memory": memory, "jobs": jobs})
    service = _service(ctx)
    if watch:
        follow(service, ctx.obj.seeds)
        return
    with progress_bar() as progress:
        report = service.update(progress)
    _show_report(ctx, report, ctx.obj.seeds, wants_json)


def _show_report(ctx: click.Context, report: BuildReport, origin: Path | str, wants_json: bool) -> None:
    if wants_json:
        print_json(report)
    else:
        print_report(report, origin)
    if report.troubles or report.generation is None:
        ctx.exit(SOME_FAILED)


@main.command()
@click.option("--host", help="Address to listen on. [default: 127.0.0.1]")
@click.option("--port", type=int, help="Port to listen on. [default: 8000]")
@click.option("--workers", type=int, metavar="N", help="Processes that answer. [default: 1]")
@click.option("--base-path", metavar="PATH", help="Path that a proxy maps to the service, as /archive.")
@click.pass_context
def serve(ctx: click.Context, host: str | None, port: int | None, workers: int | None, base_path: str | None) -> None:
    """Serve the search page and the JSON endpoint."""
    chosen = settings.overridden(ctx.obj, {"host": host, "port": port, "workers": workers, "base_path": base_path})
    try:
        with closing(server.service(chosen)) as service:
            service.status()
    except (StoreError, EngineUnavailable) as error:
        err.print(Text(f"searchsvc: {error} (serving all the same: searches answer 503 until then)", style="yellow"))
    shown_host = f"[{chosen.host}]" if ":" in chosen.host else chosen.host
    err.print(Text(f"searchsvc is at http://{shown_host}:{chosen.port}{chosen.served_below}/ (Ctrl-C ends it)"))
    server.run(chosen)


@main.command()
@click.argument("query", nargs=-1, required=True)
@click.option("--format", "form", type=click.Choice(["text", "json", "urls"]), default="text", show_default=True)
@click.option("--json", "form", flag_value="json", help="The same as --format json.")
@click.option("--page", type=click.IntRange(1), default=1, show_default=True)
@click.option("--limit", "hitsPerPage", type=click.IntRange(1, 100), default=10, show_default=True, help="Hits a page.")
@click.option("--filter", "filters", multiple=True, help="FIELD:VALUE, as author:NAME; -FIELD:VALUE excludes.")
@click.option("--from", "from", help="First day of publication, as 2024-03-31.")
@click.option("--to", help="Last day of publication.")
@click.option("--sort", help="relevance, date:desc or date:asc.")
@click.option("--strategy", "matchingStrategy", help="Words that must be there: all, any, or auto: all if possible.")
@click.option("--typo", help="on, or off: look up misspelt words as they are typed.")
@click.option("--syntax", help="operators, or literal: signs are just text.")
@click.pass_context
def search(ctx: click.Context, /, query: tuple[str, ...], form: str, filters: tuple[str, ...], **chosen: Any) -> None:
    """Search the index. Put -- before a query that begins with a dash."""
    typed = [("q", " ".join(query)), *(("filter", each) for each in filters)]
    typed += [(name, str(value)) for name, value in chosen.items() if value is not None]
    # An argument that is no UTF-8 comes with lone surrogates, which no reply can hold.
    readable = [(name, value.encode("utf-8", "replace").decode("utf-8")) for name, value in typed]
    read = params.read(QueryParams(readable))
    if read.refused:
        raise read.refused[0]
    service = _service(ctx)
    results = service.search(read.request)
    match form:
        case "json":
            print_json(api.search_reply(results, read, service.engine_name, "/search.json"))
        case "urls":
            for hit in results.hits:
                click.echo(api.link(hit.document))
        case _:
            print_results(results)
    if not results.total:
        ctx.exit(NOTHING)


@main.command()
@click.argument("document_id", metavar="ID")
@click.option("--view", type=click.Choice(["clean", "original", "removed"]), default="clean", show_default=True)
@click.option("--json", "wants_json", is_flag=True, help="Print all fields as JSON.")
@click.pass_context
def show(ctx: click.Context, document_id: str, view: str, wants_json: bool) -> None:
    """Show a document: its clean text, the original, or what was removed and why."""
    shown = _service(ctx).document(document_id)
    if wants_json:
        print_json(api.document_reply(shown.document))
    elif view == "original":
        click.echo(shown.original)
    elif view == "removed":
        print_removed(shown.document.removed)
    else:
        out.print(Text(shown.document.title, style="bold"))
        out.print()
        click.echo(shown.document.body)


@main.command()
@click.argument("document_id", metavar="ID")
@click.option("--limit", type=int, default=SUGGESTED, show_default=True, help="Documents.")
@as_json
@click.pass_context
def similar(ctx: click.Context, document_id: str, limit: int, wants_json: bool) -> None:
    """Show more documents like one."""
    hits = _service(ctx).similar(document_id, limit)
    if wants_json:
        print_json(api.similar_reply(document_id, hits))
    else:
        print_titles(hit.document for hit in hits)
    if not hits:
        ctx.exit(NOTHING)


@main.command()
@click.argument("text", nargs=-1, required=True)
@click.option("--limit", type=int, default=SUGGESTED, show_default=True, help="Completions, and documents.")
@as_json
@click.pass_context
def suggest(ctx: click.Context, text: tuple[str, ...], limit: int, wants_json: bool) -> None:
    """Show what a query that begins so may go on to be, and documents that it finds."""
    typed = " ".join(text).encode("utf-8", "replace").decode("utf-8")
    found = _service(ctx).suggest(typed, limit)
    if wants_json:
        print_json(api.suggest_reply(found))
    else:
        print_completions(found.completions)
        print_titles(found.documents)
    if not (found.completions or found.documents):
        ctx.exit(NOTHING)


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--explain", is_flag=True, help="Print what is taken out, with the rule and the reason, instead.")
@click.option("--format", "form", type=click.Choice(["text", "json", "diff"]), default="text", show_default=True)
@click.option("--json", "form", flag_value="json", help="The same as --format json.")
@click.option("--against", is_flag=True, help="Use the recurring lines that the index has learnt.")
@click.option(
    "--report", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="FOLDER",
    help="Show what is taken out of a folder's files most often, by source.",
)  # fmt: skip
@click.pass_context
def clean(ctx: click.Context, file: Path | None, explain: bool, form: str, against: bool, report: Path | None) -> None:
    """Clean one file and print what is left, or report on a folder.

    Of JSON Lines, the first document is cleaned. In a diff, lines that are taken out begin with a minus sign.
    """
    if (file is None) == (report is None):
        raise click.UsageError("name a file, or a folder with --report")
    service = _service(ctx)
    if report is not None:
        _report_removals(service, report, form)
        return
    assert file is not None
    cleaned = service.clean(file, against_index=against)
    if isinstance(cleaned, SeedProblem):
        err.print(problem_line(cleaned))
        ctx.exit(NOTHING)
    elif form == "json":
        print_json(api.document_reply(service.describe(cleaned)))
    elif form == "diff":
        print_diff(cleaned)
    elif explain:
        print_removed(cleaned.removed)
    else:
        click.echo(cleaned.body)


def _report_removals(service: SearchService, folder: Path, form: str) -> None:
    lines = service.removals(folder)
    if form == "json":
        print_json(lines)
    else:
        print_removals(lines)


@main.command()
@as_json
@click.option("--duplicates", is_flag=True, help="List documents with nearly the same text instead.")
@click.pass_context
def stats(ctx: click.Context, wants_json: bool, duplicates: bool) -> None:
    """Show what is serving: counts, size, and what the build reported."""
    service = _service(ctx)
    if duplicates:
        _show_duplicates(service, wants_json)
        return
    status = service.status()
    if wants_json:
        print_json(api.stats_reply(status))
        return
    generation = status.generation
    out.print(f"{generation.documents:,} documents, {generation.size / 1e6:,.1f} MB, built {generation.created}")
    out.print(f"generation {generation.name}, engine {status.engine}")
    for name, values in status.facets.items():
        shown = ", ".join(f"{each.value} ({each.count:,})" for each in values[:10])
        out.print(Text(f"{name}: {shown or 'none'}{', …' if len(values) > 10 else ''}"))
    for warning in status.warnings:
        err.print(Text(warning, style="red"))
    for problem in service.problems():
        if not problem.passed_over:
            err.print(problem_line(problem))


def _show_duplicates(service: SearchService, wants_json: bool) -> None:
    clusters = service.duplicates()
    if wants_json:
        print_json([api.duplicates_reply(cluster) for cluster in clusters])
    else:
        print_duplicates(clusters)


@main.command("eval")
@click.argument("judgements", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--topics", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The queries of TREC qrels."
)
@click.option("--strategy", type=click.Choice(STRATEGIES), default=AUTO, show_default=True, help="Words needed.")
@click.option("--against", metavar="GENERATION", help="Compare with an earlier generation.")
@click.option("--against-strategy", type=click.Choice(STRATEGIES), help="Compare with another strategy.")
@as_json
@click.pass_context
def evaluate(
    ctx: click.Context,
    judgements: Path,
    topics: Path | None,
    strategy: str,
    against: str | None,
    against_strategy: str | None,
    wants_json: bool,
) -> None:
    """Measure the ranking by judged queries: TREC qrels with --topics, or a TOML file.

    A TOML file has [[query]] tables with text = "words" and relevant = ["path or id", ...].
    """
    judged = read_judged(judgements, topics)
    service = _service(ctx)
    other = service.at(against) if against else service
    before = other.evaluate(judged, against_strategy or strategy) if against or against_strategy else None
    after = service.evaluate(judged, strategy)
    if wants_json:
        print_json({"evaluation": after, "against": before, "comparison": compared(before, after) if before else ()})
    else:
        print_evaluation(after, compared(before, after) if before else ())


@main.command()
@as_json
@click.pass_context
def check(ctx: click.Context, wants_json: bool) -> None:
    """Read the whole index and compare it with what was written.

    Exits with 1 if anything is damaged, with 4 if nothing sound is left to serve.
    """
    checked = _service(ctx).check()
    if wants_json:
        print_json(checked)
    else:
        print_check(checked)
    if checked.serving is None:
        ctx.exit(NO_INDEX)
    if not checked.sound:
        ctx.exit(NOTHING)


@main.group()
def index() -> None:
    """List generations of the index, or go back to an earlier one."""


@index.command("list")
@as_json
@click.pass_context
def list_generations(ctx: click.Context, wants_json: bool) -> None:
    """List the published generations, newest first."""
    generations = _service(ctx).generations()
    if wants_json:
        print_json(generations)
    else:
        print_generations(generations)
    if not generations:
        err.print("no generation has been published yet; run `searchsvc rebuild`")
        ctx.exit(NO_INDEX)


@index.command()
@click.pass_context
def rollback(ctx: click.Context) -> None:
    """Serve the generation before the current one."""
    generation = _service(ctx).rollback()
    out.print(f"serving {generation.name}: {generation.documents:,} documents, built {generation.created}")


@main.group()
def config() -> None:
    """Show the settings."""


@config.command("show")
@as_json
@click.pass_context
def show_config(ctx: click.Context, wants_json: bool) -> None:
    """Show each setting in force, and where it was set."""
    given = ctx.find_root().params
    flags = {name: given[name] for name in ("seeds", "index", "language")}
    in_force = settings.origins(flags, given["config"] or settings.FILE)
    if wants_json:
        print_json([{"name": each.name, "value": shown_value(each), "origin": each.origin} for each in in_force])
    else:
        print_settings(in_force)


@main.command("export")
@click.option(
    "--output", type=click.File("wb", atomic=True), default="-", metavar="FILE", help="File to write. [default: stdout]"
)
@click.pass_context
def export_documents(ctx: click.Context, output: IO[bytes]) -> None:
    """Write every clean document as a line of JSON: all fields, what was removed, and the original."""
    for line in _service(ctx).export():
        output.write(line)


@main.command("import")
@click.argument("file", type=click.File("rb"))
@as_json
@click.pass_context
def import_documents(ctx: click.Context, file: io.BufferedReader, wants_json: bool) -> None:
    """Build the index from exported documents, without cleaning them again, and publish it."""
    with progress_bar() as progress:
        report = _service(ctx).import_documents(file, file.name, progress)
    _show_report(ctx, report, file.name, wants_json)


@main.command()
@click.pass_context
def openapi(ctx: click.Context) -> None:
    """Print the OpenAPI document of the JSON endpoints."""
    print_json(description(ctx.obj.public_url or ctx.obj.base_path))


@main.command()
def version() -> None:
    """Print the version."""
    click.echo(__version__)
