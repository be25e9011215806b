"""From a folder of seeds to described documents."""

from searchsvc.ingest.pipeline import Outcome, clean_file, ingest
from searchsvc.ingest.seeds import find

__all__ = ["Outcome", "clean_file", "find", "ingest"]
