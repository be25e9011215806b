"""The command mcp: serves programs that talk to language models."""

import click
from rich.text import Text

from searchsvc import mcp_server
from searchsvc.cli.notices import notice
from searchsvc.cli.options import Command, shared_options
from searchsvc.cli.services import service_of

_PORT = 8001


@click.command(cls=Command)
@click.option("--http", is_flag=True, help="Serve over HTTP at /mcp, in place of standard input and output.")
@click.option("--host", help="Address to listen on, with --http. [default: 127.0.0.1]")
@click.option("--port", type=int, help=f"Port to listen on, with --http. [default: {_PORT}]")
@click.pass_context
def mcp(ctx: click.Context, http: bool, host: str | None, port: int | None) -> None:
    """Serve the index to language models, as an MCP server.

    The tools search, get_document, facets and similar_documents only read. Without --http, the client starts this
    command and talks to it over standard input and output.
    """
    chosen = shared_options(ctx).settings({"host": host})
    server = mcp_server.mcp_server(service_of(ctx, chosen))
    if not http:
        mcp_server.serve_stdio(server)
        return
    notice(Text(f"Serving MCP at http://{chosen.host}:{port or _PORT}/mcp (Ctrl-C to stop)"))
    mcp_server.serve_http(server, chosen.host, port or _PORT, chosen.allowed_hosts)
