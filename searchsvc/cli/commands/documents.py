"""Commands about single documents and their cleaning: show, similar, clean, export."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click
from rich.text import Text

from searchsvc.cli.exit_codes import NOTHING
from searchsvc.cli.notices import notice
from searchsvc.cli.options import Command, complete_files, output_format, shared_options
from searchsvc.cli.output import (
    in_camel_case,
    print_diff,
    print_json,
    print_removals,
    print_removed,
    print_titles,
    problem_line,
)
from searchsvc.cli.output_file import STDOUT, writing
from searchsvc.cli.records import RECORDS, print_documents, print_records, print_urls
from searchsvc.cli.safe_console import err, out
from searchsvc.cli.services import service_of
from searchsvc.deferred import deferred
from searchsvc.models.documents import RemovedLine, SeedProblem
from searchsvc.models.search_params import SUGGESTED, camel_case
from searchsvc.models.search_request import SearchRequest
from searchsvc.service import SearchService
from searchsvc.terminal_text import terminal_json
from searchsvc.web.addresses import Addresses

if TYPE_CHECKING:
    from searchsvc.web import replies
else:  # needed for --json only
    replies = deferred("searchsvc.web.replies")

_STDIN = "stdin.txt"


@click.command(cls=Command)
@click.argument("document", metavar="ID|PATH", shell_complete=complete_files)
@click.option("--view", type=click.Choice(["clean", "original", "removed"]), default="clean", show_default=True)
@output_format()
@click.pass_context
def show(ctx: click.Context, document: str, view: str, form: str) -> None:
    """Show a document.

    It is given by its id or the path of its file. The path is relative to the current folder or the seed folder, as is
    that of a line: list.jsonl:3.

    The views are its clean text, the original text, and the removed lines with their rules.
    """
    service = service_of(ctx)
    document_view = service.document(service.find_document(document))
    if form == "json":
        print_json(replies.document_reply(document_view.document))
    elif view == "original":
        out.print_body(service.original(document_view.document.id))
    elif view == "removed":
        print_removed(document_view.document.removed)
    else:
        out.print(Text(document_view.document.title, style="bold"))
        out.print()
        out.print_body(document_view.document.body)


@click.command(cls=Command)
@click.argument("document", metavar="ID|PATH", shell_complete=complete_files)
@click.option("--limit", type=int, default=SUGGESTED, show_default=True, help="Documents.")
@output_format("ndjson", "csv", "urls")
@click.pass_context
def similar(ctx: click.Context, document: str, limit: int, form: str) -> None:
    """List documents similar to one.

    It is given by its id or the path of its file, as for `show`. Near-duplicates of it are left out;
    `stats --duplicates` lists them.
    """
    settings = shared_options(ctx).settings()
    service, addresses = service_of(ctx, settings), Addresses.of(settings)
    document_id = service.find_document(document)
    hits = service.similar(document_id, limit)
    documents = [hit.document for hit in hits]
    match form:
        case "json":
            print_json(replies.similar_reply(document_id, hits))
        case "urls":
            print_urls(documents, addresses)
        case "text":
            print_titles(documents)
            if not documents:
                notice("No similar articles; near-duplicates are left out")
        case _:
            print_documents(documents, form, SearchRequest(""), addresses)
    if not hits:
        ctx.exit(NOTHING)


@click.command(cls=Command)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path), required=False)
@click.option("--explain", is_flag=True, help="Print the removed lines instead, with rule and reason.")
@output_format("diff", "ndjson", "csv", note="diff is for a file, ndjson and csv are for --report.")
@click.option("--against", is_flag=True, help="Use the recurring lines of the index.")
@click.option("--name", default=_STDIN, show_default=True, help="Name of standard input; the ending is the format.")
@click.option(
    "--report", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="FOLDER",
    help="List the lines most often removed from a folder's files, by source.",
)  # fmt: skip
@click.pass_context
def clean(
    ctx: click.Context,
    /,
    file: Path | None,
    explain: bool,
    form: str,
    against: bool,
    name: str,
    report: Path | None,
) -> None:
    """Clean one file, or report on a folder.

    FILE is - for standard input, which is read as a text file unless --name gives another ending.

    Of JSON Lines, the first document is cleaned. In a diff, removed lines begin with a minus sign.
    """
    if (file is None) == (report is None):
        raise click.UsageError("give either a file, or a folder with --report")
    if form in RECORDS if report is None else form == "diff":
        raise click.UsageError(f"--format {form} is for {'a folder with --report' if report is None else 'a file'}")
    service = service_of(ctx)
    if report is not None:
        _report_removals(service, report, form)
        return
    assert file is not None
    if str(file) == "-":
        limit = shared_options(ctx).settings().max_file_bytes
        with _copy_of_stdin(name, limit) as copy:
            cleaned = service.clean(copy, against_index=against)
    else:
        cleaned = service.clean(file, against_index=against)
    if isinstance(cleaned, SeedProblem):
        err.print(problem_line(cleaned))
        ctx.exit(NOTHING)
    elif form == "json":
        print_json(replies.document_reply(service.describe(cleaned)))
    elif form == "diff":
        print_diff(cleaned)
    elif explain:
        print_removed(cleaned.removed)
    else:
        out.print_body(cleaned.body)


@contextmanager
def _copy_of_stdin(name: str, limit: int) -> Iterator[Path]:
    """Yield a temporary file `name` with standard input, of which at most `limit` + 1 bytes are read.

    A larger input is then reported as any larger file. Raises UsageError and OSError.
    """
    if name in ("", ".", "..") or "/" in name or "\0" in name:
        raise click.UsageError("--name must be a file name, as page.html")
    if sys.stdin is None:
        raise click.UsageError("standard input is closed")
    with TemporaryDirectory(prefix="searchsvc-clean-") as folder:
        copy = Path(folder, name)
        copy.write_bytes(sys.stdin.buffer.read(limit + 1))
        yield copy


def _report_removals(service: SearchService, folder: Path, form: str) -> None:
    lines = service.removals(folder)
    if form == "json":
        print_json(lines)
    elif form in RECORDS:
        print_records(map(in_camel_case, lines), map(camel_case, RemovedLine.__dataclass_fields__), form)
    else:
        print_removals(lines)


@click.command("export", cls=Command)
@click.option(
    "--output",
    type=click.Path(path_type=Path, allow_dash=True),
    default="-",
    metavar="FILE",
    help="File, pipe or device to write; a file is replaced when complete. [default: stdout]",
)
@click.pass_context
def export_documents(ctx: click.Context, output: Path) -> None:
    """Export every clean document as JSON Lines.

    A line holds all fields, the removed lines, and the original text.
    """
    lines = (terminal_json(line.decode()).encode() for line in service_of(ctx).export())
    if str(output) in STDOUT:
        for line in lines:
            out.write_bytes(line)
        return
    with writing(output) as file:
        file.writelines(lines)
