"""Writer of one generation, in a folder that is not published yet."""

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.build.deleted_documents import with_deleted
from searchsvc.engine.embedded.build.generation_arrays_writer import (
    SegmentState,
    generation_order,
    mean_lengths,
    write_generation_arrays,
)
from searchsvc.engine.embedded.build.impact_writer import write_impacts
from searchsvc.engine.embedded.build.index_builder import BuildOptions, IndexBuilder, tokens_of
from searchsvc.engine.embedded.build.merge_policy import SegmentSize, segments_to_merge
from searchsvc.engine.embedded.build.segment_merge import write_merged_segment
from searchsvc.engine.embedded.files import IMPACTS, POSTINGS, USER_DATA
from searchsvc.engine.embedded.index.array_file import load_arrays
from searchsvc.engine.embedded.index.columns import ColumnsWriter, SegmentColumns
from searchsvc.engine.embedded.index.generation_arrays import NO_DELETIONS
from searchsvc.engine.embedded.index.stored_fields import StoredFieldsWriter
from searchsvc.engine.embedded.snapshot import EmbeddedSnapshot
from searchsvc.engine.embedded.whoosh_compat.codec import write_toc
from searchsvc.engine.embedded.whoosh_compat.whoosh_schema import whoosh_schema
from searchsvc.engine.interface import NO_STATES, DocumentStates
from searchsvc.engine.storage.manifest import FileSeal, Manifest, seal
from searchsvc.errors import NothingToIndex
from searchsvc.models.documents import Document, SeedProblem
from searchsvc.schema import BM25F, fingerprint

Flags = NDArray[np.bool_]


