"""Values per document (ids, dates, duplicates, facets) for filters and sorting, as memory-mapped arrays."""

import re
from array import array
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.files import CANONICALS, FACET, FACET_VALUES, ID_ORDER, ID_RANKS, IDS
from searchsvc.engine.embedded.index.doc_set import DocSet
from searchsvc.engine.embedded.index.facets import Facet, FacetPairs
from searchsvc.models.documents import FACETS, Document
from searchsvc.models.search import DateRange, Filter
from searchsvc.npy_file import map_array

NO_DATE = 0  # date ordinals start at 1
_ID = re.compile("[0-9a-f]{16}")  # int() accepts other spellings of the same number


class DocValuesWriter:
    """Collects the values of documents in the order of their numbers."""

    def __init__(self) -> None:
        self._ids = array("Q")
        self._pairs = {name: FacetPairs() for name in FACETS}
        self._canonicals: Mapping[str, str] = {}

    def start_from(self, previous: "DocValues", live: NDArray[np.bool_]) -> None:
        """Copy the values of the `live` documents, (documents,) bool, of a previous generation.

        Must be called before the first `append`.
        """
        self._ids.frombytes(previous.ids[live].tobytes())
        for name, pairs in self._pairs.items():
            pairs.start_from(previous.facets[name], live)

    def set_duplicates(self, canonicals: Mapping[str, str]) -> None:
        """Set the canonical document of each near-duplicate, by id."""
        self._canonicals = canonicals

    def append(self, document: Document) -> None:
        for name, pairs in self._pairs.items():
            if values := document.facet_values(name):
                pairs.append(len(self._ids), dict.fromkeys(values) if len(values) > 1 else values)
        self._ids.append(int(document.id, 16))

    def write(self, folder: Path) -> None:
        """Write the files of all values into `folder`."""
        ids = np.array(self._ids, np.uint64)
        order = np.argsort(ids, kind="stable").astype(np.int32)
        np.save(folder / IDS, ids)
        np.save(folder / ID_ORDER, order)
        np.save(folder / ID_RANKS, np.argsort(order).astype(np.int32))
        np.save(folder / CANONICALS, self._canonical_docs(ids, order))
        for name, pairs in self._pairs.items():
            np.save(folder / FACET.format(name), pairs.to_array())
        values = {name: sorted(pairs.values) for name, pairs in self._pairs.items()}
        (folder / FACET_VALUES).write_bytes(msgspec.json.encode(values))

    def _canonical_docs(self, ids: NDArray[np.uint64], order: NDArray[np.int32]) -> NDArray[np.int32]:
        canonicals = np.arange(len(ids), dtype=np.int32)
        duplicate_ids = np.array([int(document_id, 16) for document_id in self._canonicals], np.uint64)
        canonical_ids = np.array([int(each, 16) for each in self._canonicals.values()], np.uint64)
        canonicals[order[ids.searchsorted(duplicate_ids, sorter=order)]] = order[
            ids.searchsorted(canonical_ids, sorter=order)
        ]
        return canonicals


class DocValues:
    """Values of the documents of a published generation.

    `days` (documents,) int32: proleptic Gregorian ordinals, NO_DATE for none. `ids` (documents,) uint64.
    `canonicals` (documents,) int32: the canonical document of each document.
    """

    def __init__(self, folder: Path, days: NDArray[np.int32]) -> None:
        self._days = days
        # (documents,) int32: documents in the order of ids, and the rank of each document in it.
        self.ids: NDArray[np.uint64] = map_array(folder / IDS)
        self._order: NDArray[np.int32] = map_array(folder / ID_ORDER)
        self._ranks: NDArray[np.int32] = map_array(folder / ID_RANKS)
        self.canonicals: NDArray[np.int32] = map_array(folder / CANONICALS)
        # (duplicates,) int32, ascending: documents that are not canonical.
        self._duplicates = np.flatnonzero(self.canonicals != np.arange(self.size)).astype(np.int32)
        values = msgspec.json.decode((folder / FACET_VALUES).read_bytes(), type=dict[str, list[str]])
        self.facets: dict[str, Facet] = {}
        for name in FACETS:
            documents, ordinals = map_array(folder / FACET.format(name))
            self.facets[name] = Facet(values[name], documents, ordinals, self.size)

    @property
    def size(self) -> int:
        return len(self.ids)

    def number_of(self, document_id: str) -> int | None:
        """Return the number of the document with this id, or None."""
        if not _ID.fullmatch(document_id):
            return None
        id_value = np.uint64(int(document_id, 16))
        index = int(np.searchsorted(self.ids, id_value, sorter=self._order))
        return int(self._order[index]) if index < self.size and self.ids[self._order[index]] == id_value else None

    @cached_property
    def clusters(self) -> Mapping[int, Sequence[int]]:
        """Near-duplicates of each canonical document, in the order of their ids."""
        clusters: dict[int, list[int]] = {}
        for duplicate in self._duplicates[self._ranks[self._duplicates].argsort()].tolist():
            clusters.setdefault(int(self.canonicals[duplicate]), []).append(duplicate)
        return clusters

    def suppressed(self, matches: DocSet) -> DocSet:
        """Return the near-duplicates in `matches` whose canonical document is in `matches` too."""
        duplicates = self._duplicates.compress(matches.contains(self._duplicates))
        return DocSet(self.size, docs=duplicates.compress(matches.contains(self.canonicals.take(duplicates))))

    def filter_mask(self, filters: Iterable[Filter], published: DateRange | None) -> NDArray[np.bool_] | None:
        """Return (documents,) bool: documents that pass every filter and the date range.

        Returns None if there is neither filter nor date range.
        """
        masks = [self.facets[each.field].mask(each.values) != each.exclude for each in filters]
        if published and published.first:
            masks.append(self._days >= published.first.toordinal())
        if published and published.last:
            masks.append((self._days <= published.last.toordinal()) & (self._days != NO_DATE))
        return np.logical_and.reduce(masks) if masks else None

    def sorted_by_date(self, docs: NDArray[np.int32], limit: int, newest_first: bool) -> NDArray[np.int32]:
        """Return the first `limit` of `docs` by date, undated documents last, ties in the order of ids.

        `docs` (n,) int32. Date and rank share one int64, so that a plain partition sorts by both.
        """
        days = self._days[docs].astype(np.int64)
        last = np.int64(1 << 30)  # above any date ordinal
        keys = np.where(days == NO_DATE, last, last - days if newest_first else days) << 32 | self._ranks[docs]
        if limit < len(keys):
            keys = np.partition(keys, limit)[:limit]
        return self._order.take(np.sort(keys) & 0xFFFFFFFF)
