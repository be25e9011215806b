"""From a folder of seeds to described documents."""

from searchsvc.ingest.cleaning import NOTHING_LEARNT, Learnt, Pattern, Wishes
from searchsvc.ingest.duplicates import DuplicateFinder
from searchsvc.ingest.exchange import exported, imported
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
from searchsvc.ingest.removals import removed_lines
from searchsvc.ingest.seeds import find

__all__ = [
    "NOTHING_LEARNT",
    "Described",
    "DuplicateFinder",
    "Found",
    "Learnt",
    "Pattern",
    "Source",
    "Wishes",
    "clean_file",
    "clean_folder",
    "describe",
    "exported",
    "find",
    "imported",
    "ingest",
    "learn_folder",
    "removed_lines",
]
