"""Reads seeds of every format."""

from searchsvc.ingest.readers.reader import read

__all__ = ["read"]
