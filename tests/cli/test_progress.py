"""Progress on a terminal and elsewhere."""

import os
import pty
import re
import subprocess
from pathlib import Path

import pytest

from searchsvc.cli import progress
from searchsvc.running_build import BuildProgress

HALF = BuildProgress("indexing", 1_250, 2_500, share=0.5, files=2_500, seconds=100.0)


def test_line_has_files_share_rate_and_remaining_time(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "EVERY", 0.0)
    with progress.shown_progress() as show:
        show(HALF)
        show(BuildProgress("importing", 3, None, seconds=1.5))
    assert capsys.readouterr().err == (
        "Indexing: 1,250 of 2,500 files, 50% of the build, 12/s, 1 min 40 s left\nImporting: 3 documents, 2/s\n"
    )


def test_lines_are_ten_seconds_apart(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([0.0, 9.0, 10.0, 10.0, 19.0, 21.0, 21.0])
    monkeypatch.setattr("searchsvc.cli.progress.time.monotonic", lambda: next(moments))
    with progress.shown_progress() as show:
        for _ in range(4):
            show(HALF)
    assert capsys.readouterr().err.count("\n") == 2


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0 s"), (59.4, "59 s"), (61, "1 min 1 s"), (7_260, "2 h 1 min")])
def test_duration_has_two_units_at_most(seconds: float, text: str) -> None:
    assert progress._duration(seconds) == text


def test_terminal_shows_a_bar_with_files_and_rate(home: Path, searchsvc: str) -> None:
    main, terminal = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    with subprocess.Popen([searchsvc, "rebuild"], stderr=terminal, stdout=subprocess.DEVNULL, env=environment):
        os.close(terminal)
        shown = b""
        try:
            while data := os.read(main, 4096):
                shown += data
        except OSError:  # end of a terminal on Linux
            pass
    os.close(main)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())
    assert re.search(r"Writing.*2 of 2 files, 9\d% of the build, [\d,]+/s, \d+ s left", text)
