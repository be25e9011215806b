"""The installed command as a process of its own: streams, signals, locks."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

from searchsvc import __version__
from searchsvc.engine.storage.generation_store import GenerationStore

from .conftest import Spawn

LONG = "The ministers met again in Geneva on Tuesday to talk about tariffs on steel, corn and number {}.\n" * 20


def names(index: Path) -> list[str]:
    return sorted(path.name for path in index.iterdir())


@pytest.fixture
def rebuilding(built: Path, searchsvc: str) -> Iterator["subprocess.Popen[str]"]:
    """A rebuild of many seeds over a published index, just begun."""
    for number in range(1_500):
        (built / f"seeds/{number}.txt").write_text(LONG.replace("{}", str(number)))
    with subprocess.Popen([searchsvc, "rebuild"], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 30
        try:
            while not list(built.glob("index/.building-*")) and time.monotonic() < deadline:
                time.sleep(0.01)
            yield process
        finally:
            process.kill()


def test_the_whole_way_from_seeds_to_hits(spawn: Spawn, home: Path) -> None:
    assert spawn("rebuild").returncode == 0
    found = spawn("search", "alliances", "--format", "json")
    assert found.returncode == 0
    assert json.loads(found.stdout)["totalHits"] == 1


def test_data_goes_to_stdout_and_talk_to_stderr(spawn: Spawn, built: Path) -> None:
    found = spawn("search", "the alliance", "--format", "urls")
    assert found.stdout.startswith("/doc/")
    assert spawn("search", "newsletter").stdout == ""


def test_no_terminal_gets_no_colour(spawn: Spawn, built: Path) -> None:
    found = spawn("search", "the alliance")
    assert "\x1b" not in found.stdout + found.stderr


def test_version_of_the_installed_command(spawn: Spawn) -> None:
    assert spawn("version").stdout == f"{__version__}\n"


def test_nothing_found_is_exit_code_1(spawn: Spawn, built: Path) -> None:
    assert spawn("search", "newsletter").returncode == 1


def test_a_missing_seed_folder_is_exit_code_2(spawn: Spawn) -> None:
    assert spawn("--seeds", "gone", "rebuild").returncode == 2


def test_a_bad_seed_is_exit_code_3(spawn: Spawn, home: Path) -> None:
    (home / "seeds/empty.txt").touch()
    assert spawn("rebuild").returncode == 3


def test_search_before_rebuild_is_exit_code_4(spawn: Spawn) -> None:
    refused = spawn("search", "x")
    assert refused.returncode == 4
    assert refused.stderr == "searchsvc: no index in ./index yet; build it with `searchsvc rebuild`\n"


def test_rebuild_while_another_process_holds_the_lock_is_exit_code_5(spawn: Spawn, built: Path) -> None:
    with GenerationStore(built / "index").building():
        refused = spawn("rebuild")
    assert refused.returncode == 5
    assert refused.stderr.startswith("searchsvc: another rebuild is running (process ")


def test_a_query_that_is_no_unicode_is_answered(built: Path, searchsvc: str) -> None:
    found = subprocess.run([searchsvc, "search", b"zzz\xff", "--format", "json"], capture_output=True, timeout=60)
    assert found.returncode == 1
    assert json.loads(found.stdout)["hits"] == []


def test_ctrl_c_during_a_rebuild_is_exit_code_130(rebuilding: "subprocess.Popen[str]") -> None:
    rebuilding.send_signal(signal.SIGINT)
    _, said = rebuilding.communicate(timeout=60)
    assert rebuilding.returncode == 130
    assert said == "searchsvc: interrupted; the previous index is still in use\n"


def test_ctrl_c_during_a_rebuild_leaves_no_trace(built: Path, rebuilding: "subprocess.Popen[str]") -> None:
    before = [name for name in names(built / "index") if not name.startswith(".building-")]
    time.sleep(0.3)  # into the documents
    rebuilding.send_signal(signal.SIGINT)
    rebuilding.communicate(timeout=60)
    assert names(built / "index") == before


@pytest.fixture
def shared_rebuild(built: Path, searchsvc: str) -> Iterator["subprocess.Popen[str]"]:
    """A rebuild in a process group of its own whose other processes have begun to index."""
    for number in range(1_500):
        (built / f"seeds/{number}.txt").write_text(LONG.replace("{}", str(number)))
    command = [searchsvc, "rebuild", "--jobs", "2", "--memory", "16"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        deadline = time.monotonic() + 60
        while not list(built.glob("index/.building-*/runs/*")) and time.monotonic() < deadline:
            time.sleep(0.01)
        yield process
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def group_is_gone(process: "subprocess.Popen[str]") -> bool:
    """Whether every process of a group ends within seconds."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def children(pid: int) -> list[int]:
    listed = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True)
    return list(map(int, listed.stdout.split()))


def build_processes(builder: "subprocess.Popen[str]") -> list[int]:
    """The templates of a builder, in the order of their start, and the processes forked from them."""
    templates = sorted(children(builder.pid))
    return [*templates, *(pid for template in templates for pid in children(template))]


