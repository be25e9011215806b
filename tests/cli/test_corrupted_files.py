"""Every corruption of one byte of the files and arguments that commands read: a message, never a traceback."""

import json
import os
from pathlib import Path

import pytest
from click.testing import Result

from tests.cli.conftest import Run
from tests.corruption import corruptions

pytestmark = pytest.mark.slow

SETTINGS = 'seeds = "seeds"\nkeep_lines = ["é*", \'a\']\nport = 8000\ncache_mb = 1\nlog_queries = true\n'.encode()
SYNONYMS = '[alike]\n"a b" = ["é", "c"]\n[one-way]\nx = ["y"]\n'.encode()
QRELS, TOPICS = b"1 0 nato.txt 1\n2 0 trade.txt 2\n", "1\talliance\n2\té trade\n".encode()
JUDGED = '[[query]]\ntext = "é"\nrelevant = ["nato.txt"]\n'.encode()
IGNORED = "# é\n/x*.txt\n!a[b]\n".encode()


def assert_orderly(done: Result, content: bytes) -> None:
    assert done.exception is None or isinstance(done.exception, SystemExit), (content, done.exception)
    assert done.exit_code in (0, 1, 2, 3), (content, done.stderr)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("s.toml", SETTINGS, "--config s.toml config show"),
        ("syn.toml", SYNONYMS, "--config uses.toml suggest al"),
        ("qrels", QRELS, "eval qrels --topics topics"),
        ("topics", TOPICS, "eval qrels --topics topics"),
        ("judged.toml", JUDGED, "eval judged.toml"),
    ],
)
def test_corrupted_file_is_no_traceback(built: Path, run: Run, name: str, content: bytes, words: str) -> None:
    (built / "uses.toml").write_text('synonyms = "syn.toml"\n')
    (built / "qrels").write_bytes(QRELS)
    (built / "topics").write_bytes(TOPICS)
    (built / name).write_bytes(content)
    assert run(*words.split()).exit_code == 0
    for corrupted in corruptions(content):
        (built / name).write_bytes(corrupted)
        assert_orderly(run(*words.split()), corrupted)


def test_corrupted_ignore_file_is_no_traceback(home: Path, run: Run) -> None:
    for corrupted in corruptions(IGNORED):
        (home / "seeds/.searchsvcignore").write_bytes(corrupted)
        assert_orderly(run("update"), corrupted)


def test_corrupted_export_is_no_traceback(built: Path, run: Run) -> None:
    (built / "seeds/trade.txt").unlink()
    run("rebuild")
    [line] = run("export").stdout.encode().splitlines()
    (built / "all.jsonl").write_bytes(b"\n".join([line, *corruptions(line)]))
    done = run("--index", "other", "import", "all.jsonl")
    assert_orderly(done, line)
    assert "indexed in" in done.stdout


@pytest.mark.parametrize(
    "argument", ["é zebra author:x", '"a b"~2 -c', "2024-01-01..2024", "published:desc", "author:é", "3", "index"]
)
@pytest.mark.parametrize("option", ["QUERY", "--filter", "--sort", "--from", "--page", "--timeout-ms", "--index"])
def test_corrupted_argument_is_no_traceback(built: Path, run: Run, option: str, argument: str) -> None:
    for corrupted in corruptions(argument.encode()):
        text = os.fsdecode(corrupted.replace(b"\0", b""))  # no process has an argument with it
        words = ["search", "--", text] if option == "QUERY" else ["search", f"{option}={text}", "alliance"]
        done = run(*words)
        assert done.exception is None or isinstance(done.exception, SystemExit), (words, done.exception)
        assert done.exit_code in (0, 1, 2, 4), (words, done.stderr)


def test_corrupted_json_lines_are_reported(home: Path, run: Run) -> None:
    line = json.dumps({"title": "é", "text": "The alliance met.", "date": "2024-01-01"}, ensure_ascii=False).encode()
    for number, corrupted in enumerate(corruptions(line)):
        (home / f"seeds/{number}.jsonl").write_bytes(corrupted + b"\n")
    assert_orderly(run("rebuild"), line)
