"""Install the wheel as a user does, on every Python found, and use it.

    python .ci/check_install.py [SECONDS]

For each supported Python, with its bundled pip and with the newest: a fresh virtual environment without extras, and
one with each extra alone. Each one runs a job that needs the extra. The development lock is installed as well, by
the bundled pip. Prints a line for each. Exits with 1 if anything fails or the package index cannot be reached.
After SECONDS (default: no limit), no further installation is begun, and those left out are named.
"""

import json
import os
import runpy
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUPPORTED = ("3.11", "3.12", "3.13")
PATIENCE = 300.0  # seconds for one command; a job takes about two
TEXT = "Bridges\n\nThe ministers opened three new bridges over the river on Monday, after years of work.\n"
GERMAN = "Brücken\n\nDie Minister trafen sich am Montag in Brüssel, um über den alten Vertrag zu sprechen.\n"
PAGE = f"<html><head><title>Bridges</title></head><body><article><p>{TEXT * 3}</p></article></body></html>"
JUDGED = '[[query]]\ntext = "bridges"\nrelevant = ["a.txt"]\n'


class Failed(Exception):
    """Something that a user would meet; the message is shown."""


@dataclass(frozen=True, slots=True)
class Installer:
    """A Python and a pip that installs for it."""

    python: Path
    version: str
    pip: str  # its version, and which it is

    def install(self, environment: Path, *what: str) -> None:
        into = environment / "bin/python"
        common = ["--quiet", "--no-input", "--disable-pip-version-check"]
        run([self.python, "-m", "pip", "--python", into, "install", *common, "--no-compile", *what])
        run([self.python, "-m", "pip", "--python", into, "check"])


