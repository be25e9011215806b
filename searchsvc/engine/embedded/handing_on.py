"""A generation's arrays without the documents that are gone, as a run that the next generation is merged from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.arrays import Array
from searchsvc.engine.embedded.dictionary import Dictionary, dictionary_arrays
from searchsvc.engine.embedded.runs import words_counted
from searchsvc.engine.embedded.tokens import FIELDS, Tokens

Flags = NDArray[np.bool_]
_COUNTS = ("words.counts", "words.everywhere")


@dataclass(frozen=True, slots=True)
class HandedOn:
    """`arrays`: the postings of the generation before. `live` (its documents,) bool: which of them stay."""

    arrays: Mapping[str, Array]
    live: Flags

    @property
    def published(self) -> Array:
        return self.arrays["published"][self.live]

    def keyword(self, name: str) -> list[bytes]:
        """The value of each document in an unanalysed field of which each has one."""
        counts: NDArray[np.int64] = np.diff(self.arrays[f"{name}.offsets"]).astype(np.int64)
        values = np.empty(len(self.live), np.int64)
        values[self.arrays[f"{name}.docs"]] = np.repeat(np.arange(len(counts)), counts)
        words = list(Dictionary(self.arrays, f"{name}s"))
        return [words[value] for value in values[self.live].tolist()]

    def run(self, gone: Iterable[Tokens]) -> dict[str, Array]:
        """The arrays of a run (see runs.py), documents numbered anew. `gone`: the tokens of the others.

        A word says in how many documents it stands, which only the texts of those gone can take back.
        """
        if self.live.all():
            return self._whole()
        fields = {name: _masked(self.arrays, name, self.live) for name in FIELDS}
        counts = self._counts(gone)
        words = counts["words.everywhere"] > 0
        terms = np.zeros(len(self.arrays["terms.offsets"]) - 1, bool)
        terms[self.arrays["words.terms"][words]] = True
        for field in fields.values():
            terms[field["terms"]] = True
        numbers = (terms.cumsum() - 1).astype(np.int32)
        run = _shortened(self.arrays, "terms", terms) | _shortened(self.arrays, "words", words)
        run |= {name: array[words] for name, array in counts.items()}
        run |= {"words.terms": numbers[self.arrays["words.terms"][words]], "lengths": self._lengths()}
        for name, field in fields.items():
            field["terms"] = numbers[field["terms"]]
            run |= {f"{name}.{part}": array for part, array in field.items()}
        return run

    def _whole(self) -> dict[str, Array]:
        run = dict(self.arrays) | {"lengths": self._lengths()}
        for name in FIELDS:
            run[f"{name}.starts"] = _starts(self.arrays[f"{name}.tfs"], self.arrays[f"{name}.offsets"])
        return run

    def _lengths(self) -> Array:
        lengths = np.stack([self.arrays[f"{name}.lengths"][self.live] for name in FIELDS], axis=1)
        return lengths.astype(np.int32).ravel()

    def _counts(self, gone: Iterable[Tokens]) -> dict[str, Array]:
        counts = {name: self.arrays[name].astype(np.int64) for name in _COUNTS}
        words = Dictionary(self.arrays, "words")
        for tokens in gone:
            numbers = np.fromiter(map(words.find, tokens.words), np.int64, len(tokens.words))
            for name, taken in words_counted(tokens).items():
                counts[name][numbers] -= taken
        return counts


def _starts(tfs: Array, offsets: Array) -> NDArray[np.int64]:
    """Where the positions of each term begin, and where the last one's end, int64."""
    before = np.zeros(len(offsets), np.int64)
    if len(offsets) > 1:  # each term has a posting
        np.add.reduceat(tfs, offsets[:-1].astype(np.int64), dtype=np.int64).cumsum(out=before[1:])
    return before


def _masked(arrays: Mapping[str, Array], name: str, live: Flags) -> dict[str, Array]:
    """The postings of one field that are of `live` documents, as in a run."""
    docs, tfs, offsets = (arrays[f"{name}.{part}"] for part in ("docs", "tfs", "offsets"))
    keep = live.take(docs)
    before = np.zeros(len(docs) + 1, np.int64)
    np.cumsum(keep, out=before[1:])
    edges = before[offsets.astype(np.int64)]
    rows = np.flatnonzero(np.diff(edges))
    kept_tfs = tfs[keep]
    kept_offsets = np.append(edges[rows], edges[-1])
    return {
        "terms": arrays[f"{name}.terms"][rows],
        "offsets": kept_offsets,
        "starts": _starts(kept_tfs, kept_offsets),
        "docs": (live.cumsum(dtype=np.int32) - np.int32(1)).take(docs[keep]),
        "tfs": kept_tfs,
        "positions": arrays[f"{name}.positions"][np.repeat(keep, tfs)],
    }


def _shortened(arrays: Mapping[str, Array], name: str, kept: Flags) -> dict[str, Array]:
    """The sorted list `name` with the `kept` ones of its words."""
    if kept.all():
        return {f"{name}.{part}": arrays[f"{name}.{part}"] for part in ("blob", "offsets", "keys")}
    words = list(compress(Dictionary(arrays, name), kept.tolist()))
    return {f"{name}.{part}": array for part, array in dictionary_arrays(words).items()}