def are_gone(pids: list[int]) -> bool:
    """Whether all of some processes end within seconds; one that nobody has waited for has ended, too."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        stats = [Path(f"/proc/{pid}/stat") for pid in pids]
        if all(not stat.exists() or ") Z " in stat.read_text() for stat in stats):
            return True
        time.sleep(0.05)
    return False


def test_ctrl_c_during_a_shared_rebuild_leaves_no_trace(built: Path, shared_rebuild: "subprocess.Popen[str]") -> None:
    processes = build_processes(shared_rebuild)
    assert len(processes) >= 3
    os.killpg(shared_rebuild.pid, signal.SIGINT)  # as a terminal does
    _, said = shared_rebuild.communicate(timeout=60)
    assert said.endswith("searchsvc: interrupted; the previous index is still in use\n")
    assert not list(built.glob("index/.building-*"))
    assert are_gone(processes)


def test_killed_builder_takes_its_processes_with_it(shared_rebuild: "subprocess.Popen[str]") -> None:
    processes = build_processes(shared_rebuild)
    shared_rebuild.kill()
    shared_rebuild.wait(timeout=60)
    assert are_gone(processes)


def test_after_ctrl_c_the_old_generation_serves(built: Path, rebuilding: "subprocess.Popen[str]", spawn: Spawn) -> None:
    rebuilding.send_signal(signal.SIGINT)
    rebuilding.communicate(timeout=60)
    assert spawn("stats").stdout.startswith("2 documents, ")


def test_a_rebuild_under_way_disturbs_no_search(built: Path, rebuilding: "subprocess.Popen[str]", spawn: Spawn) -> None:
    assert spawn("search", "alliance", "--format", "urls").stdout.count("\n") == 1


def test_a_killed_rebuild_leaves_the_old_generation_serving(
    built: Path, rebuilding: "subprocess.Popen[str]", spawn: Spawn
) -> None:
    rebuilding.kill()
    rebuilding.wait(timeout=60)
    assert spawn("stats").stdout.startswith("2 documents, ")


def test_the_next_rebuild_sweeps_up_behind_a_killed_one(
    built: Path, rebuilding: "subprocess.Popen[str]", spawn: Spawn
) -> None:
    rebuilding.kill()
    rebuilding.wait(timeout=60)
    assert list(built.glob("index/.building-*")) != []
    for seed in built.glob("seeds/[0-9]*.txt"):
        seed.unlink()
    assert spawn("rebuild").returncode == 0
    assert list(built.glob("index/.building-*")) == []


@pytest.fixture
def workers(built: Path, searchsvc: str) -> Iterator["tuple[subprocess.Popen[str], str]"]:
    """A server of two processes in a group of its own, and where to search."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    command = [searchsvc, "serve", "--workers", "2", "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        address = f"http://127.0.0.1:{port}/search.json?q=alliance"
        try:
            answer(address)
            yield process, address
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def answer(address: str) -> Any:
    """The JSON there, as soon as the server is up; a connection of its own."""
    deadline = time.monotonic() + 60
    while True:
        try:
            with urlopen(address, timeout=20) as answered:
                return json.load(answered)
        except (ConnectionError, TimeoutError, URLError):
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_every_worker_changes_over_to_a_rebuild(
    workers: "tuple[subprocess.Popen[str], str]", built: Path, spawn: Spawn
) -> None:
    _, address = workers
    before = {answer(address)["index"]["generation"] for _ in range(10)}
    assert spawn("rebuild").returncode == 0
    time.sleep(1)
    after = {answer(address)["index"]["generation"] for _ in range(20)}
    assert before | after == set(names(built / "index")) - {"CURRENT", "LOCK"}
    assert len(after) == 1


@pytest.mark.parametrize(("end", "sign"), [(os.killpg, signal.SIGINT), (os.kill, signal.SIGTERM)])
def test_ctrl_c_and_a_kill_of_the_first_end_every_worker(
    workers: "tuple[subprocess.Popen[str], str]", end: Callable[[int, int], None], sign: signal.Signals
) -> None:
    process, address = workers
    assert answer(address)["totalHits"] == 1
    end(process.pid, sign)
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert group_is_gone(process)


def test_killed_process_of_a_shared_rebuild_is_told_and_leaves_no_trace(
    built: Path, shared_rebuild: "subprocess.Popen[str]"
) -> None:
    processes = build_processes(shared_rebuild)
    *_, inverting = sorted(children(shared_rebuild.pid))
    os.kill(children(inverting)[0], signal.SIGKILL)
    _, said = shared_rebuild.communicate(timeout=60)
    assert shared_rebuild.returncode == 1
    assert "searchsvc: a build process was killed" in said
    assert not list(built.glob("index/.building-*"))
    assert are_gone(processes)


@pytest.fixture
def token(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The token of the metrics, set for every process that follows."""
    monkeypatch.setenv("SEARCHSVC_METRICS_TOKEN", "a-token-for-tests-only")
    return "a-token-for-tests-only"


def test_workers_count_together(token: str, workers: "tuple[subprocess.Popen[str], str]") -> None:
    _, address = workers
    for _ in range(20):
        answer(address)
    asked = Request(
        address.replace("/search.json?q=alliance", "/metrics"), headers={"Authorization": f"Bearer {token}"}
    )
    counted = 'searchsvc_requests_total{endpoint="/search.json",method="GET",status="200"} 21.0\n'
    for _ in range(5):
        with urlopen(asked, timeout=20) as answered:
            assert counted in answered.read().decode()


def test_every_worker_logs_its_requests(workers: "tuple[subprocess.Popen[str], str]") -> None:
    process, address = workers
    for _ in range(20):
        answer(address)
    os.kill(process.pid, signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert len(lines) == 21
    assert {(line["endpoint"], line["status"]) for line in lines} == {("/search.json", 200)}
    assert "alliance" not in said
