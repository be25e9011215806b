"""Why a document matched, as data: text in pieces, matches flagged."""

from searchsvc.highlight.fragmenter import marked, occurrences, passages
from searchsvc.highlight.matcher import Marker, Span
from searchsvc.highlight.per_language import Markers, surfaces_of_languages
from searchsvc.highlight.token_cache import Surfaces

__all__ = ["Marker", "Markers", "Span", "Surfaces", "marked", "occurrences", "passages", "surfaces_of_languages"]
