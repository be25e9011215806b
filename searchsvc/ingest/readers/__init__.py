"""Readers of all seed formats."""

from searchsvc.ingest.readers.reader import load_reader, read, read_loose

__all__ = ["load_reader", "read", "read_loose"]
