"""Runs to one generation's postings: concatenated term by term, as whole arrays."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.build.inverter import load_run
from searchsvc.engine.embedded.index.array_file import (
    Array,
    ArraySpec,
    ArrayWriter,
    chunks,
    narrow,
)
from searchsvc.engine.embedded.index.postings import FIELDS, MARK
from searchsvc.engine.embedded.index.term_dictionary import (
    COUNTS,
    TermDictionary,
    lexicon_arrays,
    term_dictionary_arrays,
)

CHUNK = 4_000_000  # elements put together in memory at once


@dataclass(frozen=True, slots=True)
class _Run:
    """One run's lists of one field, as runs.py writes them; see there."""

    terms: NDArray[np.int32]
    offsets: Array
    starts: Array
    docs: Array
    tfs: Array
    positions: Array

    @classmethod
    def of(cls, arrays: dict[str, Array], field: str) -> "_Run":
        return cls(*(arrays[f"{field}.{part}"] for part in cls.__slots__))


@dataclass(frozen=True, slots=True)
class _Part:
    """One run's lists of one field; `terms` are numbers in the merged dictionary."""

    terms: NDArray[np.int32]
    postings: _Run


def merge(runs: Sequence[Path], path: Path, extra: dict[str, Array]) -> None:
    """Write the postings, lengths and word lists of `runs` into the file `path`.

    The runs stand in the order of their documents, so a term's postings are those of the first
    run, then those of the second, and so on. `extra` are whole arrays to write beside them.
    """
    loaded = [load_run(run) for run in runs]
    whole, renumbered = _merged_words(loaded)
    whole |= extra | _lengths(loaded)
    fields = {name: _MergedField.of(name, loaded, renumbered) for name in FIELDS}
    specs = [ArraySpec(name, array.dtype.str, len(array)) for name, array in whole.items()]
    specs += [spec for field in fields.values() for spec in field.specs()]
    with ArrayWriter(path, specs) as writer:
        for name, array in whole.items():
            writer.write(name, array)
        for field in fields.values():
            field.write(writer)


def _lengths(loaded: Sequence[dict[str, Array]]) -> dict[str, Array]:
    return field_lengths(np.concatenate([run["lengths"] for run in loaded]).reshape(-1, len(FIELDS)))


def field_lengths(every: Array) -> dict[str, Array]:
    """For each field an array of its lengths in tokens, one a document; `every` (documents, fields) has all."""
    return {
        f"{name}.lengths": every[:, number].astype(np.min_scalar_type(int(every[:, number].max(initial=0))))
        for number, name in enumerate(FIELDS)
    }


def _merged_words(loaded: Sequence[dict[str, Array]]) -> tuple[dict[str, Array], list[NDArray[np.int32]]]:
    """The arrays of both word lists, and for each run the new number of each of its terms."""
    terms, term_numbers = _union([TermDictionary(run, "terms") for run in loaded])
    words, word_numbers = _union([TermDictionary(run, "words") for run in loaded])
    arrays: dict[str, Array] = {f"terms.{name}": array for name, array in term_dictionary_arrays(terms).items()}
    arrays |= {f"words.{name}": array for name, array in term_dictionary_arrays(words).items()}
    pairs = [
        to_word[run["forms.words"]].astype(np.int64) << 32 | to_term[run["forms.terms"]]
        for run, to_term, to_word in zip(loaded, term_numbers, word_numbers, strict=True)
    ]
    counts = {name: np.concatenate([run[f"forms.{name}"] for run in loaded]) for name in COUNTS}
    return arrays | lexicon_arrays(np.concatenate(pairs), counts, len(words)), term_numbers


def _union(lists: Sequence[TermDictionary]) -> tuple[list[bytes], list[NDArray[np.int32]]]:
    union = list(dict.fromkeys(sorted(chain.from_iterable(lists))))  # sorted ones, which it merges
    numbers = dict(zip(union, range(len(union)), strict=True)).__getitem__
    return union, [np.fromiter(map(numbers, words), np.int32, len(words)) for words in lists]