@dataclass(frozen=True, slots=True)
class Installed:
    """An installed searchsvc and a folder of its own, with a seed in it."""

    environment: Path
    folder: Path

    @property
    def command(self) -> str:
        return str(self.environment / "bin/searchsvc")

    def seed(self, name: str, text: str) -> None:
        (self.folder / "seeds").mkdir(exist_ok=True)
        (self.folder / "seeds" / name).write_text(text, encoding="utf-8")

    def run(self, *words: str, code: int = 0, **settings: str) -> str:
        return run([self.command, *words], self.folder, code, settings)

    def hits(self, query: str) -> list[dict[str, object]]:
        """Hits of a search; none if there is no index yet."""
        words = [self.command, "search", query, "--format", "json"]
        ended = subprocess.run(
            words,
            cwd=self.folder,
            env=without_settings(),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        found: list[dict[str, object]] = json.loads(ended.stdout)["hits"] if ended.returncode == 0 else []
        return found


def without_settings() -> dict[str, str]:
    unwanted = ("SEARCHSVC_", "PYTHON", "VIRTUAL_ENV", "PIP_NO_CACHE_DIR", "MAKE")
    return {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}


def run(words: list[str | Path], folder: Path = ROOT, code: int = 0, settings: dict[str, str] | None = None) -> str:
    """What a command prints to both streams. Raises Failed if it does not exit with `code`."""
    environment = without_settings() | (settings or {})
    try:
        ended = subprocess.run(
            words, cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Failed(f"{Path(words[0]).name} {words[1]} took more than {PATIENCE:.0f} s") from error
    said = ended.stdout + ended.stderr
    if ended.returncode != code:
        raise Failed(f"{' '.join(map(str, words))}: exit code {ended.returncode}, not {code}\n{said.strip()}")
    return said


def expect(holds: bool, said: str) -> None:
    if not holds:
        raise Failed(said)


# The jobs, each in an environment with one extra


def use_nothing(installed: Installed) -> None:
    """The service without extras identifies languages; a web page is refused with the name of the extra."""
    installed.seed("a.txt", TEXT)
    installed.seed("b.txt", GERMAN)
    installed.run("rebuild")
    expect(len(installed.hits("bridges")) == 1, "the article was not found")
    languages = [hit["language"] for hit in installed.hits("Vertrag")]
    expect(languages == ["de"], f"the language of a German text is {languages}")
    installed.seed("page.html", PAGE)
    said = " ".join(installed.run("rebuild", code=3).split())
    expect("searchsvc[html]" in said and "cannot be imported" not in said, said)


def use_html(installed: Installed) -> None:
    installed.seed("page.html", PAGE)
    installed.run("rebuild")
    expect(len(installed.hits("bridges")) == 1, "the web page was not found")


def use_warc(installed: Installed) -> None:
    text = TEXT.encode()
    head = f"WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: https://x.org/a\r\nContent-Length: {len(text)}"
    body = f"{head}\r\nContent-Type: text/plain\r\n\r\n".encode() + text + b"\r\n\r\n"
    (installed.folder / "seeds").mkdir(exist_ok=True)
    (installed.folder / "seeds/a.wet").write_bytes(body)
    installed.run("rebuild")
    expect(len(installed.hits("bridges")) == 1, "the text in the archive was not found")


def use_watch(installed: Installed) -> None:
    run([installed.environment / "bin/python", "-c", "import watchfiles"])  # without it the folder would be scanned
    installed.seed("a.txt", TEXT)
    words = [installed.command, "update", "--watch"]
    with subprocess.Popen(
        words, cwd=installed.folder, env=without_settings(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as watching:
        try:
            await_hits(installed, 1)
            installed.seed("b.txt", TEXT.replace("three", "four"))
            await_hits(installed, 2)
        finally:
            watching.send_signal(signal.SIGTERM)
            said = watching.communicate(timeout=PATIENCE)[0].decode()
    expect(watching.returncode == 0, f"exit code {watching.returncode} after SIGTERM: {said}")
    expect("cannot be imported" not in said, said)


def await_hits(installed: Installed, number: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while len(installed.hits("ministers")) != number:
        expect(
            time.monotonic() < deadline,
            f"the index still does not hold {number} documents",
        )
        time.sleep(0.5)


def use_opensearch(installed: Installed) -> None:
    cluster = {"SEARCHSVC_ENGINE": "opensearch", "SEARCHSVC_OPENSEARCH_URLS": "http://127.0.0.1:9"}
    said = installed.run("search", "bridges", code=6, **cluster)
    expect("Traceback" not in said, said)


def use_eval(installed: Installed) -> None:
    installed.seed("a.txt", TEXT)
    (installed.folder / "judged.toml").write_text(JUDGED)
    installed.run("rebuild")
    said = installed.run("eval", "judged.toml")
    expect("nDCG@10  1.0000" in said, said)


def use_semantic(installed: Installed) -> None:
    model = runpy.run_path(str(ROOT / "tests/semantic/tiny_model.py"))["write_model"](installed.folder / "model")
    said = installed.run("model", "check", str(model))
    expect("4 dimensions" in said, said)
    installed.seed("a.txt", TEXT)
    installed.run("rebuild", SEARCHSVC_SEMANTIC_MODEL=str(model))
    expect(len(installed.hits("bridges")) == 1, "the article was not found")


def use_mcp(installed: Installed) -> None:
    client = """
import asyncio, sys
from mcp import Client, StdioServerParameters
async def main():
    async with Client(StdioServerParameters(command=sys.argv[1], args=["mcp"])) as client:
        print([tool.name for tool in (await client.list_tools()).tools])
asyncio.run(main())
"""
    installed.seed("a.txt", TEXT)
    installed.run("rebuild")
    said = run([installed.environment / "bin/python", "-c", client, installed.command], installed.folder)
    expect("similar_documents" in said, said)


JOBS: dict[str, Callable[[Installed], None]] = {
    "": use_nothing,
    "html": use_html,
    "warc": use_warc,
    "watch": use_watch,
    "opensearch": use_opensearch,
    "eval": use_eval,
    "semantic": use_semantic,
    "mcp": use_mcp,
}

# Pythons, wheel and environments


def pythons() -> dict[str, Path]:
    """A working interpreter with pip for each supported version that this machine has."""
    found: dict[str, Path] = {}
    for candidate in candidates():
        about = "import sys, ensurepip; print('%d.%d' % sys.version_info[:2])"
        ended = subprocess.run([candidate, "-c", about], capture_output=True, text=True, check=False)
        if ended.returncode == 0 and ended.stdout.strip() in SUPPORTED:
            found.setdefault(ended.stdout.strip(), candidate)
    return found


def candidates() -> Iterator[Path]:
    yield Path(sys.base_prefix) / "bin/python3"
    for folder in os.get_exec_path():
        yield from (path for version in SUPPORTED if (path := Path(folder) / f"python{version}").is_file())
    if pyenv := shutil.which("pyenv"):
        listed = subprocess.run([pyenv, "root"], capture_output=True, text=True, check=False).stdout.strip()
        yield from sorted(Path(listed, "versions").glob("3.*/bin/python3"), reverse=True)


def wheel(scratch: Path) -> Path:
    """The wheel, built from a copy without what earlier builds have left behind."""
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, scratch)
    shutil.copytree(ROOT / "searchsvc", scratch / "searchsvc", ignore=shutil.ignore_patterns("__pycache__"))
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(scratch / "dist")]
    run([sys.executable, "-m", "pip", "wheel", *options, str(scratch)])
    return next((scratch / "dist").glob("*.whl"))


def installer(version: str, python: Path, newest: bool, home: Path) -> Installer:
    """A pip in an environment of its own. Raises Failed."""
    run([python, "-m", "venv", home])
    own = home / "bin/python"
    if newest:
        run([own, "-m", "pip", "install", "--quiet", "--upgrade", "pip"])
    number = run([own, "-m", "pip", "--version"]).split()[1]
    return Installer(own, version, f"{'newest' if newest else 'bundled'} pip {number}")


@dataclass(frozen=True, slots=True)
class Check:
    """One installation: of the wheel with an extra or none, or of the lock."""

    installer: Installer
    name: str
    requirements: tuple[str, ...]
    job: Callable[[Installed], None]

    def passes(self, deadline: float) -> bool | None:
        """Install into a fresh environment and do the job, or return None after `deadline`; prints a line about it."""
        began = time.monotonic()
        title = f"Python {self.installer.version}, {self.installer.pip}, {self.name}"
        if began > deadline:
            print(f"{title}: NOT CHECKED, out of time", flush=True)
            return None
        try:
            with tempfile.TemporaryDirectory() as scratch:
                self._try(Path(scratch, "venv"), Path(scratch, "folder"))
        except Failed as error:
            print(f"{title}: FAILED\n{error}", flush=True)
            return False
        print(f"{title}: works ({time.monotonic() - began:.0f} s)", flush=True)
        return True

    def _try(self, environment: Path, folder: Path) -> None:
        """Raises Failed. The environment needs no pip: that of the installer installs for it."""
        run([self.installer.python, "-m", "venv", "--without-pip", environment])
        self.installer.install(environment, *self.requirements)
        folder.mkdir()
        self.job(Installed(environment, folder))


def checks(installer: Installer, package: Path) -> Iterator[Check]:
    """All installations with one pip. The lock is tried with the bundled one, which is the older."""
    for extra, job in JOBS.items():
        yield Check(installer, extra or "no extra", (f"{package}[{extra}]" if extra else str(package),), job)
    if installer.pip.startswith("bundled"):
        files = [word for name in ("build", "dev") for word in ("-r", str(ROOT / f"requirements-{name}.txt"))]
        yield Check(installer, "the lock", ("--require-hashes", "--no-deps", *files), lambda _: None)


def main() -> int:
    began = time.monotonic()
    deadline = began + float(sys.argv[1] if len(sys.argv) > 1 else "inf")
    there = pythons()
    for version in SUPPORTED:
        if version not in there:
            print(f"Python {version}: NOT CHECKED, it is not on this machine", flush=True)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        (scratch := Path(folder, "wheel")).mkdir()
        try:
            package = wheel(scratch)
            begun = [
                pool.submit(installer, version, path, newest, Path(folder, f"pip-{version}-{newest}"))
                for newest in (False, True)
                for version, path in sorted(there.items())
            ]
            everything = [check for each in begun for check in checks(each.result(), package)]
        except Failed as error:
            print(f"check-install: no wheel or no newest pip; can the package index be reached?\n{error}")
            return 1
        works = [each for each in pool.map(lambda check: check.passes(deadline), everything) if each is not None]
    print(f"check-install: {sum(works)} of {len(everything)} installations work ({time.monotonic() - began:.0f} s)")
    return 0 if all(works) and works else 1


if __name__ == "__main__":
    sys.exit(main())
