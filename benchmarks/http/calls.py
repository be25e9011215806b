"""Count the functions and modules of searchsvc that run for one uncached search over HTTP.

    python benchmarks/http/calls.py [--list] [--seeds FOLDER] [QUERY]

The application answers `/search.json` in this process, over an index of the sample articles or of FOLDER. A
comprehension, lambda or nested function counts as part of the function around it.
"""

import argparse
import asyncio
import sys
import threading
from collections import Counter
from collections.abc import MutableMapping
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any
from urllib.parse import urlencode

import searchsvc
from searchsvc import demo
from searchsvc.settings import Settings
from searchsvc.web import server
from searchsvc.web.app import create_app

PACKAGE = str(Path(searchsvc.__file__).parent)
MAX_FUNCTIONS, MAX_MODULES = 200, 40


class CallCounter:
    """Counts calls of functions of searchsvc by file and qualified name, in this thread and in later ones."""

    def __init__(self) -> None:
        self.calls: Counter[tuple[str, str]] = Counter()
        self.enabled = False
        threading.setprofile(self._profile)  # a thread pool keeps the profiler that its threads started with
        sys.setprofile(self._profile)

    def _profile(self, frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if self.enabled and event == "call" and code.co_filename.startswith(PACKAGE):
            name = code.co_qualname.partition(".<locals>")[0]
            self.calls[code.co_filename.removeprefix(PACKAGE), name] += 1


async def request(app: Any, path: str, query: str) -> int:
    """Send a GET request to `app` and return its status."""
    scope = {
        "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "root_path": "",
        "query_string": urlencode({"q": query}).encode(), "headers": [(b"host", b"localhost")],
        "http_version": "1.1", "scheme": "http", "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8000),
    }  # fmt: skip
    statuses: list[int] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await app(scope, receive, send)
    return statuses[0]


async def measure(app: Any, query: str) -> Counter[tuple[str, str]]:
    """Return the calls of one uncached search, after one search with another query."""
    counter = CallCounter()
    await request(app, "/search.json", "library")
    counter.enabled = True
    status = await request(app, "/search.json", query)
    counter.enabled = False
    if status != 200:
        raise SystemExit(f"status {status}")
    return counter.calls


def main() -> None:
    """Print the counts; exit with 1 if there are more than the project allows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("query", nargs="?", default="harbour ferry")
    parser.add_argument("--seeds", type=Path, help="folder of articles to index")
    parser.add_argument("--list", action="store_true", help="list the functions")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        settings = Settings(options.seeds or Path(folder, "seeds"), Path(folder, "index"))
        if options.seeds is None:
            demo.write_articles(settings.seeds)
        service = server.service(settings)
        service.rebuild(lambda _: None)
        calls = asyncio.run(measure(create_app(service, settings), options.query))
        service.close()
    if options.list:
        for (module, name), count in sorted(calls.items()):
            print(f"{count:>6}  {module}  {name}")
    functions, modules = len(calls), len({module for module, _ in calls})
    print(f"{functions} functions in {modules} modules, {calls.total()} calls")
    sys.exit(functions > MAX_FUNCTIONS or modules > MAX_MODULES)


if __name__ == "__main__":
    main()
