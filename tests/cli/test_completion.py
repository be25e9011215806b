"""Completion in real shells."""

import os
import pty
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from searchsvc.cli.main import COMMANDS
from searchsvc.models.search_params import OPTIONS

from .conftest import NATO, Run

SECONDS = 60
FORMATS = ["text", "json", "ndjson", "csv", "urls"]
WORDS = [
    (["reb"], ["rebuild"]),
    (["rebiuld", ""], list(COMMANDS)),
    (["index", ""], ["list", "rollback"]),
    (["rebuild", "--d"], ["--dry-run"]),
    (["rebuild", "--q"], ["--quiet"]),
    (["search", "--format", ""], FORMATS),
    (["search", "--strategy", "a"], ["auto", "all", "any"]),
    (["show", "--view", ""], ["clean", "original", "removed"]),
    (["completion", ""], ["bash", "zsh", "fish"]),
    (["--config", "none.toml", "reb"], ["rebuild"]),
]


def has(shell: str) -> str:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    return shell


@pytest.fixture
def on_path(searchsvc: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{Path(searchsvc).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(home))


@pytest.fixture
def script(run: Run, home: Path) -> Path:
    """The completion script for bash."""
    shown = run("completion", "bash")
    assert shown.exit_code == 0
    path = home / "completion.bash"
    path.write_text(shown.stdout)
    return path


def bash_completions(script: Path, words: list[str]) -> list[str]:
    """The words that bash offers for the last of `words`."""
    program = (
        'compopt() { :; }; source "$1"; shift; COMP_WORDS=(searchsvc "$@"); COMP_CWORD=$#; '
        '_searchsvc_completion searchsvc; [ ${#COMPREPLY[@]} = 0 ] || printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        [has("bash"), "--norc", "-c", program, "-", str(script), *words],
        capture_output=True, text=True, timeout=SECONDS,
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.usefixtures("on_path")
@pytest.mark.parametrize(("words", "expected"), WORDS, ids=lambda each: " ".join(each))
def test_bash_completes_commands_options_and_choices(script: Path, words: list[str], expected: list[str]) -> None:
    assert bash_completions(script, words) == expected


@pytest.mark.usefixtures("on_path")
def test_bash_completes_every_command_and_every_option_of_search(script: Path) -> None:
    assert bash_completions(script, [""]) == list(COMMANDS)
    options = {f"--{option.flag}" for option in OPTIONS if option.name != "q"}
    assert options <= set(bash_completions(script, ["search", "--"]))


@pytest.mark.usefixtures("on_path")
def test_words_on_the_line_are_never_run(script: Path, home: Path) -> None:
    for word in ("$(touch ran)", "`touch ran`", "';touch ran;'", "a\ntouch ran", "$PATH"):
        bash_completions(script, ["search", word, "--for"])
        bash_completions(script, ["show", word])
    assert not (home / "ran").exists()


class Terminal:
    """An interactive bash on a pseudo-terminal."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor, self._shown = descriptor, b""

    def type(self, keys: str, until: str) -> None:
        """Type `keys`, and wait until the text `until` is printed after that."""
        self._shown = b""
        os.write(self._descriptor, keys.encode())
        end = time.monotonic() + SECONDS
        while until.encode() not in self._shown:
            ready, _, _ = select.select([self._descriptor], [], [], max(0, end - time.monotonic()))
            assert ready, self._shown
            self._shown += os.read(self._descriptor, 4096)

    @property
    def shown(self) -> str:
        return self._shown.decode()


@contextmanager
def bash_terminal(script: Path) -> Iterator[Terminal]:
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [has("bash"), "--norc", "--noprofile", "-i"], stdin=follower, stdout=follower, stderr=follower,
        start_new_session=True, env=os.environ | {"TERM": "dumb", "PS1": "$ "},
    )  # fmt: skip
    try:
        terminal = Terminal(leader)
        terminal.type(f"source {script}; echo rea''dy\n", "ready")
        yield terminal
    finally:
        process.kill()
        process.wait()
        os.close(leader)
        os.close(follower)


@pytest.mark.usefixtures("on_path")
@pytest.mark.parametrize("command", ["clean", "show"])
def test_bash_completes_a_hostile_file_name_without_running_it(
    home: Path, run: Run, script: Path, command: str
) -> None:
    (home / "seeds/odd").mkdir()
    (home / "seeds/odd/$(touch ran) `touch ran`.txt").write_text(NATO)
    run("rebuild")
    with bash_terminal(script) as terminal:
        terminal.type(f"searchsvc {command} seeds/odd/\t", ".txt ")
        terminal.type("\n", "The alliance wants")
    assert not (home / "ran").exists()


@pytest.mark.usefixtures("on_path")
def test_zsh_completes_commands(run: Run, home: Path) -> None:
    path = home / "completion.zsh"
    path.write_text(run("completion", "zsh").stdout)
    program = (
        "autoload -U compinit; compinit -u -d $HOME/dump; source $HOME/completion.zsh; "
        "compadd() { print -rl -- $completions }; _describe() { print -rl -- $completions_with_descriptions }; "
        "words=(searchsvc reb); CURRENT=2; _searchsvc_completion"
    )
    done = subprocess.run([has("zsh"), "-f", "-c", program], capture_output=True, text=True, timeout=SECONDS)
    assert done.stdout.startswith("rebuild:Rebuild the index")


@pytest.mark.usefixtures("on_path")
def test_fish_completes_commands(run: Run, home: Path) -> None:
    path = home / "completion.fish"
    path.write_text(run("completion", "fish").stdout)
    program = f"source {path}; complete -C 'searchsvc reb'"
    done = subprocess.run([has("fish"), "--no-config", "-c", program], capture_output=True, text=True, timeout=SECONDS)
    assert done.stdout.startswith("rebuild\tRebuild the index")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_descriptions_take_one_line_each(run: Run, monkeypatch: pytest.MonkeyPatch, shell: str) -> None:
    monkeypatch.setenv("COMP_WORDS", "searchsvc search --")
    monkeypatch.setenv("COMP_CWORD", {"zsh": "2", "fish": "--"}[shell])
    monkeypatch.setenv("_SEARCHSVC_COMPLETE", f"{shell}_complete")
    lines = run().stdout.splitlines()
    per_item = {"zsh": 3, "fish": 1}[shell]
    assert len(lines) % per_item == 0
    assert all(line.startswith("plain") for line in lines[::per_item])
    assert len(lines) // per_item > len(OPTIONS)


@pytest.mark.parametrize("shell", ["csh", ""])
def test_an_unknown_shell_is_exit_code_2(run: Run, shell: str) -> None:
    assert run("completion", shell).exit_code == 2
