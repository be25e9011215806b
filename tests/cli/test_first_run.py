"""The first run: from an empty folder to a page that answers, and what is in the way of it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest

from searchsvc import __version__
from searchsvc.cli.main import COMMANDS, main

from .conftest import Run, Spawn

REPOSITORY = Path(__file__).parents[2]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def served(*command: str, port: int) -> Iterator["subprocess.Popen[str]"]:
    """A server that has begun to answer, or has ended."""
    with subprocess.Popen([*command, "--port", str(port)], stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        try:
            while process.poll() is None and time.monotonic() < deadline:
                try:
                    status(port, "/livez")
                    break
                except (TimeoutError, URLError):
                    time.sleep(0.05)
            yield process
        finally:
            process.kill()


def status(port: int, path: str) -> tuple[int, str]:
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def ended(process: "subprocess.Popen[str]", sign: signal.Signals) -> str:
    """The output of a stopped server, which must exit with 0."""
    process.send_signal(sign)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0
    return said


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_serve_builds_the_index_first(home: Path, searchsvc: str, sign: signal.Signals) -> None:
    port = free_port()
    with served(searchsvc, "serve", port=port) as process:
        assert json.loads(status(port, "/search.json?q=alliance")[1])["totalHits"] == 1
        said = ended(process, sign)
    assert said.startswith("No index yet; building it from seeds.\n")
    assert f"Serving at http://127.0.0.1:{port}/ (Ctrl-C to stop)\n" in said
    assert said.endswith("Stopped.\n")


def test_serve_without_articles_shows_how_to_begin(home: Path, searchsvc: str) -> None:
    port = free_port()
    secret = home / "secret-place"
    with served(searchsvc, "--index", str(secret), "--seeds", str(home / "gone"), "serve", port=port) as process:
        answers = [status(port, path) for path in ("/", "/search?q=a", "/search.json", "/readyz")]
        said = ended(process, signal.SIGTERM)
    assert [code for code, _ in answers] == [503] * 4
    assert "secret-place" not in "".join(body for _, body in answers)
    assert "<code>searchsvc rebuild</code>" in answers[0][1]
    assert "<code>searchsvc demo</code>" in answers[0][1]
    assert "cannot build the index: the seed folder" in said
    assert "no index in" in said and "secret-place" in said


def test_demo_serves_articles_and_leaves_nothing(tmp_path: Path, searchsvc: str) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "temporary").mkdir()
    port = free_port()
    command = ["env", "-C", str(tmp_path / "here"), f"TMPDIR={tmp_path / 'temporary'}", searchsvc, "demo"]
    with served(*command, port=port) as process:
        found = json.loads(status(port, "/search.json?q=harbour+ferry&collapse=duplicates")[1])
        german = json.loads(status(port, "/search.json?q=Inseln&filter=language:de")[1])
        assert list((tmp_path / "temporary").iterdir()) != []
        said = ended(process, signal.SIGTERM)
    assert found["hits"][0]["title"] == "Harbour ferry returns to Port Ellery after nine years"
    assert [each["title"] for each in found["hits"][0]["_duplicates"]] == ["Harbour ferry returns to Port Ellery"]
    assert german["totalHits"] == 2
    assert "12 sample articles" in said
    assert [*(tmp_path / "here").iterdir(), *(tmp_path / "temporary").iterdir()] == []


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_used_port_is_exit_code_7_with_a_port_that_is_free(home: Path, spawn: Spawn, command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = spawn(command, "--port", str(port))
    assert refused.returncode == 7
    assert refused.stderr.startswith(f"searchsvc: port {port} is in use; try --port ")
    assert int(refused.stderr.split()[-1]) > port
    assert not (home / "index").exists()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_host_of_another_machine_is_exit_code_7(home: Path, spawn: Spawn, workers: str) -> None:
    refused = spawn("serve", "--host", "203.0.113.1", "--port", "0", "--workers", workers)
    assert refused.returncode == 7
    assert refused.stderr.startswith("searchsvc: can't listen on '203.0.113.1' (")
    assert "try --host 127.0.0.1" in refused.stderr
    assert "Serving at" not in refused.stderr


def test_nothing_to_index_without_an_index_says_so(home: Path, run: Run) -> None:
    for seed in (home / "seeds").iterdir():
        seed.unlink()
    empty = run("rebuild")
    assert empty.exit_code == 3
    assert empty.stderr == "Nothing to index in seeds; there is no index yet. Try `searchsvc demo`.\n"


def test_a_watching_update_ends_on_sigterm(home: Path, searchsvc: str) -> None:
    command = [searchsvc, "update", "--watch"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while not (home / "index/CURRENT").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.5)  # into the wait for a change
        os.kill(process.pid, signal.SIGTERM)
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (0, "Stopped watching seeds.\n")


def test_version_is_an_option_too(run: Run) -> None:
    assert run("--version").stdout == f"{__version__}\n"


@pytest.mark.parametrize(
    "words",
    [
        ["--index", "elsewhere", "rebuild"],
        ["rebuild", "--index", "elsewhere"],
        ["--index", "first", "rebuild", "--index", "elsewhere"],
        ["rebuild", "--config", "other.toml"],
    ],
    ids=" ".join,
)
def test_shared_options_go_before_a_command_and_after_it(home: Path, run: Run, words: list[str]) -> None:
    (home / "other.toml").write_text('index = "elsewhere"')
    assert run(*words).exit_code == 0
    assert (home / "elsewhere/CURRENT").exists()
    assert not (home / "first").exists()


def test_shared_options_go_after_a_command_of_a_group(home: Path, run: Run) -> None:
    for words in (["index", "list", "--index", "elsewhere"], ["index", "--index", "elsewhere", "list"]):
        assert run(*words).exit_code == 4
    run("rebuild", "--index", "elsewhere")
    for words in (["index", "list", "--index", "elsewhere"], ["index", "--index", "elsewhere", "list"]):
        assert run(*words).exit_code == 0
    assert '"de"' in run("config", "show", "--language", "de").stdout


def test_a_misspelt_command_gets_the_nearest(run: Run) -> None:
    refused = run("rebiuld")
    assert refused.exit_code == 2
    assert "Did you mean 'rebuild'?" in refused.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_the_short_help_of_a_command_is_the_beginning_of_its_help(name: str) -> None:
    command = main.get_command(main.make_context("searchsvc", [], resilient_parsing=True), name)
    assert command is not None
    assert (command.help or "").partition("\n\n")[0] == COMMANDS[name][1]


def test_the_index_folder_of_a_fresh_clone_can_be_built_in(home: Path, run: Run) -> None:
    (home / "index").mkdir()
    ignoring = (REPOSITORY / "index/.gitignore").read_bytes()
    (home / "index/.gitignore").write_bytes(ignoring)
    for _ in range(3):
        assert run("rebuild").exit_code == 0
    assert run("check").exit_code == 0
    assert run("index", "list").stdout.count("\n") == 2
    assert (home / "index/.gitignore").read_bytes() == ignoring


def test_config_show_does_not_write_a_secret_that_is_wrong(
    home: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEARCHSVC_METRICS_TOKEN", "a-token-for-tests-only")
    shown = run("config", "show").stdout
    (home / "shown.toml").write_text(shown)
    monkeypatch.delenv("SEARCHSVC_METRICS_TOKEN")
    assert "# metrics_token is set but not shown" in shown
    assert 'metrics_token = ""' in run("config", "show", "--config", "shown.toml").stdout


def test_what_config_shows_of_odd_settings_can_be_pasted_back(home: Path, run: Run) -> None:
    (home / "searchsvc.toml").write_text(
        'seeds = "my \\"seeds\\" # = x"\nkeep_lines = ["a = b  # c", "back\\\\slash", "[bold]"]\n'
        'engine = "opensearch"\n'
        '[opensearch]\nurls = ["http://a:9200", "http://b:9200"]\nuser = "ü"\n'
    )
    shown = json.loads(run("config", "show", "--json").stdout)
    (home / "pasted.toml").write_text(run("config", "show").stdout)
    again = json.loads(run("config", "show", "--json", "--config", "pasted.toml").stdout)
    assert [(each["name"], each["value"]) for each in again] == [(each["name"], each["value"]) for each in shown]
    assert {"name": "opensearch_user", "value": "ü", "origin": "pasted.toml"} in again


def test_the_package_runs_as_a_module(searchsvc: str) -> None:
    command = [sys.executable, "-m", "searchsvc", "--help"]
    by_module, by_name = (
        subprocess.run(each, capture_output=True, text=True, timeout=60) for each in (command, [searchsvc, "--help"])
    )
    assert by_module.returncode == by_name.returncode == 0
    assert by_module.stdout.replace("python -m searchsvc", "searchsvc") == by_name.stdout
