"""Named columns of the feature matrix, as each group of features returns them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Columns:
    """Features of the lines of a batch. The network's weights depend on the names and on their order."""

    names: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)  # the group that a reason names
    arrays: list[NDArray[np.generic]] = field(default_factory=list)  # (lines,) each: bool, integer or float

    def add(self, group: str, name: str, values: NDArray[np.generic]) -> None:
        """Append one feature. `values`: (lines,), any numeric dtype."""
        self.names.append(name)
        self.groups.append(group)
        self.arrays.append(values)

    def add_rows(self, groups: Sequence[str], names: Sequence[str], rows: NDArray[np.generic]) -> None:
        """Append a feature per row. `rows`: (features, lines), any numeric dtype."""
        self.names.extend(names)
        self.groups.extend(groups)
        self.arrays.extend(rows)


@dataclass(frozen=True, slots=True)
class FeatureMatrix:
    """All features of a batch, with the name and the group of each."""

    names: tuple[str, ...]
    groups: tuple[str, ...]
    values: NDArray[np.float32]  # (features, lines)


def stack(parts: Iterable[Columns], lines: int) -> FeatureMatrix:
    """Return the columns of all parts, in order, as one float32 matrix of shape (features, lines)."""
    listed = list(parts)
    names = tuple(name for part in listed for name in part.names)
    groups = tuple(group for part in listed for group in part.groups)
    values = np.empty((len(names), lines), dtype=np.float32)
    for row, array in zip(values, (array for part in listed for array in part.arrays), strict=True):
        row[:] = array
    return FeatureMatrix(names, groups, values)
