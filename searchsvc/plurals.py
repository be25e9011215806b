"""Counts with a noun in its right number."""


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return `count` with `noun`, as "1 document" or "2,000 documents"; `plural` if it is not formed with s."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"