class EmbeddedGenerationWriter:
    """Takes documents, which become a new segment; `delete` keeps the segments of the previous generation."""

    def __init__(
        self, name: str, folder: Path, options: BuildOptions, previous: EmbeddedSnapshot | None = None
    ) -> None:
        self.name = name
        self._previous = previous
        self._kept: list[SegmentState] = []  # segments of the previous generation
        self._merged: list[SegmentState] = []  # segments of the previous generation that become one
        self._folder = folder
        self._options = options
        self._number = 1 + max(previous.reader.generation.numbers, default=0) if previous else 1  # of the new segment
        self._index_builder = IndexBuilder(folder, options, self._number)
        self._stored_fields = StoredFieldsWriter(folder, self._number)
        self._columns = ColumnsWriter()
        self._canonicals: Mapping[str, str] = {}
        self._problems: list[SeedProblem] = []
        self._reused: dict[str, FileSeal] = {}  # seals of linked files
        self._added = 0
        self._sizes: list[SegmentSize] = []  # of the segments, after `finish`

    def user_data(self, name: str) -> bytes:
        if self._previous is None:
            raise KeyError(name)
        return self._previous.user_data(name)

    def states(self) -> DocumentStates:
        return self._previous.states() if self._previous else NO_STATES

    def delete(self, deleted: Flags) -> None:
        """Keep the documents of the previous generation, except where `deleted`, (documents,) bool, is true."""
        if self._previous is None:
            return
        deleted_docs = self._previous.reader.all_docs.docs_array()[deleted]
        states = [self._without(index, deleted_docs) for index in range(len(self._previous.reader.parts))]
        self._kept = [state for state in states if state.live.any()]

    def _without(self, index: int, deleted_docs: NDArray[np.int32]) -> SegmentState:
        """Return a segment of the previous generation, by index, without some documents."""
        assert self._previous is not None
        part, fields = self._previous.reader.parts[index], self._previous.stored_fields[index]
        is_here = (deleted_docs >= part.docs.start) & (deleted_docs < part.docs.stop)
        docs = deleted_docs[is_here] - np.int32(part.first_doc)
        deletions = self._previous.reader.generation.deletions[index]
        if len(docs):
            documents = (fields.document(doc).document() for doc in docs.tolist())
            deletions = with_deleted(deletions, part.segment, docs, tokens_of(documents, self._options))
        columns = self._previous.columns.columns[index]
        return SegmentState(part.segment.number, part.segment.arrays, columns.ids, deletions)

    @property
    def needs_merge(self) -> bool:
        """Whether segments of the finished generation should be merged."""
        return bool(segments_to_merge(self._sizes))

    def merge(self) -> None:
        """Keep everything of the previous generation, and merge segments into one."""
        assert self._previous is not None
        no_docs = np.empty(0, np.int32)
        states = [self._without(index, no_docs) for index in range(len(self._previous.reader.parts))]
        numbers = segments_to_merge(list(map(_size, states)))
        self._kept = [state for state in states if state.number not in numbers]
        self._merged = [state for state in states if state.number in numbers]
        self._canonicals = self._previous.contents.canonical_ids()
        self._problems = list(self._previous.manifest.problems)
        self._reused |= self._link(name for name in self._previous.manifest.files if name.startswith(USER_DATA))

    def add(self, document: Document, original: str, state: bytes = b"") -> None:
        self._index_builder.add(document)
        self._stored_fields.append(document, original.encode("utf-8", "replace"), state)
        self._columns.append(document)
        self._added += 1

    def set_duplicates(self, canonicals: Mapping[str, str]) -> None:
        self._canonicals = canonicals

    def put_user_data(self, name: str, data: bytes) -> None:
        (self._folder / f"{USER_DATA}{name}").write_bytes(data)

    def set_problems(self, problems: Iterable[SeedProblem]) -> None:
        self._problems.extend(problems)

    def finish(self) -> Manifest:
        """Write all files and the manifest. Raises NothingToIndex."""
        if not self._added and not self._kept and not self._merged:
            raise NothingToIndex("no document to index; the previous index is still in use")
        new_segment = self._new_segment()
        segments = generation_order([*self._kept, *new_segment])
        means = mean_lengths(segments)
        self._link_segments(means)
        for segment in new_segment:
            write_impacts(segment.postings, self._folder / IMPACTS.format(segment.number), BM25F, means)
        previous = self._previous.reader.generation if self._previous else None
        write_generation_arrays(self._folder, segments, self._canonicals, means, previous)
        self._sizes = list(map(_size, segments))
        documents = sum(each.live for each in self._sizes)
        write_toc(self._folder, whoosh_schema(self._options.language))
        created = datetime.now(UTC).isoformat(timespec="seconds")
        manifest = Manifest(
            self.name, created, fingerprint(self._options.language), documents, problems=tuple(self._problems)
        )
        return seal(self._folder, manifest, self._reused)

    def _new_segment(self) -> list[SegmentState]:
        """Write the segment of the added or merged documents, if there are any, and return it."""
        if self._merged:
            self._merge_stored()
            write_merged_segment(self._folder, self._number, self._merged)
        elif self._added:
            self._index_builder.finish()
        self._index_builder.close()
        self._stored_fields.close()
        if not self._added and not self._merged:
            for path in self._folder.glob(f"*.{self._number}.*"):
                path.unlink()
            return []
        self._columns.write(self._folder, self._number)
        postings = load_arrays(self._folder / POSTINGS.format(self._number))
        ids = SegmentColumns(self._folder, self._number).ids
        return [SegmentState(self._number, postings, ids, NO_DELETIONS)]

    def _merge_stored(self) -> None:
        assert self._previous is not None
        places = {number: place for place, number in enumerate(self._previous.reader.generation.numbers)}
        for segment in self._merged:
            place = places[segment.number]
            self._stored_fields.extend(self._previous.stored_fields[place], np.flatnonzero(segment.live))
            self._columns.extend(self._previous.columns.columns[place], segment.live)

    def _link_segments(self, means: Sequence[float]) -> None:
        """Link the files of the kept segments. Impacts for other mean lengths are written again."""
        if self._previous is None:
            return
        has_same_means = tuple(means) == self._previous.reader.generation.mean_lengths
        for segment in self._kept:
            impacts = IMPACTS.format(segment.number)
            names = self._previous.segment_files(segment.number)
            self._reused |= self._link(name for name in names if has_same_means or name != impacts)
            if not has_same_means:
                write_impacts(segment.postings, self._folder / impacts, BM25F, means)

    def _link(self, names: Iterable[str]) -> dict[str, FileSeal]:
        """Link files of the previous generation; return their seals."""
        assert self._previous is not None
        seals = {name: self._previous.manifest.files[name] for name in names}
        for name in seals:
            _link(self._previous.folder / name, self._folder / name)
        return seals

    def abandon(self) -> None:
        """Close open files and stop processes, before the folder is deleted."""
        self._index_builder.close()
        self._stored_fields.abandon()


def _size(segment: SegmentState) -> SegmentSize:
    return SegmentSize(segment.number, len(segment.ids), int(np.count_nonzero(segment.live)))


def _link(source: Path, target: Path) -> None:
    """Make `target` a hard link to `source`, or a copy where links are unsupported."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
