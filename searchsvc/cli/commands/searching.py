"""Commands that run queries: search, suggest, eval."""

from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from searchsvc.cli.exit_codes import NOTHING
from searchsvc.cli.options import Command, output_format, shared_options
from searchsvc.cli.output import (
    print_completions,
    print_evaluation,
    print_json,
    print_results,
    print_titles,
)
from searchsvc.cli.records import print_documents, print_urls
from searchsvc.cli.services import service_of
from searchsvc.deferred import deferred
from searchsvc.matching_strategy import AUTO, STRATEGIES
from searchsvc.models.search_params import OPTIONS, SUGGESTED, Option
from searchsvc.models.search_request import SearchRequest
from searchsvc.web.addresses import Addresses
from searchsvc.web.schema import query_params

if TYPE_CHECKING:
    from searchsvc import evaluation
    from searchsvc.web import replies
else:  # a search in the terminal needs neither
    replies, evaluation = map(deferred, ("searchsvc.web.replies", "searchsvc.evaluation"))


_HITS = 10  # on a page


def _search_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add an option for each option of SearchRequest."""
    for option in reversed(OPTIONS):
        if option.name != "q":
            command = _click_option(option)(command)
    return command


def _click_option(option: Option) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    default = _HITS if option.name == "hitsPerPage" else option.encode(option.default)
    if isinstance(default, tuple):
        default = ",".join(default)
    default_note = f" [default: {default}]" if default not in (None, "") else ""
    return click.option(
        f"--{option.flag}",
        option.name,
        multiple=option.name in query_params.REPEATED,
        metavar=option.values,
        shell_complete=lambda ctx, param, incomplete: _values(option, incomplete),
        help=f"{option.description}{default_note}",
    )


def _values(option: Option, incomplete: str) -> list[str]:
    """Return the values of an option of SearchRequest with this beginning, if there is a fixed number of values."""
    values = option.values.split("|") if "|" in option.values else []
    return [value for value in values if value.startswith(incomplete)]


@click.command(cls=Command)
@click.argument("query", nargs=-1, required=True)
@output_format("ndjson", "csv", "urls", note="csv and ndjson have all hits, or the first --limit.")
@_search_options
@click.pass_context
def search(ctx: click.Context, /, query: tuple[str, ...], form: str, **options: Any) -> None:
    """Search the index.

    Put -- before a query that begins with a dash.
    """
    request = _request(" ".join(query), options)
    settings = shared_options(ctx).settings()
    service, addresses = service_of(ctx, settings), Addresses.of(settings)
    if form in ("csv", "ndjson"):
        stream = service.stream(request)
        documents = islice(stream.documents, request.hits_per_page if options["hitsPerPage"] else None)
        print_documents(documents, form, request, addresses)
        ctx.exit(0 if stream.total else NOTHING)
    results = service.search(request)
    match form:
        case "json":
            print_json(replies.search_reply(results, request, service.engine_name, "/search.json"))
        case "urls":
            print_urls((hit.document for hit in results.hits), addresses)
        case _:
            print_results(results)
    if not results.total:
        ctx.exit(NOTHING)


def _request(query: str, options: dict[str, Any]) -> SearchRequest:
    """Return the request of a query and the options by their names in the API. Raises UsageError."""
    size = "limit" if options["offset"] is not None else "hitsPerPage"
    options = {"q": query} | options | {"hitsPerPage": None, size: options["hitsPerPage"] or _HITS}
    pairs = [
        (name, str(each).encode("utf-8", "replace").decode())  # no reply can contain lone surrogates
        for name, value in options.items()
        for each in (value if isinstance(value, tuple) else (value,))
        if each is not None
    ]
    parsed = query_params.read_pairs(pairs)
    if parsed.invalid:
        flags = {option.name: f"--{option.flag}" for option in OPTIONS} | {"q": "QUERY", "limit": "--limit"}
        raise click.UsageError(
            "\n".join(str(each).replace(each.parameter, flags[each.parameter], 1) for each in parsed.invalid)
        )
    return parsed.request


@click.command(cls=Command)
@click.argument("text", nargs=-1, required=True)
@click.option("--limit", type=int, default=SUGGESTED, show_default=True, help="Completions, and documents.")
@output_format()
@click.pass_context
def suggest(ctx: click.Context, text: tuple[str, ...], limit: int, form: str) -> None:
    """Complete a partial query.

    Documents that match the best completion are listed, too.
    """
    typed = " ".join(text).encode("utf-8", "replace").decode("utf-8")
    suggestions = service_of(ctx).suggest(typed, limit)
    if form == "json":
        print_json(replies.suggest_reply(suggestions))
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
@output_format()
@click.pass_context
def evaluate(
    ctx: click.Context,
    judgements: Path,
    topics: Path | None,
    strategy: str,
    against: str | None,
    against_strategy: str | None,
    form: str,
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
    if form == "json":
        print_json({"evaluation": after, "against": before, "comparison": comparisons})
    else:
        print_evaluation(after, comparisons)
