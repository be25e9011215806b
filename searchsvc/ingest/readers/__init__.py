"""Readers of all seed formats."""

from searchsvc.ingest.readers.reader import read

__all__ = ["read"]
