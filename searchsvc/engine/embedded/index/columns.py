"""SegmentColumns of a segment: the id of each document, and the pairs of document and value of each facet."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.files import COLUMNS, FACET_VALUES
from searchsvc.engine.embedded.index.array_file import Array, load_arrays, save_arrays
from searchsvc.engine.embedded.index.facets import FacetPairs
from searchsvc.models.documents import FACETS, Document

Int32Array = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class FacetColumn:
    """Sorted `values` of a facet in a segment, and the documents that have them; see Facet."""

    values: list[str]
    documents: Int32Array
    ordinals: Int32Array


class SegmentColumns:
    """SegmentColumns of a segment. `ids` (documents,) uint64. Documents count within the segment."""

    def __init__(self, folder: Path, number: int) -> None:
        self._arrays = load_arrays(folder / COLUMNS.format(number))
        self.ids: NDArray[np.uint64] = self._arrays["ids"]
        self._values = (folder / FACET_VALUES.format(number)).read_bytes()

    def facet(self, name: str) -> FacetColumn:
        """Return the facet `name`, one of FACETS."""
        values = msgspec.json.decode(self._values, type=dict[str, list[str]])[name]
        return FacetColumn(values, self._arrays[f"{name}.documents"], self._arrays[f"{name}.ordinals"])


class ColumnsWriter:
    """Collects the columns of documents in the order of their numbers."""

    def __init__(self) -> None:
        self._ids = array("Q")
        self._pairs = {name: FacetPairs() for name in FACETS}

    def append(self, document: Document) -> None:
        for name, pairs in self._pairs.items():
            if values := document.facet_values(name):
                pairs.append(len(self._ids), dict.fromkeys(values) if len(values) > 1 else values)
        self._ids.append(int(document.id, 16))

    def extend(self, columns: SegmentColumns, live: NDArray[np.bool_]) -> None:
        """Add the `live` documents, (documents,) bool, of a segment."""
        for name, pairs in self._pairs.items():
            facet = columns.facet(name)
            pairs.extend(facet.values, facet.documents, facet.ordinals, live, len(self._ids))
        self._ids.frombytes(columns.ids[live].tobytes())

    def write(self, folder: Path, number: int) -> None:
        """Write the files of the segment `number`."""
        arrays: dict[str, Array] = {"ids": np.array(self._ids, np.uint64)}
        for name, pairs in self._pairs.items():
            arrays[f"{name}.documents"], arrays[f"{name}.ordinals"] = pairs.to_array()
        save_arrays(folder / COLUMNS.format(number), arrays)
        values = {name: sorted(pairs.values) for name, pairs in self._pairs.items()}
        (folder / FACET_VALUES.format(number)).write_bytes(msgspec.json.encode(values))


def joined_facet(columns: Sequence[FacetColumn], first_docs: Sequence[int]) -> FacetColumn:
    """Return the facet of several segments; `first_docs`: number of each segment's first document."""
    if len(columns) == 1:
        return columns[0]
    values = columns[0].values
    new_values = {value for column in columns[1:] for value in column.values} - set(values)
    if new_values:
        values = sorted([*values, *new_values])
    ordinal_of = {value: ordinal for ordinal, value in enumerate(values)}
    documents = [column.documents + np.int32(first) for column, first in zip(columns, first_docs, strict=True)]
    ordinals = [
        np.array([ordinal_of[value] for value in column.values], np.int32).take(column.ordinals) for column in columns
    ]
    return FacetColumn(values, np.concatenate(documents), np.concatenate(ordinals))
