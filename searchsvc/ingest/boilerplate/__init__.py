"""Takes web debris out of text and says why."""

from searchsvc.ingest.boilerplate.apply import (
    clean_all,
    dropped_lines,
    parted,
    source_of,
    text_lines,
)
from searchsvc.ingest.boilerplate.classifier import Dropped
from searchsvc.ingest.boilerplate.overrides import (
    NO_WISHES,
    Pattern,
    Wishes,
    as_wished,
)
from searchsvc.ingest.boilerplate.recurring_lines import (
    NO_LINES,
    NOTHING_LEARNT,
    Learnt,
    Lines,
    lines_of,
)

__all__ = [
    "NOTHING_LEARNT",
    "NO_LINES",
    "NO_WISHES",
    "Dropped",
    "Learnt",
    "Lines",
    "Pattern",
    "Wishes",
    "as_wished",
    "clean_all",
    "dropped_lines",
    "lines_of",
    "parted",
    "source_of",
    "text_lines",
]
