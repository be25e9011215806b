"""The locked requirements: complete, with hashes everywhere, and no version that is known to be unsafe."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

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


@pytest.mark.parametrize(
    "file", ["requirements.txt", "requirements-dev.txt", "requirements-build.txt", "requirements-extras.txt"]
)
def test_every_requirement_is_locked_with_hashes(file: str) -> None:
    text = (ROOT / file).read_text()
    named = re.findall(r"^([A-Za-z0-9._-]+)", text, re.M)
    assert named
    assert [found[1] for found in LOCK.finditer(text)] == named


PYTHONS = ("3.11", "3.12", "3.13")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
SERVICE = PROJECT["project"]["dependencies"]
EXTRAS = [each for extra in PROJECT["project"]["optional-dependencies"].values() for each in extra]
LOCKS = {
    "requirements.txt": SERVICE,
    "requirements-dev.txt": [*SERVICE, *EXTRAS, *PROJECT["dependency-groups"]["dev"]],
    "requirements-build.txt": [*PROJECT["dependency-groups"]["build"], *PROJECT["build-system"]["requires"]],
}

Environment = Mapping[str, str]


def environment_of(python: str) -> Environment:
    """The markers of Linux with this Python."""
    described: dict[str, str] = {**default_environment()}  # type: ignore[dict-item]
    return described | {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "implementation_version": f"{python}.0",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "os_name": "posix",
    }


def applies(requirement: Requirement, environment: Environment, extra: str = "") -> bool:
    return requirement.marker is None or requirement.marker.evaluate({**environment, "extra": extra})


def locked_versions(file: str, environment: Environment) -> dict[str, str]:
    """The version of each package that `file` has in `environment`, by name."""
    lines = re.findall(r"^([A-Za-z0-9][^\\\n]*)", (ROOT / file).read_text(), re.M)
    pins = [pin for pin in map(Requirement, lines) if applies(pin, environment)]
    return {canonicalize_name(pin.name): str(pin.specifier).removeprefix("==") for pin in pins}


def unmet(roots: Sequence[str], locked: Mapping[str, str], environment: Environment) -> Iterator[str]:
    """The requirements of `roots`, of all that they require and of all that is locked, that no locked version meets.

    An extra in brackets requires what its package says under that name.
    """
    waiting = [Requirement(each) for each in (*roots, *locked)]
    seen: set[tuple[str, str]] = set()
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        if name not in locked or not wanted.specifier.contains(locked[name], prereleases=True):
            yield str(wanted)
            continue
        fresh = {(name, extra) for extra in ("", *wanted.extras)} - seen
        seen |= fresh
        said = [Requirement(each) for each in requires(name) or ()] if fresh else []
        waiting += [each for _, extra in fresh for each in said if applies(each, environment, extra)]


@pytest.mark.parametrize("file", LOCKS)
@pytest.mark.parametrize("python", PYTHONS)
def test_lock_is_complete(file: str, python: str) -> None:
    environment = environment_of(python)
    locked = locked_versions(file, environment)
    roots = [each for each in LOCKS[file] if applies(Requirement(each), environment)]
    assert list(unmet(roots, locked, environment)) == []


@pytest.mark.parametrize("file", LOCKS)
@pytest.mark.parametrize("python", PYTHONS)
def test_locked_versions_are_the_installed_ones_whose_requirements_are_checked(file: str, python: str) -> None:
    locked = locked_versions(file, environment_of(python))
    assert {name: installed_version(name) for name in locked} == locked


def installed_version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


@pytest.mark.parametrize("wanted_only_by", ["lxml-html-clean", "anyio", "scipy"])
def test_lock_without_a_package_is_not_complete(wanted_only_by: str) -> None:
    environment = environment_of("3.11")
    locked = locked_versions("requirements-dev.txt", environment)
    del locked[wanted_only_by]
    assert wanted_only_by in {canonicalize_name(Requirement(each).name) for each in unmet([], locked, environment)}


def test_extra_in_brackets_is_followed() -> None:
    environment = environment_of("3.11")
    locked = locked_versions("requirements-dev.txt", environment)
    del locked["tomli-w"], locked["lxml-html-clean"]
    plain = set(unmet(["lxml"], {"lxml": locked["lxml"]}, environment))
    assert plain == set()
    assert [Requirement(each).name for each in unmet(["lxml[html_clean]"], {"lxml": locked["lxml"]}, environment)] == [
        "lxml_html_clean"
    ]


def test_files_lock_the_same_versions() -> None:
    service, development, build = (locked_versions(file, environment_of("3.13")) for file in LOCKS)
    assert service.items() <= development.items()
    assert all(development.get(name, locked) == locked for name, locked in build.items())


@pytest.mark.parametrize("file", ["Makefile", "Dockerfile", ".ci/run"])
def test_nothing_is_resolved_at_install_time(file: str) -> None:
    for words in re.findall(r"pip install\b([^&;\n]*)", (ROOT / file).read_text()):
        if "--no-index" in words:  # from wheels that were downloaded with their hashes checked
            continue
        assert "--no-deps" in words
        assert ("--require-hashes" in words) == ("requirements" in words)
        assert ("--no-build-isolation" in words) == ("requirements" not in words)


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
    assert {"trafilatura", "lxml-html-clean", "warcio", "watchfiles", "urllib3", "ir-measures"} <= set(extras)
