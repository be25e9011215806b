"""Highlighting as data: fragments of text, each a match or not."""

from searchsvc.highlight.fragmenter import mark_matches, occurrences, passages
from searchsvc.highlight.hit_matches import HitMatches, hit_matches
from searchsvc.highlight.matcher import Matcher, MatchSpan
from searchsvc.highlight.parts import PART, Part, part_at, text_parts
from searchsvc.highlight.per_language import MatchersPerLanguage

__all__ = [
    "PART",
    "HitMatches",
    "MatchSpan",
    "Matcher",
    "MatchersPerLanguage",
    "Part",
    "hit_matches",
    "mark_matches",
    "occurrences",
    "part_at",
    "passages",
    "text_parts",
]
