"""The setting `fields`: more names of declared fields, from the file of settings to the index."""

from pathlib import Path

import pytest

from searchsvc import settings
from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.models.documents import Document
from searchsvc.service import SearchService
from searchsvc.settings import Settings

TEXT = "The harbour council met on Tuesday evening and agreed to widen the northern quay before the storms."


def chosen(folder: Path, toml: str) -> Settings:
    (folder / "searchsvc.toml").write_text(toml)
    return settings.load({"seeds": folder / "seeds", "index": folder / "index"}, folder / "searchsvc.toml", {})


def built(folder: Path, toml: str) -> tuple[SearchService, Document]:
    chosen_settings = chosen(folder, toml)
    service = SearchService(EmbeddedEngine(chosen_settings.index, chosen_settings.language), chosen_settings)
    service.update()
    return service, next(document for document, _ in service.snapshot().engine.documents())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds/a.md").write_text(f"---\nueberschrift: Ein Kai\nverfasser: Ada Example\n---\n{TEXT}\n")
    return tmp_path


def test_an_added_name_is_read(folder: Path) -> None:
    _, document = built(folder, '[fields]\ntitle = ["ueberschrift"]\nauthor = ["verfasser"]\n')
    assert (document.title, document.author) == ("Ein Kai", "Ada Example")


def test_a_changed_setting_reads_everything_again(folder: Path) -> None:
    _, before = built(folder, "")
    service, after = built(folder, '[fields]\ntitle = ["ueberschrift"]\n')
    assert (before.title == "Ein Kai", after.title) == (False, "Ein Kai")
    assert service.update().up_to_date
