"""Takes web debris out of text and says why."""

from searchsvc.ingest.cleaning.cleaner import NO_WISHES, Wishes, clean_all, source_of
from searchsvc.ingest.cleaning.learning import Learnt, learn
from searchsvc.ingest.cleaning.patterns import Pattern

__all__ = ["NO_WISHES", "Learnt", "Pattern", "Wishes", "clean_all", "learn", "source_of"]
