"""Named columns of the feature matrix, as each group of features returns them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

_MAX_FEATURES = 256  # rows reserved; only used rows are kept


@dataclass(frozen=True, slots=True)
class Columns:
    """Features of the lines of a batch. The network's weights depend on the names and on their order."""

    names: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)  # the group that a reason names
    arrays: list[NDArray[np.float32]] = field(default_factory=list)  # (features, lines) each

    def add(self, group: str, name: str, values: NDArray[np.generic]) -> None:
        """Append one feature. `values`: (lines,), any numeric dtype."""
        self.names.append(name)
        self.groups.append(group)
        self.arrays.append(values.astype(np.float32, copy=False)[None])

    def add_rows(self, groups: Sequence[str], names: Sequence[str], rows: NDArray[np.generic]) -> None:
        """Append a feature per row. `rows`: (features, lines), any numeric dtype."""
        self.names.extend(names)
        self.groups.extend(groups)
        self.arrays.append(rows.astype(np.float32, copy=False))


@dataclass(frozen=True, slots=True)
class FeatureMatrix:
    """All features of a batch, with the name and the group of each."""

    names: tuple[str, ...]
    groups: tuple[str, ...]
    values: NDArray[np.float32]  # (features, lines)


def stack(parts: Iterable[Columns], lines: int) -> FeatureMatrix:
    """Return the columns of all parts, in order, as one float32 matrix of shape (features, lines).

    Each part is copied before the next one is computed, while it is in the processor's cache.
    """
    room = np.empty((_MAX_FEATURES, lines), dtype=np.float32)
    names: list[str] = []
    groups: list[str] = []
    for part in parts:
        np.concatenate(part.arrays, out=room[len(names) : len(names) + len(part.names)])
        names += part.names
        groups += part.groups
    return FeatureMatrix(tuple(names), tuple(groups), room[: len(names)])
