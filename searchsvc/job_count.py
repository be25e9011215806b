"""Number of processes for a build, by the cores and the memory that this process may use."""

import os
from pathlib import Path

MAX_AUTOMATIC = 8
PROCESS_BYTES = 250_000_000  # memory of a worker process
_CPU_LIMIT = "sys/fs/cgroup/cpu.max"
_MEMORY_LIMIT, _MEMORY_USED = "sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory.current"


def job_count(jobs: int, root: Path = Path("/")) -> int:
    """Return `jobs`; for 0, the number of usable cores as far as memory allows, at most 8.

    `root`: folder in which /proc and /sys are.
    """
    return jobs or max(1, min(MAX_AUTOMATIC, _cores(root), _memory(root) // PROCESS_BYTES))


def _cores(root: Path) -> int:
    """Return the cores that this process may run on, and that its container may use."""
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    match _words(root / _CPU_LIMIT):
        case [quota, period] if quota.isdecimal() and period.isdecimal() and int(period):
            return min(affinity, int(quota) // int(period))
    return affinity


def _memory(root: Path) -> int:
    """Return the available bytes of the machine and of the container; more than enough if unknown."""
    available = [MAX_AUTOMATIC * PROCESS_BYTES]
    match _words(root / "proc/meminfo", "MemAvailable:"):
        case [_, kilobytes, *_] if kilobytes.isdecimal():
            available.append(int(kilobytes) * 1024)
    match _words(root / _MEMORY_LIMIT), _words(root / _MEMORY_USED):
        case [[limit], [used]] if limit.isdecimal() and used.isdecimal():
            available.append(max(0, int(limit) - int(used)))
    return min(available)


def _words(file: Path, start: str = "") -> list[str]:
    """Return the words of the first line that begins with `start`; none if there is no such file or line."""
    try:
        lines = file.read_text("ascii", "replace").splitlines()
    except OSError:
        return []
    return next((line.split() for line in lines if line.startswith(start)), [])
