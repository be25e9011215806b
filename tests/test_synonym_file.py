"""The file of synonyms: read at the start, and when it changes."""

import logging
from pathlib import Path

import pytest

from searchsvc.analysis import analyzer
from searchsvc.errors import SettingsError
from searchsvc.query.synonym_file import SynonymFile


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(SynonymFile, "LOOK_EVERY", 0.0)
    path = tmp_path / "synonyms.toml"
    path.write_text('[alike]\ncar = ["automobile"]\n')
    return path


def opened(file: Path) -> SynonymFile:
    return SynonymFile(file, analyzer("en"))


def test_changed_file_is_read_again(file: Path) -> None:
    synonyms = opened(file)
    assert synonyms.current().entries[("car",)] == ("automobile",)
    file.write_text('[alike]\ncar = ["motor", "wagon"]\n')
    assert synonyms.current().entries[("car",)] == ("motor", "wagon")


def test_bad_file_leaves_the_old_synonyms_and_is_told_once(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    synonyms = opened(file)
    file.write_text("[alike]\ncar = 5\n")
    with caplog.at_level(logging.ERROR):
        found = [synonyms.current() for _ in range(3)]
    assert [each.entries[("car",)] for each in found] == [("automobile",)] * 3
    assert [record.getMessage() for record in caplog.records] == [
        f"{file}, line 2: car: must be a list of texts in quotes; the synonyms read before stay in force"
    ]


def test_lost_file_leaves_the_old_synonyms(file: Path) -> None:
    synonyms = opened(file)
    file.unlink()
    assert synonyms.current().entries[("car",)] == ("automobile",)


def test_stamp_changes_with_the_file(file: Path) -> None:
    synonyms = opened(file)
    before = synonyms.stamp
    synonyms.current()
    assert synonyms.stamp == before
    file.write_text('[alike]\ncar = ["motor", "wagon"]\n')
    synonyms.current()
    assert synonyms.stamp != before


def test_unchanged_file_is_not_read_again(file: Path) -> None:
    synonyms = opened(file)
    assert synonyms.current() is synonyms.current()


def test_file_that_is_not_there_at_the_start_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        opened(tmp_path / "none.toml")


def test_bad_file_at_the_start_is_an_error(file: Path) -> None:
    file.write_text("[alike]\ncar = [\n")
    with pytest.raises(SettingsError, match="line 3"):
        opened(file)
