"""A generation's arrays without the documents that are gone, as a run that the next generation is merged from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.arrays import Array
from searchsvc.engine.embedded.dictionary import COUNTS, EVERYWHERE, Dictionary, dictionary_arrays
from searchsvc.engine.embedded.runs import forms_counted, terms_of_forms
from searchsvc.engine.embedded.tokens import FIELDS, Tokens

Flags = NDArray[np.bool_]


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

        A form says in how many documents it stands, which only the texts of those gone can take back.
        """
        if self.live.all():
            return self._whole()
        fields = {name: _masked(self.arrays, name, self.live) for name in FIELDS}
        counts = self._counts(gone)
        forms = counts[EVERYWHERE] > 0
        run: dict[str, Array] = {f"forms.{name}": array[forms] for name, array in counts.items()}
        run["lengths"] = self._lengths()
        numbers = {}
        for name in ("terms", "words"):
            own = self.arrays[f"forms.{name}"][forms]
            used = np.zeros(len(self.arrays[f"{name}.offsets"]) - 1, bool)
            used[own] = True
            run |= _shortened(self.arrays, name, used)
            numbers[name] = (used.cumsum() - 1).astype(np.int32)
            run[f"forms.{name}"] = numbers[name][own]
        for name, field in fields.items():
            field["terms"] = numbers["terms"][field["terms"]]
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
        """In how many of the documents that stay each form stands, for each of COUNTS."""
        counts = {name: self.arrays[f"forms.{name}"].astype(np.int64) for name in COUNTS}
        forms = _pairs(self.arrays["forms.words"], self.arrays["forms.terms"])
        words, terms = Dictionary(self.arrays, "words"), Dictionary(self.arrays, "terms")
        for tokens in gone:
            own_words, own_terms = _found(words, tokens.words), _found(terms, tokens.vocabulary)
            places = forms.searchsorted(_pairs(own_words[tokens.forms], own_terms[terms_of_forms(tokens)]))
            for name, taken in forms_counted(tokens).items():
                counts[name][places] -= taken
        return counts


def _found(words: Dictionary, wanted: list[bytes]) -> NDArray[np.int64]:
    """The numbers of words that are all in the dictionary."""
    return np.fromiter(map(words.find, wanted), np.int64, len(wanted))


def _pairs(words: Array, terms: Array) -> NDArray[np.int64]:
    pairs: NDArray[np.int64] = words.astype(np.int64) << 32 | terms
    return pairs


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
