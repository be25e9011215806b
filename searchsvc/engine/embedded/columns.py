"""What filters, facets and sorting need of every document, as memory-mapped arrays."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from searchsvc.models import FACETS, DateRange, Document, FacetValue, Filter

NO_DATE = 0  # ordinals of dates begin at 1
_VALUES = "facets.json"
_ID = re.compile("[0-9a-f]{16}")  # int() would read other spellings of the same number too


class ColumnWriter:
    """Collects the columns of documents in the order of their numbers."""

    def __init__(self) -> None:
        self._ids: list[int] = []
        self._published: list[int] = []
        self._pairs: dict[str, list[tuple[int, str]]] = {name: [] for name in FACETS}
        self._copies: Mapping[str, str] = {}

    def copies(self, faces: Mapping[str, str]) -> None:
        self._copies = faces

    def append(self, document: Document) -> None:
        number = len(self._ids)
        self._ids.append(int(document.id, 16))
        self._published.append(document.published.toordinal() if document.published else NO_DATE)
        for name, pairs in self._pairs.items():
            pairs.extend((number, value) for value in dict.fromkeys(document.facet_values(name)))

    def write(self, folder: Path) -> None:
        np.save(folder / "ids.npy", np.asarray(self._ids, dtype=np.uint64))
        np.save(folder / "published.npy", np.asarray(self._published, dtype=np.int32))
        np.save(folder / "faces.npy", self._faces())
        values: dict[str, list[str]] = {}
        for name, pairs in self._pairs.items():
            values[name] = sorted({value for _, value in pairs})
            ordinal = {value: index for index, value in enumerate(values[name])}
            table = [(number, ordinal[value]) for number, value in pairs]
            np.save(folder / f"facet.{name}.npy", np.asarray(table, dtype=np.int32).reshape(-1, 2).T.copy())
        (folder / _VALUES).write_bytes(msgspec.json.encode(values))

    def _faces(self) -> NDArray[np.int32]:
        number = {each: index for index, each in enumerate(self._ids)} if self._copies else {}
        faces = np.arange(len(self._ids), dtype=np.int32)
        for copy, face in self._copies.items():
            faces[number[int(copy, 16)]] = number[int(face, 16)]
        return faces


@dataclass(frozen=True, slots=True)
class Facet:
    """A facet's values in order, and which document has which.

    `documents` and `ordinals`, both (pairs,) int32: document `documents[i]` has the value
    `values[ordinals[i]]`.
    """

    values: list[str]
    documents: NDArray[np.int32]
    ordinals: NDArray[np.int32]

    def counts(self, matched: NDArray[np.bool_], limit: int) -> tuple[FacetValue, ...]:
        """The commonest values among the `matched` documents ((documents,) bool), most first."""
        counts = np.bincount(self.ordinals[matched[self.documents]], minlength=len(self.values))
        order = np.lexsort((np.arange(len(counts)), -counts))[:limit]
        return tuple(FacetValue(self.values[i], int(counts[i])) for i in order.tolist() if counts[i])

    def having(self, values: Iterable[str], size: int) -> NDArray[np.bool_]:
        """(size,) bool: the documents that have one of `values`; case does not matter."""
        wanted = {value.casefold() for value in values}
        chosen = np.asarray([value.casefold() in wanted for value in self.values], dtype=np.bool_)
        mask = np.zeros(size, dtype=np.bool_)
        mask[self.documents[chosen[self.ordinals]]] = True
        return mask


class Columns:
    """The columns of a published generation."""

    def __init__(self, folder: Path) -> None:
        self.ids: NDArray[np.uint64] = np.load(folder / "ids.npy", mmap_mode="r")
        self.published: NDArray[np.int32] = np.load(folder / "published.npy", mmap_mode="r")
        # (documents,) int32: the number of the document that stands for this one and its copies.
        self.faces: NDArray[np.int32] = np.load(folder / "faces.npy", mmap_mode="r")
        values = msgspec.json.decode((folder / _VALUES).read_bytes(), type=dict[str, list[str]])
        self.facets: dict[str, Facet] = {}
        for name in FACETS:
            documents, ordinals = np.load(folder / f"facet.{name}.npy", mmap_mode="r")
            self.facets[name] = Facet(values[name], documents, ordinals)

    @property
    def size(self) -> int:
        return len(self.ids)

    def number_of(self, document_id: str) -> int | None:
        """The number of the document with this id, None if there is none."""
        if not _ID.fullmatch(document_id):
            return None
        wanted = np.uint64(int(document_id, 16))
        at = int(np.searchsorted(self.ids[self._by_id], wanted))
        return int(self._by_id[at]) if at < self.size and self.ids[self._by_id[at]] == wanted else None

    def clusters(self) -> dict[int, list[int]]:
        """The numbers of copies, by the number of their face."""
        clusters: dict[int, list[int]] = {}
        for copy in np.flatnonzero(self.faces != np.arange(self.size)).tolist():
            clusters.setdefault(int(self.faces[copy]), []).append(copy)
        return clusters

    def filtered(self, filters: Iterable[Filter], published: DateRange | None) -> NDArray[np.bool_]:
        """(documents,) bool: those that pass every filter and are published within the days."""
        mask = np.ones(self.size, dtype=np.bool_)
        for each in filters:
            mask &= self.facets[each.field].having(each.values, self.size) != each.exclude
        if published and published.first:
            mask &= self.published >= published.first.toordinal()
        if published and published.last:
            mask &= (self.published <= published.last.toordinal()) & (self.published != NO_DATE)
        return mask

    def by_date(self, numbers: NDArray[np.int32], newest_first: bool) -> NDArray[np.int32]:
        """`numbers` in the order of their days, undated last, equals in the order of ids."""
        days = self.published[numbers].astype(np.int64)
        dated = np.where(days == NO_DATE, np.iinfo(np.int64).max, -days if newest_first else days)
        return numbers[np.lexsort((self.ids[numbers], dated))]

    @cached_property
    def _by_id(self) -> NDArray[np.intp]:
        return np.argsort(self.ids, kind="stable")
