"""The search box on a page of another site, which is another origin."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import HTMLResponse

from searchsvc.settings import Settings
from searchsvc.web.app import create_app
from tests.browser.articles import library_service
from tests.browser.conftest import served_app, watching
from tests.web import nginx

DEMO = (Path(__file__).parents[2] / "docs" / "embed.html").read_text()
STRICT = "default-src 'none'; style-src 'unsafe-inline'; script-src {0}; connect-src {0}; form-action {0}"


@pytest.fixture(scope="module", params=["root", "subpath"])
def archive(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server whose API other sites may ask, at the root or behind an nginx that strips a path."""
    below = request.param == "subpath"
    settings = Settings(base_path=nginx.BASE if below else "")
    application = create_app(library_service(tmp_path_factory.mktemp("archive")), settings)
    with served_app(CORSMiddleware(application, allow_origins=["*"])) as address:
        if not below:
            yield address
            return
        with nginx.proxied(tmp_path_factory.mktemp("nginx"), urlsplit(address).netloc, strips=True) as proxied:
            yield proxied


@pytest.fixture(scope="module")
def host(archive: str) -> Iterator[str]:
    """The address of another site, which shows the page of docs/ under a strict policy."""
    page = DEMO.replace("http://127.0.0.1:8000", archive)
    policy = STRICT.format(archive.removesuffix(nginx.BASE))
    with served_app(HTMLResponse(page, headers={"Content-Security-Policy": policy})) as address:
        yield address


@pytest.fixture
def embedding(browser: Browser, host: str) -> Iterator[Page]:
    """The other site's page; it must not complain."""
    context = browser.new_context(viewport={"width": 800, "height": 600})
    with watching(context) as page:
        page.goto(host)
        yield page
    context.close()


def test_form_works_before_the_script(browser: Browser, host: str, archive: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    with watching(context) as page:
        page.goto(host)
        page.get_by_label("Search the archive").fill("harbour")
        page.get_by_role("button", name="Find").click()
        expect(page).to_have_url(f"{archive}/search?q=harbour")
    context.close()


def test_box_keeps_the_words_of_the_form_and_hides_it(embedding: Page) -> None:
    box = embedding.locator("searchsvc-box").first
    expect(box.get_by_role("combobox", name="Search the archive")).to_be_visible()
    expect(box.get_by_role("button", name="Find")).to_be_visible()
    expect(embedding.locator("searchsvc-box > form:not([part])")).to_be_hidden()


def test_article_is_suggested_and_opened_at_its_own_site(embedding: Page, archive: str) -> None:
    embedding.get_by_role("combobox").first.fill("lighthouse")
    embedding.get_by_role("option", name="The keepers of the coast article").first.click()
    expect(embedding.get_by_role("heading", level=1)).to_have_text("The keepers of the coast")
    assert embedding.url.startswith(f"{archive}/doc/")


def test_word_is_suggested_and_searched_for_by_keyboard(embedding: Page, archive: str) -> None:
    embedding.get_by_role("combobox").first.fill("harb")
    embedding.get_by_role("listbox").wait_for()
    expect(embedding.locator("searchsvc-box").first.get_by_role("status")).to_contain_text("available")
    embedding.keyboard.press("ArrowDown")
    embedding.keyboard.press("Enter")
    expect(embedding).to_have_url(f"{archive}/search?q=harbour")


def test_box_takes_no_shortcut_of_the_site(embedding: Page) -> None:
    for key in ("/", "Control+k", "n"):
        embedding.keyboard.press(key)
    assert embedding.evaluate("document.activeElement.tagName") == "BODY"


def test_site_styles_the_box_by_parts_and_variables(embedding: Page) -> None:
    mine = embedding.locator("searchsvc-box.mine")
    expect(mine.get_by_role("button")).to_have_css("background-color", "rgb(122, 32, 72)")
    expect(mine.get_by_role("combobox")).to_have_css("font-style", "italic")
    expect(embedding.get_by_role("combobox").first).to_have_css("font-style", "normal")


def test_nobody_but_its_own_server_is_asked(browser: Browser, host: str, archive: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).netloc))
    page.goto(host)
    page.get_by_role("combobox").first.fill("harb")
    page.get_by_role("listbox").wait_for()
    assert set(asked) == {urlsplit(host).netloc, urlsplit(archive).netloc}
    context.close()
