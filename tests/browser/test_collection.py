"""Journeys through the collection: sources, status, values of filters, files, near-duplicates, keys and widths."""

import csv
import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.articles import COPY, LONG, library_service
from tests.browser.conftest import served, watching
from tests.browser.test_accessibility import DOCUMENT, PAGES

LEAST_TARGET = 24  # pixels, WCAG 2.2, 2.5.8
# Targets below LEAST_TARGET whose circle of that size meets another target; a link within a sentence is exempt.
SMALL_TARGETS = """least => {
  const inText = (e) => e.matches("a") && e.closest("p, td, dd, li") && getComputedStyle(e).display === "inline";
  const boxes = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), summary")]
    .filter((e) => e.checkVisibility() && !e.closest("svg, .skip")).map((e) => [e, e.getBoundingClientRect()]);
  const centre = (b) => [b.x + b.width / 2, b.y + b.height / 2];
  const near = ([x, y], b) => Math.hypot(Math.max(b.left - x, 0, x - b.right), Math.max(b.top - y, 0, y - b.bottom));
  return boxes.filter(([e, b]) => !inText(e) && (b.width < least || b.height < least)
    && boxes.some(([other, c]) => other !== e && near(centre(b), c) < least / 2)).map(([e]) => e.outerHTML);
}"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The library at the root only: pages look the same below a path."""
    with served(library_service(tmp_path_factory.mktemp("library"))) as address:
        yield address


def downloaded(page: Page, link: str) -> str:
    with page.expect_download() as download:
        page.get_by_role("link", name=link, exact=True).click()
    return Path(download.value.path()).read_text("utf-8-sig")


def test_source_leads_to_its_articles(page: Page, library: str) -> None:
    page.goto(library)
    page.get_by_role("link", name="Sources", exact=True).click()
    page.get_by_role("link", name="Harbour News").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Harbour News")
    expect(page.locator("main")).to_contain_text("30 articles, of January 2024")
    page.get_by_role("link", name="Ben Okri 10").click()
    expect(page.locator("#summary")).to_contain_text("10 articles")
    chips = page.get_by_role("list", name="Active filters")
    expect(chips).to_contain_text("Source: Harbour News")
    expect(chips).to_contain_text("Author: Ben Okri")


def test_status_leads_from_a_removed_line_to_its_article(page: Page, library: str) -> None:
    page.goto(library)
    page.get_by_role("link", name="Status", exact=True).click()
    expect(page.locator("main")).to_contain_text("Healthy: 33 articles")
    expect(page.locator("table.removed code").first).to_have_text('keep_lines = ["Connect with us"]')
    page.get_by_role("link", name="Example of Connect with us").first.click()
    expect(page.get_by_role("link", name="Removed (1)")).to_have_attribute("aria-current", "page")


def test_value_of_a_filter_is_found_and_chosen(page: Page, library: str) -> None:
    page.goto(f"{library}/filters/author?q=harbour")
    page.get_by_label("A word starts with").fill("ach")
    page.get_by_role("button", name="Find").click()
    expect(page.locator("ul.facet li")).to_have_count(1)
    page.get_by_role("link", name="Chinua Achebe 10").click()
    expect(page.locator("#summary")).to_contain_text("10 articles")


def test_all_hits_are_downloaded(page: Page, library: str) -> None:
    page.goto(f"{library}/search?q=harbour&filter=section:World")
    rows = list(csv.DictReader(StringIO(downloaded(page, "CSV"), newline="")))
    lines = [json.loads(line) for line in downloaded(page, "NDJSON").splitlines()]
    assert [row["id"] for row in rows] == [line["id"] for line in lines]
    assert len(rows) == 15


def test_article_is_cited(page: Page, library: str) -> None:
    page.goto(library + DOCUMENT)
    assert "title = {The keepers of the coast}" in downloaded(page, "BibTeX")
    assert "TI  - The keepers of the coast" in downloaded(page, "RIS")


def test_feed_is_linked_with_the_query(page: Page, library: str) -> None:
    page.goto(f"{library}/search?q=harbour")
    feed = page.get_by_role("link", name="Feed").get_attribute("href")
    response = page.request.get(f"{library}{feed}")
    assert "<title>harbour – searchsvc</title>" in response.text()


