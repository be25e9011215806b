"""Metadata of an article: declared by its seed, or extracted from its text."""

from searchsvc.ingest.metadata.extract import describe

__all__ = ["describe"]
