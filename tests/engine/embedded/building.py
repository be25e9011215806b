"""Documents to an opened segment, for the tests of what the arrays hold and answer."""

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from searchsvc.engine.embedded.build.index_builder import BuildOptions, IndexBuilder
from searchsvc.engine.embedded.index.segment import Segment
from searchsvc.models.documents import Document

PLAIN = Document(id="", slug="", path="", content_hash="", title="", body="")
ENGLISH = BuildOptions()


def build(folder: Path, documents: Iterable[Document], options: BuildOptions = ENGLISH) -> Segment:
    """The arrays of `documents`, built in `folder`, which exists."""
    with closing(IndexBuilder(folder, options)) as builder:
        for document in documents:
            builder.add(document)
        builder.finish()
    return Segment(folder)
