"""Asks what breaks search services, by GET and by POST, and checks that nothing breaks here.

    python -m benchmarks.torture.queries --index FOLDER --cases FOLDER

The folder of cases has `queries.txt` (id, kind and text, with tabs between; the text has Python's
escapes) and `queries_gen.py`, which defines CASES and PARAMS. Each must be answered with 200 or 4xx in
time, while another client asks /livez; the memory of the server must stay. The index is better one of
50,000 documents (benchmarks.engine.corpus makes some). Exits with 1 if anything was not so.
"""

import argparse
import json
import os
import runpy
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from statistics import median, quantiles
from threading import Event, Thread
from urllib.parse import urlencode

from benchmarks.torture.server import Server, serving

PATHS = ("/search.json", "/api/v1/search", "/search", "/api/v1/suggest")
_POSTED = "/api/v1/search"
_PAUSE = 0.02  # seconds between two looks at /livez
_WARM = 20  # searches before memory is measured


@dataclass(frozen=True, slots=True)
class Case:
    """Parameters that are asked, and what the case is called."""

    name: str
    parameters: Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """How a case was answered: a status, or what happened instead; milliseconds of the wall clock, and
    of the server's processor, /livez included."""

    case: str
    status: int | str
    milliseconds: float
    cpu: float = 0.0


def cases(folder: Path) -> Iterator[Case]:
    """Every case in `folder`, short ones first."""
    for line in (folder / "queries.txt").read_text("ascii").splitlines():
        if line and not line.startswith("#"):
            name, _, text = (*line.split("\t"), "", "")[:3]
            yield Case(name, {"q": text.encode("ascii").decode("unicode_escape")})
    made = runpy.run_path(str(folder / "queries_gen.py"))
    for name, _, text in made["CASES"]:
        yield Case(name, {"q": text})
    for name, parameters in made["PARAMS"]:
        yield Case(name, parameters)


def by_get(port: int, path: str, case: Case) -> Asked:
    # Lone surrogates are sent as the bytes that stand for them, which is no UTF-8.
    address = f"{path}?{urlencode(case.parameters, doseq=True, errors='surrogatepass')}"
    return _asked(port, f"GET {path} {case.name}", "GET", address, b"")


def by_post(port: int, case: Case) -> Asked:
    body = json.dumps(case.parameters).encode()
    return _asked(port, f"POST {case.name}", "POST", _POSTED, body)


def _asked(port: int, name: str, method: str, address: str, body: bytes) -> Asked:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    started = time.perf_counter()
    try:
        with suppress(BrokenPipeError, ConnectionResetError):  # refused before all was sent: the answer is there
            connection.request(method, address, body or None, {"Content-Type": "application/json"} if body else {})
        answer = connection.getresponse()
        answer.read()
        status: int | str = answer.status
    except (OSError, HTTPException) as error:
        status = f"{type(error).__name__}: {error}"
    finally:
        connection.close()
    return Asked(name, status, (time.perf_counter() - started) * 1000)


def _answered(server: Server, path: str | None, case: Case) -> Asked:
    """The answer at `path`, without one that to a POST, and what it cost."""
    before = server.cpu()
    asked = by_post(server.port, case) if path is None else by_get(server.port, path, case)
    return replace(asked, cpu=(server.cpu() - before) * 1000)


def watch(port: int, ended: Event, taken: list[float]) -> None:
    """Ask /livez without end, each time on a connection of its own; milliseconds go to `taken`."""
    while not ended.is_set():
        asked = _asked(port, "livez", "GET", "/livez", b"")
        taken.append(asked.milliseconds if asked.status == 200 else float("inf"))
        time.sleep(_PAUSE)


def torture(server: Server, found: Sequence[Case]) -> tuple[list[Asked], list[float], int]:
    """Every answer, what /livez took meanwhile, by how many bytes the server's memory grew."""
    for number in range(_WARM):
        by_get(server.port, PATHS[0], Case("warm", {"q": f"the world {number}"}))
    before, ended, alive = server.memory(), Event(), list[float]()
    watching = Thread(target=watch, args=(server.port, ended, alive))
    watching.start()
    questions = [(path, case) for path in (*PATHS, None) for case in found]
    answers = [_answered(server, path, case) for path, case in questions]
    ended.set()
    watching.join()
    return answers, alive, server.memory() - before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--cases", type=Path, required=True)
    parser.add_argument("--slowest", type=float, default=250, help="milliseconds")
    parser.add_argument("--alive", type=float, default=50, help="milliseconds for /livez")
    parser.add_argument("--growth", type=int, default=64, help="MB")
    options = parser.parse_args()
    with serving(options.index) as server:
        answers, alive, grown = torture(server, list(cases(options.cases)))
    bad = [each for each in answers if not (each.status == 200 or each.status in range(400, 500))]
    slow = [each for each in answers if each.milliseconds > options.slowest]
    late = [each for each in alive if each > options.alive]
    for each in sorted(answers, key=lambda each: -each.cpu)[:8]:
        print(f"{each.milliseconds:8.1f} ms, {each.cpu:6.1f} of CPU  {each.status}  {each.case}")
    for each in bad:
        print(f"WRONG: {each.status}  {each.case}")
    times = [each.milliseconds for each in answers]
    print(f"{len(answers)} requests, {len(bad)} wrong, {len(slow)} over {options.slowest:.0f} ms; ", end="")
    print(f"median {median(times):.1f} ms, slowest {max(times):.0f} ms, {max(each.cpu for each in answers):.0f} of CPU")
    print(f"/livez {len(alive)} times, {len(late)} over {options.alive:.0f} ms; ", end="")
    print(f"99 % within {quantiles(alive, n=100)[-1]:.1f} ms, slowest {max(alive):.0f} ms")
    print(f"memory grew by {grown / 1e6:.1f} MB; load {os.getloadavg()[0]:.1f}")
    sys.exit(bool(bad or slow or late or grown > options.growth << 20))


if __name__ == "__main__":
    main()
