"""Documents to an opened index of one segment, for the tests of what the arrays hold and answer."""

from collections.abc import Iterable
from pathlib import Path

from searchsvc.engine.embedded.build.index_builder import BuildOptions
from searchsvc.engine.embedded.build.single_segment import write_single_segment
from searchsvc.engine.embedded.index.index_reader import IndexReader
from searchsvc.engine.embedded.snapshot import open_index
from searchsvc.models.documents import Document

PLAIN = Document(id="", slug="", path="", content_hash="", title="", body="")
ENGLISH = BuildOptions()


def build(folder: Path, documents: Iterable[Document], options: BuildOptions = ENGLISH) -> IndexReader:
    """The arrays of `documents`, built in `folder`, which exists."""
    write_single_segment(folder, documents, options)
    return open_index(folder)
