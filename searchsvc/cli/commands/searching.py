"""Commands that look queries up: search, suggest, eval."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from searchsvc.cli.exit_codes import NOTHING
from searchsvc.cli.options import Command, as_json
from searchsvc.cli.output import (
    print_completions,
    print_evaluation,
    print_json,
    print_results,
    print_titles,
)
from searchsvc.cli.services import service_of
from searchsvc.deferred import deferred
from searchsvc.matching_strategy import AUTO, STRATEGIES
from searchsvc.search_request import SUGGESTED
from searchsvc.web.schema import query_params

if TYPE_CHECKING:
    from searchsvc import evaluation
    from searchsvc.web.views import api
else:  # a search in the terminal needs neither
    api, evaluation = map(deferred, ("searchsvc.web.views.api", "searchsvc.evaluation"))


@click.command(cls=Command)
@click.argument("query", nargs=-1, required=True)
@click.option("--format", "form", type=click.Choice(["text", "json", "urls"]), default="text", show_default=True)
@click.option("--json", "form", flag_value="json", help="The same as --format json.")
@click.option("--page", type=click.IntRange(1), default=1, show_default=True)
@click.option(
    "--limit", "hitsPerPage", type=click.IntRange(1, 100), default=10, show_default=True, help="Hits per page."
)
@click.option("--filter", "filters", multiple=True, help="FIELD:VALUE, as author:NAME; -FIELD:VALUE excludes.")
@click.option("--from", "from", help="First day of publication, as 2024-03-31.")
@click.option("--to", help="Last day of publication.")
@click.option("--sort", help="relevance, date:desc or date:asc.")
@click.option("--strategy", "matchingStrategy", help="Required words: all, any, or auto (all if possible).")
@click.option("--typo", help="on, or off: search for misspelt words as typed.")
@click.option("--syntax", help="operators, or literal: no operators.")
@click.pass_context
def search(ctx: click.Context, /, query: tuple[str, ...], form: str, filters: tuple[str, ...], **chosen: Any) -> None:
    """Search the index.

    Put -- before a query that begins with a dash.
    """
    typed = [("q", " ".join(query)), *(("filter", each) for each in filters)]
    typed += [(name, str(value)) for name, value in chosen.items() if value is not None]
    # An argument that is no UTF-8 comes with lone surrogates, which no reply can hold.
    read = query_params.read_pairs([(name, value.encode("utf-8", "replace").decode("utf-8")) for name, value in typed])
    if read.invalid:
        raise read.invalid[0]
    service = service_of(ctx)
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


@click.command(cls=Command)
@click.argument("text", nargs=-1, required=True)
@click.option("--limit", type=int, default=SUGGESTED, show_default=True, help="Completions, and documents.")
@as_json
@click.pass_context
def suggest(ctx: click.Context, text: tuple[str, ...], limit: int, wants_json: bool) -> None:
    """Complete a partial query.

    Documents that match the best completion are listed, too.
    """
    typed = " ".join(text).encode("utf-8", "replace").decode("utf-8")
    suggestions = service_of(ctx).suggest(typed, limit)
    if wants_json:
        print_json(api.suggest_reply(suggestions))
    else:
        print_completions(suggestions.completions)
        print_titles(suggestions.documents)
    if not (suggestions.completions or suggestions.documents):
        ctx.exit(NOTHING)


@click.command("eval", cls=Command)
@click.argument("judgements", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--topics", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Queries of TREC qrels.")
@click.option("--strategy", type=click.Choice(STRATEGIES), default=AUTO, show_default=True, help="Required words.")
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
    """Measure ranking quality with judged queries.

    JUDGEMENTS is a file of TREC qrels (with --topics), or a TOML file with [[query]] tables:
    text = "words" and relevant = ["path or id", ...].
    """
    judged = evaluation.read_qrels(judgements, topics)
    service = service_of(ctx)
    compares = against or against_strategy
    before = service.evaluate(judged, against_strategy or strategy, against) if compares else None
    after = service.evaluate(judged, strategy)
    comparisons = evaluation.compare(before, after) if before else ()
    if wants_json:
        print_json({"evaluation": after, "against": before, "comparison": comparisons})
    else:
        print_evaluation(after, comparisons)
