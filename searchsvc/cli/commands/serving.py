"""Commands of the web server: serve, demo, openapi."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.text import Text

from searchsvc import demo as samples
from searchsvc.cli.notices import notice
from searchsvc.cli.options import Command, shared_options
from searchsvc.cli.output import (
    print_json,
    print_nothing_to_index,
    print_report,
)
from searchsvc.cli.progress import shown_progress
from searchsvc.cli.safe_console import err
from searchsvc.cli.stopping import Stopped, stoppable
from searchsvc.errors import (
    EngineUnavailable,
    IndexMissing,
    SearchServiceError,
    StoreError,
)
from searchsvc.models.index import BuildReport
from searchsvc.service import SearchService
from searchsvc.settings import Settings
from searchsvc.web import server
from searchsvc.web.appearance import Appearance
from searchsvc.web.listener import Listener, bind
from searchsvc.web.schema.openapi import description

_UNTIL = "searches get status 503 until then"

host = click.option("--host", help="Address to listen on. [default: 127.0.0.1]")
port = click.option("--port", type=int, help="Port to listen on. [default: 8000]")


@click.command(cls=Command)
@host
@port
@click.option("--workers", type=int, metavar="N", help="Worker processes. [default: 1]")
@click.option("--base-path", metavar="PATH", help="Path that a proxy maps to the service, as /archive.")
@click.pass_context
def serve(ctx: click.Context, host: str | None, port: int | None, workers: int | None, base_path: str | None) -> None:
    """Serve the search page and the JSON endpoints.

    If there is no index yet, it is built first. Without a usable index, searches get status 503 until `searchsvc
    rebuild` has built it.
    """
    chosen = shared_options(ctx).settings({"host": host, "port": port, "workers": workers, "base_path": base_path})
    Appearance.of(chosen)  # an unusable logo is reported before the index is built
    with _until_stopped(), closing(bind(chosen.host, chosen.port)) as listener:
        _prepare(chosen)
        _serve(chosen, listener)


@click.command(cls=Command)
@host
@port
@click.pass_context
def demo(ctx: click.Context, host: str | None, port: int | None) -> None:
    """Try it: serve a dozen sample articles.

    Their index is in a temporary folder, which is removed at the end.
    """
    usual = Settings()
    with (
        _until_stopped(),
        closing(bind(host or usual.host, usual.port if port is None else port)) as listener,
        TemporaryDirectory(prefix="searchsvc-demo-") as folder,
    ):
        chosen = Settings(Path(folder, "seeds"), Path(folder, "index"), listener.host, listener.port)
        samples.write_articles(chosen.seeds)
        with closing(server.service(chosen)) as service:
            count = _built(service).documents
        notice(f"{count} sample articles; all places and people in them are fictional.")
        notice('Try: harbour ferry, "night train", library, author:Okafor')
        _serve(chosen, listener)


@click.command(cls=Command)
@click.pass_context
def openapi(ctx: click.Context) -> None:
    """Print the OpenAPI document of the JSON endpoints."""
    chosen = shared_options(ctx).settings()
    print_json(description(chosen.public_url or chosen.base_path, chosen.name, chosen.branding.about))


@contextmanager
def _until_stopped() -> Iterator[None]:
    """Run the block until SIGTERM or Ctrl-C ends it."""
    try:
        with stoppable():
            yield
    except (Stopped, KeyboardInterrupt):
        pass
    notice("Stopped.")


def _prepare(chosen: Settings) -> None:
    """Build the index if there is none; print why if searches can't be answered."""
    with closing(server.service(chosen)) as service:
        try:
            service.status()
        except IndexMissing:
            _build_first(service, chosen)
        except (StoreError, EngineUnavailable) as error:
            err.print(Text(f"searchsvc: {error} ({_UNTIL})", style="yellow"))


def _build_first(service: SearchService, chosen: Settings) -> None:
    notice(Text(f"No index yet; building it from {chosen.seeds}."))
    try:
        report = _built(service)
    except (SearchServiceError, OSError) as error:
        err.print(Text(f"searchsvc: cannot build the index: {error} ({_UNTIL})", style="red"))
        return
    print_report(report, chosen.seeds)
    if report.generation is None:
        print_nothing_to_index(chosen.seeds, in_use=False)
        err.print(f"Put articles there and run `searchsvc rebuild` ({_UNTIL}).")


def _built(service: SearchService) -> BuildReport:
    with shown_progress() as progress:
        return service.rebuild(progress)


def _serve(chosen: Settings, listener: Listener) -> None:
    listener.listen()
    notice(Text(f"Serving at {listener.url.rstrip('/')}{chosen.effective_base_path}/ (Ctrl-C to stop)"))
    server.run(chosen, listener)
