"""From a folder of seeds to described documents."""

from searchsvc.ingest.boilerplate import (
    NOTHING_LEARNT,
    Learnt,
    Pattern,
    Wishes,
)
from searchsvc.ingest.discovery.discovery import find
from searchsvc.ingest.export_import import exported, imported
from searchsvc.ingest.incremental.document_state import Remembered, memo
from searchsvc.ingest.incremental.first_pass import NOTHING_READ, Reading
from searchsvc.ingest.incremental.seed_manifest import (
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
from searchsvc.ingest.metadata import describe
from searchsvc.ingest.near_duplicates import DuplicateFinder
from searchsvc.ingest.pipeline import (
    Described,
    Found,
    Source,
    clean_file,
    clean_folder,
    ingest,
    learn_folder,
)
from searchsvc.ingest.removal_report import removed_lines

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
