"""Postings of an updated generation: deleted documents removed from the previous arrays, new ones inserted.

New documents have the highest numbers, so their postings of a term follow all reused ones. Both steps are one
deletion and one insertion per array.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from searchsvc.array_ranges import concatenate_ranges
from searchsvc.engine.embedded.build.inverter import form_doc_counts, form_term_ids
from searchsvc.engine.embedded.build.merge import field_lengths
from searchsvc.engine.embedded.build.tokenizer import Tokens
from searchsvc.engine.embedded.index.array_file import Array, narrow
from searchsvc.engine.embedded.index.forward_index import ForwardIndex
from searchsvc.engine.embedded.index.postings import FIELDS, MARK_INTERVAL, Postings
from searchsvc.engine.embedded.index.term_dictionary import (
    ANY_FIELD_COUNT,
    FORM_COUNTS,
    TermDictionary,
    lexicon_arrays,
    term_dictionary_arrays,
)

Flags = NDArray[np.bool_]
Int64Array = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ReusedPostings:
    """Arrays and forward index of the previous generation; `live` (its documents,) bool: documents to keep."""

    arrays: Mapping[str, Array]
    forward_index: ForwardIndex
    live: Flags

    @property
    def published(self) -> Array:
        """Publication dates of the live documents, (live documents,) int32 ordinals; 0 for none."""
        return self.arrays["published"][self.live]

    def keyword(self, name: str) -> NDArray[np.bytes_]:
        """Return the value of each live document in an unanalysed field; (live documents,) bytes."""
        counts: Int64Array = np.diff(self.arrays[f"{name}.offsets"]).astype(np.int64)
        values = np.empty(len(self.live), np.int64)
        values[self.arrays[f"{name}.docs"]] = np.repeat(np.arange(len(counts)), counts)
        words = np.array(list(TermDictionary(self.arrays, f"{name}s")), np.bytes_)
        return words[values[self.live]]

    def live_form_counts(self, deleted: Iterable[Tokens]) -> dict[str, Int64Array]:
        """Count the live documents of each form, for each of FORM_COUNTS; (forms,) int64.

        The counts of the `deleted` documents are subtracted, which needs their tokens.
        """
        counts = {name: self.arrays[f"forms.{name}"].astype(np.int64) for name in FORM_COUNTS}
        forms = _form_keys(self.arrays["forms.words"], self.arrays["forms.terms"])
        words, terms = TermDictionary(self.arrays, "words"), TermDictionary(self.arrays, "terms")
        for tokens in deleted:
            word_ids, term_ids = _lookup_all(words, tokens.words), _lookup_all(terms, tokens.terms)
            form_indices = forms.searchsorted(_form_keys(word_ids[tokens.form_words], term_ids[form_term_ids(tokens)]))
            for name, doc_counts in form_doc_counts(tokens).items():
                counts[name][form_indices] -= doc_counts
        return counts

    def merged_with(self, live_forms: Mapping[str, Int64Array], run: Mapping[str, Array]) -> dict[str, Array]:
        """Return the arrays that merging all documents would give; see `merge`.

        `live_forms`: counts of `live_form_counts`. `run`: the new documents, numbered after the live ones.
        """
        is_live = live_forms[ANY_FIELD_COUNT] > 0
        words, terms = (self._merge_dictionary(name, is_live, run) for name in ("words", "terms"))
        pairs = [
            _form_keys(
                words.old_ids[self.arrays["forms.words"][is_live]], terms.old_ids[self.arrays["forms.terms"][is_live]]
            ),
            _form_keys(words.run_ids[run["forms.words"]], terms.run_ids[run["forms.terms"]]),
        ]
        counts = {name: np.concatenate([live_forms[name][is_live], run[f"forms.{name}"]]) for name in FORM_COUNTS}
        arrays = lexicon_arrays(np.concatenate(pairs), counts, len(words.words))
        for name, dictionary in (("words", words), ("terms", terms)):
            arrays |= {f"{name}.{part}": array for part, array in term_dictionary_arrays(dictionary.words).items()}
        arrays |= field_lengths(np.concatenate([self._lengths(), run["lengths"].reshape(-1, len(FIELDS))]))
        for name in FIELDS:
            arrays |= {f"{name}.{part}": array for part, array in self._merge_field(name, terms, run).items()}
        return arrays

    def _lengths(self) -> Array:
        return np.stack([self.arrays[f"{name}.lengths"][self.live] for name in FIELDS], axis=1).astype(np.int32)

    def _merge_dictionary(self, name: str, live_forms: Flags, run: Mapping[str, Array]) -> "_MergedDictionary":
        """Merge the words that live forms use with the words of the run."""
        used = np.zeros(len(self.arrays[f"{name}.offsets"]) - 1, bool)
        used[self.arrays[f"forms.{name}"][live_forms]] = True
        live_words = list(compress(TermDictionary(self.arrays, name), used.tolist()))
        run_words = list(TermDictionary(run, name))
        live_id_of = dict(zip(live_words, range(len(live_words)), strict=True))
        new_words = [word for word in run_words if word not in live_id_of]
        insertion_points = np.fromiter((bisect_left(live_words, word) for word in new_words), np.int64, len(new_words))
        shifted = np.arange(len(live_words)) + insertion_points.searchsorted(np.arange(len(live_words)), "right")
        old_ids = np.zeros(len(used), np.int32)
        old_ids[used] = shifted
        run_ids = np.empty(len(run_words), np.int32)
        live_ids = np.fromiter((live_id_of.get(word, -1) for word in run_words), np.int64, len(run_words))
        run_ids[live_ids >= 0] = shifted[live_ids[live_ids >= 0]]
        run_ids[live_ids < 0] = insertion_points + np.arange(len(new_words))
        words = sorted([*live_words, *new_words])  # timsort merges the two sorted lists in linear time
        return _MergedDictionary(words, old_ids, run_ids)

    def _merge_field(self, name: str, terms: "_MergedDictionary", run: Mapping[str, Array]) -> dict[str, Array]:
        """Return the postings of one field; see Postings."""
        previous = Postings.of(self.arrays, name)
        deleted_postings = np.flatnonzero(~self.live.take(previous.docs))
        deleted_positions = concatenate_ranges(
            previous.position_starts(deleted_postings), previous.tfs[deleted_postings].astype(np.int64)
        )
        offsets = previous.offsets.astype(np.int64)
        starts = _position_starts(previous.tfs, offsets)
        starts -= deleted_positions.searchsorted(starts)
        offsets -= deleted_postings.searchsorted(offsets)
        rows = np.flatnonzero(np.diff(offsets))
        offsets, starts = offsets[np.append(rows, -1)], starts[np.append(rows, -1)]
        old_term_ids, run_term_ids = terms.old_ids[previous.terms[rows]], terms.run_ids[run[f"{name}.terms"]]
        counts, lengths = np.diff(run[f"{name}.offsets"]), np.diff(run[f"{name}.starts"])
        insertion_rows = old_term_ids.searchsorted(run_term_ids, "right")
        insertion_points = np.repeat(offsets[insertion_rows], counts)
        position_insertions = np.repeat(starts[insertion_rows], lengths)
        new_docs = self.live.cumsum(dtype=np.int32) - np.int32(1)
        tfs = _insert(np.delete(previous.tfs, deleted_postings), insertion_points, run[f"{name}.tfs"])
        term_ids = np.union1d(old_term_ids, run_term_ids)
        position_offsets = _merged_offsets(term_ids, (old_term_ids, np.diff(starts)), (run_term_ids, lengths))
        return {
            "terms": term_ids,
            "offsets": narrow(_merged_offsets(term_ids, (old_term_ids, np.diff(offsets)), (run_term_ids, counts))),
            "docs": _insert(
                new_docs.take(np.delete(previous.docs, deleted_postings)), insertion_points, run[f"{name}.docs"]
            ),
            "tfs": tfs,
            "marks": _marks(tfs).astype(narrow(position_offsets).dtype),
            "positions": _insert(
                np.delete(previous.positions, deleted_positions), position_insertions, run[f"{name}.positions"]
            ),
        }


@dataclass(frozen=True, slots=True)
class _MergedDictionary:
    """Sorted words; `old_ids` and `run_ids` int32: ids of the previous and of the run's words.

    The entries of deleted words in `old_ids` are meaningless.
    """

    words: list[bytes]
    old_ids: NDArray[np.int32]
    run_ids: NDArray[np.int32]


def _lookup_all(words: TermDictionary, keys: list[bytes]) -> Int64Array:
    """Return the ids of `keys`, all of them in the dictionary; (keys,) int64."""
    return np.fromiter(map(words.find, keys), np.int64, len(keys))


def _form_keys(words: Array, terms: Array) -> Int64Array:
    keys: Int64Array = words.astype(np.int64) << 32 | terms
    return keys


def _insert(array: Array, indices: Int64Array, values: Array) -> Array:
    """Insert `values` before the `indices` of `array`, in order where indices are equal."""
    return np.insert(array.astype(np.result_type(array, values), copy=False), indices, values)


def _merged_offsets(term_ids: NDArray[np.int32], *counted_terms: tuple[NDArray[np.int32], Int64Array]) -> Int64Array:
    """Return the start of each term's elements, and the end of the last; (terms + 1,) int64.

    `counted_terms`: pairs of term ids and their numbers of elements.
    """
    counts = np.zeros(len(term_ids) + 1, np.int64)
    for terms, term_counts in counted_terms:
        counts[term_ids.searchsorted(terms) + 1] += term_counts
    offsets: Int64Array = counts.cumsum()
    return offsets


def _marks(tfs: Array) -> Int64Array:
    """Return the number of positions before every MARK_INTERVAL-th posting, int64."""
    sums: Int64Array = np.zeros(0, np.int64)
    if len(tfs):
        sums = np.add.reduceat(tfs, np.arange(0, len(tfs), MARK_INTERVAL), dtype=np.int64)
    marks: Int64Array = sums.cumsum() - sums
    return marks


def _position_starts(tfs: Array, offsets: Int64Array) -> Int64Array:
    """Return the start of each term's positions, and the end of the last; (terms + 1,) int64.

    `offsets` (terms + 1,) int64: start of each term's postings.
    """
    starts = np.zeros(len(offsets), np.int64)
    if len(offsets) > 1:  # each term has at least one posting
        np.add.reduceat(tfs, offsets[:-1], dtype=np.int64).cumsum(out=starts[1:])
    return starts


def as_run(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Return the arrays of a run from merged arrays; see `inverter`."""
    run = dict(arrays)
    run["lengths"] = np.stack([arrays[f"{name}.lengths"] for name in FIELDS], axis=1).astype(np.int32).ravel()
    for name in FIELDS:
        run[f"{name}.starts"] = _position_starts(arrays[f"{name}.tfs"], arrays[f"{name}.offsets"].astype(np.int64))
    return run
