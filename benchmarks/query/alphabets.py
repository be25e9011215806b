"""What hostile and ordinary queries are made of, and random strings of it."""

import random
from collections.abc import Iterator

LONGEST = 2_048

PIECES = (
    "a ", "a", "-a ", "-", "- ", "+a ", "(", ")", "()", ")(", "(a ", '"', '"a" ', '"a ', ":", "a:", "title:",
    "title:a ", "title:(", "author:", "date:2024 ", "date:", "lang:en ", "a OR ", "a AND ", "NOT ", "| ", "abc* ",
    "abc*", "a~ ", "abcde~ ", "abcde~2 ", "a^2 ", "2024-03 ", "2023..2024 ", "the ", "a-", "U.", "1,", "'a ", "_-",
    "e\u0301", "\u0301", "\u200b", "\u202e", "東", "東 ", "é ", "Zürich ", "ﷺ", "Крым ", "हिन्दी ", "😀", "😀 ",
    "\0", "\ud800",
    "?", "!", "[a TO z] ", "{", "<b>", "\\", "~", "*", "^",
)  # fmt: skip


def repeated() -> Iterator[str]:
    """Each piece as often as a query has room for it."""
    for piece in PIECES:
        yield (piece * LONGEST)[:LONGEST]


def strings(count: int, seed: int = 1) -> Iterator[str]:
    """Random strings: most are short, some as long as may be; of pieces, or of any code points."""
    rng = random.Random(seed)
    for _ in range(count):
        length = int(rng.paretovariate(0.9)) % 400
        if rng.random() < 0.7:
            yield "".join(rng.choices(PIECES, k=length))[:LONGEST]
        else:
            yield "".join(map(chr, rng.choices(range(0x110000), k=length)))[:LONGEST]
