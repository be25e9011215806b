"""A real Chromium, with and without JavaScript, and the sites that it looks at."""

import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, sync_playwright
from starlette.types import ASGIApp

from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.service import SearchService
from searchsvc.settings import Settings
from searchsvc.web.app import create_app
from tests.browser.articles import library_service
from tests.web import nginx
from tests.web.hostile import hostile_service

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


@contextmanager
def served_app(application: ASGIApp) -> Iterator[str]:
    """The address of a server of `application` on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(application, log_level="warning"))
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


def served(service: SearchService) -> AbstractContextManager[str]:
    """The address of a server of `service`."""
    return served_app(create_app(service))


@contextmanager
def served_behind_nginx(service: SearchService, folder: Path) -> Iterator[str]:
    """The address below BASE at which a real nginx in `folder` leads to a server of `service`."""
    with (
        served_app(create_app(service, Settings(base_path=nginx.BASE))) as address,
        nginx.proxied(folder, urlsplit(address).netloc) as proxied,
    ):
        yield proxied


def served_at(place: str, service: SearchService, folders: pytest.TempPathFactory) -> AbstractContextManager[str]:
    """The address of a server of `service` at the root, or of nginx with it below a path."""
    return served(service) if place == "root" else served_behind_nginx(service, folders.mktemp("nginx"))


@pytest.fixture(scope="package", params=["root", "subpath"])
def place(request: pytest.FixtureRequest) -> str:
    """Whether the service is at the root of a server, or below a path behind nginx."""
    return str(request.param)


@pytest.fixture(scope="package")
def site(settings: Settings, place: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    service = SearchService(EmbeddedEngine(settings.index, settings.language), settings)
    with served_at(place, service, tmp_path_factory) as address:
        yield address


@pytest.fixture(scope="package")
def hostile_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(hostile_service(tmp_path_factory.mktemp("hostile"))) as address:
        yield address


@pytest.fixture(scope="package")
def library(place: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served_at(place, library_service(tmp_path_factory.mktemp("library")), tmp_path_factory) as address:
        yield address


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None and os.environ.get("CI") != "true":
        pytest.skip("no chromium, chromium-browser or google-chrome is found")
    assert CHROMIUM is not None, "CI must have a Chromium"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        launched.close()


class Watched:
    """A page, with everything it asked for and everything that went wrong."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.page.set_default_timeout(5_000)  # milliseconds
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


@pytest.fixture(scope="package")
def with_script(browser: Browser) -> BrowserContext:
    return browser.new_context(viewport={"width": 1100, "height": 800})


@pytest.fixture(scope="package")
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


@pytest.fixture
def without_script_page(without_script: BrowserContext) -> Iterator[Page]:
    """A page without JavaScript."""
    with watching(without_script) as opened:
        yield opened
