"""Readers of all seed formats."""

from searchsvc.ingest.readers.reader import load_reader, read

__all__ = ["load_reader", "read"]
