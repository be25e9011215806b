"""The Python library works as docs/library.md shows."""

import re
import textwrap
from pathlib import Path

import pytest

import searchsvc

ROOT = Path(__file__).parent.parent
EXAMPLES = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "library.md").read_text("utf-8"), re.S)
BRIDGE = """Harbour bridge reopens

By Ann Lee

The old harbour bridge opened to traffic again on Monday, a year after cracks were found in two of its arches.

Share this
"""
COUNCIL = """Council meets

The council met on Tuesday evening and agreed to widen the northern quay before the winter storms arrive.
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds/bridge.txt").write_text(BRIDGE)
    (tmp_path / "seeds/council.txt").write_text(COUNCIL)
    return tmp_path


def test_examples_of_the_documentation_run_in_order(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(EXAMPLES) >= 4
    names: dict[str, object] = {}
    for example in EXAMPLES:
        exec(compile(example, "docs/library.md", "exec"), names)
    printed = capsys.readouterr().out
    assert "Harbour bridge reopens\nAnn Lee\nThe old harbour bridge opened" in printed
    assert "2 documents\nHarbour bridge reopens" in printed
    assert "'Share this' (share-button" in printed


def test_every_public_name_is_documented_and_can_be_imported() -> None:
    page = (ROOT / "docs" / "library.md").read_text("utf-8")
    names = [name for name in searchsvc.__all__ if not name.startswith("_")]
    assert [name for name in names if getattr(searchsvc, name) is None] == []
    documented = {name for name in names if re.search(rf"\b{name}\b", page)}
    assert set(names) - documented <= {"SearchService", "SearchSnapshot"}


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = searchsvc.nothing


def test_overrides_of_the_settings_apply_to_a_text() -> None:
    kept = searchsvc.clean(BRIDGE, settings=searchsvc.Settings(keep_lines=("share*",)))
    assert kept.text.endswith("Share this")
    removed = searchsvc.clean(BRIDGE)
    assert [block.text for block in removed.removed if block.rule == "share-button"] == ["Share this"]


def test_declared_source_of_a_text_is_its_source() -> None:
    assert searchsvc.clean(BRIDGE, source="Harbour Times").source == "Harbour Times"


def test_text_is_read_like_a_text_file() -> None:
    paragraph = "The harbour bridge was opened again on Tuesday after two years of repairs and a long quarrel."
    wrapped = "\n\n".join("\n".join(textwrap.wrap(f"{number}. {paragraph}", 60)) for number in range(6))
    cleaned = searchsvc.clean(f"---\ntitle: Bridge opens\nauthor: Ann Lee\n---\n{wrapped}\n", source="Times")
    assert (cleaned.title, cleaned.author, cleaned.source) == ("Bridge opens", "Ann Lee", "Times")
    assert cleaned.text.split("\n")[:2] == [f"{number}. {paragraph}" for number in range(2)]


@pytest.mark.parametrize("text", ["", "\n\n", "Share this", "\x00\x1b[31m", "a" * 100_000])
def test_any_text_can_be_cleaned(text: str) -> None:
    assert isinstance(searchsvc.clean(text), searchsvc.Cleaned)


@pytest.mark.parametrize("path", ["/a.txt", "../a.txt", "b/../../a.txt", "a\0.txt"])
def test_update_of_a_path_outside_the_seed_folder_is_an_error(folder: Path, path: str) -> None:
    service = searchsvc.open(searchsvc.Settings(seeds=folder / "seeds", index=folder / "index"))
    service.update()
    with pytest.raises(searchsvc.InvalidRequest, match="not a path below the seed folder"):
        service.update(paths=[path])
    service.update(paths=["./b/..", "b//c"])


def test_index_folder_can_be_opened_by_its_path(folder: Path) -> None:
    searchsvc.open(searchsvc.Settings(seeds=Path("seeds"), index=Path("index"))).rebuild()
    service = searchsvc.open("index")
    assert service.search(searchsvc.SearchRequest("quay")).total == 1


def test_missing_index_is_an_error_when_it_is_searched(folder: Path) -> None:
    with pytest.raises(searchsvc.IndexMissing, match="searchsvc rebuild"):
        searchsvc.open("nowhere").search(searchsvc.SearchRequest("quay"))
