"""`--format` is the same option in every command that has it."""

import csv
import json
from pathlib import Path

import pytest

from searchsvc.ingest.ids import document_id

from .conftest import TRADE, Run

ID = document_id("trade.txt")
COMMANDS = (
    "rebuild", "update", "import", "search", "show", "similar", "suggest", "clean", "stats", "eval", "check",
    "index list", "config show", "model check",
)  # fmt: skip
LISTS = (
    "search tariffs",
    f"similar {ID}",
    "index list",
    "stats --duplicates",
    "clean --report seeds",
)

RICE = (
    "In Geneva, farmers asked the ministers to drop tariffs on corn, rice and steel before the harvest of this year.\n"
)


@pytest.fixture
def articles(home: Path, run: Run) -> Path:
    """Articles with similar ones, near-duplicates, an address and a title that is a formula."""
    (home / "seeds/copy.txt").write_text(TRADE.replace("Trade Talks", "Talks on Trade"))
    (home / "seeds/rice.md").write_text(f"---\nurl: https://news.test/rice\ntitle: =1+2\n---\n{RICE}")
    assert run("rebuild").exit_code == 0
    return home


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_the_formats_of_every_command(run: Run, command: str) -> None:
    shown = run(*command.split(), "--help").stdout
    assert "--format [text|json" in shown
    assert "The same as --format json" in shown


@pytest.mark.parametrize("words", LISTS)
def test_lists_are_the_same_in_csv_and_lines_of_json(articles: Path, run: Run, words: str) -> None:
    lines = [json.loads(line) for line in run(*words.split(), "--format", "ndjson").stdout.splitlines()]
    rows = list(csv.DictReader(run(*words.split(), "--format", "csv").stdout.splitlines()))
    assert lines
    assert [list(row) for row in rows] == [list(line) for line in lines]
    name = next(iter(rows[0]))
    assert [row[name] for row in rows] == [line[name] for line in lines]


@pytest.mark.parametrize("words", LISTS)
def test_json_is_short_for_its_format(articles: Path, run: Run, words: str) -> None:
    long, short = (run(*words.split(), *form).stdout for form in (("--format", "json"), ("--json",)))
    names = [sorted(each) if isinstance(each, dict) else len(each) for each in (json.loads(long), json.loads(short))]
    assert names[0] == names[1]


@pytest.mark.parametrize("words", ["search tariffs", f"similar {ID}"])
def test_urls_are_those_of_the_originals_without_a_public_url(articles: Path, run: Run, words: str) -> None:
    urls = run(*words.split(), "--format", "urls").stdout.splitlines()
    assert "https://news.test/rice" in urls
    assert all(url.startswith(("/doc/", "https://news.test/")) for url in urls)


@pytest.mark.parametrize("words", ["search tariffs", f"similar {ID}"])
def test_urls_are_absolute_with_a_public_url(articles: Path, run: Run, words: str) -> None:
    (articles / "searchsvc.toml").write_text('public_url = "https://search.test/archive"')
    urls = run(*words.split(), "--format", "urls").stdout.splitlines()
    assert urls
    assert all(url.startswith("https://search.test/archive/doc/") for url in urls)


@pytest.mark.parametrize("words", ["search tariffs", f"similar {ID}"])
def test_a_formula_is_neutralised(articles: Path, run: Run, words: str) -> None:
    rows = csv.DictReader(run(*words.split(), "--format", "csv").stdout.splitlines())
    assert "'=1+2" in [row["title"] for row in rows]


@pytest.mark.parametrize(
    "words", ["stats --format csv", "clean seeds/trade.txt --format csv", "clean --report seeds --format diff"]
)
def test_a_format_that_makes_no_sense_is_exit_code_2(articles: Path, run: Run, words: str) -> None:
    assert run(*words.split()).exit_code == 2
