"""Values per document (ids, dates, near-duplicates, facets) for filters and sorting, over all segments."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.index.columns import SegmentColumns, joined_facet
from searchsvc.engine.embedded.index.doc_set import DocSet
from searchsvc.engine.embedded.index.facets import Facet
from searchsvc.engine.embedded.index.index_reader import IndexReader
from searchsvc.engine.embedded.index.weak_lru_cache import weak_lru_cache
from searchsvc.models.documents import DOCUMENT_ID, FACETS
from searchsvc.models.search import DateRange, Filter

NO_DATE = 0  # date ordinals start at 1
_EPOCH = date(1970, 1, 1).toordinal()  # of numpy's dates


class DocValues:
    """Values of the documents of a published generation. Numbers of documents are those of the IndexReader."""

    def __init__(self, folder: Path, reader: IndexReader) -> None:
        self._reader, self._generation = reader, reader.generation
        self._columns = [SegmentColumns(folder, number) for number in self._generation.numbers]
        self.facet = weak_lru_cache(self._joined_facet, len(FACETS))

    @property
    def columns(self) -> Sequence[SegmentColumns]:
        """SegmentColumns of each segment."""
        return self._columns

    def _joined_facet(self, name: str) -> Facet:
        first_docs = [part.first_doc for part in self._reader.parts]
        column = joined_facet([columns.facet(name) for columns in self._columns], first_docs)
        return Facet(column.values, column.documents, column.ordinals, self._reader.size)

    @cached_property
    def canonicals(self) -> NDArray[np.int32]:
        """The canonical document of each document, (size,) int32."""
        canonicals = np.arange(self._reader.size, dtype=np.int32)
        canonicals[self._generation.duplicates] = self._generation.canonicals
        return canonicals

    @cached_property
    def ids(self) -> NDArray[np.uint64]:
        """Id of each live document, by number; (size,) uint64."""
        ids = np.zeros(self._reader.size, np.uint64)
        ids[self._generation.order] = self._generation.ids
        return ids

    def number_of(self, document_id: str) -> int | None:
        """Return the number of the document with this id, or None."""
        if not DOCUMENT_ID.fullmatch(document_id):
            return None
        ids, id_value = self._generation.ids, np.uint64(int(document_id, 16))
        index = int(ids.searchsorted(id_value))
        return int(self._generation.order[index]) if index < len(ids) and ids[index] == id_value else None

    @cached_property
    def clusters(self) -> Mapping[int, Sequence[int]]:
        """Near-duplicates of each canonical document, in the order of their ids."""
        duplicates = self._generation.duplicates
        clusters: dict[int, list[int]] = {}
        for duplicate in duplicates[self._reader.id_ranks[duplicates].argsort()].tolist():
            clusters.setdefault(int(self.canonicals[duplicate]), []).append(duplicate)
        return clusters

    def suppressed(self, matches: DocSet) -> DocSet:
        """Return the near-duplicates in `matches` whose canonical document is in `matches` too."""
        duplicates = self._generation.duplicates
        duplicates = duplicates.compress(matches.contains(duplicates))
        return DocSet(self._reader.size, docs=duplicates.compress(matches.contains(self.canonicals.take(duplicates))))

    def filter_mask(self, filters: Iterable[Filter], published: DateRange | None) -> NDArray[np.bool_] | None:
        """Return (size,) bool: documents that pass every filter and the date range.

        Returns None if there is neither filter nor date range.
        """
        masks = [self.facet(each.field).mask(each.values) != each.exclude for each in filters]
        days = self._reader.published
        if published and published.first:
            masks.append(days >= published.first.toordinal())
        if published and published.last:
            masks.append((days <= published.last.toordinal()) & (days != NO_DATE))
        return np.logical_and.reduce(masks) if masks else None

    def month_counts(self, docs: NDArray[np.int32]) -> dict[date, int]:
        """Return the number of dated `docs`, (n,) int32, by the first day of their month of publication, ascending."""
        days = self._reader.published[docs]
        months = (days[days != NO_DATE] - _EPOCH).astype("datetime64[D]").astype("datetime64[M]")
        first_days, counts = np.unique(months, return_counts=True)
        return dict(zip(first_days.astype("datetime64[D]").tolist(), counts.tolist(), strict=True))

    def sorted_by_date(self, docs: NDArray[np.int32], limit: int, newest_first: bool) -> NDArray[np.int32]:
        """Return the first `limit` of `docs` by date, undated documents last, ties in the order of ids.

        `docs` (n,) int32. Date and rank share one int64, so that a plain partition sorts by both.
        """
        days = self._reader.published[docs].astype(np.int64)
        last = np.int64(1 << 30)  # above any date ordinal
        ranks = self._reader.id_ranks[docs]
        keys = np.where(days == NO_DATE, last, last - days if newest_first else days) << 32 | ranks
        if limit < len(keys):
            keys = np.partition(keys, limit)[:limit]
        return self._generation.order.take(np.sort(keys) & 0xFFFFFFFF)
