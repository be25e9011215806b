"""Queries: typed text to the Whoosh query trees that every engine evaluates."""

from searchsvc.query.completion_input import CompletionInput, completion_input
from searchsvc.query.highlight_terms import HighlightTerm, distinct_highlight_terms, highlight_terms
from searchsvc.query.multilingual import AcrossLanguages, InLanguages, across_languages
from searchsvc.query.optional_terms import Part
from searchsvc.query.parsed_query import ParsedQuery, parse_query
from searchsvc.query.parser import parse
from searchsvc.query.query_trees import AcrossFields
from searchsvc.query.sign_reading import AUTO_SYNTAX, LITERAL, OPERATORS, SYNTAXES
from searchsvc.query.spelling import (
    Change,
    Correction,
    Neighbour,
    Vocabulary,
    correct_spelling,
)
from searchsvc.query.synonyms import (
    NO_SYNONYMS,
    AppliedSynonym,
    Synonyms,
    expand,
    read_synonyms,
)

__all__ = [
    "AUTO_SYNTAX",
    "LITERAL",
    "NO_SYNONYMS",
    "OPERATORS",
    "SYNTAXES",
    "AcrossFields",
    "AcrossLanguages",
    "AppliedSynonym",
    "Change",
    "CompletionInput",
    "Correction",
    "HighlightTerm",
    "InLanguages",
    "Neighbour",
    "ParsedQuery",
    "Part",
    "Synonyms",
    "Vocabulary",
    "across_languages",
    "completion_input",
    "correct_spelling",
    "distinct_highlight_terms",
    "expand",
    "highlight_terms",
    "parse",
    "parse_query",
    "read_synonyms",
]
