"""Number of processes by cores, memory, container limits and the setting."""

import os
from pathlib import Path

import pytest

from searchsvc.job_count import job_count


def root(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture(autouse=True)
def _cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of twelve cores."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(12)), raising=False)


def meminfo(gigabytes: float) -> dict[str, str]:
    return {"proc/meminfo": f"MemTotal: 99 kB\nMemAvailable:  {int(gigabytes * 1e9 / 1024)} kB\n"}


CPU = "sys/fs/cgroup/cpu.max"
MEMORY = {"sys/fs/cgroup/memory.max": "1000000000\n", "sys/fs/cgroup/memory.current": "400000000\n"}


@pytest.mark.parametrize(
    ("files", "count"),
    [
        pytest.param({}, 8, id="at most eight"),
        pytest.param(meminfo(64), 8, id="much memory"),
        pytest.param(meminfo(0.8), 3, id="little memory"),
        pytest.param(meminfo(0.1), 1, id="hardly any memory"),
        pytest.param({CPU: "max 100000\n"}, 8, id="no quota"),
        pytest.param({CPU: "250000 100000\n"}, 2, id="a quota of two cores and a half"),
        pytest.param({CPU: "50000 100000\n"}, 1, id="a quota of half a core"),
        pytest.param({CPU: "nonsense"}, 8, id="an unknown format"),
        pytest.param(MEMORY, 2, id="a container's memory"),
        pytest.param({**MEMORY, "sys/fs/cgroup/memory.max": "max\n"}, 8, id="a container without limit"),
    ],
)
def test_zero_means_what_the_machine_has(tmp_path: Path, files: dict[str, str], count: int) -> None:
    assert job_count(0, root(tmp_path, files)) == count


def test_cores_that_this_process_may_use_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 5}, raising=False)
    assert job_count(0, tmp_path) == 2


def test_setting_is_taken_as_it_is(tmp_path: Path) -> None:
    assert job_count(20, root(tmp_path, meminfo(0.1))) == 20
