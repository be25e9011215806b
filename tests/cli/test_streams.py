"""Standard output that is full or closed, and files, pipes and devices that an export writes."""

import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.slow

COMMANDS = [
    "--help", "--version", "version", "search alliance", "search alliance --json", "search alliance --format urls",
    "search --help", "suggest al", "stats", "stats --json", "stats --duplicates --json", "check", "index list",
    "index rollback --help", "config show", "config show --json", "export", "openapi", "rebuild", "rebuild --json",
    "update",
    "clean seeds/nato.txt", "clean seeds/nato.txt --json", "clean seeds/nato.txt --format diff", "clean --report seeds",
    "eval judged.toml", "serve --help",
]  # fmt: skip
JUDGED = '[[query]]\ntext = "alliance"\nrelevant = ["nato.txt"]\n'
Start = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture
def start(built: Path, searchsvc: str) -> Start:
    (built / "judged.toml").write_text(JUDGED)

    def started(words: str, stdout: int | None, **streams: int) -> "subprocess.CompletedProcess[bytes]":
        streams = {"stderr": subprocess.PIPE} | streams
        return subprocess.run([searchsvc, *words.split()], stdout=stdout, timeout=60, **streams)  # type: ignore[call-overload,no-any-return]

    return started


@pytest.mark.parametrize("words", COMMANDS)
def test_full_output_is_one_line_and_an_exit_code(start: Start, words: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = start(words, full.fileno())
    *_, last = done.stderr.decode().splitlines()
    assert (done.returncode, last) == (8, "searchsvc: No space left on device")
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr


@pytest.mark.parametrize("words", COMMANDS)
def test_reader_that_has_gone_is_no_message(start: Start, words: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = start(words, writing)
    os.close(writing)
    assert done.returncode == 1
    assert not [line for line in done.stderr.decode().splitlines() if "searchsvc:" in line or "rror" in line]
    assert b"Exception ignored" not in done.stderr


def test_messages_without_place_change_nothing(start: Start) -> None:
    with Path("/dev/full").open("wb") as full:
        done = start("search alliance", subprocess.PIPE, stderr=full.fileno())
        nothing = start("search newsletter", subprocess.PIPE, stderr=full.fileno())
    assert (done.returncode, nothing.returncode) == (0, 1)
    assert b"NATO Opens" in done.stdout


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
@pytest.mark.parametrize("words", ["search alliance", "search newsletter", "export", "version", "stats --json"])
def test_process_without_a_stream_works(built: Path, searchsvc: str, words: str, closed: str) -> None:
    done = subprocess.run(f"{searchsvc} {words} {closed}", shell=True, capture_output=True, timeout=60)
    assert done.returncode == (1 if "newsletter" in words else 0)
    assert b"Traceback" not in done.stderr


def test_unreadable_file_is_one_line(built: Path, like_anybody: list[str], searchsvc: str) -> None:
    (built / "all.jsonl").mkdir()
    done = subprocess.run([searchsvc, "import", "all.jsonl"], capture_output=True, text=True, timeout=60)
    assert done.returncode in (2, 8)
    assert "Traceback" not in done.stderr
    (built / "closed").mkdir(mode=0o500)
    words = [*like_anybody, searchsvc, "export", "--output", "closed/all.jsonl"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr.count("\n")) == (8, 1)
    assert done.stderr.endswith(": Permission denied\n")


# Files that an export writes


def test_export_streams_to_a_pipe(built: Path, searchsvc: str, run: Run) -> None:
    os.mkfifo("pipe")
    with subprocess.Popen([searchsvc, "export", "--output", "pipe"]) as export:
        lines = subprocess.run(["cat", "pipe"], capture_output=True, text=True, timeout=60, check=True).stdout
    assert export.returncode == 0
    assert lines == run("export").stdout
    assert stat.S_ISFIFO((built / "pipe").lstat().st_mode)


@pytest.mark.parametrize("path", ["/dev/stdout", "-"])
def test_export_writes_to_standard_output(built: Path, run: Run, searchsvc: str, path: str) -> None:
    with (built / "all.jsonl").open("wb") as file:
        subprocess.run([searchsvc, "export", "--output", path], stdout=file, timeout=60, check=True)
    assert (built / "all.jsonl").read_text() == run("export").stdout != ""


def test_export_to_a_device_leaves_it(built: Path, run: Run) -> None:
    (built / "nothing").symlink_to("/dev/null")
    for path in ("/dev/null", "nothing"):
        assert run("export", "--output", path).exit_code == 0
    assert stat.S_ISCHR(Path("/dev/null").lstat().st_mode)
    assert (built / "nothing").is_symlink()


def test_export_to_a_full_device_is_one_line(start: Start) -> None:
    done = start("export --output /dev/full", subprocess.PIPE)
    assert (done.returncode, done.stderr) == (8, b"searchsvc: No space left on device\n")


@pytest.mark.parametrize("target", ["other.txt", "missing.txt", "seeds"])
def test_export_follows_no_link_to_a_file(built: Path, run: Run, target: str) -> None:
    (built / "other.txt").write_text("precious")
    (built / "link").symlink_to(target)
    done = run("export", "--output", "link")
    assert done.exit_code == 2
    assert "link is a link; give the path of the file that it points to" in done.stderr
    assert (built / "other.txt").read_text() == "precious"
    assert not (built / "missing.txt").exists()
    assert (built / "link").is_symlink()


def test_export_replaces_no_folder(built: Path, run: Run) -> None:
    assert run("export", "--output", "seeds").exit_code == 2
    assert (built / "seeds/nato.txt").exists()


def test_export_keeps_the_permissions_of_a_file(built: Path, run: Run) -> None:
    (built / "all.jsonl").touch(0o640)
    (built / "all.jsonl").chmod(0o640)
    assert run("export", "--output", "all.jsonl").exit_code == 0
    assert stat.S_IMODE((built / "all.jsonl").stat().st_mode) == 0o640
    assert (built / "all.jsonl").read_text().count("\n") == 2


def test_failed_export_leaves_the_old_file(built: Path, searchsvc: str) -> None:
    (built / "all.jsonl").write_text("old")
    limited = f"ulimit -f 1; {searchsvc} export --output all.jsonl"  # at most 1,024 bytes in a file
    done = subprocess.run(["bash", "-c", limited], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (8, "searchsvc: File too large\n")
    assert (built / "all.jsonl").read_text() == "old"
    assert [path.name for path in built.iterdir() if path.name.startswith(".all")] == []
