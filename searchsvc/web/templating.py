"""Rendering of templates; every value is escaped."""

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from searchsvc.plurals import counted
from searchsvc.web.addresses import Addresses, host
from searchsvc.web.appearance import Appearance
from searchsvc.web.html import html, snippet_html

_HERE = Path(__file__).parent
STATIC = _HERE / "static"
_CODE = re.compile("[a-z]{2,3}")  # of a language


def _lang(language: str) -> Markup:
    """Return the attribute for text in another language than the page's; nothing for an unusual code."""
    return Markup(f' lang="{language}"' if language != "en" and _CODE.fullmatch(language) else "")


def _day(time: str) -> str:
    """Return the day of a time in ISO 8601."""
    day = datetime.fromisoformat(time)
    return f"{day.day} {day:%B %Y}"


_environment = Environment(
    loader=FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters.update(html=html, snippet=snippet_html, counted=counted, host=host, day=_day, lang=_lang)


def page(request: Request, template: str, values: Mapping[str, Any], status: int = 200) -> Response:
    """Return a page; paths in `template` and `values` have no base path."""
    appearance: Appearance = request.app.state.appearance
    headers = appearance.headers(appearance.language(request.scope))
    return HTMLResponse(rendered(request, template, values), status, headers)


def rendered(request: Request, template: str, values: Mapping[str, Any]) -> bytes:
    """Return the HTML of `template` with `values`, as UTF-8."""
    typed = request.query_params.get("q", "")
    addresses: Addresses = request.app.state.addresses
    appearance: Appearance = request.app.state.appearance
    shared = {
        "typed": typed,
        "addresses": addresses,
        "to": addresses.to,
        "path": quote(request.scope["path"]),
        "brand": appearance.branding,
        "has_logo": appearance.logo is not None,
        "language": appearance.language(request.scope),
    }
    text = _environment.get_template(template).render(shared, **values)
    # A query may contain lone surrogates, which UTF-8 cannot encode; they are shown as "?".
    return text.encode("utf-8", "replace")
