"""Scope of a search: the clean text, the original text with its removed lines, or the removed lines alone."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from searchsvc.schema import FREE_TEXT, REMOVED_TEXT

CLEAN_SCOPE, ORIGINAL_SCOPE, REMOVED_SCOPE = SCOPES = ("clean", "original", "removed")
# Fields with their weights. Removed text weighs less, since it is mostly boilerplate.
FIELDS_OF_SCOPE: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        CLEAN_SCOPE: FREE_TEXT,
        ORIGINAL_SCOPE: {**FREE_TEXT, REMOVED_TEXT: 0.5},
        REMOVED_SCOPE: {REMOVED_TEXT: 1.0},
    }
)
_TYPED = re.compile(rf"(?<!\S)in:({'|'.join(SCOPES)})(?!\S)", re.I)


def typed_scope(text: str) -> tuple[str, str | None]:
    """Return a query without `in:original`, and the scope that the last one names, or None.

    Spaces replace it, so that the places of other words stay the same.
    """
    scopes = [match[1].lower() for match in _TYPED.finditer(text)]
    return _TYPED.sub(lambda match: " " * len(match[0]), text), scopes[-1] if scopes else None
