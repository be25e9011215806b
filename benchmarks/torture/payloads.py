"""Script payloads through every field, page, feed and error, in a real Chromium: none may run.

    python -m benchmarks.torture.payloads --payloads FILE

FILE has a JSON object a line, with `id` and `payload`; payloads that run would open a dialog. A corpus is
made with each in every field. Exits with 1 if a dialog opens, if the browser had to be kept from
running something by the policy, or if a page has an element that a payload made.
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from urllib.parse import quote, urlencode

from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, sync_playwright

from benchmarks.torture.server import serving
from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.models.documents import Document, RemovedBlock, SeedProblem

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
_WORD = "zebra"  # in every document
_INJECTED = "main :is(script, img, svg, iframe, b), body > :is(img, svg, iframe), [onload], [onerror], [onmouseover]"


def document(number: int, payload: str) -> Document:
    """A document with `payload` in every field."""
    text = f"{payload} {_WORD} {payload}"
    return Document(
        id=f"{number:016x}",
        slug="x",
        path=f"{payload}.txt",
        content_hash="0" * 64,
        title=text,
        body=f"{text}\nHeading {payload}\nA sentence with a {_WORD} in it.",
        headings=(f"Heading {payload}",),
        summary=text,
        author=payload,
        source=payload,
        section=payload,
        topics=(payload, f"{payload} again"),
        related=(payload,),
        credit=payload,
        published=date(2024, 1, 1),
        words=9,
        url=payload,
        extra=((payload, payload),),
        removed=(RemovedBlock("share", payload, 1, 2, f"{payload}\n{payload}"),),
    )


def index(folder: Path, payloads: Sequence[str]) -> None:
    """A generation in `folder` of a document for each payload."""
    with EmbeddedEngine(folder, "en").new_generation() as generation:
        for number, payload in enumerate(payloads):
            made = document(number, payload)
            generation.add(made, f"{made.title}\n{made.title}\n{made.body}")
        generation.set_problems([SeedProblem(payload, payload) for payload in payloads])


def addresses(number: int, payload: str) -> Iterator[str]:
    """Everywhere that the payload can be typed or be shown."""
    typed = quote(payload, safe="")
    for path in ("/", "/search", "/search.json", "/search.atom", "/api/v1/search", "/api/v1/suggest", "/suggest"):
        yield f"{path}?{urlencode({'q': payload})}"
    for field in ("author", "source", "section", "topics", "language"):
        yield f"/search?{urlencode({'q': _WORD, 'filter': f'{field}:{payload}'})}"
    for name in ("page", "sort", "facets", "from", "typo", "filter", payload):
        for path in ("/search", "/search.json"):
            yield f"{path}?{urlencode({'q': _WORD, name: payload})}"
    for view in ("clean", "original", "removed", payload):
        yield f"/doc/{number:016x}/x?{urlencode({'q': payload, 'view': view})}"
    yield from (f"/doc/{number:016x}/{typed}", f"/api/v1/documents/{number:016x}")
    for path in ("/", "/doc/", "/doc/0/", "/static/", "/api/v1/", "/api/v1/documents/", "/api/v1/facets/"):
        yield path + typed
    yield f"/search?{urlencode({'q': payload * 300})}"  # too long


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's browser. Raises RuntimeError if there is none."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise RuntimeError(f"none of {', '.join(BROWSERS)} is found")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield launched
        launched.close()


class Watch:
    """A page, and what of strangers' making happened on it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.happened: list[str] = []
        page.on("dialog", self._dialog)
        page.on("console", self._told)

    def _dialog(self, dialog: Dialog) -> None:
        self.happened.append(f"RAN at {self.page.url}: {dialog.message}")
        dialog.dismiss()

    def _told(self, message: ConsoleMessage) -> None:
        # Chromium's own page around text, and around XML, has a style of its own.
        if "Content Security Policy" in message.text and "style" not in message.text:
            self.happened.append(f"kept from running at {self.page.url}: {message.text}")

    def visit(self, address: str) -> None:
        self.page.goto(address, wait_until="load")
        if self.page.evaluate("document.contentType") == "text/html":
            made = self.page.locator(_INJECTED).count()
            if made:
                self.happened.append(f"{made} elements made at {address}")


def attack(browser: Browser, site: str, payloads: Sequence[str]) -> tuple[int, list[str]]:
    """How many pages were visited, and what happened."""
    watch, visited = Watch(browser.new_page()), 0
    for number, payload in enumerate(payloads):
        for address in addresses(number, payload):
            watch.visit(site + address)
            visited += 1
    watch.visit(f"{site}/search?q={_WORD}&hitsPerPage=100")
    watch.page.close()
    return visited + 1, watch.happened


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--payloads", type=Path, required=True)
    options = parser.parse_args()
    payloads = [json.loads(line)["payload"] for line in options.payloads.read_text("utf-8").splitlines() if line]
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        index(Path(folder), payloads)
        with serving(Path(folder)) as server:
            visited, happened = attack(browser, f"http://127.0.0.1:{server.port}", payloads)
    print("\n".join(happened))
    print(f"{len(payloads)} payloads, {visited} pages, {len(happened)} times something of theirs happened")
    sys.exit(bool(happened))


if __name__ == "__main__":
    main()
