"""The five articles that come with the project, from the command line."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from searchsvc.cli import main

from .conftest import Run

SEEDS = Path(__file__).parents[2] / "seeds"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = str(tmp_path_factory.mktemp("real") / "index")
    done = CliRunner().invoke(main, ["--seeds", str(SEEDS), "--index", folder, "rebuild"])
    assert done.stdout.startswith("5 documents indexed in ")
    return folder


@pytest.mark.parametrize("query", ["newsletter", "pinterest", '"share this"', '"leave a reply"', "homepage", "Крым"])
def test_what_stands_in_debris_only_is_not_found(run: Run, index: str, query: str) -> None:
    found = run("--index", index, "search", "--typo", "off", query)
    assert found.exit_code == 1
    assert found.stderr == f"Nothing found for {query}\n"


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ('author:"Precious Valerie"', 2),
        ('source:"Prensa Latina"', 1),
        ("Hassan Khazaal", 1),
        ('"NATO-Russia Council"', 2),
    ],
)
def test_what_stands_in_articles_is_found(run: Run, index: str, query: str, total: int) -> None:
    assert json.loads(run("--index", index, "search", query, "--format", "json").stdout)["totalHits"] == total


def test_words_side_by_side_come_first(run: Run, index: str) -> None:
    phrase = run("--index", index, "search", '"NATO-Russia Council"', "--format", "urls").stdout.splitlines()
    words = run("--index", index, "search", "NATO-Russia Council", "--format", "urls").stdout.splitlines()
    assert sorted(words[:2]) == sorted(phrase)


def test_singular_and_plural_find_the_same(run: Run, index: str) -> None:
    one = run("--index", index, "search", "alliance", "--format", "urls").stdout.splitlines()
    many = run("--index", index, "search", "alliances", "--format", "urls").stdout.splitlines()
    assert sorted(one) == sorted(many) != []


def test_the_debris_of_an_article_is_explained(run: Run) -> None:
    shown = run("clean", str(SEEDS / "000_eff0ecd0288db6f7.txt"), "--explain").stdout
    assert [rule for rule in ("title-repeat", "credit", "navigation") if f" {rule}: " not in shown] == []
