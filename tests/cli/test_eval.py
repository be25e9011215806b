"""`searchsvc eval`: judged queries against the index."""

import json
from pathlib import Path

import pytest

from searchsvc.engine.storage.generation_store import GenerationStore
from searchsvc.ingest.ids import document_id

from .conftest import Run

pytestmark = pytest.mark.slow

JUDGED = '[[query]]\ntext = "alliance confrontation"\nrelevant = ["nato.txt"]\n[[query]]\ntext = "tariffs on steel"\n'


@pytest.fixture
def judged(built: Path) -> str:
    pytest.importorskip("ir_measures")
    (built / "judged.toml").write_text(JUDGED + f'relevant = ["{document_id("trade.txt")}"]\n')
    return "judged.toml"


def test_documents_are_named_by_path_or_id(run: Run, judged: str) -> None:
    shown = run("eval", judged)
    assert shown.exit_code == 0
    assert "nDCG@10  1.0000\n" in shown.stdout
    assert "2 queries" in shown.stderr


@pytest.mark.slow
def test_an_earlier_generation_is_compared_with(run: Run, judged: str, built: Path) -> None:
    (built / "seeds/nato.txt").unlink()
    run("rebuild")
    older = GenerationStore(built / "index").names()[-1]
    shown = json.loads(run("eval", judged, "--against", older, "--json").stdout)
    assert [each["means"]["RR"] for each in (shown["against"], shown["evaluation"])] == [1.0, 0.5]
    assert shown["comparison"][0]["measure"] == "nDCG@10"
    assert "was 1.0000, -0.5000" in run("eval", judged, "--against", older).stdout


def test_strategies_are_compared(run: Run, judged: str, built: Path) -> None:
    (built / judged).write_text('[[query]]\ntext = "alliance nowhere"\nrelevant = ["nato.txt"]\n')
    shown = run("eval", judged, "--strategy", "any", "--against-strategy", "all")
    assert "RR       1.0000   was 0.0000, +1.0000, p = 1.0000\n" in shown.stdout


def test_a_bad_file_is_refused_with_its_line(run: Run, built: Path) -> None:
    (built / "judged.toml").write_text('[[query]]\ntext = "x"\n')
    shown = run("eval", "judged.toml")
    assert shown.exit_code == 2
    assert "judged.toml, line 1: a query has text" in shown.stderr


def test_a_generation_that_is_not_there_is_named(run: Run, judged: str) -> None:
    shown = run("eval", judged, "--against", "gone")
    assert shown.exit_code == 4
    assert "there is no generation gone" in shown.stderr
