"""Views of the help pages: search tips and API reference."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from searchsvc.analysis import Analyzer
from searchsvc.branding import Branding
from searchsvc.plurals import counted
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

# Example queries with a description; the parser adds their interpretation when the page is made.
EXAMPLES: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Words",
        (
            ("climate talks", "documents with both words; if there are few, partial matches follow"),
            ("U.S. economy", "a word with or without its dots"),
            ("NATO-Russia council", "hyphenated words, preferably next to each other"),
        ),
    ),
    (
        "Required, optional, excluded words",
        (
            ('"security cooperation"', "the exact phrase"),
            ("treaty -nuclear", "documents without the word after the minus"),
            ("treaty NOT nuclear", "the same"),
            ("+council nato russia", "council is required, even if few documents have it"),
            ("steel AND tariffs", "both words are required"),
            ("steel OR corn", "either word"),
            ("(steel OR corn) tariffs", "a group in parentheses"),
        ),
    ),
    (
        "Wildcards and fuzzy search",
        (
            ("coop*", f"words starting with coop; at least {MIN_PREFIX} letters"),
            ("tarifs~", f"words that differ by one letter; at least {MIN_FUZZY[0]} letters"),
            ("goverment~2", f"words that differ by two letters; at least {MIN_FUZZY[1]} letters"),
        ),
    ),
    (
        "Fields",
        (
            ("title:treaty", "a word in the title"),
            ('author:"Ann Lee"', "a phrase in the author's name"),
            ("source:(reuters OR tass)", "either word in the source's name"),
            ("language:en", "documents in English"),
        ),
    ),
    (
        "Dates of publication",
        (
            ("published:2024-03", "in March 2024"),
            ("after:2023 before:2025", "after 2023 and before 2025"),
            ("2024-01..2024-06", "from January to June 2024"),
            ("published:yesterday", "also today, this-week, last-month, this-year and so on"),
        ),
    ),
)
LIMITS = (
    counted(MAX_LEXEMES, "token"),
    counted(MAX_TERMS, "term"),
    counted(MAX_DEPTH, "level") + " of nested groups",
)


@dataclass(frozen=True, slots=True)
class Example:
    """An example query with its meaning, its interpretation by the parser, and the address of its results."""

    query: str
    matches: str
    parsed: str
    address: str


@dataclass(frozen=True, slots=True)
class Help:
    """Views of the help pages."""

    analyzer: Analyzer
    addresses: Addresses
    branding: Branding

    def search(self, request: Request) -> Response:
        values = {"sections": self.examples(), "fields": FIELDS, "limits": LIMITS}
        return page(request, "help_search.html", values)

    def api(self, request: Request) -> Response:
        described = description(self.addresses.absolute(""), self.branding.name, self.branding.about)
        return page(request, "help_api.html", {"api": described, "groups": _groups(described), "resolved": _resolved})

    def examples(self) -> list[tuple[str, list[Example]]]:
        """Return the example queries of each section."""
        return [(title, [self._example(*each) for each in examples]) for title, examples in EXAMPLES]

    def _example(self, query: str, matches: str) -> Example:
        parsed = parse_query(query, self.analyzer, date.today()).normalized
        return Example(query, matches, parsed, f"/search?{urlencode({'q': query})}")


def _groups(described: dict[str, Any]) -> dict[str, list[tuple[str, str, dict[str, Any]]]]:
    """Return path, method and description of the operations by tag."""
    groups: dict[str, list[tuple[str, str, dict[str, Any]]]] = {each.tag: [] for each in DESCRIBED}
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            groups[operation["tags"][0]].append((path, method, operation))
    return groups


def _resolved(schema: dict[str, Any]) -> str:
    """Return the type of a value in words."""
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
