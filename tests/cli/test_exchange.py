"""`export` and `import`: the same index from the same documents."""

import json
import subprocess
from pathlib import Path

import pytest

from .conftest import Run

FIELDS = {"id", "title", "body", "removed", "original", "url", "extra", "published"}


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_export_prints_every_document_with_what_was_removed(built: Path, run: Run) -> None:
    done = run("export")
    assert done.exit_code == 0
    first, second = lines(done.stdout)
    assert first.keys() >= FIELDS
    assert [first["path"], second["path"]] == ["nato.txt", "trade.txt"]
    assert first["original"] == (built / "seeds/nato.txt").read_text()


def test_export_writes_a_file(built: Path, run: Run) -> None:
    done = run("export", "--output", "all.jsonl")
    assert (done.exit_code, done.stdout) == (0, "")
    assert len(lines((built / "all.jsonl").read_text())) == 2


def test_import_builds_an_index_that_exports_the_same(built: Path, run: Run) -> None:
    run("export", "--output", "all.jsonl")
    done = run("--index", "other", "import", "all.jsonl")
    assert done.exit_code == 0
    assert "2 documents indexed" in done.stdout
    assert run("--index", "other", "export").stdout == (built / "all.jsonl").read_text()
    assert "NATO Opens" in run("--index", "other", "search", "alliance").stdout


def test_update_of_an_imported_index_names_its_origin(built: Path, run: Run) -> None:
    run("export", "--output", "all.jsonl")
    run("import", "all.jsonl")
    (built / "seeds/trade.txt").unlink()
    done = run("update")
    assert "Rebuilt: the index was imported; documents of the folder replace the imported ones\n" in done.stdout


def test_documents_go_from_one_index_to_another_through_a_pipe(built: Path, searchsvc: str, run: Run) -> None:
    with subprocess.Popen([searchsvc, "export"], stdout=subprocess.PIPE) as export:
        done = subprocess.run([searchsvc, "--index", "other", "import", "-"], stdin=export.stdout, timeout=60)
    assert (export.returncode, done.returncode) == (0, 0)
    assert run("--index", "other", "search", "alliance").exit_code == 0


def test_a_bad_line_is_told_with_its_number_and_the_others_are_indexed(built: Path, run: Run) -> None:
    whole = run("export").stdout.splitlines()
    (built / "all.jsonl").write_text("\n".join([whole[0], "nope", whole[1]]))
    done = run("import", "all.jsonl")
    assert done.exit_code == 3
    assert done.stderr.startswith("all.jsonl:2 skipped: invalid JSON: ")
    assert "2 documents indexed" in done.stdout


def test_a_file_without_documents_changes_nothing(built: Path, run: Run) -> None:
    (built / "all.jsonl").write_text("nope\n")
    done = run("import", "all.jsonl")
    assert done.exit_code == 3
    assert done.stderr.endswith("Nothing to index in all.jsonl; the previous index is still in use.\n")
    assert run("search", "alliance").exit_code == 0


def test_an_import_is_reported_as_json(built: Path, run: Run) -> None:
    run("export", "--output", "all.jsonl")
    assert json.loads(run("import", "--json", "all.jsonl").stdout)["documents"] == 2


def test_what_was_imported_can_clean_against_what_it_learnt(built: Path, run: Run) -> None:
    run("export", "--output", "all.jsonl")
    run("import", "all.jsonl")
    assert run("clean", "--against", "seeds/nato.txt").exit_code == 0


def test_near_duplicates_are_found_in_an_import(built: Path, run: Run) -> None:
    (built / "seeds/copy.txt").write_text((built / "seeds/trade.txt").read_text())
    run("rebuild")
    run("export", "--output", "all.jsonl")
    run("--index", "other", "import", "all.jsonl")
    assert run("--index", "other", "stats", "--duplicates").stdout == run("stats", "--duplicates").stdout != ""


@pytest.mark.parametrize("words", [["import"], ["import", "gone.jsonl"], ["export", "extra"]], ids=" ".join)
def test_a_wrong_command_line_is_exit_code_2(run: Run, words: list[str]) -> None:
    assert run(*words).exit_code == 2


def test_export_before_the_first_build_is_exit_code_4(home: Path, run: Run) -> None:
    assert run("export", "--output", "all.jsonl").exit_code == 4
