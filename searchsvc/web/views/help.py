"""The pages that explain: what can be typed, and what programs can ask."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from searchsvc.analysis import Analyzer
from searchsvc.query import parse_query
from searchsvc.query.ast import FIELDS
from searchsvc.query.parser import (
    MAX_DEPTH,
    MAX_LEXEMES,
    MIN_FUZZY,
    MIN_PREFIX,
)
from searchsvc.query.query_limits import MAX_TERMS
from searchsvc.web.addresses import Addresses
from searchsvc.web.schema.openapi import DESCRIBED, description
from searchsvc.web.templating import page

# What is shown of the grammar: a text as it may be typed, and what it finds. How each is read is asked
# of the parser when the page is made.
TYPED: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Words",
        (
            ("climate talks", "documents with both words first; if these are few, then those with one of them"),
            ("U.S. economy", "a word with dots is one word, with or without them"),
            ("NATO-Russia council", "words with a hyphen, side by side if possible"),
        ),
    ),
    (
        "What must, may and must not be there",
        (
            ('"security cooperation"', "the words side by side, in this order"),
            ("treaty -nuclear", "documents without the word behind the dash"),
            ("treaty NOT nuclear", "the same"),
            ("+council nato russia", "what must be there, however few documents have it"),
            ("steel AND tariffs", "both must be there"),
            ("steel OR corn", "either"),
            ("(steel OR corn) tariffs", "parentheses group"),
        ),
    ),
    (
        "Parts of words, and words that may be misspelt",
        (
            ("coop*", f"words that begin so, from {MIN_PREFIX} letters"),
            ("tarifs~", f"words with a letter wrong, from {MIN_FUZZY[0]} letters"),
            ("goverment~2", f"words with two letters wrong, from {MIN_FUZZY[1]} letters"),
        ),
    ),
    (
        "Fields",
        (
            ("title:treaty", "in the title"),
            ('author:"Ann Lee"', "words side by side in the name of the author"),
            ("source:(reuters OR tass)", "either in the name of the source"),
            ("lang:en", "documents in a language"),
        ),
    ),
    (
        "Days of publication",
        (
            ("date:2024-03", "in a month"),
            ("after:2023 before:2025", "behind the one and ahead of the other"),
            ("2024-01..2024-06", "from the one to the other"),
            ("date:yesterday", "also today, this-week, last-month, this-year and so on"),
        ),
    ),
)
LIMITS = {"words and signs": MAX_LEXEMES, "words looked up": MAX_TERMS, "levels of parentheses": MAX_DEPTH}


@dataclass(frozen=True, slots=True)
class Example:
    """A text that can be typed: what it finds, how it is read, and where it is tried."""

    typed: str
    finds: str
    read: str
    address: str


@dataclass(frozen=True, slots=True)
class Help:
    """The endpoints of the pages that explain."""

    analyzer: Analyzer
    addresses: Addresses

    def search(self, request: Request) -> Response:
        values = {"sections": self.examples(), "fields": FIELDS, "limits": LIMITS}
        return page(request, "help_search.html", values)

    def api(self, request: Request) -> Response:
        described = description(self.addresses.absolute(""))
        return page(request, "help_api.html", {"api": described, "groups": _groups(described), "resolved": _resolved})

    def examples(self) -> list[tuple[str, list[Example]]]:
        """The texts of each section, read by the parser."""
        return [(title, [self._example(*each) for each in texts]) for title, texts in TYPED]

    def _example(self, typed: str, finds: str) -> Example:
        read = parse_query(typed, self.analyzer, date.today()).shown
        return Example(typed, finds, read, f"/search?{urlencode({'q': typed})}")


def _groups(described: dict[str, Any]) -> dict[str, list[tuple[str, str, dict[str, Any]]]]:
    """The operations by tag: path, method, description."""
    groups: dict[str, list[tuple[str, str, dict[str, Any]]]] = {each.tag: [] for each in DESCRIBED}
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            groups[operation["tags"][0]].append((path, method, operation))
    return groups


def _resolved(schema: dict[str, Any]) -> str:
    """The type of a value in words."""
    match schema:
        case {"$ref": name}:
            return str(name).rpartition("/")[2]
        case {"enum": values}:
            return " | ".join(map(str, values))
        case {"anyOf": kinds}:
            return " | ".join(map(_resolved, kinds))
        case {"type": "array", "items": items}:
            return f"list of {_resolved(items)}"
        case {"type": "object", "additionalProperties": dict(values)}:
            return f"object of {_resolved(values)}"
        case {"minimum": low, "maximum": high}:
            return f"{low} to {high}"
        case {"format": kind}:
            return str(kind)
    return str(schema.get("const", schema.get("type", "any")))
