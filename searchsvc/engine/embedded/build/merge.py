"""Merge of runs into the postings of one generation, by whole arrays."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.build.inverter import load_run
from searchsvc.engine.embedded.index.array_file import Array, ArraySpec, ArrayWriter, chunk_rows, narrow
from searchsvc.engine.embedded.index.postings import FIELDS, MARK_INTERVAL
from searchsvc.engine.embedded.index.term_dictionary import (
    FORM_COUNTS,
    TermDictionary,
    lexicon_arrays,
    term_dictionary_arrays,
)

CHUNK = 4_000_000  # elements merged in memory at a time


@dataclass(frozen=True, slots=True)
class _RunPostings:
    """Postings of one field of a run, as `inverter.write_run` writes them."""

    terms: NDArray[np.int32]
    offsets: Array
    starts: Array
    docs: Array
    tfs: Array
    positions: Array

    @classmethod
    def of(cls, arrays: dict[str, Array], field: str) -> "_RunPostings":
        """Read the postings of `field` from the arrays of a run."""
        return cls(*(arrays[f"{field}.{part}"] for part in cls.__slots__))


@dataclass(frozen=True, slots=True)
class _RenumberedPostings:
    """Postings of one field of a run; `terms` (terms of the run,) int32: ids in the merged dictionary."""

    terms: NDArray[np.int32]
    postings: _RunPostings


def merge(runs: Sequence[Path], path: Path, extra: dict[str, Array]) -> None:
    """Write the postings, lengths and dictionaries of `runs` into the file `path`.

    Runs are in the order of their documents, so the postings of a term are concatenated run by run. `extra`:
    further arrays for the same file.
    """
    loaded_runs = [load_run(run) for run in runs]
    arrays, new_term_ids = _merge_words(loaded_runs)
    arrays |= extra | _lengths(loaded_runs)
    fields = {name: _MergedField.of(name, loaded_runs, new_term_ids) for name in FIELDS}
    specs = [ArraySpec(name, array.dtype.str, len(array)) for name, array in arrays.items()]
    specs += [spec for field in fields.values() for spec in field.specs()]
    with ArrayWriter(path, specs) as writer:
        for name, array in arrays.items():
            writer.write(name, array)
        for field in fields.values():
            field.write(writer)


def _lengths(loaded: Sequence[dict[str, Array]]) -> dict[str, Array]:
    return field_lengths(np.concatenate([run["lengths"] for run in loaded]).reshape(-1, len(FIELDS)))


def field_lengths(lengths: Array) -> dict[str, Array]:
    """Return the lengths of each field as an array per field, (documents,) unsigned.

    `lengths` (documents, fields): tokens of each field.
    """
    return {
        f"{name}.lengths": lengths[:, number].astype(np.min_scalar_type(int(lengths[:, number].max(initial=0))))
        for number, name in enumerate(FIELDS)
    }


def _merge_words(loaded: Sequence[dict[str, Array]]) -> tuple[dict[str, Array], list[NDArray[np.int32]]]:
    """Return the arrays of both dictionaries, and the new term ids of each run, (terms of the run,) int32."""
    terms, new_term_ids = _merge_dictionaries([TermDictionary(run, "terms") for run in loaded])
    words, new_word_ids = _merge_dictionaries([TermDictionary(run, "words") for run in loaded])
    arrays: dict[str, Array] = {f"terms.{name}": array for name, array in term_dictionary_arrays(terms).items()}
    arrays |= {f"words.{name}": array for name, array in term_dictionary_arrays(words).items()}
    word_count = len(words)
    del terms, words  # their objects take several times the memory of the arrays
    return arrays | lexicon_arrays(*_merge_forms(loaded, new_term_ids, new_word_ids), word_count), new_term_ids


def _merge_dictionaries(dictionaries: Sequence[TermDictionary]) -> tuple[list[bytes], list[NDArray[np.int32]]]:
    union = sorted(set[bytes]().union(*dictionaries))
    id_of = dict(zip(union, range(len(union)), strict=True)).__getitem__
    return union, [np.fromiter(map(id_of, words), np.int32, len(words)) for words in dictionaries]


def _merge_forms(
    loaded: Sequence[dict[str, Array]],
    new_term_ids: Sequence[NDArray[np.int32]],
    new_word_ids: Sequence[NDArray[np.int32]],
) -> tuple[NDArray[np.int64], dict[str, NDArray[np.int64]]]:
    """Return the forms of all runs, word << 32 | term, and the sum of each of their document counts; (forms,) int64.

    The forms of all runs together would take ten times the memory of the distinct ones.
    """
    forms = _distinct(map(_forms, loaded, new_term_ids, new_word_ids))
    counts = {name: np.zeros(len(forms), np.int64) for name in FORM_COUNTS}
    for run, term_ids, word_ids in zip(loaded, new_term_ids, new_word_ids, strict=True):
        places = forms.searchsorted(_forms(run, term_ids, word_ids))
        for name, sums in counts.items():
            sums[places] += run[f"forms.{name}"]  # a run has each form once
    return forms, counts


def _forms(run: dict[str, Array], term_ids: NDArray[np.int32], word_ids: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the forms of a run with new ids, word << 32 | term; (forms of the run,) int64."""
    return word_ids[run["forms.words"]].astype(np.int64) << 32 | term_ids[run["forms.terms"]]


