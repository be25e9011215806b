"""Differences between near-duplicates, by line and within a line by word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Literal

MAX_LINES = 1_000  # compared of each text; difflib is slower than linear
MAX_WORDS = 300  # compared of a line; longer lines are replaced as a whole
_WORDS = re.compile(r"\s+|\S+")

Kind = Literal["same", "missing", "added"]


@dataclass(frozen=True, slots=True)
class DiffPiece:
    """A piece of text: in both texts, only in the first ("missing") or only in the second ("added")."""

    kind: Kind
    text: str


Line = tuple[DiffPiece, ...]


def diff(first: str, second: str) -> list[Line]:
    """Return the lines of both texts in order, at most MAX_LINES of each."""
    old, new = first.split("\n")[:MAX_LINES], second.split("\n")[:MAX_LINES]
    lines: list[Line] = []
    for operation, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        if operation == "equal":
            lines += [(DiffPiece("same", line),) for line in old[a:b]]
        else:
            lines += [_line(*pair) for pair in zip_longest(old[a:b], new[c:d])]
    return lines


def _line(old: str | None, new: str | None) -> Line:
    if old is None or new is None:
        return (DiffPiece("missing", old),) if old is not None else (DiffPiece("added", new or ""),)
    return tuple(_pieces(_WORDS.findall(old), _WORDS.findall(new)))


def _pieces(old: list[str], new: list[str]) -> Iterator[DiffPiece]:
    short = max(len(old), len(new)) <= MAX_WORDS * 2  # as spaces count too
    changes = SequenceMatcher(None, old, new).get_opcodes() if short else [("replace", 0, len(old), 0, len(new))]
    for operation, a, b, c, d in changes:
        if operation == "equal":
            yield DiffPiece("same", "".join(old[a:b]))
            continue
        if b > a:
            yield DiffPiece("missing", "".join(old[a:b]))
        if d > c:
            yield DiffPiece("added", "".join(new[c:d]))
