"""The postings of a generation made from those of the one before: what is gone taken out, what is new put in.

Both are whole arrays from which a few places are deleted, and into which some are inserted: new
documents have the highest numbers, so their postings of a term stand behind all that stay.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from searchsvc.array_ranges import spread
from searchsvc.engine.embedded.build.inverter import forms_counted, terms_of_forms
from searchsvc.engine.embedded.build.merge import field_lengths
from searchsvc.engine.embedded.build.tokenizer import Tokens
from searchsvc.engine.embedded.index.array_file import Array, narrow
from searchsvc.engine.embedded.index.forward_index import ForwardIndex
from searchsvc.engine.embedded.index.postings import FIELDS, MARK, Postings
from searchsvc.engine.embedded.index.term_dictionary import (
    COUNTS,
    EVERYWHERE,
    TermDictionary,
    lexicon_arrays,
    term_dictionary_arrays,
)

Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ReusedPostings:
    """`arrays` and `sequences`: of the generation before. `live` (its documents,) bool: which of them stay."""

    arrays: Mapping[str, Array]
    sequences: ForwardIndex
    live: Flags

    @property
    def published(self) -> Array:
        return self.arrays["published"][self.live]

    def keyword(self, name: str) -> NDArray[np.bytes_]:
        """The value of each document that stays in an unanalysed field of which each has one."""
        counts: Numbers = np.diff(self.arrays[f"{name}.offsets"]).astype(np.int64)
        values = np.empty(len(self.live), np.int64)
        values[self.arrays[f"{name}.docs"]] = np.repeat(np.arange(len(counts)), counts)
        words = np.array(list(TermDictionary(self.arrays, f"{name}s")), np.bytes_)
        return words[values[self.live]]

    def forms_left(self, gone: Iterable[Tokens]) -> dict[str, Numbers]:
        """In how many of the documents that stay each form stands, for each of COUNTS.

        Only the texts of the others, whose tokens are `gone`, can tell what they had.
        """
        counts = {name: self.arrays[f"forms.{name}"].astype(np.int64) for name in COUNTS}
        forms = _pairs(self.arrays["forms.words"], self.arrays["forms.terms"])
        words, terms = TermDictionary(self.arrays, "words"), TermDictionary(self.arrays, "terms")
        for tokens in gone:
            own_words, own_terms = _found(words, tokens.words), _found(terms, tokens.vocabulary)
            places = forms.searchsorted(_pairs(own_words[tokens.forms], own_terms[terms_of_forms(tokens)]))
            for name, taken in forms_counted(tokens).items():
                counts[name][places] -= taken
        return counts

    def joined(self, left: Mapping[str, Numbers], run: Mapping[str, Array]) -> dict[str, Array]:
        """The arrays that merging all documents would give; see merge. `left`: the forms of what stays;
        `run`: what is new (see runs.py), its documents numbered on from those that stay."""
        stay = left[EVERYWHERE] > 0
        words, terms = (self._united(name, stay, run) for name in ("words", "terms"))
        pairs = [
            _pairs(words.old[self.arrays["forms.words"][stay]], terms.old[self.arrays["forms.terms"][stay]]),
            _pairs(words.new[run["forms.words"]], terms.new[run["forms.terms"]]),
        ]
        counts = {name: np.concatenate([left[name][stay], run[f"forms.{name}"]]) for name in COUNTS}
        arrays = lexicon_arrays(np.concatenate(pairs), counts, len(words.strings))
        for name, own in (("words", words), ("terms", terms)):
            arrays |= {f"{name}.{part}": array for part, array in term_dictionary_arrays(own.strings).items()}
        arrays |= field_lengths(np.concatenate([self._lengths(), run["lengths"].reshape(-1, len(FIELDS))]))
        for name in FIELDS:
            arrays |= {f"{name}.{part}": array for part, array in self._field(name, terms, run).items()}
        return arrays

    def _lengths(self) -> Array:
        return np.stack([self.arrays[f"{name}.lengths"][self.live] for name in FIELDS], axis=1).astype(np.int32)

    def _united(self, name: str, forms: Flags, run: Mapping[str, Array]) -> "_United":
        """Those of a sorted list of words that the `forms` that stay have, and those of the run."""
        used = np.zeros(len(self.arrays[f"{name}.offsets"]) - 1, bool)
        used[self.arrays[f"forms.{name}"][forms]] = True
        kept, of_run = list(compress(TermDictionary(self.arrays, name), used.tolist())), list(TermDictionary(run, name))
        known = dict(zip(kept, range(len(kept)), strict=True))
        added = [word for word in of_run if word not in known]
        places = np.fromiter((bisect_left(kept, word) for word in added), np.int64, len(added))
        shifted = np.arange(len(kept)) + places.searchsorted(np.arange(len(kept)), "right")
        old = np.zeros(len(used), np.int32)
        old[used] = shifted
        new = np.empty(len(of_run), np.int32)
        before = np.fromiter((known.get(word, -1) for word in of_run), np.int64, len(of_run))
        new[before >= 0] = shifted[before[before >= 0]]
        new[before < 0] = places + np.arange(len(added))
        return _United(sorted([*kept, *added]), old, new)  # two sorted runs, which timsort only merges

    def _field(self, name: str, terms: "_United", run: Mapping[str, Array]) -> dict[str, Array]:
        """The postings of one field, as Postings has them."""
        before = Postings.of(self.arrays, name)
        gone = np.flatnonzero(~self.live.take(before.docs))
        gone_positions = spread(before.position_starts(gone), before.tfs[gone].astype(np.int64))
        offsets = before.offsets.astype(np.int64)
        starts = _position_starts(before.tfs, offsets)
        starts -= gone_positions.searchsorted(starts)
        offsets -= gone.searchsorted(offsets)
        rows = np.flatnonzero(np.diff(offsets))
        offsets, starts = offsets[np.append(rows, -1)], starts[np.append(rows, -1)]
        old, new = terms.old[before.terms[rows]], terms.new[run[f"{name}.terms"]]
        counts, lengths = np.diff(run[f"{name}.offsets"]), np.diff(run[f"{name}.starts"])
        at = old.searchsorted(new, "right")
        places, position_places = np.repeat(offsets[at], counts), np.repeat(starts[at], lengths)
        numbers = self.live.cumsum(dtype=np.int32) - np.int32(1)
        tfs = _inserted(np.delete(before.tfs, gone), places, run[f"{name}.tfs"])
        every = np.union1d(old, new)
        all_starts = _edges(every, (old, np.diff(starts)), (new, lengths))
        return {
            "terms": every,
            "offsets": narrow(_edges(every, (old, np.diff(offsets)), (new, counts))),
            "docs": _inserted(numbers.take(np.delete(before.docs, gone)), places, run[f"{name}.docs"]),
            "tfs": tfs,
            "marks": _marks(tfs).astype(narrow(all_starts).dtype),
            "positions": _inserted(
                np.delete(before.positions, gone_positions), position_places, run[f"{name}.positions"]
            ),
        }


@dataclass(frozen=True, slots=True)
class _United:
    """A sorted list of words; `old` and `new` int32: the numbers there of those before, and of the run's.

    Words that are gone have no number: what stands for them means nothing.
    """

    strings: list[bytes]
    old: NDArray[np.int32]
    new: NDArray[np.int32]


def _found(words: TermDictionary, wanted: list[bytes]) -> Numbers:
    """The numbers of words that are all in the dictionary."""
    return np.fromiter(map(words.find, wanted), np.int64, len(wanted))


def _pairs(words: Array, terms: Array) -> Numbers:
    pairs: Numbers = words.astype(np.int64) << 32 | terms
    return pairs


def _inserted(array: Array, places: Numbers, values: Array) -> Array:
    """`values` before the `places` of `array`, in their order where places are the same."""
    return np.insert(array.astype(np.result_type(array, values), copy=False), places, values)


def _edges(every: NDArray[np.int32], *counted: tuple[NDArray[np.int32], Numbers]) -> Numbers:
    """Where the elements of each term begin, and where the last one's end; `counted`: terms, and how many each has."""
    counts = np.zeros(len(every) + 1, np.int64)
    for terms, own in counted:
        counts[every.searchsorted(terms) + 1] += own
    edges: Numbers = counts.cumsum()
    return edges


def _marks(tfs: Array) -> Numbers:
    """How many positions stand before every MARK-th posting."""
    sums: Numbers = np.zeros(0, np.int64)
    if len(tfs):
        sums = np.add.reduceat(tfs, np.arange(0, len(tfs), MARK), dtype=np.int64)
    marks: Numbers = sums.cumsum() - sums
    return marks


def _position_starts(tfs: Array, offsets: Numbers) -> Numbers:
    """Where the positions of each term begin, and where the last one's end; `offsets`: its postings."""
    before = np.zeros(len(offsets), np.int64)
    if len(offsets) > 1:  # each term has a posting
        np.add.reduceat(tfs, offsets[:-1], dtype=np.int64).cumsum(out=before[1:])
    return before


def as_run(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The arrays of a run (see runs.py) from those that runs were merged into."""
    run = dict(arrays)
    run["lengths"] = np.stack([arrays[f"{name}.lengths"] for name in FIELDS], axis=1).astype(np.int32).ravel()
    for name in FIELDS:
        run[f"{name}.starts"] = _position_starts(arrays[f"{name}.tfs"], arrays[f"{name}.offsets"].astype(np.int64))
    return run
