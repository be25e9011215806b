"""The search service of a command, closed when the command ends."""

import click

from searchsvc.cli.options import shared_options
from searchsvc.engines import engine_of
from searchsvc.service import SearchService
from searchsvc.settings import Settings


def service_of(ctx: click.Context, chosen: Settings | None = None) -> SearchService:
    """Return the service over the index in `chosen`, by default in the settings in force. Raises SettingsError."""
    effective = chosen or shared_options(ctx).settings()
    service = SearchService(engine_of(effective), effective)
    ctx.call_on_close(service.close)
    return service
