"""Typed text to the trees that every engine interprets."""

from searchsvc.query.compiler import AcrossFields
from searchsvc.query.completion_input import Unfinished, unfinished
from searchsvc.query.highlight_terms import Wanted, wanted
from searchsvc.query.multilingual import AcrossLanguages, InLanguages, across_languages
from searchsvc.query.optional_terms import Part
from searchsvc.query.parsed_query import (
    LITERAL,
    OPERATORS,
    SYNTAXES,
    ParsedQuery,
    parse_query,
)
from searchsvc.query.parser import parse
from searchsvc.query.spelling import (
    Change,
    Correction,
    Neighbour,
    Vocabulary,
    correct,
)
from searchsvc.query.synonyms import (
    NO_SYNONYMS,
    Applied,
    Synonyms,
    expand,
    read_synonyms,
)

__all__ = [
    "LITERAL",
    "NO_SYNONYMS",
    "OPERATORS",
    "SYNTAXES",
    "AcrossFields",
    "AcrossLanguages",
    "Applied",
    "Change",
    "Correction",
    "InLanguages",
    "Neighbour",
    "ParsedQuery",
    "Part",
    "Synonyms",
    "Unfinished",
    "Vocabulary",
    "Wanted",
    "across_languages",
    "correct",
    "expand",
    "parse",
    "parse_query",
    "read_synonyms",
    "unfinished",
    "wanted",
]
