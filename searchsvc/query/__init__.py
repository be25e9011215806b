"""Typed text to the trees that every engine interprets."""

from searchsvc.query.relaxing import Part
from searchsvc.query.trees import AcrossFields
from searchsvc.query.understanding import LITERAL, OPERATORS, SYNTAXES, ParsedQuery, parse_query
from searchsvc.query.wanted import Wanted, wanted

__all__ = [
    "LITERAL",
    "OPERATORS",
    "SYNTAXES",
    "AcrossFields",
    "ParsedQuery",
    "Part",
    "Wanted",
    "parse_query",
    "wanted",
]
