"""Batches of documents that fit the processor's cache, so that the overhead of array calls is shared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")
CHARACTERS = 300_000


def batches(items: Iterable[Item], size: Callable[[Item], int], full: int = CHARACTERS) -> Iterator[list[Item]]:
    """Yield lists of at least `full` characters. The last list may be smaller; a large document ends its list."""
    group: list[Item] = []
    total = 0
    for item in items:
        group.append(item)
        total += size(item)
        if total >= full:
            yield group
            group, total = [], 0
    if group:
        yield group
