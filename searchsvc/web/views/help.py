"""Views of the help pages: search tips and API reference."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from searchsvc.analysis import Analyzer
from searchsvc.branding import Branding
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
from searchsvc.web.translations import N_

# Example queries with a description; the parser adds their interpretation when the page is made.
EXAMPLES: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        N_("Words"),
        (
            ("climate talks", N_("documents with both words; if there are few, partial matches follow")),
            ("U.S. economy", N_("a word with or without its dots")),
            ("NATO-Russia council", N_("hyphenated words, preferably next to each other")),
        ),
    ),
    (
        N_("Required, optional, excluded words"),
        (
            ('"security cooperation"', N_("the exact phrase")),
            ("treaty -nuclear", N_("documents without the word after the minus")),
            ("treaty NOT nuclear", N_("the same")),
            ("+council nato russia", N_("council is required, even if few documents have it")),
            ("steel AND tariffs", N_("both words are required")),
            ("steel OR corn", N_("either word")),
            ("(steel OR corn) tariffs", N_("a group in parentheses")),
        ),
    ),
    (
        N_("Wildcards and fuzzy search"),
        (
            ("coop*", N_("words starting with coop; at least %(num)s letters")),
            ("tarifs~", N_("words that differ by one letter; at least %(num)s letters")),
            ("goverment~2", N_("words that differ by two letters; at least %(num)s letters")),
        ),
    ),
    (
        N_("Fields"),
        (
            ("title:treaty", N_("a word in the title")),
            ('author:"Ann Lee"', N_("a phrase in the author's name")),
            ("source:(reuters OR tass)", N_("either word in the source's name")),
            ("language:en", N_("documents in English")),
        ),
    ),
    (
        N_("Dates of publication"),
        (
            ("published:2024-03", N_("in March 2024")),
            ("after:2023 before:2025", N_("after 2023 and before 2025")),
            ("2024-01..2024-06", N_("from January to June 2024")),
            ("published:yesterday", N_("also today, this-week, last-month, this-year and so on")),
        ),
    ),
    (
        N_("Removed lines"),
        (
            ("subscribe in:original", N_("in the original text, with the lines that were removed")),
            ("subscribe in:removed", N_("in the removed lines alone")),
        ),
    ),
)
LEAST_LETTERS = {"coop*": MIN_PREFIX, "tarifs~": MIN_FUZZY[0], "goverment~2": MIN_FUZZY[1]}


@dataclass(frozen=True, slots=True)
class QueryLimits:
    """Limits of a query."""

    tokens: int = MAX_LEXEMES
    terms: int = MAX_TERMS
    levels: int = MAX_DEPTH


@dataclass(frozen=True, slots=True)
class Example:
    """An example query with its meaning, its interpretation by the parser, and the address of its results."""

    query: str
    matches: str
    parsed: str
    address: str
    number: int | None  # of letters that it needs


@dataclass(frozen=True, slots=True)
class Help:
    """Views of the help pages."""

    analyzer: Analyzer
    addresses: Addresses
    branding: Branding

    def search(self, request: Request) -> Response:
        values = {"sections": self.examples(), "fields": FIELDS, "limits": QueryLimits()}
        return page(request, "help_search.html", values)

    def api(self, request: Request) -> Response:
        described = description(self.addresses.absolute(""), self.branding.name, self.branding.about)
        return page(
            request,
            "help_api.html",
            {"api": described, "groups": _groups(described), "resolved": _resolved, "default": _default},
        )

    def examples(self) -> list[tuple[str, list[Example]]]:
        """Return the example queries of each section."""
        return [(title, [self._example(*each) for each in examples]) for title, examples in EXAMPLES]

    def _example(self, query: str, matches: str) -> Example:
        parsed = parse_query(query, self.analyzer, date.today()).normalized
        address = f"/search?{urlencode({'q': query})}"
        return Example(query, matches, parsed, address, LEAST_LETTERS.get(query))


def _groups(described: dict[str, Any]) -> dict[str, list[tuple[str, str, dict[str, Any]]]]:
    """Return path, method and description of the operations by tag."""
    groups: dict[str, list[tuple[str, str, dict[str, Any]]]] = {each.tag: [] for each in DESCRIBED}
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            groups[operation["tags"][0]].append((path, method, operation))
    return groups


def _default(value: Any) -> str:
    """Return the default value of a parameter as an address has it."""
    return ",".join(value) if isinstance(value, tuple) else str(value)


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
