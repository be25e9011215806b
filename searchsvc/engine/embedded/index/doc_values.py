"""What filters, facets and sorting need of every document, as memory-mapped arrays."""

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

NO_DATE = 0  # ordinals of dates begin at 1
_ID = re.compile("[0-9a-f]{16}")  # int() would read other spellings of the same number too


class _Pairs:
    """Which document has which value, while the values are still being met."""

    def __init__(self) -> None:
        self.values: dict[str, int] = {}  # numbered as they come
        self.documents, self.numbers = array("i"), array("i")

    def begin_with(self, facet: "Facet", live: NDArray[np.bool_]) -> None:
        """Take over those pairs of `facet` that are of `live` documents, which are numbered anew."""
        kept = live[facet.documents]
        used, numbers = np.unique(facet.ordinals[kept], return_inverse=True)
        self.values = {facet.values[ordinal]: number for number, ordinal in enumerate(used.tolist())}
        self.documents.frombytes((live.cumsum(dtype=np.int32) - np.int32(1))[facet.documents[kept]].tobytes())
        self.numbers.frombytes(numbers.astype(np.int32).tobytes())

    def append(self, document: int, values: Iterable[str]) -> None:
        """`values`, each once."""
        for value in values:
            self.documents.append(document)
            self.numbers.append(self.values.setdefault(value, len(self.values)))

    def table(self) -> NDArray[np.int32]:
        """(2, pairs) int32: documents, and the ordinals of their values among the sorted values."""
        ranks = np.empty(len(self.values), np.int32)
        ranks[[self.values[value] for value in sorted(self.values)]] = np.arange(len(self.values))
        numbers = np.frombuffer(self.numbers, np.int32) if self.numbers else np.empty(0, np.int32)
        return np.stack([np.array(self.documents, np.int32), ranks[numbers]])


class DocValuesWriter:
    """Collects the columns of documents in the order of their numbers."""

    def __init__(self) -> None:
        self._ids = array("Q")
        self._pairs = {name: _Pairs() for name in FACETS}
        self._copies: Mapping[str, str] = {}

    def begin_with(self, columns: "DocValues", live: NDArray[np.bool_]) -> None:
        """Take over the `live` documents of a generation before, before any is appended."""
        self._ids.frombytes(columns.ids[live].tobytes())
        for name, pairs in self._pairs.items():
            pairs.begin_with(columns.facets[name], live)

    def set_duplicates(self, faces: Mapping[str, str]) -> None:
        self._copies = faces

    def append(self, document: Document) -> None:
        for name, pairs in self._pairs.items():
            if values := document.facet_values(name):
                pairs.append(len(self._ids), dict.fromkeys(values) if len(values) > 1 else values)
        self._ids.append(int(document.id, 16))

    def write(self, folder: Path) -> None:
        ids = np.array(self._ids, np.uint64)
        order = np.argsort(ids, kind="stable").astype(np.int32)
        np.save(folder / IDS, ids)
        np.save(folder / ID_ORDER, order)
        np.save(folder / ID_RANKS, np.argsort(order).astype(np.int32))
        np.save(folder / CANONICALS, self._faces(ids, order))
        for name, pairs in self._pairs.items():
            np.save(folder / FACET.format(name), pairs.table())
        values = {name: sorted(pairs.values) for name, pairs in self._pairs.items()}
        (folder / FACET_VALUES).write_bytes(msgspec.json.encode(values))

    def _faces(self, ids: NDArray[np.uint64], order: NDArray[np.int32]) -> NDArray[np.int32]:
        faces = np.arange(len(ids), dtype=np.int32)
        copies = np.array([int(each, 16) for each in self._copies], np.uint64)
        originals = np.array([int(each, 16) for each in self._copies.values()], np.uint64)
        faces[order[ids.searchsorted(copies, sorter=order)]] = order[ids.searchsorted(originals, sorter=order)]
        return faces


