"""The words of every text in their order, a byte each: a phrase's rarest word is looked up, its neighbours read here.

A byte can't name a term. The OWN commonest terms have one of their own; the others share the
rest, so what a shared byte lets through must be proved by the positions. One token in 250 or so
is let through wrongly.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.arrays import Array, ArraySpec, ArrayWriter, load_arrays
from searchsvc.engine.embedded.docsets import Docs
from searchsvc.engine.embedded.merging import chunks
from searchsvc.engine.embedded.postings import Postings
from searchsvc.engine.embedded.tokens import FIELDS

OWN = 127
_SHARED = 256 - OWN
_CHUNK = 1_000_000  # postings at once; they take some 60 bytes each

Places = NDArray[np.int64]


@dataclass(frozen=True)
class Sequence:
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


class Sequences:
    """The sequences of a generation, opened; `letters` uint8: the byte of each term of the dictionary."""

    def __init__(self, path: Path, postings: Mapping[str, Array]) -> None:
        arrays = load_arrays(path)
        self.letters: NDArray[np.uint8] = arrays["terms"]
        self.fields = {name: Sequence(arrays[name], postings[f"{name}.lengths"]) for name in FIELDS}


def starts_of(lengths: Array) -> Places:
    starts = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts


def write_sequences(arrays: Mapping[str, Array], path: Path) -> None:
    """Write for the postings in `arrays` the file that Sequences opens.

    The bytes of one field, one a token, are in memory until they are written.
    """
    letters = _letters(arrays)
    tokens = {name: len(arrays[f"{name}.positions"]) for name in FIELDS}
    specs = [ArraySpec("terms", "|u1", len(letters)), *(ArraySpec(name, "|u1", n) for name, n in tokens.items())]
    with ArrayWriter(path, specs) as writer:
        writer.write("terms", letters)
        for name in FIELDS:
            writer.write(name, _sequence(arrays, name, letters))


def _letters(arrays: Mapping[str, Array]) -> NDArray[np.uint8]:
    body = Postings.of(arrays, "body")
    letters = (OWN + np.arange(len(arrays["terms.offsets"]) - 1) % _SHARED).astype(np.uint8)
    commonest = np.argsort(-np.diff(body.offsets.astype(np.int64)), kind="stable")[:OWN]
    letters[body.terms[commonest]] = np.arange(len(commonest))
    return letters


def _sequence(arrays: Mapping[str, Array], name: str, letters: NDArray[np.uint8]) -> NDArray[np.uint8]:
    field, starts = Postings.of(arrays, name), starts_of(arrays[f"{name}.lengths"])
    sequence, read = np.empty(len(field.positions), np.uint8), 0
    for rows in chunks(field.offsets.astype(np.int64), _CHUNK):
        span = slice(int(field.offsets[rows.start]), int(field.offsets[rows.stop]))
        counts, tfs = np.diff(field.offsets[rows.start : rows.stop + 1]), field.tfs[span]
        places = np.repeat(starts.take(field.docs[span]), tfs)
        places += field.positions[read : read + len(places)]
        read += len(places)
        sequence[places] = np.repeat(np.repeat(letters.take(field.terms[rows.start : rows.stop]), counts), tfs)
    return sequence
