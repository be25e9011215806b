"""Reader for Markdown: one line for each paragraph, heading, list item and table row, without markup."""

import re
from collections.abc import Iterable, Iterator
from html import unescape

from markdown_it import MarkdownIt
from markdown_it.token import Token

LONGEST = 200_000  # characters; hostile Markdown takes the parser up to 30 µs per character
_TAG = re.compile(r"<[^<>]*+>")


class _MarkdownParser(MarkdownIt):
    """Markdown parser without validation of addresses. They are dropped, and validation is a third of the time."""

    def normalizeLink(self, url: str) -> str:
        return url

    def validateLink(self, url: str) -> bool:
        return True


_parser = _MarkdownParser("commonmark").enable("table").enable("strikethrough")
_SPACE = {"softbreak": " ", "hardbreak": "\n"}


def plain(text: str) -> str:
    """Return the text of Markdown without markup. Text longer than LONGEST is returned unchanged."""
    if len(text) > LONGEST:
        return text
    return "\n\n".join(_lines(_parser.parse(text)))


def _lines(tokens: Iterable[Token]) -> Iterator[str]:
    prefix = ""  # bullet or number of the next line
    row: list[str] | None = None  # cells of the current table row
    for token in tokens:
        match token.type:
            case "list_item_open":
                prefix = f"{token.info}. " if token.info else "- "
            case "tr_open":
                row = []
            case "tr_close":
                yield " | ".join(row or ())
                row = None
            case "inline" if row is not None:
                row.append(_inline(token.children or ()))
            case "inline":
                yield prefix + _inline(token.children or ())
                prefix = ""
            case "fence" | "code_block":
                yield prefix + token.content.rstrip("\n")
                prefix = ""
            case "html_block":
                yield unescape(_TAG.sub(" ", token.content)).strip()


def _inline(tokens: Iterable[Token]) -> str:
    return "".join(
        _inline(token.children or ()) if token.type == "image" else _SPACE.get(token.type, token.content)
        for token in tokens
        if token.type != "html_inline"
    )
