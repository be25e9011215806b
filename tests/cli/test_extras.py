"""Extras that are not installed, and extras that are installed but cannot be imported."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from searchsvc.cli import watch
from searchsvc.errors import ExtraBroken, ExtraMissing
from searchsvc.extras import importing

from .conftest import Spawn

JUDGED = '[[query]]\ntext = "alliance"\nrelevant = ["nato.txt"]\n'
PAGE = "<html><body><article><p>A page about bridges.</p></article></body></html>"

BreakLibrary = Callable[[str], None]


@pytest.fixture
def break_library(home: Path, monkeypatch: pytest.MonkeyPatch) -> BreakLibrary:
    """Installs a package that cannot be imported, in front of the one that can."""

    def installed(library: str) -> None:
        (home / "broken" / library).mkdir(parents=True)
        (home / "broken" / library / "__init__.py").write_text("import a_dependency_that_was_left_out\n")
        monkeypatch.setenv("PYTHONPATH", str(home / "broken"))

    return installed


def says_why(said: str, library: str, extra: str) -> bool:
    said = " ".join(said.split())
    error = "ModuleNotFoundError: No module named 'a_dependency_that_was_left_out'"
    return (
        f"needs {library}, which is installed but cannot be imported: {error}." in said
        and f"pip install 'searchsvc[{extra}]' --force-reinstall" in said
    )


def test_page_names_the_error_of_a_broken_library(home: Path, spawn: Spawn, break_library: BreakLibrary) -> None:
    break_library("trafilatura")
    (home / "seeds/page.html").write_text(PAGE)
    ended = spawn("rebuild")
    assert says_why(ended.stdout + ended.stderr, "trafilatura", "html")


def test_cluster_is_refused_with_the_error_of_a_broken_library(
    spawn: Spawn, break_library: BreakLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_library("urllib3")
    monkeypatch.setenv("SEARCHSVC_ENGINE", "opensearch")
    monkeypatch.setenv("SEARCHSVC_OPENSEARCH_URLS", "http://127.0.0.1:9")
    ended = spawn("search", "alliance")
    assert ended.returncode == 2
    assert says_why(ended.stderr, "urllib3", "opensearch")


def test_evaluation_names_the_error_of_a_broken_library(built: Path, spawn: Spawn, break_library: BreakLibrary) -> None:
    break_library("ir_measures")
    (built / "judged.toml").write_text(JUDGED)
    ended = spawn("eval", "judged.toml")
    assert ended.returncode == 2
    assert says_why(ended.stderr, "ir_measures", "eval")


def test_folder_is_scanned_if_the_library_that_watches_is_broken(break_library: BreakLibrary) -> None:
    break_library("watchfiles")
    program = "from searchsvc.cli import watch; print(watch._watchfiles())"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout == "None\n"
    assert says_why(ended.stderr, "watchfiles", "watch")


def test_folder_is_scanned_in_silence_without_the_extra(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    assert watch._watchfiles() is None
    assert capsys.readouterr().err == ""


def test_library_that_lacks_another_is_not_called_missing() -> None:
    with pytest.raises(ExtraBroken, match="No module named 'other'"), importing("html", "library", "reading"):
        raise ModuleNotFoundError("No module named 'other'", name="other")
    with pytest.raises(ExtraMissing), importing("html", "library", "reading"):
        raise ModuleNotFoundError("No module named 'library'", name="library")


def test_long_error_of_a_library_is_cut_to_its_first_line() -> None:
    with pytest.raises(ExtraBroken) as caught, importing("lang", "library", "reading"):
        raise ImportError("x" * 1_000 + "\nIMPORTANT: read this page of advice")
    assert "x" * 300 + ". Repair" in str(caught.value)
    assert "IMPORTANT" not in str(caught.value)
