"""What axe finds on every page, how narrow a page may get, and how a page looks when it is printed."""

from collections.abc import Iterator
from importlib.resources import files

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.articles import LONG, library_service
from tests.browser.conftest import served, watching

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
DOCUMENT = f"/doc/{LONG.id}/{LONG.slug}"
PAGES = {
    "all": "/?hitsPerPage=3",
    "results": "/search?q=lighthouse+sea&hitsPerPage=4",
    "filters": "/search?q=harbour+%22fish%22~2&filter=author:Ada+Byron&from=2024-01-01&page=2&hitsPerPage=2",
    "corrected": "/search?q=lighthuose",
    "nothing": "/search?q=zeppelin",
    "document": f"{DOCUMENT}?q=lighthouse#match-2",
    "original": f"{DOCUMENT}?view=original",
    "removed": f"{DOCUMENT}?view=removed",
    "compared": f"{DOCUMENT}?view=compared&with={0xA1:016x}",
    "removed lines": "/search?q=connect&in=removed",
    "api": "/help/api",
    "values": "/filters/author?q=harbour",
    "sources": "/sources",
    "source": "/sources?name=Harbour+News",
    "status": "/status",
    "error": "/nowhere",
}
ZOOMED = {"width": 320, "height": 256}  # 1280 by 1024 pixels at 400 %


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The library at the root only: pages look the same below a path."""
    with served(library_service(tmp_path_factory.mktemp("library"))) as address:
        yield address


@pytest.fixture(scope="module", params=["light", "dark"])
def coloured(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page in either of the colour schemes."""
    context = browser.new_context(viewport={"width": 1100, "height": 800}, color_scheme=request.param)
    yield context.new_page()
    context.close()


def violations(page: Page) -> list[str]:
    """What axe objects to on `page`: by all of its rules, in dark by those that look at colours."""
    page.evaluate(AXE)
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    rules = {"runOnly": ["color-contrast", "link-in-text-block"]} if dark else {}
    found = page.evaluate("rules => axe.run({ resultTypes: ['violations'], ...rules })", rules)["violations"]
    return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(coloured: Page, library: str, name: str) -> None:
    coloured.goto(library + PAGES[name])
    assert violations(coloured) == []


def test_axe_finds_nothing_in_open_suggestions(coloured: Page, library: str) -> None:
    coloured.goto(library)
    coloured.get_by_role("combobox").fill("harb")
    coloured.get_by_role("listbox").wait_for()
    coloured.keyboard.press("ArrowDown")
    assert violations(coloured) == []


@pytest.mark.parametrize("name", PAGES)
def test_page_fits_at_320_pixels_and_at_400_percent(without_script_page: Page, library: str, name: str) -> None:
    without_script_page.set_viewport_size(ZOOMED)  # type: ignore[arg-type]
    without_script_page.goto(library + PAGES[name].replace("/nowhere", "/"))
    width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert without_script_page.evaluate(width) == 0


def test_suggestions_can_be_used_at_400_percent(browser: Browser, library: str) -> None:
    context = browser.new_context(viewport=ZOOMED)  # type: ignore[arg-type]
    with watching(context) as page:
        page.goto(library)
        page.get_by_role("combobox").fill("harb")
        page.get_by_role("listbox").wait_for()
        page.keyboard.press("ArrowUp")  # to the last one
        expect(page.get_by_role("option", selected=True)).to_be_in_viewport()
        page.get_by_role("option", selected=True).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Harbour report")
    context.close()


def test_print_has_the_text_and_nothing_to_press(scripted: Page, library: str) -> None:
    scripted.emulate_media(media="print")
    scripted.goto(f"{library}{DOCUMENT}?q=lighthouse")
    expect(scripted.locator(".text")).to_be_visible()
    for hidden in ("header.top", "footer", ".views", "#matches", ".back"):
        expect(scripted.locator(hidden)).to_be_hidden()
    scripted.emulate_media(media="screen")


@pytest.mark.parametrize(("wish", "behaviour"), [("reduce", "auto"), ("no-preference", "smooth")])
def test_nothing_moves_for_those_who_want_it_so(scripted: Page, library: str, wish: str, behaviour: str) -> None:
    scripted.emulate_media(reduced_motion=wish)  # type: ignore[arg-type]
    scripted.goto(library)
    expect(scripted.locator("html")).to_have_css("scroll-behavior", behaviour)
    expect(scripted.locator("form.box button")).to_have_css(
        "transition-duration", "0s" if wish == "reduce" else "0.1s, 0.1s"
    )
