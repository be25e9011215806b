"""`clean -` reads standard input."""

import json
import subprocess
from pathlib import Path

import pytest

from .conftest import NATO

PAGE = "<title>News</title><p>The ministers met &amp; talked about tariffs on steel and corn for two days.</p>"


def clean(searchsvc: str, data: bytes, *words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([searchsvc, "clean", "-", *words], input=data, capture_output=True, timeout=60)


def test_standard_input_is_cleaned_as_the_same_file_would_be(home: Path, searchsvc: str) -> None:
    file = subprocess.run([searchsvc, "clean", "seeds/nato.txt"], capture_output=True, timeout=60)
    shown = clean(searchsvc, NATO.encode())
    assert (shown.returncode, shown.stdout) == (0, file.stdout)


def test_the_name_gives_the_format(home: Path, searchsvc: str) -> None:
    shown = json.loads(clean(searchsvc, PAGE.encode(), "--name", "page.html", "--json").stdout)
    assert shown["body"].startswith("The ministers met & talked")


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"", b"empty"), (bytes(range(256)) * 9, b"looks like binary data"), (b"word " * 900, b"larger than 4,000 bytes")],
)
def test_unreadable_input_is_exit_code_1(home: Path, searchsvc: str, data: bytes, reason: bytes) -> None:
    (home / "searchsvc.toml").write_text("max_file_bytes = 4000")
    shown = clean(searchsvc, data)
    assert (shown.returncode, shown.stdout) == (1, b"")
    assert shown.stderr.startswith(b"stdin.txt skipped: ") and reason in shown.stderr


@pytest.mark.parametrize("name", ["", "..", "../x.txt", "/tmp/x.txt"])
def test_a_name_that_is_a_path_is_refused(home: Path, searchsvc: str, name: str) -> None:
    shown = clean(searchsvc, NATO.encode(), "--name", name)
    assert (shown.returncode, b"--name must be a file name" in shown.stderr) == (2, True)


def test_no_copy_is_left(home: Path, searchsvc: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(home / "temporary"))
    clean(searchsvc, NATO.encode())
    assert list((home / "temporary").iterdir()) == []
