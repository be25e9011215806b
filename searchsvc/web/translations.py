"""Translations of the pages and of their script, from the message files in `locale`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from searchsvc.web.page_language import LANGUAGES, PageLanguage
from searchsvc.web.po_file import read_messages

LOCALE = Path(__file__).parent / "locale"
PAGE, SCRIPT = "page", "script"  # domains


def N_(message: str) -> str:
    """Return `message`, which is translated when it is shown; a mark for the extraction of messages."""
    return message


@dataclass(frozen=True, slots=True)
class Translations:
    """Messages of the pages in one language. Values are escaped, messages are HTML."""

    language: PageLanguage
    messages: Mapping[str, tuple[str, ...]]

    def gettext(self, message: str, /, **values: Any) -> Markup:
        """Return the translation of `message`, filled with `values`."""
        return Markup(self.messages.get(message, (message,))[0]) % values

    def ngettext(self, one: str, many: str, count: int, /, **values: Any) -> Markup:
        """Return the translation of `one` or `many`, filled with `values`, and with `count` as `num`."""
        forms = self.messages.get(one, (one, many))
        num = self.language.format_number(count)
        return Markup(forms[self.language.plural_form(count)]) % {"num": num, **values}


@cache
def translations(code: str) -> Translations:
    """Return the messages of the pages in a language."""
    return Translations(LANGUAGES[code], {} if code == "en" else _messages(code, PAGE))


@cache
def script_messages(code: str) -> dict[str, Any]:
    """Return the messages of the script in a language, in the form that it reads; empty for English, which it has."""
    return {} if code == "en" else {"language": code, "forms": _messages(code, SCRIPT)}


def _messages(code: str, domain: str) -> dict[str, tuple[str, ...]]:
    return read_messages(LOCALE / code / "LC_MESSAGES" / f"{domain}.po")
