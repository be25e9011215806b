"""What two texts that are nearly the same differ in, line by line and within a line word by word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Literal

MAX_LINES = 1_000  # of each text that are compared; difflib takes longer than linear
MAX_WORDS = 300  # of a line that are; longer lines differ as a whole
_WORDS = re.compile(r"\s+|\S+")

Kind = Literal["same", "gone", "new"]


@dataclass(frozen=True, slots=True)
class DiffPiece:
    """A piece of text that both have, or only the first ("gone") or the second ("new")."""

    kind: Kind
    text: str


Line = tuple[DiffPiece, ...]


def diff(first: str, second: str) -> list[Line]:
    """The lines of both texts in order, as far as MAX_LINES of each."""
    ours, theirs = first.split("\n")[:MAX_LINES], second.split("\n")[:MAX_LINES]
    lines: list[Line] = []
    for operation, a, b, c, d in SequenceMatcher(None, ours, theirs).get_opcodes():
        if operation == "equal":
            lines += [(DiffPiece("same", line),) for line in ours[a:b]]
        else:
            lines += [_line(*pair) for pair in zip_longest(ours[a:b], theirs[c:d])]
    return lines


def _line(gone: str | None, new: str | None) -> Line:
    if gone is None or new is None:
        return (DiffPiece("gone", gone),) if gone is not None else (DiffPiece("new", new or ""),)
    return tuple(_pieces(_WORDS.findall(gone), _WORDS.findall(new)))


def _pieces(gone: list[str], new: list[str]) -> Iterator[DiffPiece]:
    short = max(len(gone), len(new)) <= MAX_WORDS * 2  # as spaces count too
    changes = SequenceMatcher(None, gone, new).get_opcodes() if short else [("replace", 0, len(gone), 0, len(new))]
    for operation, a, b, c, d in changes:
        if operation == "equal":
            yield DiffPiece("same", "".join(gone[a:b]))
            continue
        if b > a:
            yield DiffPiece("gone", "".join(gone[a:b]))
        if d > c:
            yield DiffPiece("new", "".join(new[c:d]))
