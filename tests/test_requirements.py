"""The locked requirements: hashes everywhere, and no version that is known to be unsafe."""

import re
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LOCK = re.compile(r"^([A-Za-z0-9._-]+)==([0-9.]+)[^\\\n]*((?:\\\n    --hash=sha256:[0-9a-f]{64} ?)+)$", re.M)
# Starlette: CVE-2025-62727, CVE-2026-48710, -54282 and -54283. h11: CVE-2025-43859. httptools: llhttp 9.3.
LEAST = {"starlette": (1, 3, 1), "h11": (0, 16), "httptools": (0, 8)}


def numbers(written: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", written)))


@pytest.mark.parametrize("name", LEAST)
def test_no_unsafe_version_is_allowed_locked_or_installed(name: str) -> None:
    locked = {found[1]: found[2] for found in LOCK.finditer((ROOT / "requirements.txt").read_text())}
    allowed = re.search(rf'"{name}>=([0-9.]+)"', (ROOT / "pyproject.toml").read_text())
    assert allowed
    assert min(numbers(allowed[1]), numbers(locked[name]), numbers(version(name))) >= LEAST[name]


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt", "requirements-extras.txt"])
def test_every_requirement_is_locked_with_hashes(file: str) -> None:
    text = (ROOT / file).read_text()
    named = re.findall(r"^([A-Za-z0-9._-]+)", text, re.M)
    assert named
    assert [found[1] for found in LOCK.finditer(text)] == named


def test_image_runs_as_nobody_special() -> None:
    last = (ROOT / "Dockerfile").read_text().rpartition("\nFROM ")[2]
    user = re.search(r"^USER (\d+)$", last, re.M)
    assert user
    assert int(user[1]) > 0
    assert "--read-only" in (ROOT / "docs/deployment.md").read_text()


def test_extras_are_locked_to_the_versions_that_are_tested() -> None:
    tested, extras = (
        {found[1]: found[2] for found in LOCK.finditer((ROOT / f"requirements{part}.txt").read_text())}
        for part in ("-dev", "-extras")
    )
    assert {name: each for name, each in extras.items() if tested.get(name, each) != each} == {}
    assert {"trafilatura", "lxml-html-clean", "py3langid", "watchfiles", "urllib3", "ir-measures"} <= set(extras)
