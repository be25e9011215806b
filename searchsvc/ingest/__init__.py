"""From a folder of seeds to described documents."""

from searchsvc.ingest.cleaning import NOTHING_LEARNT, Learnt, Pattern, Wishes
from searchsvc.ingest.duplicates import DuplicateFinder
from searchsvc.ingest.exchange import exported, imported
from searchsvc.ingest.ledger import (
    NO_LEDGER,
    Compared,
    Ledger,
    LedgerWriter,
    Rows,
    changed,
    compared,
    made_by,
    problems_in,
    with_origins,
)
from searchsvc.ingest.memos import Remembered, memo
from searchsvc.ingest.metadata import describe
from searchsvc.ingest.pipeline import (
    Described,
    Found,
    Source,
    clean_file,
    clean_folder,
    ingest,
    learn_folder,
)
from searchsvc.ingest.readings import NOTHING_READ, Reading
from searchsvc.ingest.removals import removed_lines
from searchsvc.ingest.seeds import find

__all__ = [
    "NOTHING_LEARNT",
    "NOTHING_READ",
    "NO_LEDGER",
    "Compared",
    "Described",
    "DuplicateFinder",
    "Found",
    "Learnt",
    "Ledger",
    "LedgerWriter",
    "Pattern",
    "Reading",
    "Remembered",
    "Rows",
    "Source",
    "Wishes",
    "changed",
    "clean_file",
    "clean_folder",
    "compared",
    "describe",
    "exported",
    "find",
    "imported",
    "ingest",
    "learn_folder",
    "made_by",
    "memo",
    "problems_in",
    "removed_lines",
    "with_origins",
]
