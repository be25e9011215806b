"""Asks a server again and again, and says how many answers were not what they should be.

    python -m benchmarks.torture.asking PORT DOCUMENTS

Ends at the end of its input, with a line: answers, wrong answers, the slowest in milliseconds.
"""

import json
import sys
import time
from http.client import HTTPConnection, HTTPException
from itertools import count
from threading import Event, Thread

from benchmarks.torture.home import EVERYWHERE

_PAUSE = 0.01  # seconds between two questions: what is attacked meanwhile needs the processor, too


def ask(port: int, documents: int, ended: Event) -> None:
    asked = wrong = 0
    slowest = 0.0
    for number in count():
        if ended.is_set():
            break
        started = time.perf_counter()
        problem = _problem(port, number, documents)
        slowest = max(slowest, time.perf_counter() - started)
        asked += 1
        if problem:
            wrong += 1
            print(problem, file=sys.stderr, flush=True)
        ended.wait(_PAUSE)
    print(asked, wrong, round(slowest * 1000), flush=True)


def _problem(port: int, number: int, documents: int) -> str | None:
    """A question that no kept answer fits, and what is wrong with its answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", f"/search.json?q={EVERYWHERE}+OR+x{number}")
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            return f"{answer.status} {body[:200]!r}"
        total = json.loads(body)["totalHits"]
        return None if total == documents else f"{total} documents found, not {documents}"
    except (OSError, HTTPException, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    finally:
        connection.close()


def main() -> None:
    ended = Event()
    asking = Thread(target=ask, args=(int(sys.argv[1]), int(sys.argv[2]), ended))
    asking.start()
    sys.stdin.read()
    ended.set()
    asking.join()


if __name__ == "__main__":
    main()
