"""Reads seeds of every format."""

from searchsvc.ingest.formats.reader import read

__all__ = ["read"]
