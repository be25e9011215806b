"""The command alerts: runs saved queries, and delivers articles that are new for them."""

from pathlib import Path
from typing import Any

import click
import msgspec
from rich.text import Text

from searchsvc.alerts import Alert, AlertFile, AlertState, alert_state, post_webhook, read_alert_file, send_mail
from searchsvc.cli.exit_codes import IO_FAILED
from searchsvc.cli.notices import notice
from searchsvc.cli.options import Command, output_format, shared_options
from searchsvc.cli.output import print_json
from searchsvc.cli.safe_console import err, out
from searchsvc.cli.services import service_of
from searchsvc.errors import DeliveryFailed, SettingsError
from searchsvc.models.documents import Document
from searchsvc.models.search_request import SearchRequest
from searchsvc.plurals import counted
from searchsvc.service import SearchService
from searchsvc.terminal_text import terminal_text
from searchsvc.web import replies
from searchsvc.web.addresses import Addresses
from searchsvc.web.schema import query_params

_MOST = 100  # articles in a message
# Only articles with all words as typed: a corrected word or a partial match would be news of another query.
_EXACT = (("matchingStrategy", "all"), ("typo", "off"), ("collapse", "none"))


@click.command(cls=Command)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@output_format()
@click.pass_context
def alerts(ctx: click.Context, file: Path, form: str) -> None:
    """Report articles that are new for saved queries.

    Run it after each update. The first run of a query reports nothing: it takes the articles as known. An alert that
    could not be delivered is reported again by the next run, and the exit code is 8.
    """
    settings = shared_options(ctx).settings()
    service, alert_file = service_of(ctx, settings), read_alert_file(file)
    requests = [(alert, _request(file, alert)) for alert in alert_file.alert]
    addresses, failed = Addresses.of(settings), False
    messages: list[dict[str, Any]] = []
    with alert_state(settings.index) as state:
        for alert, request in requests:
            message, ids = _new(service, state, alert, request, addresses)
            try:
                if message["new"]:
                    messages.append(message)
                    if form == "text":
                        out.print(_text(message))
                    _deliver(alert_file, alert, message)
            except DeliveryFailed as error:
                err.print(Text(f"searchsvc: {alert.name}: {error}", style="red"))
                failed = True
            else:
                state.add(alert.key, ids)
    if form == "json":
        print_json(messages)
    ctx.exit(IO_FAILED if failed else 0)


def _request(file: Path, alert: Alert) -> SearchRequest:
    parsed = query_params.read_pairs([("q", alert.query), *_EXACT, *(("filter", each) for each in alert.filters)])
    if parsed.invalid:
        raise SettingsError(f"{file}: {alert.name}: {parsed.invalid[0]}")
    return parsed.request


def _new(
    service: SearchService, state: AlertState, alert: Alert, request: SearchRequest, addresses: Addresses
) -> tuple[dict[str, Any], set[str]]:
    """Return the message about new articles, and the ids of all articles that match."""
    reported = state.reported(alert.key)
    ids, count, articles = set[str](), 0, []
    for document in service.stream(request).documents:
        ids.add(document.id)
        if reported is not None and document.id not in reported:
            count += 1
            if count <= _MOST:
                articles.append(_article(document, addresses))
    if reported is None:
        notice(f"{alert.name}: {counted(len(ids), 'article')} known; new ones are reported from now on")
    return {"alert": alert.name, "query": alert.query, "new": count, "articles": articles}, ids


def _article(document: Document, addresses: Addresses) -> dict[str, Any]:
    return {
        "id": document.id,
        "title": document.title,
        "link": addresses.absolute(replies.link(document)),
        "url": document.url,
        "source": document.source,
        "published": document.published,
    }


def _text(message: dict[str, Any]) -> str:
    lines = [f"{message['alert']}: {counted(message['new'], 'new article')}"]
    for article in message["articles"]:
        address = article["url"] if article["link"].startswith("/") and article["url"] else article["link"]
        title = " ".join(article["title"].split())
        lines += [f"  {title}  [{article['id']}]", f"    {address}"]
    return "\n".join(lines)


def _deliver(alert_file: AlertFile, alert: Alert, message: dict[str, Any]) -> None:
    """Raises DeliveryFailed."""
    if alert.webhook:
        post_webhook(alert.webhook, msgspec.json.encode(message), alert_file.secret)
    if alert.mail:
        subject = f"{alert.name}: {counted(message['new'], 'new article')}"
        send_mail(alert_file.sendmail, alert.mail, subject, terminal_text(_text(message)) + "\n")
