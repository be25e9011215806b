"""Commands import no more than they need: a short one must not wait for code that it never runs."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """import sys
from searchsvc.cli import main
try:
    main(sys.argv[1:])
finally:
    print("|".join(sys.modules), file=sys.stderr)
"""
BUILDING = [
    "searchsvc.indexing",
    "searchsvc.ingest",
    "searchsvc.evaluation",
    "searchsvc.engine.embedded.build.index_builder",
]
WEB = ["searchsvc.web.app", "searchsvc.web.views.api", "starlette.requests", "uvicorn", "jinja2", "asyncio"]
OPTIONAL = ["trafilatura", "lxml", "urllib3", "ir_measures", "scipy", "watchfiles"]
OTHERS = ["markdown_it", "yaml", "pathspec", "charset_normalizer", "slugify", "rich.progress", "prometheus_client"]
SEARCHING = ["numpy", "whoosh", "Stemmer", "msgspec", "rich", "searchsvc.settings", "searchsvc.service"]

READING = ["searchsvc.ingest.readers.reader", "searchsvc.ingest.boilerplate.network", "searchsvc.ingest.metadata.title"]
SMALL = 16_000  # bytes of a seed that a build reads without worker processes


def imported(words: list[str]) -> set[str]:
    """The modules that a command line has imported when it ends."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, *words], capture_output=True, text=True, timeout=60)
    return set(done.stderr.rpartition("\n")[0].rpartition("\n")[2].split("|"))


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["version"], ["rebiuld"]], ids=" ".join)
def test_a_command_line_without_work_imports_nothing_for_it(home: Path, words: list[str]) -> None:
    modules = imported(words)
    assert "click" in modules
    assert modules & {*BUILDING, *WEB, *OPTIONAL, *OTHERS, *SEARCHING} == set()


def test_a_search_imports_neither_builders_nor_the_web(built: Path) -> None:
    modules = imported(["search", "alliance"])
    assert set(SEARCHING) <= modules
    assert modules & {*BUILDING, *WEB, *OPTIONAL, *OTHERS, "numpy.ma"} == set()


def test_the_first_process_of_a_rebuild_leaves_reading_to_its_workers(home: Path) -> None:
    for number in range(11):
        (home / "seeds" / f"{number}.txt").write_text("A sentence of an article.\n" * (SMALL // 26 + 1), "utf-8")
    modules = imported(["rebuild"])
    assert "searchsvc.engine.embedded.build.index_builder" in modules
    assert modules & {*READING, "markdown_it", "yaml", "charset_normalizer", "searchsvc.search_snapshot"} == set()


def test_reading_texts_loads_no_parser_of_markdown(home: Path) -> None:
    (home / "seeds" / "a.txt").write_text("A title\n\nA sentence of an article.\n", "utf-8")
    modules = imported(["rebuild"])
    assert set(READING) <= modules
    assert modules & {"markdown_it", "searchsvc.ingest.readers.mail", "searchsvc.ingest.readers.records"} == set()


@pytest.mark.usefixtures("built")
def test_an_update_of_plain_texts_imports_no_parser_of_markup(home: Path) -> None:
    (home / "seeds" / "another.txt").write_text("The bridge\n\nThe council agreed on a new bridge.\n")
    modules = imported(["update"])
    assert "searchsvc.ingest.readers.text_dialects" in modules
    assert modules & {"markdown_it", "lxml", "trafilatura"} == set()
