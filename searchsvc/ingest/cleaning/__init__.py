"""Takes web debris out of text and says why."""

from searchsvc.ingest.cleaning.cleaner import clean_all, dropped_lines, parted, source_of, text_lines
from searchsvc.ingest.cleaning.judge import Dropped
from searchsvc.ingest.cleaning.learning import NO_LINES, NOTHING_LEARNT, Learnt, Lines, lines_of
from searchsvc.ingest.cleaning.patterns import NO_WISHES, Pattern, Wishes, as_wished

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
