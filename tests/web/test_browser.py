"""The pages in a real Chromium, with and without JavaScript."""

import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode, urlsplit

import pytest
import uvicorn
from hostile import PAYLOADS, hostile_service
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect, sync_playwright

from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.service import SearchService
from searchsvc.settings import Settings
from searchsvc.web.app import create_app

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and os.environ.get("CI") != "true",
    reason="no chromium, chromium-browser or google-chrome is found",
)


@contextmanager
def served(service: SearchService) -> Iterator[str]:
    """The address of a server of `service` on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(create_app(service), log_level="warning"))
        running = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        running.start()
        try:
            while not server.started:
                assert running.is_alive()
                time.sleep(0.01)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            running.join()


@pytest.fixture(scope="module")
def site(settings: Settings) -> Iterator[str]:
    with served(SearchService(EmbeddedEngine(settings.index, settings.language), settings)) as address:
        yield address


@pytest.fixture(scope="module")
def hostile_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(hostile_service(tmp_path_factory.mktemp("hostile"))) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM is not None, "CI must have a Chromium"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        launched.close()


class Watched:
    """A page, with everything it asked for and everything that went wrong."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("response", lambda answer: self.complaints.extend([answer.url] * (answer.status >= 400)))

        def dismiss(dialog: Dialog) -> None:
            self.complaints.append(f"dialog: {dialog.message}")
            dialog.dismiss()

        self.page.on("dialog", dismiss)


@contextmanager
def watching(context: BrowserContext) -> Iterator[Page]:
    """A page that must ask no other host for anything and must not complain."""
    watched = Watched(context)
    yield watched.page
    watched.page.close()
    assert watched.complaints == []
    assert {urlsplit(url).hostname for url in watched.requests} == {"127.0.0.1"}


@pytest.fixture(scope="module")
def with_script(browser: Browser) -> BrowserContext:
    return browser.new_context(viewport={"width": 1100, "height": 800})


@pytest.fixture(scope="module")
def without_script(browser: Browser) -> BrowserContext:
    return browser.new_context(viewport={"width": 1100, "height": 800}, java_script_enabled=False)


@pytest.fixture(params=["with_script", "without_script"])
def page(request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page with JavaScript, and one without."""
    with watching(request.getfixturevalue(request.param)) as opened:
        yield opened


@pytest.fixture
def scripted(with_script: BrowserContext) -> Iterator[Page]:
    """A page with JavaScript, which a payload could use."""
    with watching(with_script) as opened:
        yield opened


def search(page: Page, site: str, query: str) -> None:
    """Type `query` into the page's box and send it."""
    page.goto(site)
    page.get_by_role("searchbox", name="Search the articles").fill(query)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?*")


def titles(page: Page) -> list[str]:
    return page.locator("ol.hits h2").all_inner_texts()


def test_typed_query_shows_results_with_marks(page: Page, site: str) -> None:
    search(page, site, "NATO-Russia Council")
    expect(page.get_by_role("status")).to_contain_text("2 of them with only some of your words")
    expect(page.locator("ol.hits > li")).to_have_count(5)
    expect(page.locator("ol.hits mark").first).to_be_visible()
    expect(page.get_by_role("searchbox")).to_have_value("NATO-Russia Council")


def test_button_sends_the_query(page: Page, site: str) -> None:
    page.goto(site)
    page.get_by_role("searchbox").fill("khazaal")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("ol.hits > li")).to_have_count(1)


def test_facet_narrows_and_chip_widens_again(page: Page, site: str) -> None:
    search(page, site, "russia")
    everything = titles(page)
    page.get_by_role("link", name="Precious Valerie 2").click()
    expect(page.locator("ol.hits > li")).to_have_count(2)
    page.get_by_role("link", name="Remove filter Author: Precious Valerie").click()
    expect(page.locator("ol.hits > li")).to_have_count(5)
    assert titles(page) == everything


def test_filter_outlives_a_new_query(page: Page, site: str) -> None:
    search(page, site, "russia")
    page.get_by_role("link", name="Precious Valerie 2").click()
    expect(page.locator("ul.chips")).to_be_visible()
    page.get_by_role("searchbox").fill("khazaal")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Nothing found")
    page.get_by_role("link", name="search without the filters").click()
    expect(page.locator("ol.hits > li")).to_have_count(1)


def test_hit_opens_with_marks_shows_what_was_removed_and_leads_back(page: Page, site: str) -> None:
    search(page, site, "Hassan Khazaal cooperation")
    page.locator("ol.hits h2 a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Russia Maintains Proposals of Security Cooperation with NATO"
    )
    expect(page.locator(".text mark").first).to_be_visible()
    page.get_by_role("link", name="Removed").click()
    expect(page.get_by_role("columnheader", name="Rule")).to_be_visible()
    expect(page.locator("table.removed del").first).to_be_visible()
    page.get_by_role("link", name="Back to the results").click()
    expect(page.get_by_role("searchbox")).to_have_value("Hassan Khazaal cooperation")
    expect(page.locator("ol.hits > li")).to_have_count(3)


def test_original_view_strikes_out_the_debris(page: Page, site: str) -> None:
    search(page, site, "khazaal")
    page.locator("ol.hits h2 a").first.click()
    page.get_by_role("link", name="Original").click()
    expect(page.locator("ol.lines del").first).to_have_css("text-decoration-line", "line-through")


def test_keyboard_reaches_the_content_first(page: Page, site: str) -> None:
    page.goto(site)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()


@pytest.mark.parametrize("path", ["/", "/search?q=NATO-Russia+Council", "/search?q=zeppelin&filter=author:nobody"])
def test_results_fit_a_narrow_screen(page: Page, site: str, path: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(site + path)
    assert overflow(page) == 0


@pytest.mark.parametrize("view", ["Clean", "Original", "Removed"])
def test_document_fits_a_narrow_screen(page: Page, site: str, view: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    search(page, site, "horizon")
    page.locator("ol.hits h2 a").first.click()
    page.get_by_role("link", name=view).click()
    expect(page.get_by_role("link", name=view)).to_have_attribute("aria-current", "page")
    assert overflow(page) == 0


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the screen."""
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


INJECTED = "main :is(script, img, svg, b), body > :is(script, img, svg), [onload], [onerror], [onmouseover]"


def test_payload_as_a_query_runs_nothing(scripted: Page, hostile_site: str) -> None:
    for payload in PAYLOADS:
        scripted.goto(f"{hostile_site}/search?{urlencode({'q': payload})}")
        expect(scripted.get_by_role("searchbox")).to_have_value(payload)
        expect(scripted.locator(INJECTED)).to_have_count(0)


def test_payloads_in_results_run_nothing(scripted: Page, hostile_site: str) -> None:
    search(scripted, hostile_site, "zebra")
    expect(scripted.locator("ol.hits > li")).to_have_count(len(PAYLOADS))
    expect(scripted.locator(INJECTED)).to_have_count(0)


@pytest.mark.parametrize("view", ["clean", "original", "removed"])
def test_payloads_of_documents_run_nothing(scripted: Page, hostile_site: str, view: str) -> None:
    for number, payload in enumerate(PAYLOADS):
        scripted.goto(f"{hostile_site}/doc/{number:016x}/zebra?q=zebra&view={view}")
        expect(scripted.get_by_role("heading", level=1)).to_contain_text(payload)
        expect(scripted.locator(INJECTED)).to_have_count(0)
