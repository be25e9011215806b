"""Why a document matched, as data: text in pieces, matches flagged."""

from searchsvc.snippets.markers import Markers, surfaces_of_languages
from searchsvc.snippets.marks import Marker, Span
from searchsvc.snippets.passages import marked, occurrences, passages
from searchsvc.snippets.surfaces import Surfaces

__all__ = ["Marker", "Markers", "Span", "Surfaces", "marked", "occurrences", "passages", "surfaces_of_languages"]
