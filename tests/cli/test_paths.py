"""`show` and `similar` take the path of a file in place of an id."""

import json
from pathlib import Path

import pytest

from searchsvc.ingest.ids import document_id

from .conftest import NATO, TRADE, Run

ID = document_id("nato.txt")


def shown_id(run: Run, path: str) -> str:
    shown = run("show", path, "--json")
    assert shown.exit_code == 0, shown.stderr
    return str(json.loads(shown.stdout)["id"])


@pytest.mark.parametrize("path", ["nato.txt", "seeds/nato.txt", "./seeds/../seeds/nato.txt"])
def test_a_path_is_relative_to_the_current_folder_or_the_seeds(built: Path, run: Run, path: str) -> None:
    assert shown_id(run, path) == ID


def test_a_path_may_be_absolute(built: Path, run: Run) -> None:
    assert shown_id(run, str(built / "seeds/nato.txt")) == ID


def test_a_path_through_a_link_to_the_seed_folder(built: Path, run: Run) -> None:
    (built / "articles").symlink_to("seeds")
    assert shown_id(run, "articles/nato.txt") == ID


def test_the_current_folder_comes_first(home: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "seeds/2024").mkdir()
    (home / "seeds/2024/nato.txt").write_text(NATO.replace("Monday", "Friday"))
    run("rebuild")
    monkeypatch.chdir(home / "seeds/2024")
    shown = run("--seeds", str(home / "seeds"), "--index", str(home / "index"), "show", "nato.txt")
    assert "Friday" in shown.stdout


def test_a_moved_file_is_found_by_its_new_path(built: Path, run: Run) -> None:
    (built / "seeds/nato.txt").rename(built / "seeds/alliance.txt")
    run("update")
    assert shown_id(run, "alliance.txt") == ID
    assert run("show", "nato.txt").exit_code == 1


def test_similar_takes_a_path(home: Path, run: Run) -> None:
    (home / "seeds/talks.txt").write_text(TRADE.replace("Geneva", "Rome").replace("Resume", "Fail"))
    run("rebuild")
    by_path, by_id = run("similar", "seeds/trade.txt"), run("similar", document_id("trade.txt"))
    assert (by_path.exit_code, by_path.stdout) == (by_id.exit_code, by_id.stdout)
    assert json.loads(run("similar", "seeds/trade.txt", "--json").stdout)["id"] == document_id("trade.txt")


def test_a_file_of_several_documents_is_refused_with_their_ids(home: Path, run: Run) -> None:
    lines = [json.dumps({"title": f"Talks {n}\x1b[2J", "text": f"{TRADE} Round {n}."}) for n in range(7)]
    (home / "seeds/list.jsonl").write_text("\n".join(lines))
    run("rebuild")
    refused = run("show", "list.jsonl")
    assert refused.exit_code == 2
    assert "list.jsonl holds 7 documents; give the id of one:" in refused.stderr
    assert "  and 2 more" in refused.stderr
    assert "\x1b[2J" not in refused.stderr
    assert "Round 3." in run("show", "seeds/list.jsonl:4", "--view", "original").stdout
    assert run("show", "list.jsonl:9").exit_code == 1


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("seeds/empty.txt", "seeds/empty.txt is not in the index: empty"),
        ("new.txt", "new.txt is not in the index yet; run `searchsvc update`"),
        ("seeds/none.txt", "seeds/none.txt is not in the index; give the id"),
        ("../../etc/passwd", "../../etc/passwd is not in the index; give the id"),
    ],
)
def test_a_file_that_is_not_indexed_says_why(home: Path, run: Run, path: str, message: str) -> None:
    (home / "seeds/empty.txt").touch()
    run("rebuild")
    (home / "seeds/new.txt").write_text(TRADE)
    shown = run("show", path)
    assert (shown.exit_code, shown.stdout) == (1, "")
    assert message in shown.stderr


def test_an_imported_document_is_found_by_its_path(built: Path, run: Run) -> None:
    run("export", "--output", "all.jsonl")
    run("import", "all.jsonl")
    assert shown_id(run, "nato.txt") == ID
    assert run("show", "seeds/none.txt").exit_code == 1
