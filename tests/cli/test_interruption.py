"""Ctrl-C in each step of a build: the index that was in use stays in use, and one line says so."""

import subprocess
import sys
from pathlib import Path

import pytest

from searchsvc.engine.storage.generation_store import GenerationStore

PROGRAM = """import os, signal, sys
from searchsvc.cli import main, progress
from searchsvc.engine.embedded import EmbeddedEngine

def interrupt(*ignored):
    signal.raise_signal(signal.SIGINT)

step = sys.argv[1]
if step == "pruning":
    EmbeddedEngine.prune = interrupt
progress._lines = lambda: lambda progress: interrupt() if progress.step == step else None
main(sys.argv[2:])
"""


IMPORTING = """import builtins, signal, sys
importing = builtins.__import__

def interrupting(name, *ignored, **options):
    if name == sys.argv[1]:
        builtins.__import__ = importing
        signal.raise_signal(signal.SIGINT)
    return importing(name, *ignored, **options)

builtins.__import__ = interrupting
from searchsvc.cli import main
if sys.argv[1] == "parsing":
    import click
    click.Group.make_context = lambda *ignored, **options: signal.raise_signal(signal.SIGINT)
main(["search", "nato"])
"""


@pytest.mark.parametrize("moment", ["searchsvc.cli.main", "click", "searchsvc.terminal_text", "parsing"])
def test_interruption_before_the_command_is_one_line(home: Path, moment: str) -> None:
    process = subprocess.run([sys.executable, "-c", IMPORTING, moment], capture_output=True, text=True, timeout=60)
    assert (process.returncode, process.stdout, process.stderr) == (130, "", "searchsvc: interrupted\n")


def interrupted(step: str, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", PROGRAM, step, *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def current(home: Path) -> str:
    return GenerationStore(home / "index").current()


@pytest.mark.parametrize("command", ["rebuild", "update"])
@pytest.mark.parametrize("step", ["reading", "indexing", "writing"])
def test_previous_index_stays_in_use(built: Path, step: str, command: str) -> None:
    (built / "seeds/more.txt").write_text("More talks\n\nThe ministers met again in Geneva on Friday.\n")
    previous = current(built)
    process = interrupted(step, command)
    assert (process.returncode, process.stdout) == (130, "")
    assert process.stderr == "searchsvc: interrupted; the previous index is still in use\n"
    assert current(built) == previous
    assert not list(built.glob("index/.building-*"))


def test_interruption_of_the_first_build_says_that_there_is_no_index(home: Path) -> None:
    process = interrupted("indexing", "rebuild")
    assert (process.returncode, process.stderr) == (130, "searchsvc: interrupted; there is no index yet\n")


def test_interruption_after_publication_says_that_the_new_index_is_in_use(built: Path) -> None:
    previous = current(built)
    process = interrupted("pruning", "rebuild")
    assert process.stderr == "searchsvc: interrupted; the new index is already in use\n"
    assert process.returncode == 130
    assert current(built) != previous


def test_interrupted_import_is_exit_code_130(built: Path) -> None:
    line = '{"id": "0123456789abcdef", "slug": "a", "path": "a.txt", "content_hash": "", "title": "A", "body": "Text"'
    (built / "export.jsonl").write_text(line + ', "original": "Text"}\n')
    assert interrupted("importing", "import", "export.jsonl").returncode == 130