def test_near_duplicates_are_hidden_and_shown_again(page: Page, library: str) -> None:
    page.goto(f"{library}/search?q=lighthouse")
    expect(page.locator("ol.hits > li")).to_have_count(2)
    page.get_by_role("link", name="Hide near-duplicates").click()
    expect(page.locator("ol.hits > li")).to_have_count(1)
    page.locator("summary", has_text="1 near-duplicate").click()
    expect(page.locator("details.duplicates a").first).to_have_text(COPY.title)
    page.get_by_role("button", name="Search").click()  # the form keeps the choice
    expect(page.locator("#summary")).to_contain_text("1 article")
    page.get_by_role("link", name="Remove filter Without near-duplicates").click()
    expect(page.locator("ol.hits > li")).to_have_count(2)


def test_languages_have_names(page: Page, library: str) -> None:
    page.goto(library)
    page.get_by_role("link", name="Arabic 1").click()
    expect(page.get_by_role("link", name="Remove filter Language: Arabic")).to_be_visible()
    page.locator("ol.hits h2 a").click()
    expect(page.locator("dl")).to_contain_text("Arabic")
    expect(page.locator("dl time")).to_have_text("1 May 2024")


def test_arrow_keys_go_through_the_results(scripted: Page, library: str) -> None:
    scripted.goto(f"{library}/search?q=harbour")
    titles = scripted.locator("ol.hits h2 a")
    titles.first.focus()
    scripted.keyboard.press("ArrowDown")
    expect(titles.nth(1)).to_be_focused()
    scripted.keyboard.press("ArrowUp")
    scripted.keyboard.press("ArrowUp")
    expect(titles.first).to_be_focused()
    scripted.get_by_label("Keyboard shortcuts").uncheck()
    titles.first.focus()
    scripted.keyboard.press("ArrowDown")
    expect(titles.first).to_be_focused()
    scripted.get_by_label("Keyboard shortcuts").check()


def test_first_hit_is_within_five_tabs(page: Page, library: str) -> None:
    page.goto(f"{library}/search?q=harbour")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the skip link
    for _ in range(3):
        page.keyboard.press("Tab")
        if page.locator("ol.hits h2 a:focus").count():
            return
    pytest.fail("the first hit is further away")


@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("name", [name for name in PAGES if name != "error"])
def test_page_fits_and_its_targets_are_large_enough(page: Page, library: str, name: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(library + PAGES[name])
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert page.evaluate(SMALL_TARGETS, LEAST_TARGET) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forced_colours_show_what_is_chosen(browser: Browser, library: str, scheme: str) -> None:
    context = browser.new_context(forced_colors="active", color_scheme=scheme)  # type: ignore[arg-type]
    with watching(context) as page:
        page.goto(f"{library}/search?q=harbour&filter=author:Ada+Byron")
        background = "element => getComputedStyle(element).backgroundColor"
        chosen = page.locator("#filters a[aria-current] .check").evaluate(background)
        other = page.locator("#filters [data-facet=Author] a:not([aria-current]) .check").first.evaluate(background)
        assert chosen != other
        expect(page.locator(".sorts [aria-current]")).to_have_css("font-weight", "600")
        page.goto(library + DOCUMENT)
        border = "link => getComputedStyle(link).borderBottomColor"
        views = page.locator(".views a")
        assert views.first.evaluate(border) != views.nth(1).evaluate(border)
        page.get_by_role("combobox").fill("harb")
        page.get_by_role("option").first.wait_for()
        page.keyboard.press("ArrowDown")
        options = page.get_by_role("option")
        assert options.first.evaluate(background) != options.nth(1).evaluate(background)
    context.close()


@pytest.mark.parametrize(
    ("path", "shown", "hidden"),
    [
        ("/search?q=lighthouse", "ol.hits", ".sorts, aside, .exports, .pages, .explain, form.box"),
        ("/status", "table.removed", "form.box, footer"),
        ("/sources?name=Harbour+News", "ul.others", "form.box, footer, .back"),
        (f"/doc/{LONG.id}/{LONG.slug}?view=removed", "table.removed", ".views, .cite"),
    ],
)
def test_print_has_what_is_read(page: Page, library: str, path: str, shown: str, hidden: str) -> None:
    page.emulate_media(media="print")
    page.goto(library + path)
    expect(page.locator(shown).first).to_be_visible()
    assert page.locator(hidden).evaluate_all("found => found.filter(e => e.checkVisibility()).length") == 0
    page.emulate_media(media="screen")
