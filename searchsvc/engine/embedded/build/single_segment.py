"""An index of one segment without stored fields, for tests and measurements of the arrays."""

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import numpy as np

from searchsvc.engine.embedded.build.generation_arrays_writer import (
    SegmentState,
    mean_lengths,
    write_generation_arrays,
)
from searchsvc.engine.embedded.build.impact_writer import write_impacts
from searchsvc.engine.embedded.build.index_builder import BuildOptions, IndexBuilder
from searchsvc.engine.embedded.files import IMPACTS, POSTINGS
from searchsvc.engine.embedded.index.array_file import load_arrays
from searchsvc.engine.embedded.index.generation_arrays import NO_DELETIONS
from searchsvc.models.documents import Document
from searchsvc.schema import BM25F


def write_single_segment(folder: Path, documents: Iterable[Document], options: BuildOptions) -> None:
    """Write the arrays of `documents` into `folder`, which exists. Ids may be any text."""
    ids: list[str] = []
    with closing(IndexBuilder(folder, options)) as builder:
        for document in documents:
            builder.add(document)
            ids.append(document.id)
        builder.finish()
    ranks = np.array(ids, np.str_).argsort(kind="stable").argsort().astype(np.uint64)
    segment = SegmentState(1, load_arrays(folder / POSTINGS.format(1)), ranks, NO_DELETIONS)
    means = mean_lengths([segment])
    write_impacts(segment.postings, folder / IMPACTS.format(1), BM25F, means)
    write_generation_arrays(folder, [segment], {}, means, None)