@dataclass(frozen=True, slots=True)
class _MergedField:
    """One field of all runs; `terms`, `offsets`, `starts` as in Postings, of the merged lists."""

    name: str
    parts: list[_Part]
    terms: NDArray[np.int32]
    offsets: Array
    starts: Array

    @classmethod
    def of(
        cls, name: str, loaded: Sequence[dict[str, Array]], renumbered: Sequence[NDArray[np.int32]]
    ) -> "_MergedField":
        every = [_Run.of(run, name) for run in loaded]
        parts = [_Part(numbers[own.terms], own) for own, numbers in zip(every, renumbered, strict=True)]
        terms = np.unique(np.concatenate([part.terms for part in parts]))
        offsets, starts = np.zeros(len(terms) + 1, np.int64), np.zeros(len(terms) + 1, np.int64)
        for part in parts:
            rows = terms.searchsorted(part.terms) + 1
            offsets[rows] += np.diff(part.postings.offsets)
            starts[rows] += np.diff(part.postings.starts)
        return cls(name, parts, terms, narrow(offsets.cumsum()), narrow(starts.cumsum()))

    def specs(self) -> Iterator[ArraySpec]:
        yield ArraySpec(f"{self.name}.terms", "<i4", len(self.terms))
        yield ArraySpec(f"{self.name}.offsets", self.offsets.dtype.str, len(self.offsets))
        yield ArraySpec(f"{self.name}.docs", "<i4", int(self.offsets[-1]))
        yield ArraySpec(f"{self.name}.tfs", self._widest("tfs"), int(self.offsets[-1]))
        marks = -(-int(self.offsets[-1]) // MARK)
        yield ArraySpec(f"{self.name}.marks", self.starts.dtype.str, marks)
        yield ArraySpec(f"{self.name}.positions", self._widest("positions"), int(self.starts[-1]))

    def _widest(self, what: str) -> str:
        return str(np.result_type(*(getattr(part.postings, what) for part in self.parts)).str)

    def write(self, writer: ArrayWriter) -> None:
        writer.write(f"{self.name}.terms", self.terms)
        writer.write(f"{self.name}.offsets", self.offsets)
        for what in ("docs", "tfs", "positions"):
            edges = (self.starts if what == "positions" else self.offsets).astype(np.int64)
            filled = np.zeros(len(self.terms), np.int64)  # elements of each term written by the runs so far
            for rows in chunks(edges, CHUNK):
                start = int(edges[rows.start])
                piece = self._piece(what, rows, edges, filled)
                writer.write(f"{self.name}.{what}", piece, start)
                if what == "tfs":
                    first = -start % MARK  # of the piece, where a mark falls
                    before = piece.cumsum(dtype=np.int64) - piece + int(self.starts[rows.start])
                    writer.write(f"{self.name}.marks", before[first::MARK], -(-start // MARK))

    def _piece(self, what: str, rows: range, edges: NDArray[np.int64], filled: NDArray[np.int64]) -> Array:
        """The merged elements of the terms at `rows`: each run's slice, scattered to its places."""
        begin = edges[rows.start]
        piece = np.empty(int(edges[rows.stop] - begin), self._widest(what) if what != "docs" else "<i4")
        first, last = self.terms[rows.start], self.terms[rows.stop - 1]
        for part in self.parts:
            low, high = part.terms.searchsorted([first, last + 1])
            own = (part.postings.starts if what == "positions" else part.postings.offsets)[low : high + 1]
            if len(own) < 2:
                continue
            at = self.terms.searchsorted(part.terms[low:high])
            counts = np.diff(own)
            shift = edges[at] + filled[at] - begin - own[:-1].astype(np.int64)
            places = np.repeat(shift, counts)
            places += np.arange(own[0], own[-1])
            piece[places] = getattr(part.postings, what)[own[0] : own[-1]]
            filled[at] += counts
        return piece
