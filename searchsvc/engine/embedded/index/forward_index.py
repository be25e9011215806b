"""The words of every text in their order, a byte each: a phrase's rarest word is looked up, its neighbours read here.

A byte can't name a term. The OWN commonest terms have one of their own; the others share the
rest, so what a shared byte lets through must be proved by the positions. One token in 250 or so
is let through wrongly.

A term's byte hangs on nothing but its letters and on which terms are the commonest. While those are the
same, texts that stay from one generation to the next keep their bytes.
"""

from collections.abc import Mapping
from collections.abc import Sequence as Sequence_
from dataclasses import dataclass
from functools import cached_property
from hashlib import shake_128
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.index.array_file import (
    Array,
    ArraySpec,
    ArrayWriter,
    chunks,
    load_arrays,
)
from searchsvc.engine.embedded.index.doc_set import Docs
from searchsvc.engine.embedded.index.postings import FIELDS, Postings
from searchsvc.engine.embedded.index.term_dictionary import TermDictionary

OWN = 127
_SHARED = 256 - OWN
_CHUNK = 1_000_000  # postings at once; they take some 60 bytes each
_WORTH = np.frombuffer(shake_128(b"searchsvc sequences").digest(4 * 256), "<u4")  # of each letter, fixed forever

Places = NDArray[np.int64]


@dataclass(frozen=True)
class TokenSequence:
    """One field of all documents, one behind the other.

    `letters` uint8, one a token: the byte that stands for its term. `lengths` unsigned, one a
    document: its tokens.
    """

    letters: NDArray[np.uint8]
    lengths: Array

    @cached_property
    def starts(self) -> Places:
        """Where each document begins in `letters`, and where the last one ends: int64 (documents + 1)."""
        return starts_of(self.lengths)

    def documents(self, places: Places) -> Docs:
        """The documents that the tokens at `places` stand in."""
        return (self.starts.searchsorted(places, "right") - 1).astype(np.int32)


class ForwardIndex:
    """The sequences of a generation, opened; `letters` uint8: the byte of each term of the dictionary."""

    def __init__(self, path: Path, postings: Mapping[str, Array]) -> None:
        arrays = load_arrays(path)
        self._terms = TermDictionary(postings, "terms")
        self.letters: NDArray[np.uint8] = arrays["terms"]
        self.fields = {name: TokenSequence(arrays[name], postings[f"{name}.lengths"]) for name in FIELDS}

    @property
    def own(self) -> list[bytes]:
        """The terms that have a byte of their own, in order."""
        return [self._terms[number] for number in np.flatnonzero(self.letters < OWN).tolist()]


@dataclass(frozen=True, slots=True)
class ReusedSequences:
    """What sequences go on from: those of the generation before, of whose documents the `live` ones stay
    (bool), and what is new as a run, whose documents are numbered from `first` on."""

    before: ForwardIndex
    live: NDArray[np.bool_]
    run: Mapping[str, Array]
    first: int

    def sequence(self, name: str, own: Sequence_[bytes]) -> NDArray[np.uint8]:
        letters = _letters(self.run, own)
        lengths = self.run["lengths"].reshape(-1, len(FIELDS))[:, FIELDS.index(name)]
        new = _sequence(self.run, name, letters, starts_of(lengths), self.first)
        return np.concatenate([*self._staying(self.before.fields[name]), new])

    def _staying(self, field: TokenSequence) -> list[NDArray[np.uint8]]:
        gone = np.flatnonzero(~self.live)
        begins, ends = np.append(0, field.starts[gone + 1]), np.append(field.starts[gone], len(field.letters))
        return [field.letters[begin:end] for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)]


def starts_of(lengths: Array) -> Places:
    starts = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts


class _Field(NamedTuple):
    """Postings of a run or of a generation; see Postings."""

    terms: NDArray[np.int32]
    offsets: Array
    docs: NDArray[np.int32]
    tfs: Array
    positions: Array


def write_forward_index(arrays: Mapping[str, Array], path: Path, continued: ReusedSequences | None = None) -> None:
    """Write for the postings in `arrays` the file that Sequences opens.

    The bytes of one field, one a token, are in memory until they are written.
    """
    own = _commonest(arrays)
    letters = _letters(arrays, own)
    goes_on = continued if continued and continued.before.own == own else None
    tokens = {name: len(arrays[f"{name}.positions"]) for name in FIELDS}
    specs = [ArraySpec("terms", "|u1", len(letters)), *(ArraySpec(name, "|u1", n) for name, n in tokens.items())]
    with ArrayWriter(path, specs) as writer:
        writer.write("terms", letters)
        for name in FIELDS:
            starts = starts_of(arrays[f"{name}.lengths"])
            writer.write(name, goes_on.sequence(name, own) if goes_on else _sequence(arrays, name, letters, starts))


def _commonest(arrays: Mapping[str, Array]) -> list[bytes]:
    """The terms that get a byte of their own, in order."""
    body, terms = Postings.of(arrays, "body"), TermDictionary(arrays, "terms")
    commonest = np.argsort(-np.diff(body.offsets.astype(np.int64)), kind="stable")[:OWN]
    return [terms[number] for number in np.sort(body.terms[commonest]).tolist()]


def _letters(arrays: Mapping[str, Array], own: Sequence_[bytes]) -> NDArray[np.uint8]:
    """The byte of each term of a dictionary: what its letters add up to, unless it is one of `own`."""
    terms = TermDictionary(arrays, "terms")
    offsets = arrays["terms.offsets"][:-1].astype(np.int64)
    sums = np.add.reduceat(_WORTH.take(arrays["terms.blob"]), offsets) if len(offsets) else np.empty(0, np.uint32)
    letters = (OWN + sums % _SHARED).astype(np.uint8)
    numbers = [terms.find(term) for term in own]
    there = np.array(numbers, np.int64) >= 0
    letters[np.array(numbers, np.int64)[there]] = np.arange(len(own))[there]
    return letters


def _sequence(
    arrays: Mapping[str, Array], name: str, letters: NDArray[np.uint8], begins: Places, first: int = 0
) -> NDArray[np.uint8]:
    """One field of all documents, which are numbered from `first` on and begin at `begins`."""
    field = _Field(*(arrays[f"{name}.{part}"] for part in _Field._fields))
    sequence, read = np.empty(len(field.positions), np.uint8), 0
    for rows in chunks(field.offsets.astype(np.int64), _CHUNK):
        span = slice(int(field.offsets[rows.start]), int(field.offsets[rows.stop]))
        counts, tfs = np.diff(field.offsets[rows.start : rows.stop + 1]), field.tfs[span]
        places = np.repeat(begins.take(field.docs[span] - first), tfs)
        places += field.positions[read : read + len(places)]
        read += len(places)
        sequence[places] = np.repeat(np.repeat(letters.take(field.terms[rows.start : rows.stop]), counts), tfs)
    return sequence
