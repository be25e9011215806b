"""Reads the fields of an article from its text."""

from searchsvc.ingest.metadata.extract import describe

__all__ = ["describe"]
