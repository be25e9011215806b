"""Rendering of templates; every value is escaped."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from searchsvc.web.addresses import Addresses, host
from searchsvc.web.appearance import Appearance
from searchsvc.web.histogram import Bar
from searchsvc.web.html import html, snippet_html
from searchsvc.web.known_messages import known
from searchsvc.web.known_reasons import reason
from searchsvc.web.language_names import LANGUAGE_NAMES
from searchsvc.web.page_language import PageLanguage
from searchsvc.web.translations import Translations, script_messages, translations

_HERE = Path(__file__).parent
STATIC = _HERE / "static"
_CODE = re.compile("[a-z]{2,3}")  # of a language
_BACKTICKS = re.compile("`([^`]+)`")


@cache
def _environment(code: str) -> Environment:
    """Return the templates in a language."""
    texts = translations(code)
    language = texts.language
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(_=texts.gettext, ngettext=texts.ngettext, language=code, script_messages=script_messages(code))
    made.filters.update(
        html=html,
        snippet=snippet_html,
        host=host,
        known=partial(known, texts),
        reason=partial(reason, texts),
        code_spans=_code_spans,
        lang=partial(_lang, code),
        language_name=partial(_language_name, texts),
        date=language.format_day,
        month=language.format_month,
        time=partial(_time, language),
        number=language.format_number,
        percent=language.format_percent,
        size=language.format_size,
        period=partial(_period, language),
    )
    return made


def _lang(page_language: str, language: str) -> Markup:
    """Return the attribute for text in another language than the page's; nothing for an unusual code."""
    return Markup(f' lang="{language}"' if language != page_language and _CODE.fullmatch(language) else "")


def _code_spans(text: str) -> Markup:
    """Return a text with the words between backticks as code."""
    return Markup(_BACKTICKS.sub(r"<code>\1</code>", str(escape(text))))  # of Markup, sub() would escape the tags


def _language_name(texts: Translations, code: str) -> str:
    """Return the name of a language in the page's language; an unusual code as it is."""
    return texts.gettext(LANGUAGE_NAMES[code]) if code in LANGUAGE_NAMES else code


def _time(language: PageLanguage, time: str) -> Markup:
    """Return the day of a time in ISO 8601, as an element."""
    day = language.format_day(datetime.fromisoformat(time))
    return Markup('<time datetime="{}">{}</time>').format(time, day)


def _period(language: PageLanguage, bar: Bar) -> str:
    return bar.label(language)


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
    }
    environment = _environment(appearance.language(request.scope))
    text = environment.get_template(template).render(shared, **values)
    # A query may contain lone surrogates, which UTF-8 cannot encode; they are shown as "?".
    return text.encode("utf-8", "replace")
