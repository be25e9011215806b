"""Messages that other parts of the program make in English, and that pages translate.

A test compares them with the places where they are made.
"""

import re
from collections.abc import Callable
from functools import cache

from markupsafe import Markup

from searchsvc.web.translations import N_, Translations

_PLACE = re.compile(r"%\\\((\w+)\\\)s")  # a placeholder in an escaped message
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3}){1,5}")  # a number with separators of thousands

QUERY_NOTES = (
    N_("too common, affects only the order"),
    N_("too common, ignored"),
    N_("has no letter or digit, ignored"),
    N_("searched as typed: a query may have %(num)s fuzzy words"),
    N_("not a date, searched as text; try %(example)s"),
    N_("not a language, searched as text; try %(example)s"),
    N_("read as %(days)s, since the earlier day comes first"),
    N_("not read: only the first %(num)s words and signs are"),
    N_("%(word)s is not a field, searched as text; the fields are %(fields)s"),
    N_("has no value, searched as text; write %(example)s without a space"),
    N_("ignored, as no word precedes it"),
    N_("weights are not supported, ignored"),
    N_("searched as %(word)s: ~1 needs %(one)s letters, ~2 needs %(two)s and is the maximum"),
    N_("needs %(num)s letters before * to be completed"),
    N_("* is read at the end of a word only"),
    N_("left out: a query may have %(num)s terms"),
    N_("no article with all of your words has this phrase, searched for its words"),
    N_("empty parentheses, ignored"),
    N_("parentheses deeper than %(num)s levels were left out"),
)
PROBLEMS = (
    N_("Bad Request"),
    N_("Unauthorized"),
    N_("Not Found"),
    N_("Method Not Allowed"),
    N_("Internal Server Error"),
    N_("Service Unavailable"),
    N_("There is no index yet. Build it with `searchsvc rebuild`."),
    N_("Page not found."),
    N_("This article is not in the index."),
    N_("Internal error. It has been logged."),
    N_("Another build is running. Try again when it has ended."),
    N_("The index is damaged. Build it again with `searchsvc rebuild`. The log has the details."),
    N_("The index has another format. Build it again with `searchsvc rebuild`. The log has the details."),
    N_("The index cannot be used. The log has the details."),
    N_("The search engine (OpenSearch) cannot be reached. The log has the details."),
    N_("Send the token of the setting status_token."),
    N_("No article has this source."),
    N_("No filter has this name; there are %(fields)s."),
    N_("Too many requests. Try again in a moment."),
    N_("Host not allowed; see the setting allowed_hosts."),
    N_("Address limit is %(num)s bytes."),
    N_("more than %(num)s words match; type more letters"),
    N_("the query looks for more at once than OpenSearch takes: leave out some words"),
)


def known(texts: Translations, text: str) -> str:
    """Return the translation of a known message with any values; other texts are marked as English."""
    if texts.language.code == "en":
        return text
    return translated(texts, (*QUERY_NOTES, *PROBLEMS), text, str) or in_english(text)


def translated(
    texts: Translations, messages: tuple[str, ...], text: str, detail: Callable[[str], str]
) -> Markup | None:
    """Return the translation of a text if it is one of `messages` with any values, else None.

    A value named `detail` is replaced by `detail(value)`, and numbers are written as in
    the language.
    """
    exact, patterns = _patterns(messages)
    if text in exact:
        return texts.gettext(text)
    for message, pattern in patterns:
        if match := pattern.fullmatch(text):
            values = {name: _number(texts, value) for name, value in match.groupdict().items()}
            if "detail" in values:
                values["detail"] = detail(values["detail"])
            return texts.gettext(message, **values)
    return None


def is_known(messages: tuple[str, ...], text: str) -> bool:
    """Return whether a text is one of `messages` with any values."""
    exact, patterns = _patterns(messages)
    return text in exact or any(pattern.fullmatch(text) for _, pattern in patterns)


def in_english(text: str) -> Markup:
    """Return a text marked as English."""
    return Markup('<span lang="en">{}</span>').format(text)


def _number(texts: Translations, value: str) -> str:
    return texts.language.format_number(int(value.replace(",", ""))) if _GROUPED.fullmatch(value) else value


@cache
def _patterns(messages: tuple[str, ...]) -> tuple[frozenset[str], list[tuple[str, re.Pattern[str]]]]:
    """Return the messages without values, and the others with a pattern that matches any values."""
    exact = frozenset(message for message in messages if "%(" not in message)
    return exact, [
        (message, re.compile(_PLACE.sub(r"(?P<\1>.{1,2000})", re.escape(message)), re.S))
        for message in messages
        if message not in exact
    ]
