"""The templates, with every value escaped."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from searchsvc.web.markup import html, snippet_html

_HERE = Path(__file__).parent
STATIC = _HERE / "static"

_environment = Environment(
    loader=FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters.update(html=html, snippet=snippet_html)


def page(request: Request, template: str, values: Mapping[str, Any], status: int = 200) -> Response:
    """The page that `template` makes of `values`."""
    return HTMLResponse(rendered(request, template, values), status)


def rendered(request: Request, template: str, values: Mapping[str, Any]) -> bytes:
    """The HTML that `template` makes of `values`, as UTF-8."""
    typed = request.query_params.get("q", "")
    state, path = request.app.state, quote(request.scope["path"])
    text = _environment.get_template(template).render(typed=typed, public_url=state.public_url, path=path, **values)
    # A query may hold lone surrogates; what can't be written as UTF-8 is shown as "?".
    return text.encode("utf-8", "replace")
