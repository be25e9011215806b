"""Takes web debris out of text and says why."""

from searchsvc.ingest.cleaning.cleaner import clean

__all__ = ["clean"]
