"""Takes web debris out of text and says why."""

from searchsvc.ingest.cleaning.cleaner import clean_all, dropped_lines, parted, source_of, text_lines
from searchsvc.ingest.cleaning.judge import Dropped
from searchsvc.ingest.cleaning.learning import NOTHING_LEARNT, Learnt, learn
from searchsvc.ingest.cleaning.patterns import NO_WISHES, Pattern, Wishes, as_wished

__all__ = [
    "NOTHING_LEARNT",
    "NO_WISHES",
    "Dropped",
    "Learnt",
    "Pattern",
    "Wishes",
    "as_wished",
    "clean_all",
    "dropped_lines",
    "learn",
    "parted",
    "source_of",
    "text_lines",
]