@dataclass(frozen=True)
class Facet:
    """A facet's values in order, and which document has which.

    `documents` and `ordinals`, both (pairs,) int32: document `documents[i]` has the value
    `values[ordinals[i]]`. `documents` ascend.
    """

    values: list[str]
    documents: NDArray[np.int32]
    ordinals: NDArray[np.int32]
    size: int  # documents in all

    def counts(self, matched: DocSet, limit: int) -> tuple[FacetValue, ...]:
        """The commonest values among the `matched` documents, most first, equals in their order."""
        firsts, others, more = self._by_document
        counts = np.bincount(firsts.take(matched.docs_array()), minlength=len(self.values) + 1)[: len(self.values)]
        if len(others):
            counts += np.bincount(more.compress(matched.contains(others)), minlength=len(counts))
        most = _most(counts, limit)
        return tuple(map(FacetValue, map(self.values.__getitem__, most.tolist()), counts.take(most).tolist()))

    @cached_property
    def _by_document(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
        """(size,) int32, the ordinal of each document's first value, the number of values if it has
        none; and the pairs that are left, as most documents have one value at most.

        Looking up the documents that match takes a sixth of going through all pairs.
        """
        again = np.diff(self.documents, prepend=-1) == 0
        if len(self.documents) == self.size and not again.any():  # each has one: nothing to copy
            return self.ordinals, self.documents[:0], self.ordinals[:0]
        firsts = np.full(self.size, len(self.values), np.int32)
        firsts[self.documents[~again]] = self.ordinals[~again]
        return firsts, self.documents[again], self.ordinals[again]

    def having(self, values: Iterable[str]) -> NDArray[np.bool_]:
        """(documents,) bool: the documents that have one of `values`; case does not matter."""
        wanted = {value.casefold() for value in values}
        chosen = np.asarray([value.casefold() in wanted for value in self.values], dtype=np.bool_)
        mask = np.zeros(self.size, dtype=np.bool_)
        mask[self.documents[chosen[self.ordinals]]] = True
        return mask


def _most(counts: NDArray[np.int64], limit: int) -> NDArray[np.int64]:
    """The places of the `limit` greatest of `counts`, greatest first, equals in order; none of a 0."""
    least = 1
    if limit < len(counts):  # thousands of authors need not be sorted for twenty of them
        least = max(1, int(np.partition(counts, -limit)[-limit]))
    places = (counts >= least).nonzero()[0]
    most: NDArray[np.int64] = places[np.negative(counts.take(places)).argsort(kind="stable")[:limit]]
    return most


def _mapped(file: Path) -> NDArray[Any]:
    """A file of one array, mapped; as a plain array, since every slice of a np.memmap costs microseconds."""
    return np.asarray(np.load(file, mmap_mode="r"))


class DocValues:
    """The columns of a published generation; `days` (documents,) int32, NO_DATE for none."""

    def __init__(self, folder: Path, days: NDArray[np.int32]) -> None:
        self._days = days
        # (documents,) uint64, and int32: documents in the order of their ids, and where each stands in it.
        self.ids: NDArray[np.uint64] = _mapped(folder / IDS)
        self._order: NDArray[np.int32] = _mapped(folder / ID_ORDER)
        self._ranks: NDArray[np.int32] = _mapped(folder / ID_RANKS)
        # (documents,) int32: the number of the document that stands for this one and its copies.
        self.faces: NDArray[np.int32] = _mapped(folder / CANONICALS)
        # (copies,) int32: those for which another document stands, in order.
        self._copies = np.flatnonzero(self.faces != np.arange(self.size)).astype(np.int32)
        values = msgspec.json.decode((folder / FACET_VALUES).read_bytes(), type=dict[str, list[str]])
        self.facets: dict[str, Facet] = {}
        for name in FACETS:
            documents, ordinals = _mapped(folder / FACET.format(name))
            self.facets[name] = Facet(values[name], documents, ordinals, self.size)

    @property
    def size(self) -> int:
        return len(self.ids)

    def number_of(self, document_id: str) -> int | None:
        """The number of the document with this id, None if there is none."""
        if not _ID.fullmatch(document_id):
            return None
        wanted = np.uint64(int(document_id, 16))
        at = int(np.searchsorted(self.ids, wanted, sorter=self._order))
        return int(self._order[at]) if at < self.size and self.ids[self._order[at]] == wanted else None

    @cached_property
    def clusters(self) -> Mapping[int, Sequence[int]]:
        """The numbers of copies, in the order of their ids, by the number of their face."""
        clusters: dict[int, list[int]] = {}
        for copy in self._copies[self._ranks[self._copies].argsort()].tolist():
            clusters.setdefault(int(self.faces[copy]), []).append(copy)
        return clusters

    def suppressed(self, found: DocSet) -> DocSet:
        """Those of `found` that are copies of others in it."""
        copies = self._copies.compress(found.contains(self._copies))
        return DocSet(self.size, docs=copies.compress(found.contains(self.faces.take(copies))))

    def filtered(self, filters: Iterable[Filter], published: DateRange | None) -> NDArray[np.bool_] | None:
        """(documents,) bool: those that pass every filter and are published within the days.

        None if there is nothing to filter by.
        """
        masks = [self.facets[each.field].having(each.values) != each.exclude for each in filters]
        if published and published.first:
            masks.append(self._days >= published.first.toordinal())
        if published and published.last:
            masks.append((self._days <= published.last.toordinal()) & (self._days != NO_DATE))
        return np.logical_and.reduce(masks) if masks else None

    def by_day(self, numbers: NDArray[np.int32], wanted: int, newest_first: bool) -> NDArray[np.int32]:
        """The first `wanted` of `numbers` by day; undated last, equals in the order of ids.

        Day and place share one integer, so that a plain partition is the whole sort.
        """
        day = self._days[numbers].astype(np.int64)
        last = np.int64(1 << 30)  # above the ordinal of any day
        keys = np.where(day == NO_DATE, last, last - day if newest_first else day) << 32 | self._ranks[numbers]
        if wanted < len(keys):
            keys = np.partition(keys, wanted)[:wanted]
        return self._order.take(np.sort(keys) & 0xFFFFFFFF)
