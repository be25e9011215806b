"""The pages of the real seeds in a browser, with and without JavaScript; hostile text in every field."""

from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from tests.web.hostile import PAYLOADS


def search(page: Page, site: str, query: str) -> None:
    """Type `query` into the page's box and send it."""
    page.goto(site)
    page.get_by_label("Search the articles").fill(query)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?*")


def test_typed_query_shows_results_with_marks(page: Page, site: str) -> None:
    search(page, site, "NATO-Russia Council")
    expect(page.locator("#summary")).to_contain_text("2 partial matches")
    expect(page.locator("ol.hits > li")).to_have_count(5)
    expect(page.locator("ol.hits mark").first).to_be_visible()
    expect(page.locator("#q")).to_have_value("NATO-Russia Council")


def test_button_sends_the_query(page: Page, site: str) -> None:
    page.goto(site)
    page.locator("#q").fill("khazaal")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("ol.hits > li")).to_have_count(1)


def test_filter_outlives_a_new_query(page: Page, site: str) -> None:
    search(page, site, "russia")
    page.get_by_role("link", name="Precious Valerie 2").click()
    expect(page.locator("ul.chips")).to_be_visible()
    page.locator("#q").fill("khazaal")
    page.keyboard.press("Enter")
    expect(page.locator("#summary")).to_contain_text("Nothing found")
    page.get_by_role("link", name="search without filters").click()
    expect(page.locator("ol.hits > li")).to_have_count(1)


def test_hit_opens_with_marks_shows_what_was_removed_and_leads_back(page: Page, site: str) -> None:
    search(page, site, "Hassan Khazaal cooperation")
    page.locator("ol.hits h2 a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Russia Maintains Proposals of Security Cooperation with NATO"
    )
    expect(page.locator(".text mark").first).to_be_visible()
    page.get_by_role("link", name="Removed").click()
    expect(page.locator("h2.of-rule").first).to_be_visible()
    expect(page.locator("table.removed del").first).to_be_visible()
    page.get_by_role("link", name="Back to results").click()
    expect(page.locator("#q")).to_have_value("Hassan Khazaal cooperation")
    expect(page.locator("ol.hits > li")).to_have_count(3)


def test_original_view_strikes_out_the_debris(page: Page, site: str) -> None:
    search(page, site, "khazaal")
    page.locator("ol.hits h2 a").first.click()
    page.get_by_role("link", name="Original").click()
    expect(page.locator("ol.lines del").first).to_have_css("text-decoration-line", "line-through")


def test_keyboard_reaches_the_content_first(page: Page, site: str) -> None:
    page.goto(site)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to results")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to results")).to_be_in_viewport()


INJECTED = "main :is(script, img, svg, b), body > :is(script, img, svg), [onload], [onerror], [onmouseover]"


def test_payload_as_a_query_runs_nothing(scripted: Page, hostile_site: str) -> None:
    for payload in PAYLOADS:
        scripted.goto(f"{hostile_site}/search?{urlencode({'q': payload})}")
        expect(scripted.locator("#q")).to_have_value(payload)
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


def test_payloads_in_suggestions_run_nothing(scripted: Page, hostile_site: str) -> None:
    scripted.goto(hostile_site)
    for payload in ("zebra", *PAYLOADS):
        scripted.locator("#q").fill(f"zebra {payload}")
        expect(scripted.get_by_role("listbox")).to_be_visible()
        expect(scripted.locator("ol.hits > li").first).to_be_visible()
        expect(scripted.locator(f"{INJECTED}, header :is(script, img, svg, b)")).to_have_count(0)
