"""Documents in groups that fit the processor's cache, so that the cost of an array call is shared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")
CHARACTERS = 300_000


def batches(items: Iterable[Item], size: Callable[[Item], int], full: int = CHARACTERS) -> Iterator[list[Item]]:
    """Lists of at least `full` characters, the last one perhaps smaller; a large document stands alone or last."""
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