def _distinct(arrays: Iterable[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Return the distinct values of `arrays`, ascending int64, with memory for about twice as many."""
    distinct = np.empty(0, np.int64)
    pending: list[NDArray[np.int64]] = []
    for array in arrays:
        pending.append(array)
        if sum(map(len, pending)) >= len(distinct):  # so that all sorting together is linear
            distinct, pending = np.unique(np.concatenate([distinct, *pending])), []
    return np.unique(np.concatenate([distinct, *pending]))


@dataclass(frozen=True, slots=True)
class _MergedField:
    """One field of all runs; `terms`, `offsets` and `starts` of the merged postings."""

    name: str
    parts: list[_RenumberedPostings]
    terms: NDArray[np.int32]
    offsets: Array
    starts: Array

    @classmethod
    def of(
        cls, name: str, loaded: Sequence[dict[str, Array]], new_term_ids: Sequence[NDArray[np.int32]]
    ) -> "_MergedField":
        """Compute the merged terms and offsets of a field.

        `new_term_ids`: for each run (terms of the run,) int32.
        """
        run_postings = [_RunPostings.of(run, name) for run in loaded]
        parts = [
            _RenumberedPostings(new_ids[postings.terms], postings)
            for postings, new_ids in zip(run_postings, new_term_ids, strict=True)
        ]
        terms = np.unique(np.concatenate([part.terms for part in parts]))
        offsets, starts = np.zeros(len(terms) + 1, np.int64), np.zeros(len(terms) + 1, np.int64)
        for part in parts:
            rows = terms.searchsorted(part.terms) + 1
            offsets[rows] += np.diff(part.postings.offsets)
            starts[rows] += np.diff(part.postings.starts)
        return cls(name, parts, terms, narrow(offsets.cumsum()), narrow(starts.cumsum()))

    def specs(self) -> Iterator[ArraySpec]:
        """Yield the specification of each array of the field."""
        yield ArraySpec(f"{self.name}.terms", "<i4", len(self.terms))
        yield ArraySpec(f"{self.name}.offsets", self.offsets.dtype.str, len(self.offsets))
        yield ArraySpec(f"{self.name}.docs", "<i4", int(self.offsets[-1]))
        yield ArraySpec(f"{self.name}.tfs", self._widest_dtype("tfs"), int(self.offsets[-1]))
        marks = -(-int(self.offsets[-1]) // MARK_INTERVAL)
        yield ArraySpec(f"{self.name}.marks", self.starts.dtype.str, marks)
        yield ArraySpec(f"{self.name}.positions", self._widest_dtype("positions"), int(self.starts[-1]))

    def _widest_dtype(self, array_name: str) -> str:
        return str(np.result_type(*(getattr(part.postings, array_name) for part in self.parts)).str)

    def write(self, writer: ArrayWriter) -> None:
        """Write the arrays of the field, chunk by chunk."""
        writer.write(f"{self.name}.terms", self.terms)
        writer.write(f"{self.name}.offsets", self.offsets)
        for array_name in ("docs", "tfs", "positions"):
            offsets = (self.starts if array_name == "positions" else self.offsets).astype(np.int64)
            filled = np.zeros(len(self.terms), np.int64)  # elements of each term written by the runs so far
            for rows in chunk_rows(offsets, CHUNK):
                start = int(offsets[rows.start])
                chunk = self._merge_chunk(array_name, rows, offsets, filled)
                writer.write(f"{self.name}.{array_name}", chunk, start)
                if array_name == "tfs":
                    first = -start % MARK_INTERVAL  # index in the chunk of the next mark
                    positions_before = chunk.cumsum(dtype=np.int64) - chunk + int(self.starts[rows.start])
                    writer.write(
                        f"{self.name}.marks", positions_before[first::MARK_INTERVAL], -(-start // MARK_INTERVAL)
                    )

    def _merge_chunk(
        self, array_name: str, rows: range, offsets: NDArray[np.int64], filled: NDArray[np.int64]
    ) -> Array:
        """Return the merged elements of the terms at `rows`: each run's slice, scattered to its targets."""
        start = offsets[rows.start]
        chunk = np.empty(
            int(offsets[rows.stop] - start), self._widest_dtype(array_name) if array_name != "docs" else "<i4"
        )
        first, last = self.terms[rows.start], self.terms[rows.stop - 1]
        for part in self.parts:
            low, high = part.terms.searchsorted([first, last + 1])
            run_offsets = (part.postings.starts if array_name == "positions" else part.postings.offsets)[low : high + 1]
            if len(run_offsets) < 2:
                continue
            target_rows = self.terms.searchsorted(part.terms[low:high])
            counts = np.diff(run_offsets)
            shift = offsets[target_rows] + filled[target_rows] - start - run_offsets[:-1].astype(np.int64)
            targets = np.repeat(shift, counts)
            targets += np.arange(run_offsets[0], run_offsets[-1])
            chunk[targets] = getattr(part.postings, array_name)[run_offsets[0] : run_offsets[-1]]
            filled[target_rows] += counts
        return chunk
