"""Share of the three-word runs that two texts have in common, from a bounded sample of the runs of each text."""

from array import array
from collections.abc import Callable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from searchsvc.array_ranges import is_in, sorted_unique
from searchsvc.ingest.stored_bytes import StoredBytes

Runs = NDArray[np.uint32]  # hashes of distinct runs, ascending, shape (runs,)
Ids = NDArray[np.uint64]
Pair = tuple[int, int]  # ids of two documents, ascending

MOST_RUNS = 4_096  # of a text; 16 kB
_LEAST_SHARE = 0.5
_MOST_CACHED = 500  # runs of texts; 8 MB at most


def sample(hashes: Runs) -> Runs:
    """Return the distinct hashes of a text's runs; of a long text, the MOST_RUNS smallest."""
    return sorted_unique(hashes)[:MOST_RUNS]


def share(one: Runs, other: Runs) -> float:
    """Return the share of the runs of both texts that both have: exact for texts of up to MOST_RUNS distinct runs.

    For longer texts it is that of the smallest hashes of both, an unbiased sample (Broder 1997, "On the resemblance and
    containment of documents"), with a standard error below 0.01.
    """
    union = np.union1d(one, other)
    if max(len(one), len(other)) == MOST_RUNS:
        union = union[:MOST_RUNS]
    common = np.isin(union, one, assume_unique=True) & np.isin(union, other, assume_unique=True)
    return float(np.count_nonzero(common)) / max(len(union), 1)


class StoredRuns:
    """Runs of the documents of a build, 2 kB a document. All are first added, then read."""

    def __init__(self) -> None:
        self._stored = StoredBytes()
        self._ids, self._ends = array("Q"), array("q", [0])

    def add(self, document_id: int, runs: Runs) -> None:
        """Add the runs of one document."""
        self._ids.append(document_id)
        self._stored.add(runs.tobytes())
        self._ends.append(self._ends[-1] + runs.nbytes)

    def get(self, document_id: int) -> Runs | None:
        """Return the runs of a document, None if they were not added."""
        ids, rows = self._sorted
        place = int(ids.searchsorted(np.uint64(document_id)))
        if place == len(ids) or int(ids[place]) != document_id:
            return None
        row = int(rows[place])
        return self._stored.data[self._ends[row] : self._ends[row + 1]].view(np.uint32)

    @cached_property
    def _sorted(self) -> tuple[Ids, NDArray[np.intp]]:
        """The ids, ascending, and the row of each: a dict takes eight times the memory."""
        ids = np.array(self._ids, np.uint64)
        rows = ids.argsort()
        return ids[rows], rows


class NearDuplicateChecks:
    """Checks whether two documents share half of their runs. The results of a build are kept for the next one."""

    def __init__(self) -> None:
        self._stored = StoredRuns()
        self._read: Callable[[int], Runs] | None = None
        self._cached: dict[int, Runs] = {}
        self._results: dict[Pair, bool] = {}

    def add(self, document_id: int, runs: Runs) -> None:
        """Add the runs of a document that is new or changed."""
        self._stored.add(document_id, runs)

    def reuse(self, read: Callable[[int], Runs], previous: bytes, ids: Ids) -> None:
        """Use `read` for the runs of documents that are not added, and the results of the previous build.

        `ids`: (docs,) uint64, of the unchanged documents, ascending. Results of other documents are dropped.
        """
        rows = np.frombuffer(previous, np.uint64).reshape(-1, 3)
        of_unchanged = rows[is_in(rows[:, 0], ids) & is_in(rows[:, 1], ids)].tolist()
        self._read, self._results = read, {(one, other): bool(result) for one, other, result in of_unchanged}

    def are_near(self, one: int, other: int) -> bool:
        """Return whether two documents, by id, share at least half of their runs."""
        pair = min(one, other), max(one, other)
        result = self._results.get(pair)
        if result is None:
            result = self._results[pair] = share(self._runs(one), self._runs(other)) >= _LEAST_SHARE
        return result

    def _runs(self, document_id: int) -> Runs:
        runs = self._cached.get(document_id)
        if runs is None:
            runs = self._stored.get(document_id)
            if runs is None:
                assert self._read is not None
                runs = self._read(document_id)
            if len(self._cached) >= _MOST_CACHED:
                self._cached.clear()
            self._cached[document_id] = runs
        return runs

    def to_bytes(self) -> bytes:
        """Return the pairs that were checked and their results, (pairs, 3) uint64."""
        return np.array([(*pair, result) for pair, result in self._results.items()], np.uint64).tobytes()
