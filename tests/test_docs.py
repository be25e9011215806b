"""The documentation agrees with the code, its links resolve, and its words are plain."""

import re
from pathlib import Path

import pytest
from babel import Locale

from searchsvc.cli import exit_codes
from searchsvc.cli.main import COMMANDS

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(path for folder in ("docs", "training", "benchmarks") for path in (ROOT / folder).rglob("*.md")),
    ]
)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
ANCHORED_LINK = re.compile(r"\[[^\]]*\]\(([^)#\s:]*)#([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.M)


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text("utf-8")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_of_a_page_lead_to_files(path: Path) -> None:
    targets = [target for target in LINK.findall(path.read_text("utf-8")) if "://" not in target]
    assert [target for target in targets if not (path.parent / target).exists()] == []


def anchors(path: Path) -> set[str]:
    """Anchors that a Markdown renderer gives to the headings of a page."""
    return {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for heading in HEADING.findall(path.read_text("utf-8"))
    }


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_of_a_page_lead_to_headings(path: Path) -> None:
    links = ANCHORED_LINK.findall(path.read_text("utf-8"))
    assert [link for link in links if link[1] not in anchors(path.parent / link[0] if link[0] else path)] == []


def test_every_page_is_in_the_index() -> None:
    index = page("README.md")
    missing = [path.name for path in (ROOT / "docs").glob("*.md") if f"]({path.name})" not in index]
    assert [name for name in missing if name != "README.md"] == []


def test_readme_is_an_introduction() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 150


def test_reference_lists_every_command() -> None:
    documented = set(re.findall(r"`searchsvc ([a-z]+)", page("command-line.md")))
    assert documented | {"version"} >= set(COMMANDS)
    assert documented <= set(COMMANDS)


def test_reference_lists_every_exit_code() -> None:
    documented = set(map(int, re.findall(r"^\| ([0-9]+) \|", page("command-line.md"), re.M)))
    codes = {value for name, value in vars(exit_codes).items() if name.isupper() and isinstance(value, int)}
    assert documented == codes | {0}


def test_languages_of_cue_phrases_are_named() -> None:
    files = (ROOT / "searchsvc/ingest/boilerplate/data/phrases").glob("*.toml")
    names = re.search(r"cue phrases in (\d+) languages: ([\w,\s]+)\.", page("cleaning.md"))
    assert names is not None
    named = re.split(r",\s+|\s+and\s+", names[2])
    assert sorted(named) == sorted(Locale.parse(file.stem).get_language_name("en") or "" for file in files)
    assert int(names[1]) == len(named)
