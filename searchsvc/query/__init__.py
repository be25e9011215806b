"""Typed text to the trees that every engine interprets."""

from searchsvc.query.correction import Change, Correction, Neighbour, Vocabulary, correct
from searchsvc.query.languages import AcrossLanguages, InLanguages, across_languages
from searchsvc.query.parsing import parse
from searchsvc.query.relaxing import Part
from searchsvc.query.synonyms import NO_SYNONYMS, Applied, Synonyms, expand, read_synonyms
from searchsvc.query.trees import AcrossFields
from searchsvc.query.understanding import LITERAL, OPERATORS, SYNTAXES, ParsedQuery, parse_query
from searchsvc.query.unfinished import Unfinished, unfinished
from searchsvc.query.wanted import Wanted, wanted

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
