"""The install command of the Makefile with a real pip, where a locked package has a newer release."""

import hashlib
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
Pip = Callable[..., "subprocess.CompletedProcess[str]"]


def make_wheel(folder: Path, name: str, version: str, *metadata: str) -> str:
    """Write a wheel that installs nothing but its metadata; its line in a lock."""
    info = f"{name}-{version}.dist-info"
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        head = ("Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}")
        archive.writestr(f"{info}/METADATA", "\n".join((*head, *metadata, "")))
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", f"{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Python with the pip that came with it."""
    environment = tmp_path_factory.mktemp("bundled")
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    return str(environment / "bin/python")


@pytest.fixture
def pip(bundled: str, tmp_path: Path) -> Pip:
    """The bundled pip for an empty environment. It knows three packages: two locked, and newer releases of one."""
    index = tmp_path / "index"
    index.mkdir()
    asking = make_wheel(index, "asking", "1.0", "Requires-Dist: asked[toml]")
    extra = "Provides-Extra: toml"
    asked = make_wheel(index, "asked", "1.0", extra)
    make_wheel(index, "asked", "2.0", extra, "Requires-Dist: unlocked")
    make_wheel(index, "unlocked", "1.0")
    (tmp_path / "requirements.txt").write_text(asking + asked)
    (tmp_path / "requirements-build.txt").write_text(asked)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    environment = kept | {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(index), "PIP_CONFIG_FILE": os.devnull}

    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        command = [bundled, "-m", "pip", "--python", str(tmp_path / "venv/bin/python"), *words]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)

    return run


def install_command() -> list[str]:
    """The words after `pip` in the command of the Makefile that installs the locked service."""
    command = ["make", "--dry-run", "--always-make", "VENV=.none", ".none/.run"]
    planned = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    found = re.search(r"^\.none/bin/pip (install .*-r .*)$", planned, re.M)
    assert found
    return found[1].split()


def test_newer_release_of_a_locked_package_is_not_installed(pip: Pip) -> None:
    installed = pip(*install_command())
    assert installed.returncode == 0, installed.stderr
    versions = pip("list", "--format=freeze").stdout.splitlines()
    assert {"asking==1.0", "asked==1.0"} <= set(versions)
    assert not any(line.startswith("unlocked") for line in versions)


def test_package_that_differs_from_its_hash_is_refused(pip: Pip, tmp_path: Path) -> None:
    make_wheel(tmp_path / "index", "asked", "1.0", "Summary: not what was locked")
    refused = pip(*install_command())
    assert refused.returncode != 0
    assert "DO NOT MATCH THE HASHES" in refused.stderr
