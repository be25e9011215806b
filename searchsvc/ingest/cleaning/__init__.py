"""Takes web debris out of text and says why."""

from searchsvc.ingest.cleaning.cleaner import NO_WISHES, Wishes, clean_all, removed_blocks, source_of, text_lines
from searchsvc.ingest.cleaning.judge import Dropped
from searchsvc.ingest.cleaning.learning import Learnt, learn
from searchsvc.ingest.cleaning.patterns import Pattern

__all__ = [
    "NO_WISHES",
    "Dropped",
    "Learnt",
    "Pattern",
    "Wishes",
    "clean_all",
    "learn",
    "removed_blocks",
    "source_of",
    "text_lines",
]
