"""From a folder of seeds to described documents."""

from searchsvc.ingest.cleaning import Learnt, Pattern, Wishes
from searchsvc.ingest.duplicates import DuplicateFinder
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
    "find",
    "ingest",
    "learn_folder",
    "removed_lines",
]
