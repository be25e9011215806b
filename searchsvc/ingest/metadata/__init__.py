"""Reads the fields of an article from its text."""

from searchsvc.ingest.metadata.document import describe

__all__ = ["describe"]
