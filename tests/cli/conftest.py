"""A folder to work in, the commands within this process, and the commands as real processes."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from searchsvc.cli import main

NATO = """NATO Opens Political Dialogue

Connect with us

The alliance wants no confrontation with anyone at all, its secretary general said on Monday.
"""
TRADE = """Trade Talks Resume

By Ann Lee

The ministers of trade met again in Geneva on Tuesday to talk about tariffs on steel and corn.
"""

Run = Callable[..., Result]
Spawn = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(autouse=True, scope="session")
def interruptible() -> None:
    """A shell runs what it puts into the background without SIGINT, and so without it would be what tests start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with two seeds in `seeds` and no settings from outside."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("SEARCHSVC_")]:
        monkeypatch.delenv(name)
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds/nato.txt").write_text(NATO)
    (tmp_path / "seeds/trade.txt").write_text(TRADE)
    return tmp_path


@pytest.fixture
def run(home: Path) -> Run:
    """The command line within this process."""
    runner = CliRunner()
    return lambda *words: runner.invoke(main, list(words), prog_name="searchsvc")


@pytest.fixture
def built(home: Path, run: Run) -> Path:
    """`home` with an index of both seeds."""
    assert run("rebuild").exit_code == 0
    return home


@pytest.fixture
def searchsvc(home: Path) -> str:
    """The installed command."""
    return str(Path(sys.executable).parent / "searchsvc")


@pytest.fixture
def spawn(home: Path, searchsvc: str) -> Spawn:
    """The command line as a process of its own."""
    return lambda *words: subprocess.run([searchsvc, *words], capture_output=True, text=True, timeout=60)


@pytest.fixture
def like_anybody() -> list[str]:
    """What to put before a command so that permissions hold for it even if root runs the tests."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("root may read every file, and there is no setpriv to give that up")
    return ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]
