"""Corruptions of one byte."""

from collections.abc import Iterator

REPLACEMENTS = b"\x00\x80\xff\"{\n%\\'"


def corruptions(valid: bytes) -> Iterator[bytes]:
    """Yield `valid` with each byte replaced by each of REPLACEMENTS, and without each byte."""
    for at in range(len(valid)):
        yield valid[:at] + valid[at + 1 :]
        for byte in REPLACEMENTS:
            yield valid[:at] + bytes([byte]) + valid[at + 1 :]
