"""Typed text to the tree that every engine interprets."""

from searchsvc.query.trees import AcrossFields, ParsedQuery, parse_query
from searchsvc.query.wanted import Wanted, wanted

__all__ = ["AcrossFields", "ParsedQuery", "Wanted", "parse_query", "wanted"]
