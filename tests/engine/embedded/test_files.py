"""The list of a generation's files is complete, and every pattern of it is used."""

from dataclasses import replace
from fnmatch import fnmatchcase
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.engine.embedded.files import GENERATION_FILES, GenerationFile
from searchsvc.engine.storage.generation_store import GenerationStore
from tests.engine.contract import STORM, document

PATTERNS = [file.pattern for file in GENERATION_FILES]


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generation after two updates: three volumes of stored fields, user data, facets."""
    folder = tmp_path_factory.mktemp("index")
    engine = EmbeddedEngine(folder, "en")
    with engine.new_generation() as writer:
        for number in range(8):
            writer.add(replace(STORM, id=f"{number:016x}"), "snow", b"state")
    for update in range(2):
        with engine.next_generation() as writer:
            writer.delete(np.zeros(8 + update, bool))
            writer.add(document(100 + update, "Rain", "rain"), "rain", b"state")
            writer.put_user_data("manifest", b"seeds")
    return folder / GenerationStore(folder).current()


def test_every_file_of_a_generation_is_listed(generation: Path) -> None:
    names = {path.name for path in generation.iterdir()}
    assert {"documents.1.blobs", "documents.3.blobs", "user_data.manifest"} <= names
    unlisted = [name for name in names if sum(fnmatchcase(name, pattern) for pattern in PATTERNS) != 1]
    assert not unlisted


def test_every_listed_file_is_in_a_generation(generation: Path) -> None:
    names = [path.name for path in generation.iterdir()]
    unused = [pattern for pattern in PATTERNS if not any(fnmatchcase(name, pattern) for name in names)]
    assert not unused


@pytest.mark.parametrize("file", GENERATION_FILES, ids=lambda file: file.pattern)
def test_every_listed_writer_is_a_module(file: GenerationFile) -> None:
    for name in file.written_by.split(", "):
        package = "searchsvc.engine" if name.startswith("storage.") else "searchsvc.engine.embedded"
        assert find_spec(f"{package}.{name}")
