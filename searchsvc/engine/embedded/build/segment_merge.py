"""Merge of segments into one, without their deleted documents: each becomes a run, and the runs are merged."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.build.generation_arrays_writer import SegmentState
from searchsvc.engine.embedded.build.index_builder import keyword_arrays, write_derived
from searchsvc.engine.embedded.build.merge import merge
from searchsvc.engine.embedded.files import POSTINGS, RUNS
from searchsvc.engine.embedded.index.array_file import Array, ArraySpec, ArrayWriter, chunk_rows
from searchsvc.engine.embedded.index.postings import FIELDS, Postings
from searchsvc.engine.embedded.index.segment import KEYWORDS
from searchsvc.engine.embedded.index.term_dictionary import (
    ANY_FIELD_COUNT,
    FORM_COUNTS,
    TermDictionary,
    term_dictionary_arrays,
)

Flags = NDArray[np.bool_]
Int64Array = NDArray[np.int64]

_CHUNK = 4_000_000  # postings or positions at a time


def write_merged_segment(folder: Path, number: int, segments: Sequence[SegmentState]) -> None:
    """Write the arrays of the segment `number`, except impacts: the live documents of `segments`, in their order."""
    (folder / RUNS).mkdir(exist_ok=True)
    runs, first_doc = [], 0
    for segment in segments:
        runs.append(folder / RUNS / str(segment.number))
        _write_live_run(runs[-1], segment, first_doc)
        first_doc += int(np.count_nonzero(segment.live))
    extra: dict[str, Array] = {
        "published": np.concatenate([segment.postings["published"][segment.live] for segment in segments])
    }
    for name in KEYWORDS:
        extra |= keyword_arrays(name, np.concatenate([_keyword_values(segment, name) for segment in segments]))
    merge(runs, folder / POSTINGS.format(number), extra)
    write_derived(folder, number)


def _keyword_values(segment: SegmentState, name: str) -> NDArray[np.bytes_]:
    """Return the value of each live document in an unanalysed field; (live documents,) bytes."""
    arrays = segment.postings
    counts = np.diff(arrays[f"{name}.offsets"]).astype(np.int64)
    values = np.empty(len(segment.ids), np.int64)
    values[arrays[f"{name}.docs"]] = np.repeat(np.arange(len(counts)), counts)
    words = np.array(list(TermDictionary(arrays, f"{name}s")), np.bytes_)
    return words[values[segment.live]]


def _write_live_run(path: Path, segment: SegmentState, first_doc: int) -> None:
    """Write the live documents of a segment as a run (`inverter.write_run`), numbered from `first_doc`."""
    arrays, live = segment.postings, segment.live
    counts = {name: arrays[f"forms.{name}"].astype(np.int64) for name in FORM_COUNTS}
    for name, deleted in segment.deletions.form_counts.items():
        counts[name][segment.deletions.forms] -= deleted
    is_live_form = counts[ANY_FIELD_COUNT] > 0
    lengths = np.stack([arrays[f"{name}.lengths"][live] for name in FIELDS], axis=1).astype(np.int32)
    run: dict[str, Array] = {"lengths": lengths.ravel()}
    run |= {f"forms.{name}": each[is_live_form] for name, each in counts.items()}
    new_ids = {}
    for name in ("words", "terms"):
        ids_of_forms = arrays[f"forms.{name}"][is_live_form]
        used = np.zeros(len(arrays[f"{name}.offsets"]) - 1, bool)
        used[ids_of_forms] = True
        words = list(compress(TermDictionary(arrays, name), used.tolist()))
        run |= {f"{name}.{key}": array for key, array in term_dictionary_arrays(words).items()}
        new_ids[name] = used.cumsum(dtype=np.int32) - np.int32(1)
        run[f"forms.{name}"] = new_ids[name][ids_of_forms]
    numbers = live.cumsum(dtype=np.int32) + np.int32(first_doc - 1)
    fields = [_LiveField.of(name, arrays, live, numbers, new_ids["terms"]) for name in FIELDS]
    specs = [ArraySpec(name, array.dtype.str, len(array)) for name, array in run.items()]
    with ArrayWriter(path, [*specs, *(spec for field in fields for spec in field.specs())]) as writer:
        for name, array in run.items():
            writer.write(name, array)
        for field in fields:
            field.write(writer)


@dataclass(frozen=True, slots=True)
class _LiveField:
    """Postings of one field of live documents.

    `is_live` (postings,) bool; `numbers` (documents,) int32: new number of each live document. `terms` (n,) int32,
    `offsets` and `starts` (n + 1,) int64: those of the run.
    """

    name: str
    postings: Postings
    is_live: Flags
    numbers: NDArray[np.int32]
    terms: NDArray[np.int32]
    offsets: Int64Array
    starts: Int64Array

    @classmethod
    def of(
        cls,
        name: str,
        arrays: Mapping[str, Array],
        live: Flags,
        numbers: NDArray[np.int32],
        term_ids: NDArray[np.int32],
    ) -> "_LiveField":
        """Compute the terms and offsets of the field `name`; `term_ids`: new id of each term."""
        postings = Postings.of(arrays, name)
        is_live = live.take(postings.docs)
        starts = postings.offsets[:-1].astype(np.int64)
        counts = lengths = np.zeros(0, np.int64)
        if len(starts):  # each term has at least one posting
            counts = np.add.reduceat(is_live, starts, dtype=np.int64)
            lengths = np.add.reduceat(postings.tfs * is_live, starts, dtype=np.int64)
        rows = np.flatnonzero(counts)
        offsets, position_starts = (np.append(0, each[rows].cumsum()) for each in (counts, lengths))
        return cls(name, postings, is_live, numbers, term_ids[postings.terms[rows]], offsets, position_starts)

    def specs(self) -> Iterator[ArraySpec]:
        """Yield the specification of each array of the field."""
        yield ArraySpec(f"{self.name}.terms", "<i4", len(self.terms))
        yield ArraySpec(f"{self.name}.offsets", "<i8", len(self.offsets))
        yield ArraySpec(f"{self.name}.starts", "<i8", len(self.starts))
        yield ArraySpec(f"{self.name}.docs", "<i4", int(self.offsets[-1]))
        yield ArraySpec(f"{self.name}.tfs", self.postings.tfs.dtype.str, int(self.offsets[-1]))
        yield ArraySpec(f"{self.name}.positions", self.postings.positions.dtype.str, int(self.starts[-1]))

    def write(self, writer: ArrayWriter) -> None:
        """Write the arrays of the field, chunk by chunk."""
        for key in ("terms", "offsets", "starts"):
            writer.write(f"{self.name}.{key}", getattr(self, key))
        postings, positions_read, postings_written, positions_written = self.postings, 0, 0, 0
        for rows in chunk_rows(postings.offsets.astype(np.int64), _CHUNK):
            span = slice(int(postings.offsets[rows.start]), int(postings.offsets[rows.stop]))
            is_live, tfs = self.is_live[span], postings.tfs[span]
            is_live_position = np.repeat(is_live, tfs)
            positions = postings.positions[positions_read : positions_read + len(is_live_position)][is_live_position]
            docs = self.numbers.take(postings.docs[span][is_live])
            writer.write(f"{self.name}.docs", docs, postings_written)
            writer.write(f"{self.name}.tfs", tfs[is_live], postings_written)
            writer.write(f"{self.name}.positions", positions, positions_written)
            positions_read += len(is_live_position)
            postings_written += len(docs)
            positions_written += len(positions)
