"""Detection and removal of boilerplate: clutter lines of scraped pages, each with a reason."""

from searchsvc.ingest.boilerplate.line_key_counts import NO_LINE_KEYS, NO_RECURRING_LINES, LineKeys, line_keys_of
from searchsvc.ingest.boilerplate.overrides import (
    NO_OVERRIDES,
    Overrides,
    Pattern,
    apply_overrides,
)
from searchsvc.ingest.boilerplate.recurring_lines import RecurringLines

__all__ = [
    "NO_LINE_KEYS",
    "NO_OVERRIDES",
    "NO_RECURRING_LINES",
    "LineKeys",
    "Overrides",
    "Pattern",
    "RecurringLines",
    "apply_overrides",
    "line_keys_of",
]
