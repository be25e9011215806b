"""Values per document for filters, facets and sorting, as memory-mapped arrays."""

import re
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.files import CANONICALS, FACET, FACET_VALUES, ID_ORDER, ID_RANKS, IDS
from searchsvc.engine.embedded.index.doc_set import DocSet
from searchsvc.models.documents import FACETS, Document
from searchsvc.models.search import DateRange, FacetValue, Filter

NO_DATE = 0  # date ordinals start at 1
_ID = re.compile("[0-9a-f]{16}")  # int() accepts other spellings of the same number


class _FacetPairs:
    """Pairs of document and value of one facet; values are numbered as they come."""

    def __init__(self) -> None:
        self.values: dict[str, int] = {}  # value to id, in the order of first use
        self.documents, self.value_ids = array("i"), array("i")

    def start_from(self, facet: "Facet", live: NDArray[np.bool_]) -> None:
        """Copy the pairs of the `live` documents of a previous generation, and renumber these documents."""
        is_live = live[facet.documents]
        used_ordinals, value_ids = np.unique(facet.ordinals[is_live], return_inverse=True)
        self.values = {facet.values[ordinal]: number for number, ordinal in enumerate(used_ordinals.tolist())}
        self.documents.frombytes((live.cumsum(dtype=np.int32) - np.int32(1))[facet.documents[is_live]].tobytes())
        self.value_ids.frombytes(value_ids.astype(np.int32).tobytes())

    def append(self, document: int, values: Iterable[str]) -> None:
        """Add the distinct `values` of a document."""
        for value in values:
            self.documents.append(document)
            self.value_ids.append(self.values.setdefault(value, len(self.values)))

    def to_array(self) -> NDArray[np.int32]:
        """Return (2, pairs) int32: documents, and ordinals of their values in sorted order."""
        ranks = np.empty(len(self.values), np.int32)
        ranks[[self.values[value] for value in sorted(self.values)]] = np.arange(len(self.values))
        value_ids = np.frombuffer(self.value_ids, np.int32) if self.value_ids else np.empty(0, np.int32)
        return np.stack([np.array(self.documents, np.int32), ranks[value_ids]])


class DocValuesWriter:
    """Collects the values of documents in the order of their numbers."""

    def __init__(self) -> None:
        self._ids = array("Q")
        self._pairs = {name: _FacetPairs() for name in FACETS}
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


@dataclass(frozen=True)
class Facet:
    """Sorted values of a facet, and the documents that have them.

    `documents` and `ordinals`, both (pairs,) int32: document `documents[i]` has the value `values[ordinals[i]]`.
    `documents` ascend. `size`: number of documents.
    """

    values: list[str]
    documents: NDArray[np.int32]
    ordinals: NDArray[np.int32]
    size: int  # number of documents

    def counts(self, matched: DocSet, limit: int) -> tuple[FacetValue, ...]:
        """Return the most frequent values among the `matched` documents, ties in the order of the values."""
        first_ordinals, further_docs, further_ordinals = self._first_and_further
        counts = np.bincount(first_ordinals.take(matched.docs_array()), minlength=len(self.values) + 1)[
            : len(self.values)
        ]
        if len(further_docs):
            counts += np.bincount(further_ordinals.compress(matched.contains(further_docs)), minlength=len(counts))
        top_ordinals = _top_ordinals(counts, limit)
        return tuple(
            map(FacetValue, map(self.values.__getitem__, top_ordinals.tolist()), counts.take(top_ordinals).tolist())
        )

    @cached_property
    def _first_and_further(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
        """First value of each document, and the pairs of all further values.

        Returns (size,) int32 ordinals, `len(values)` for documents without a value; then documents and ordinals of
        the further pairs, both int32. Most documents have one value at most, and looking these up takes a sixth of
        the time of reading all pairs.
        """
        is_further = np.diff(self.documents, prepend=-1) == 0
        if len(self.documents) == self.size and not is_further.any():  # one value per document: nothing to copy
            return self.ordinals, self.documents[:0], self.ordinals[:0]
        first_ordinals = np.full(self.size, len(self.values), np.int32)
        first_ordinals[self.documents[~is_further]] = self.ordinals[~is_further]
        return first_ordinals, self.documents[is_further], self.ordinals[is_further]

    def mask(self, values: Iterable[str]) -> NDArray[np.bool_]:
        """Return (size,) bool: documents with any of `values`, ignoring case."""
        folded_values = {value.casefold() for value in values}
        is_chosen = np.asarray([value.casefold() in folded_values for value in self.values], dtype=np.bool_)
        mask = np.zeros(self.size, dtype=np.bool_)
        mask[self.documents[is_chosen[self.ordinals]]] = True
        return mask


def _top_ordinals(counts: NDArray[np.int64], limit: int) -> NDArray[np.int64]:
    """Return the indices of the `limit` greatest positive `counts`, greatest first, ties ascending."""
    threshold = 1
    if limit < len(counts):  # thousands of authors need not be sorted for the top twenty
        threshold = max(1, int(np.partition(counts, -limit)[-limit]))
    candidates = (counts >= threshold).nonzero()[0]
    top: NDArray[np.int64] = candidates[np.negative(counts.take(candidates)).argsort(kind="stable")[:limit]]
    return top


def _map_array(file: Path) -> NDArray[Any]:
    """Map a file of one array. A plain array: each slice of an np.memmap costs microseconds."""
    return np.asarray(np.load(file, mmap_mode="r"))


class DocValues:
    """Values of the documents of a published generation.

    `days` (documents,) int32: proleptic Gregorian ordinals, NO_DATE for none. `ids` (documents,) uint64.
    `canonicals` (documents,) int32: the canonical document of each document.
    """

    def __init__(self, folder: Path, days: NDArray[np.int32]) -> None:
        self._days = days
        # (documents,) int32: documents in the order of ids, and the rank of each document in it.
        self.ids: NDArray[np.uint64] = _map_array(folder / IDS)
        self._order: NDArray[np.int32] = _map_array(folder / ID_ORDER)
        self._ranks: NDArray[np.int32] = _map_array(folder / ID_RANKS)
        self.canonicals: NDArray[np.int32] = _map_array(folder / CANONICALS)
        # (duplicates,) int32, ascending: documents that are not canonical.
        self._duplicates = np.flatnonzero(self.canonicals != np.arange(self.size)).astype(np.int32)
        values = msgspec.json.decode((folder / FACET_VALUES).read_bytes(), type=dict[str, list[str]])
        self.facets: dict[str, Facet] = {}
        for name in FACETS:
            documents, ordinals = _map_array(folder / FACET.format(name))
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
