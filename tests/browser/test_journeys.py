"""The ways people go, each with JavaScript and without."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.articles import LONG, MATCHES

TO_THE_LIST = "/search?q=harbour&filter=author%3AAda+Byron"


def box(page: Page) -> str:
    """What stands in the search box."""
    return page.locator("#q").input_value()


def titles(page: Page) -> list[str]:
    return page.locator("ol.hits h2").all_inner_texts()


def total(page: Page, said: str) -> None:
    """The line above the results begins with `said`."""
    expect(page.locator("#summary")).to_contain_text(said)


def test_typed_query_is_answered_by_enter(page: Page, library: str) -> None:
    page.goto(library)
    total(page, "All 33 articles")
    page.locator("#q").fill("harbour coal")
    page.keyboard.press("Enter")
    total(page, "30 articles")
    expect(page).to_have_url(f"{library}/search?q=harbour+coal")
    expect(page).to_have_title("harbour coal – searchsvc")


def test_two_facets_narrow_and_one_is_given_up(page: Page, library: str) -> None:
    page.goto(f"{library}/search?q=harbour")
    page.get_by_role("link", name="Ada Byron 10").click()
    total(page, "10 articles")
    page.get_by_role("link", name="Business 5").click()
    total(page, "5 articles")
    page.get_by_role("link", name="Remove filter Author: Ada Byron").click()
    total(page, "15 articles")
    expect(page.locator("ul.chips a")).to_have_text(["Remove filter Section: Business ×"])


def test_second_page_and_back(page: Page, library: str) -> None:
    page.goto(f"{library}/search?q=harbour")
    first = titles(page)
    page.get_by_role("link", name="Next →").click()
    expect(page.locator("nav.pages")).to_contain_text("Page 2 of 2")
    assert len(titles(page)) == 10
    page.go_back()
    expect(page.locator("nav.pages")).to_contain_text("Page 1 of 2")
    assert titles(page) == first


def test_document_leads_back_to_the_same_list(page: Page, library: str) -> None:
    page.goto(f"{library}/search?q=harbour&filter=section:World&sort=published:asc&hitsPerPage=5&page=2")
    before = titles(page)
    page.locator("ol.hits h2 a").nth(1).click()
    page.get_by_role("link", name="Original").click()
    page.get_by_role("link", name="Back to results").click()
    assert titles(page) == before
    expect(page.locator("ul.chips")).to_contain_text("Section: World")


def test_misspelt_query_is_put_right_and_left_as_it_was_on_request(page: Page, library: str) -> None:
    page.goto(library)
    page.locator("#q").fill("lighthuose")
    page.keyboard.press("Enter")
    expect(page.locator("ul.notes")).to_contain_text("Showing results for lighthouse")
    total(page, "2 articles")
    page.get_by_role("link", name="Search for the exact words instead").click()
    total(page, "Nothing found for lighthuose")


def test_query_without_results_offers_ways_on(page: Page, library: str) -> None:
    page.goto(f"{library}/search?q=zeppelin")
    total(page, "Nothing found for zeppelin")
    expect(page.get_by_role("heading", name="Newest articles")).to_be_visible()
    assert titles(page)[:1] == [LONG.title]
    page.get_by_role("link", name="browse all articles").click()
    total(page, "All 33 articles")


def test_filters_without_results_can_be_dropped(page: Page, library: str) -> None:
    page.goto(f"{library}/search?q=harbour&filter=author:nobody")
    page.get_by_role("link", name="search without filters").click()
    total(page, "30 articles")


def test_strict_query_without_results_can_be_loosened(page: Page, library: str) -> None:
    page.goto(f"{library}/search?q=%22harbour+zeppelin%22&matchingStrategy=all")
    expect(page.get_by_role("link", name="match any word")).to_be_visible()
    page.goto(f"{library}/search?q=title:(zeppelin)+AND+fish")
    page.get_by_role("link", name="search for the words without operators").click()
    total(page, "No article has all your words")


def test_shared_address_shows_what_was_shared(page: Page, library: str) -> None:
    page.goto(f"{library}/search?q=harbour+fish&filter=author:Ben+Okri&sort=published:desc")
    assert box(page) == "harbour fish"
    total(page, "10 articles, 5 partial matches")
    expect(page.get_by_role("link", name="Newest first")).to_have_attribute("aria-current", "true")
    expect(page.get_by_role("link", name="Ben Okri")).to_have_count(2)  # the chip and the facet


def test_copies_are_listed_under_a_hit(page: Page, library: str) -> None:
    page.goto(f"{library}/search?q=lighthouse&sort=published:desc")
    page.locator("summary", has_text="1 near-duplicate").first.click()
    expect(page.locator("details.duplicates li").first).to_contain_text("Coast Weekly")


def test_results_follow_the_typing(scripted: Page, library: str) -> None:
    scripted.goto(library)
    scripted.locator("#q").press_sequentially("harbour")
    total(scripted, "30 articles")
    expect(scripted).to_have_url(f"{library}/search?q=harbour")
    expect(scripted).to_have_title("harbour – searchsvc")
    scripted.go_back()
    total(scripted, "All 33 articles")
    assert box(scripted) == ""
    scripted.go_forward()
    total(scripted, "30 articles")
    assert box(scripted) == "harbour"


def test_half_a_word_finds_its_completions_until_enter(scripted: Page, library: str) -> None:
    scripted.goto(library)
    scripted.locator("#q").press_sequentially("harb")
    total(scripted, "30 articles")
    expect(scripted).to_have_url(f"{library}/search?q=harb")
    scripted.locator("#q").press("Enter")
    total(scripted, "Nothing found for harb")
    expect(scripted).to_have_url(f"{library}/search?q=harb")


def test_letters_that_begin_no_word_do_not_take_the_results_away(scripted: Page, library: str) -> None:
    scripted.goto(library)
    scripted.clock.install()
    scripted.locator("#q").press_sequentially("harx")
    with scripted.expect_response("**/search?q=harx&typing=on"):
        scripted.clock.run_for(200)
    total(scripted, "All 33 articles")
    scripted.clock.run_for(1000)
    total(scripted, "Nothing found for harx")


def test_typing_is_one_step_of_the_history(scripted: Page, library: str) -> None:
    scripted.goto(f"{library}/search?q=fish")
    scripted.locator("#q").press("End")
    scripted.locator("#q").press_sequentially(" harbour")
    expect(scripted).to_have_url(f"{library}/search?q=fish+harbour")
    scripted.locator("#q").press_sequentially(" report")
    expect(scripted).to_have_url(f"{library}/search?q=fish+harbour+report")
    scripted.go_back()
    expect(scripted).to_have_url(f"{library}/search?q=fish")


def test_late_answer_does_not_replace_a_newer_one(scripted: Page, library: str) -> None:
    held = []
    scripted.route("**/search?q=fish&typing=on", lambda route: held.append(route))
    scripted.goto(library)
    scripted.locator("#q").fill("fish")
    while not held:
        scripted.wait_for_timeout(20)
    scripted.locator("#q").fill("coal harbour")
    total(scripted, "30 articles")
    held[0].continue_()
    scripted.wait_for_timeout(200)
    expect(scripted).to_have_url(f"{library}/search?q=coal+harbour")
    total(scripted, "30 articles")


def test_filters_stay_while_typing_and_folded_facets_stay_folded(scripted: Page, library: str) -> None:
    scripted.goto(library + TO_THE_LIST)
    scripted.locator("details[data-facet=Section] summary").click()
    scripted.locator("#q").fill("harbour coal")
    expect(scripted).to_have_url(f"{library}/search?q=harbour+coal&filter=author%3AAda+Byron")
    total(scripted, "10 articles")
    assert scripted.locator("details[data-facet=Section]").get_attribute("open") is None
    assert scripted.locator("details[data-facet=Author]").get_attribute("open") == ""


def test_enter_answers_without_waiting(scripted: Page, library: str) -> None:
    scripted.goto(library)
    scripted.clock.install()  # from here on no timer ends by itself
    scripted.locator("#q").fill("harbour")
    scripted.keyboard.press("Enter")
    total(scripted, "30 articles")


def test_failing_server_is_left_to_the_browser_to_tell(browser: Browser, library: str) -> None:
    page = browser.new_page()  # one that may complain
    page.goto(library)
    page.route("**/search?q=harbour", lambda route: route.abort(), times=1)
    page.locator("#q").fill("harbour")
    page.keyboard.press("Enter")
    total(page, "30 articles")  # asked for a second time, as a page
    page.close()


def test_keys_lead_to_the_box_and_can_be_turned_off(scripted: Page, library: str) -> None:
    scripted.goto(f"{library}/search?q=harbour")
    scripted.keyboard.press("/")
    expect(scripted.locator("#q")).to_be_focused()
    scripted.keyboard.press("/")
    assert box(scripted) == "/"
    scripted.locator("#summary").click()
    scripted.keyboard.press("Control+k")
    expect(scripted.locator("#q")).to_be_focused()
    scripted.get_by_label("Keyboard shortcuts").uncheck()
    scripted.reload()
    expect(scripted.get_by_label("Keyboard shortcuts")).not_to_be_checked()
    scripted.keyboard.press("/")
    scripted.keyboard.press("Control+k")
    expect(scripted.locator("#q")).not_to_be_focused()
    scripted.get_by_label("Keyboard shortcuts").check()


@pytest.mark.parametrize("view", ["", "&view=original", "&view=removed"])
def test_document_without_matches_has_no_steps(page: Page, library: str, view: str) -> None:
    page.goto(f"{library}/doc/{LONG.id}/{LONG.slug}?q=zeppelin{view}")
    expect(page.locator("#matches")).to_have_count(0)


def test_every_match_has_an_address(without_script_page: Page, library: str) -> None:
    page = without_script_page
    page.goto(f"{library}/doc/{LONG.id}/{LONG.slug}?q=lighthouse")
    expect(page.get_by_role("navigation", name="Matches").get_by_role("link")).to_have_count(MATCHES)
    page.get_by_role("link", name=f"match 9 of {MATCHES}").click()
    expect(page.locator("#match-9")).to_be_in_viewport()
    expect(page.locator("#match-1")).not_to_be_in_viewport()


def test_matches_are_stepped_through_by_button_and_key(scripted: Page, library: str) -> None:
    scripted.goto(f"{library}/search?q=lighthouse&sort=published:desc")
    scripted.locator("ol.hits h2 a").first.click()
    steps = scripted.get_by_role("navigation", name="Matches")
    expect(steps).to_contain_text("17 matches")
    scripted.keyboard.press("n")
    expect(steps).to_contain_text("match 1 of 17")
    scripted.get_by_role("button", name="Next match").click()
    scripted.keyboard.press("n")
    expect(steps).to_contain_text("match 3 of 17")
    expect(scripted.locator("mark.here")).to_have_attribute("id", "match-3")
    expect(scripted.locator("#match-3")).to_be_in_viewport()
    expect(scripted.locator("#announcements")).to_contain_text("match 3 of 17")
    scripted.keyboard.press("p")
    expect(steps).to_contain_text("match 2 of 17")
    for place in (1, 17):
        scripted.get_by_role("button", name="Previous match").click()
        expect(steps).to_contain_text(f"match {place} of 17")
    scripted.reload()
    expect(steps).to_contain_text("match 17 of 17")
    scripted.get_by_role("link", name="Back to results").click()
    expect(scripted).to_have_url(f"{library}/search?q=lighthouse&sort=published%3Adesc")


def test_copy_is_compared_word_by_word(page: Page, library: str) -> None:
    page.goto(f"{library}/doc/{LONG.id}/{LONG.slug}")
    page.get_by_role("link", name="Compare with").click()
    expect(page.locator(".text del")).to_have_text(["tells"])
    expect(page.locator(".text ins")).to_have_text(["speaks", "First printed elsewhere."])


def test_similar_articles_are_linked(page: Page, library: str) -> None:
    page.goto(f"{library}/search?q=%22Harbour+report+4%22")
    page.locator("ol.hits h2 a").first.click()
    expect(page.get_by_role("heading", name="Similar articles")).to_be_visible()
    page.locator("ul.others a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Harbour report")


def test_right_to_left_text_is_set_so(page: Page, library: str) -> None:
    page.goto(f"{library}/search?q=%D8%A7%D9%84%D9%85%D9%8A%D9%86%D8%A7%D8%A1")
    expect(page.locator("ol.hits h2 a").first).to_have_css("direction", "rtl")
    expect(page.locator("ol.hits p.snippet").first).to_have_css("direction", "rtl")
    page.locator("ol.hits h2 a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_css("direction", "rtl")
    expect(page.locator(".text")).to_have_css("direction", "rtl")


def test_two_taps_filter_the_results_on_a_phone(page: Page, library: str) -> None:
    page.set_viewport_size({"width": 375, "height": 700})
    page.goto(f"{library}/search?q=harbour")
    page.get_by_role("link", name="Filters", exact=True).click()
    choice = page.get_by_role("link", name="Chinua Achebe 10")
    expect(choice).to_be_in_viewport()
    choice.click()
    total(page, "10 articles")
    expect(page.get_by_role("link", name="Filters (1)", exact=True)).to_be_in_viewport()


def test_the_filters_are_beside_the_results_on_a_wide_screen(page: Page, library: str) -> None:
    page.goto(f"{library}/search?q=harbour")
    expect(page.get_by_role("link", name="Filters", exact=True)).to_be_hidden()
    expect(page.locator("#filters")).to_be_in_viewport()


def test_articles_are_filtered_by_date(page: Page, library: str) -> None:
    page.goto(f"{library}/search?q=harbour&filter=author%3AAda+Byron")
    page.get_by_label("From").fill("2024-01-10")
    page.get_by_label("To", exact=True).fill("2024-01-20")
    page.get_by_role("button", name="Apply").click()
    total(page, "4 articles")
    expect(page.get_by_role("link", name="Remove filter From 10 January 2024 to 20 January 2024")).to_be_visible()
    page.get_by_role("link", name="Clear all filters").click()
    total(page, "30 articles")


def test_a_period_is_chosen_and_cleared(page: Page, library: str) -> None:
    page.goto(f"{library}/search?q=harbour")
    page.get_by_role("link", name="Past week").click()
    expect(page.locator("#summary")).to_contain_text("Nothing found")
    page.get_by_role("link", name=re.compile("Remove filter From")).click()
    total(page, "30 articles")


def test_a_hit_names_the_host_of_its_original(page: Page, library: str) -> None:
    page.goto(f"{library}/search?q=harbour+coal&matchingStrategy=all")
    assert page.locator(".hits a[rel~=nofollow]").count() == 0
    page.goto(f"{library}/search?q=harbour+fish")
    original = page.locator(".hits a[rel~=nofollow]").first
    expect(original).to_contain_text("harbour.example")
    assert re.fullmatch(r"https://www\.harbour\.example/\d+", original.get_attribute("href") or "")
    page.locator(".hits h2 a").first.click()
    expect(page.get_by_role("link", name="Original at harbour.example")).to_be_visible()


def test_a_page_beyond_the_end_leads_to_the_last_one(page: Page, library: str) -> None:
    page.goto(f"{library}/search?q=harbour&page=9")
    assert page.title() == "harbour – searchsvc"
    expect(page.locator("#summary")).not_to_contain_text("page 9")
    page.get_by_role("link", name="Go to the last page").click()
    expect(page.locator("#summary")).to_contain_text("page 2 of 2")


def test_best_match_is_offered_with_a_query_only(page: Page, library: str) -> None:
    page.goto(f"{library}/search")
    expect(page.get_by_role("link", name="Newest first")).to_be_visible()
    assert page.get_by_role("link", name="Best match").count() == 0
    expect(page.get_by_role("link", name="Feed")).to_be_visible()


def test_bar_of_the_histogram_filters(page: Page, library: str) -> None:
    page.goto(f"{library}/search")
    bar = page.locator("svg.bars a").last
    days = bar.locator("title").text_content()
    assert days
    bar.locator(".slot").click()
    expect(page.get_by_role("list", name="Active filters")).to_contain_text(f"From 1 {days.partition(':')[0]}")


def test_skip_link_leads_to_the_results(page: Page, library: str) -> None:
    page.goto(f"{library}/search?q=harbour")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(".hits h2 a").first).to_be_focused()


def test_focus_stays_on_a_chosen_filter(scripted: Page, library: str) -> None:
    scripted.goto(f"{library}/search")
    scripted.locator("#filters [data-facet=Author] .facet a").first.focus()
    scripted.keyboard.press("Enter")
    chosen = scripted.locator("#filters [data-facet=Author] .facet a[aria-current]")
    expect(chosen).to_be_focused()


def test_escape_empties_the_box(scripted: Page, library: str) -> None:
    scripted.goto(f"{library}/search?q=harbour")
    box = scripted.get_by_role("combobox")
    box.focus()
    scripted.keyboard.press("Escape")
    expect(box).to_have_value("")


def test_removed_lines_are_offered_searched_and_left_again(page: Page, library: str) -> None:
    page.goto(f"{library}/search?q=connect")
    expect(page.locator("p.removed-note")).to_contain_text("The removed lines of 3 articles have your words.")
    page.get_by_role("link", name="Search the removed lines").click()
    total(page, "3 articles")
    expect(page.locator(".snippet mark").first).to_have_text("Connect")
    page.locator("ol.hits h2 a").first.click()
    expect(page.get_by_role("link", name="Removed (1)")).to_have_attribute("aria-current", "page")
    page.get_by_role("link", name="Back to results").click()
    page.get_by_role("link", name="Remove filter Only in removed lines").click()
    total(page, "Nothing found for")
